"""What panels are known to make of a snapshot's numbers: for each panel, one function a derivation, computed anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import log

import numpy as np

from microgpt.program.program import Floats
from microgpt_studio.debugger.adam_history import AdamRows, Column
from microgpt_studio.debugger.edges import EdgeFigures
from microgpt_studio.debugger.health import HealthNumbers
from microgpt_studio.debugger.health_figures import Kind
from microgpt_studio.debugger.health_history import HealthRows
from microgpt_studio.debugger.histograms_over_time import OverTime
from microgpt_studio.debugger.paths import Paths
from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.sampling_inquiries import Samples
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.debugger.what_if import Outcome
from tests.window.shown_parts import Shown

Arrays = Iterator[Floats]


def length_of_lines(shown: Shown) -> Arrays:
    """Source: the Euclidean norm of what a line has made."""
    for line in shown.snapshot.source.lines if shown.snapshot.source else ():
        yield _one(_norm(line.data[line.reach == Reach.KNOWN]))


def logged_gradients(shown: Shown) -> Arrays:
    """Breakpoints: what the log says of earlier updates, as the snapshots of those updates had it."""
    for snapshot in shown.earlier:
        if snapshot.explanation is not None:
            yield _one(snapshot.explanation.grad)


def decades_below(shown: Shown) -> Arrays:
    """Matrix: three and six decades below the largest derivative, and contribution, on the colour scale."""
    for edges in shown.answers(EdgeFigures):
        for values, reach in (
            (edges.derivatives, edges.derivative_reach),
            (edges.contributions, edges.contribution_reach),
        ):
            largest = np.abs(values[:, reach == Reach.KNOWN]).max(initial=0.0)
            yield largest * np.array([1.0, 1e-3, 1e-6])


def bits(shown: Shown) -> Arrays:
    """Document, Probe: a loss in bits is the loss in nats ÷ ln 2."""
    cells, program = shown.snapshot.cells, shown.description.program
    if cells is not None:
        losses = [t.first_element for t in program.tensors if t.stage == "loss"]
        yield np.where(cells.data_reach[losses] == Reach.KNOWN, cells.data[losses], np.nan) / log(2)
    for probed in shown.answers(Probed):
        if probed.numbers is not None:
            yield np.append(probed.numbers.losses, probed.numbers.loss) / log(2)


def firing_units(shown: Shown) -> Arrays:
    """Probe: how many units let something through."""
    for probed in shown.answers(Probed):
        if probed.numbers is not None:
            yield from (_one(np.count_nonzero(layer)) for layer in probed.numbers.relu)


def moving_average(shown: Shown) -> Arrays:
    """Loss: the average in which a loss weighs 0.98 times as much as the one after it."""
    losses = shown.snapshot.losses[: shown.snapshot.moment.step]
    weights = 0.98 ** np.arange(len(losses))[::-1]
    if len(losses):
        yield _one(float(weights @ losses / weights.sum()))


def random_guessing(shown: Shown) -> Arrays:
    """Loss: what guessing among all tokens costs."""
    yield _one(log(shown.description.tokenizer.vocab_size))


def usual_ranges(shown: Shown) -> Arrays:
    """Health: the ends of the usual ranges, and how many figures there are, are known, and lie outside."""
    least_embedding = (shown.description.settings.n_embd * 1e-5) ** 0.5
    for health in shown.answers(HealthNumbers):
        places, known = health.places, health.reach == Reach.KNOWN
        streams = places.columns(Kind.STREAM)
        growth = 10.0 * health.values[streams.start + 1]
        outside = 0
        for kind, low, high in (
            (Kind.GRADIENT, -np.inf, 10.0 * _median_gradients(shown, places.columns(Kind.GRADIENT))),
            (Kind.UPDATE, 1e-4, 1e-2),
            (Kind.SILENT, -np.inf, 0.5),
            (Kind.ENTROPY, 0.05, 0.98),
        ):
            values = health.values[places.columns(kind)]
            low, high = np.broadcast_to(low, values.shape), np.broadcast_to(high, values.shape)
            outside += int(((values < low) | (values > high)).sum())
            yield from (low, high)
        outside += int(health.values[streams.start] < least_embedding)
        outside += int((health.values[streams.start + 2 : streams.stop] > growth).sum())
        count = int(known.sum() - known[places.columns(Kind.NATS)].sum()) + _long_silent(shown)
        every = len(known) - len(health.values[places.columns(Kind.NATS)])
        yield np.array([least_embedding, growth, count, every, outside, outside - 3], dtype=np.float64)


def _long_silent(shown: Shown) -> int:
    """In how many layers it is known which units have been silent for ten updates: in all, or in none."""
    measured = [rows.done - rows.counted_from for rows in shown.answers(HealthRows)]
    return shown.description.settings.n_layer if max(measured, default=0) >= 10 else 0


def _median_gradients(shown: Shown, columns: slice) -> Floats:
    """Of ten updates or more; infinite where there are fewer."""
    for rows in shown.answers(HealthRows):
        if len(rows.values) >= 10:
            return np.asarray(np.median(rows.values[:, columns], axis=0))
    return np.array([np.inf])


def shares_of_groups(shown: Shown) -> Arrays:
    """Inspector: subtotals by position, their parts of all subtotals' sizes in per cent, and what is left of these."""
    explanation, program = shown.snapshot.explanation, shown.description.program
    if explanation is None or not explanation.consumers:
        return
    subtotals: dict[int | None, float] = {}
    for consumer in explanation.consumers:
        position = program.tensors[program.tensor[consumer.scalar]].position
        subtotals[position] = subtotals.get(position, 0.0) + consumer.contribution
    sums = np.array(list(subtotals.values()))
    absolute = float(np.abs(sums).sum())
    yield sums
    yield _one(absolute)
    if absolute:
        yield 100.0 * sums / absolute
        yield _one(100.0 * abs(float(sums.sum())) / absolute)


