"""What the panels about parameters are known to make of a snapshot's numbers: one function a derivation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from microgpt.program.program import Floats
from microgpt_studio.debugger.adam_history import AdamRows, Column
from microgpt_studio.debugger.histograms_over_time import OverTime
from microgpt_studio.debugger.past_parameters import PastParameters
from microgpt_studio.debugger.snapshot import Reach
from tests.window.shown_parts import Shown

Arrays = Iterator[Floats]


def adams_numbers(shown: Shown) -> Arrays:
    """Moments without bias, the root, the step size, the ratio's logarithm; their norms; what the bias divides by."""
    numbers, moment, adam = shown.snapshot.parameters, shown.snapshot.moment, shown.description.settings.adam
    if numbers is None:
        return
    one, two = 1.0 - adam.beta1**moment.update, 1.0 - adam.beta2**moment.update
    yield np.array([one, two, 1.0 / one, 1.0 / two, 1.0 - adam.beta1, 1.0 - adam.beta2])
    there = slice(0, numbers.num_updated)
    m_hat, v_hat = numbers.m[there] / one, numbers.v[there] / two
    root = np.sqrt(v_hat)
    made = [m_hat, v_hat, root]
    with np.errstate(divide="ignore"):  # a change of 0 has no logarithm
        made.append(np.log10(np.abs(numbers.change[there] / numbers.before[there])))
    if moment.lr is not None:
        made.append(moment.lr / (root + adam.eps))
    yield from made
    for values in made:
        yield from _norms(values, shown)


def lengths_of_matrices(shown: Shown) -> Arrays:
    """Parameters, Optimizer: the Euclidean norm of what a matrix has of each quantity."""
    numbers = shown.snapshot.parameters
    if numbers is None:
        return
    reach = np.isin(numbers.grad_reach, (Reach.KNOWN, Reach.PARTIAL))
    quantities = (numbers.before, numbers.after, np.where(reach, numbers.grad, np.nan), numbers.m, numbers.v)
    for values in (*quantities, numbers.m_before, numbers.v_before, numbers.change[: numbers.num_updated]):
        yield from _norms(values, shown)


def changes_since(shown: Shown) -> Arrays:
    """Parameters: every parameter as it is less what it was after an earlier update, and the norms of that."""
    numbers = shown.snapshot.parameters
    for past in shown.answers(PastParameters):
        if numbers is not None and past.parameters is not None:
            yield numbers.after - past.parameters
            yield from _norms(numbers.after - past.parameters, shown)


def other_descents(shown: Shown) -> Arrays:
    """Optimizer: SGD without and with a momentum of 0.9 on the same gradients, moving as far in all as Adam."""
    for rows in shown.answers(AdamRows):
        shares = 1.0 - (rows.steps - 1.0) / shown.description.settings.num_steps
        yield 1.0 / (1.0 - shown.description.settings.adam.beta1**rows.steps)
        yield 1.0 / (1.0 - shown.description.settings.adam.beta2**rows.steps)
        ways = [np.append(rows.before, rows[Column.WEIGHT])]
        moves = [rows[Column.CHANGE]]
        for momentum in (0.0, 0.9):
            velocity, unit = 0.0, []
            for gradient, share in zip(rows[Column.GRAD].tolist(), shares.tolist(), strict=True):
                velocity = momentum * velocity + gradient
                unit.append(share * velocity)
            if not any(unit):
                return
            rate = float(np.abs(rows[Column.CHANGE]).sum() / np.abs(unit).sum())
            moves.append(rate * np.array(unit))
            ways.append(rows.before - np.append(0.0, np.cumsum(moves[-1])))
            yield _one(rate)
        yield from (*ways, *moves, np.concatenate(ways), np.concatenate(moves))


def scale_of_ratios(shown: Shown) -> Arrays:
    """Parameters: update ÷ weight has one scale, three decades around a thousandth; of a matrix, what lies beyond."""
    yield np.array([-6.0, -3.0, 0.0])
    numbers = shown.snapshot.parameters
    if numbers is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.abs(numbers.change / numbers.before)
        is_beyond = (np.arange(len(ratios)) < numbers.num_updated) & (
            (ratios > 1.0) | ((ratios < 1e-6) & (ratios > 0.0))
        )
        yield from (_one(is_beyond[tensor.start : tensor.stop].sum()) for tensor in shown.matrices)


def ends_of_strips(shown: Shown) -> Arrays:
    """Parameters: strips reach to the outermost bin that ever held something, their colours to the largest share."""
    for over_time in shown.answers(OverTime):
        bins = over_time.counts.shape[-1]
        away = np.abs(np.arange(bins) - bins / 2 + 0.5) + 0.5
        outermost = (over_time.counts.any(axis=2) * away).max(axis=2)
        yield over_time.limits * outermost / (bins / 2)
        yield (over_time.counts / over_time.sizes[:, None, None]).max(axis=(1, 2, 3), initial=0.0)


def bars_of_histograms(shown: Shown) -> Arrays:
    """Parameters: 40 bins from -l to l, where l is the next of 1, 2, 5 × 10ᵏ; their counts; zeros in per cent."""
    numbers = shown.snapshot.parameters
    if numbers is None:
        return
    yield _one(40)
    grad = np.where(numbers.grad_reach == Reach.KNOWN, numbers.grad, np.nan)
    change = np.where(np.arange(len(numbers.change)) < numbers.num_updated, numbers.change, np.nan)
    for tensor in shown.matrices:
        for values in (numbers.after, grad, change):
            there = values[tensor.start : tensor.stop]
            there = there[np.isfinite(there)]
            if len(there):
                yield _one(100.0 * np.count_nonzero(there == 0.0) / len(there))
            largest = float(np.abs(there).max(initial=0.0))
            if largest:
                power = 10.0 ** np.floor(np.log10(largest))
                limit = next(each * power for each in (1.0, 2.0, 5.0, 10.0) if each * power >= largest)
                yield np.array([-limit, limit])
                counts, _ = np.histogram(there[there != 0.0], 40, (-limit, limit))
                yield np.arange(counts.max() + 1.0)


def _one(number: float) -> Floats:
    return np.array([float(number)])


def _norms(values: Floats, shown: Shown) -> Arrays:
    """Of each matrix, as far as its parameters are there."""
    for tensor in shown.matrices:
        part = values[tensor.start : tensor.stop]
        yield _one(float(np.sqrt(np.square(part[np.isfinite(part)]).sum())))
