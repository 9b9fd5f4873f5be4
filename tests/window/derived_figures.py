"""What panels are known to make of a snapshot's numbers: for each panel, one function a derivation, computed anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import log

import numpy as np

from microgpt.program.program import Floats
from microgpt_studio.debugger.edges import EdgeFigures
from microgpt_studio.debugger.gradient_check import Checked
from microgpt_studio.debugger.health import HealthNumbers
from microgpt_studio.debugger.health_figures import Kind
from microgpt_studio.debugger.health_history import HealthRows
from microgpt_studio.debugger.inside_numbers import InsideNumbers
from microgpt_studio.debugger.matrix_check import MatrixChecked
from microgpt_studio.debugger.paths import Paths
from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.sampling_inquiries import Samples
from microgpt_studio.debugger.snapshot import Cells, Reach
from microgpt_studio.debugger.what_if import Outcome
from tests.window.derived_of_parameters import (
    adams_numbers,
    bars_of_histograms,
    changes_since,
    ends_of_strips,
    lengths_of_matrices,
    other_descents,
    scale_of_ratios,
)
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


def sizes_of_gradients(shown: Shown) -> Arrays:
    """Graph: |grad|, of elements and of what is inside of the opened ones."""
    for numbers in (*shown.answers(Cells), *shown.answers(InsideNumbers)):
        yield np.where(numbers.grad_reach == Reach.KNOWN, np.abs(numbers.grad), np.nan)


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
        ends = {
            Kind.GRADIENT: (-np.inf, 10.0 * _median_gradients(shown, places.columns(Kind.GRADIENT))),
            Kind.UPDATE: (1e-4, 1e-2),
            Kind.SILENT: (-np.inf, 0.5),
            Kind.ENTROPY: (0.05, 0.98),
        }
        outside = 0
        for kind, (low, high) in ends.items():
            values = health.values[places.columns(kind)]
            outside += int(((values < low) | (values > high)).sum())
            yield from (np.atleast_1d(low), np.atleast_1d(high))
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


def errors_of_quotients(shown: Shown) -> Arrays:
    """Inspector: the relative error for each h that was tried; of a matrix, the parts with each verdict in per cent."""
    for checked in shown.answers(Checked):
        quotients = np.array([attempt.quotient for attempt in checked.tried])
        yield np.abs(checked.grad - quotients) / np.maximum(abs(checked.grad), np.abs(quotients))
    for matrix in shown.answers(MatrixChecked):
        yield 100.0 * np.array(list(matrix.counts.values())) / max(matrix.done, 1)


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
            whole = [row.cut for row in shares.rows if row.inside is None and shares.cut_passes[row.cut]]
            yield _one(100.0 * np.abs(shares.cut_total[whole] - 1.0).max(initial=0.0))
            for cut in {row.cut for row in shares.rows}:
                yield 100.0 * shares.share[[row.cut == cut for row in shares.rows]].sum(axis=0)


def range_of_losses(shown: Shown) -> Arrays:
    """Loss: the axis reaches over all losses and what guessing costs, to the next half nat."""
    losses = shown.snapshot.losses
    finite = np.append(losses[np.isfinite(losses)], log(shown.description.tokenizer.vocab_size))
    yield 0.5 * np.array([np.floor(2.0 * finite.min() - 0.25), np.ceil(2.0 * finite.max() + 0.25)])


def numbered_samples(shown: Shown) -> Arrays:
    """Samples: they are numbered from 1."""
    for samples in shown.answers(Samples):
        yield np.arange(1.0, len(samples.documents) + 1.0)


def size_of_cache(shown: Shown) -> Arrays:
    """Samples: keys and values of all layers, and positions so far."""
    settings = shown.description.settings
    yield 2.0 * settings.n_layer * settings.n_embd * np.arange(1, settings.block_size + 1)


DERIVED: dict[str, tuple[Callable[[Shown], Iterable[Floats]], ...]] = {
    "source": (length_of_lines,),
    "matrix": (decades_below,),
    "probe": (bits, firing_units),
    "loss": (moving_average, random_guessing, range_of_losses),
    "health": (usual_ranges,),
    "breakpoints": (logged_gradients,),
    "inspector": (shares_of_groups, what_changes, errors_of_quotients),
    "paths": (shares_of_paths,),
    "graph": (sizes_of_gradients,),
    "optimizer": (adams_numbers, lengths_of_matrices, other_descents),
    "document": (bits,),
    "parameters": (
        adams_numbers,
        changes_since,
        lengths_of_matrices,
        scale_of_ratios,
        ends_of_strips,
        bars_of_histograms,
    ),
    "samples": (numbered_samples, size_of_cache),
}


def _one(number: float) -> Floats:
    return np.array([float(number)])


def _norm(values: Floats) -> float:
    return float(np.sqrt(np.square(values).sum()))