def what_changes(shown: Shown) -> Arrays:
    """Inspector: by how much a what-if changes the loss, by how much the gradient predicts, and the difference."""
    for outcome in shown.answers(Outcome):
        if outcome.effect is not None:
            before, after, predicted = outcome.effect.loss_before, outcome.effect.loss_after, outcome.predicted
            yield _one(after - before)
            if predicted is not None:
                yield np.array([predicted, predicted - before, after - predicted])


def shares_of_paths(shown: Shown) -> Arrays:
    """Paths: parts of the gradient in per cent, how far sums of them are from 100, and the number of links."""
    for paths in shown.answers(Paths):
        yield _one(len(paths.chain) - 1)
        if paths.chain_share is not None:
            yield _one(100.0 * paths.chain_share)
        shares = paths.shares
        if shares is not None:
            yield 100.0 * np.where(shares.passes, shares.share, np.nan)
            yield 100.0 * shares.total
            yield 100.0 * shares.cut_total
            yield 100.0 * np.array([np.abs(shares.cut_total[shares.cut_passes] - 1.0).max()])
            for cut in {row.cut for row in shares.rows}:
                yield 100.0 * shares.share[[row.cut == cut for row in shares.rows]].sum(axis=0)


def adams_numbers(shown: Shown) -> Arrays:
    """Optimizer: the moments without bias, the root, the step size, each matrix's norms; what the bias divides by."""
    numbers, moment, adam = shown.snapshot.parameters, shown.snapshot.moment, shown.description.settings.adam
    if numbers is None:
        return
    one, two = 1.0 - adam.beta1**moment.update, 1.0 - adam.beta2**moment.update
    yield np.array([one, two, 1.0 / one, 1.0 / two])
    there = slice(0, numbers.num_updated)
    m_hat, v_hat = numbers.m[there] / one, numbers.v[there] / two
    root = np.sqrt(v_hat)
    made = [m_hat, v_hat, root]
    if moment.lr is not None:
        made.append(moment.lr / (root + adam.eps))
    yield from made
    for values in made:
        yield from (_one(norm) for norm in _norms(values, shown))


def lengths_of_matrices(shown: Shown) -> Arrays:
    """Parameters, Optimizer: the Euclidean norm of what a matrix has of each quantity."""
    numbers = shown.snapshot.parameters
    if numbers is None:
        return
    reach = np.isin(numbers.grad_reach, (Reach.KNOWN, Reach.PARTIAL))
    quantities = (numbers.before, numbers.after, np.where(reach, numbers.grad, np.nan), numbers.m, numbers.v)
    for values in (*quantities, numbers.m_before, numbers.v_before, numbers.change[: numbers.num_updated]):
        yield from (_one(norm) for norm in _norms(values, shown))


def other_descents(shown: Shown) -> Arrays:
    """Optimizer: SGD without and with a momentum of 0.9 on the same gradients, moving as far in all as Adam."""
    for rows in shown.answers(AdamRows):
        shares = 1.0 - (rows.steps - 1.0) / shown.description.settings.num_steps
        yield 1.0 / (1.0 - shown.description.settings.adam.beta1 ** rows.steps)
        yield 1.0 / (1.0 - shown.description.settings.adam.beta2 ** rows.steps)
        ways = [np.append(rows.before, rows[Column.WEIGHT])]
        moves = [rows[Column.CHANGE]]
        for momentum in (0.0, 0.9):
            velocity, unit = 0.0, []
            for gradient, share in zip(rows[Column.GRAD].tolist(), shares.tolist(), strict=True):
                velocity = momentum * velocity + gradient
                unit.append(share * velocity)
            rate = float(np.abs(rows[Column.CHANGE]).sum() / np.abs(unit).sum())
            moves.append(rate * np.array(unit))
            ways.append(rows.before - np.append(0.0, np.cumsum(moves[-1])))
            yield _one(rate)
        yield from (*ways, *moves, np.concatenate(ways), np.concatenate(moves))


def ends_of_strips(shown: Shown) -> Arrays:
    """Parameters: strips reach to the outermost bin that ever held something."""
    for over_time in shown.answers(OverTime):
        bins = over_time.counts.shape[-1]
        away = np.abs(np.arange(bins) - bins / 2 + 0.5) + 0.5
        outermost = (over_time.counts.any(axis=2) * away).max(axis=2)
        yield over_time.limits * outermost / (bins / 2)


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
            largest = float(np.abs(there).max(initial=0.0))
            if largest:
                power = 10.0 ** np.floor(np.log10(largest))
                limit = next(each * power for each in (1.0, 2.0, 5.0, 10.0) if each * power >= largest)
                yield np.array([-limit, limit])
                counts, _ = np.histogram(there[there != 0.0], 40, (-limit, limit))
                yield np.arange(counts.max() + 1.0)
                yield _one(100.0 * np.count_nonzero(there == 0.0) / len(there))


def range_of_losses(shown: Shown) -> Arrays:
    """Loss: the axis reaches over all losses and what guessing costs, to the next half nat."""
    losses = shown.snapshot.losses
    finite = np.append(losses[np.isfinite(losses)], log(shown.description.tokenizer.vocab_size))
    yield 0.5 * np.array([np.floor(2.0 * finite.min() - 0.25), np.ceil(2.0 * finite.max() + 0.25)])


def numbered_samples(shown: Shown) -> Arrays:
    """Samples: they are numbered from 1."""
    for samples in shown.answers(Samples):
        yield np.arange(1.0, len(samples.documents) + 1.0)


DERIVED: dict[str, tuple[Callable[[Shown], Iterable[Floats]], ...]] = {
    "source": (length_of_lines,),
    "matrix": (decades_below,),
    "probe": (bits, firing_units),
    "loss": (moving_average, random_guessing, range_of_losses),
    "health": (usual_ranges,),
    "breakpoints": (logged_gradients,),
    "inspector": (shares_of_groups, what_changes),
    "paths": (shares_of_paths,),
    "optimizer": (adams_numbers, lengths_of_matrices, other_descents),
    "document": (bits,),
    "parameters": (lengths_of_matrices, ends_of_strips, bars_of_histograms),
    "samples": (numbered_samples,),
}


def _one(number: float) -> Floats:
    return np.array([float(number)])


def _norm(values: Floats) -> float:
    return float(np.sqrt(np.square(values).sum()))


def _norms(values: Floats, shown: Shown) -> Iterator[float]:
    """Of each matrix, as far as its parameters are there."""
    for tensor in shown.matrices:
        part = values[tensor.start : tensor.stop]
        yield _norm(part[np.isfinite(part)])
