"""The edges of a document's graph: from every scalar to each operand that is a scalar, and how many lie where.

Scalars stand in the order of execution: the parameters, position after position, the sums, the loss. A scalar's number
in this order is its place. A scalar that uses an operand twice has two edges to it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import Code, compiled, local_derivative
from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach, Reaches

Counts = npt.NDArray[np.int32]

_MOST_KEPT = 4  # documents whose edges are kept
_COARSE_SIDE = 2048  # tiles at most on a side of the coarse count
_COARSE_FROM = 1 << 18  # scalars from which there is a coarse count: fewer are counted anew in less than 1 ms

_PARAMETER, _SUM, _MUL = int(Code.PARAMETER), int(Code.SUM), int(Code.MUL)
_SUM_CONSTANT, _SUM_MAXIMUM = int(Code.SUM_CONSTANT), int(Code.SUM_MAXIMUM)
_MUL_CONSTANT, _POW = int(Code.MUL_CONSTANT), int(Code.POW)


@dataclass(frozen=True, slots=True)
class Tiles:
    """A grid over (operand, consumer): each tile is 2 ** shift places wide or high, the first starts at a multiple."""

    shift_x: int
    shift_y: int
    left: int  # number of the first column of tiles: it begins at the operand left << shift_x
    top: int
    columns: int
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """All edges of a document, consumer after consumer. L is the number of scalars of its graph."""

    tokens: tuple[int, ...]
    num_parameters: int
    sums_place: int  # of the first sum over the positions' losses
    sums_id: int  # its id
    loss_id: int
    first: Ids  # (L,) place of the first operand; -1 for a parameter
    second: Ids  # (L,) place of the second; -1 where there is none or it is a constant
    count: int  # edges
    coarse: Counts | None  # edges in tiles of 2 ** coarse_shift places a side; None where there are few scalars
    coarse_shift: int

    @property
    def num_scalars(self) -> int:
        return len(self.first)

    def id_of(self, place: int) -> int:
        """The id of the scalar at a place."""
        if place < self.sums_place:
            return place
        return self.loss_id if place == self.num_scalars - 1 else place - self.sums_place + self.sums_id

    def ids_of(self, start: int, stop: int) -> Ids:
        """The ids of the scalars at the places start ≤ place < stop, as far as there are any."""
        ids = np.arange(max(start, 0), min(stop, self.num_scalars), dtype=np.int32)
        ids[ids >= self.sums_place] += self.sums_id - self.sums_place
        if stop >= self.num_scalars and len(ids):
            ids[-1] = self.loss_id
        return ids

    def place_of(self, scalar: int) -> int | None:
        """The place of a scalar; None where the document's graph does not have it."""
        places = self.places_of(np.array([scalar], dtype=np.int32))
        return int(places[0]) if len(places) else None

    def places_of(self, scalars: Ids) -> Ids:
        """The places, ascending, of those scalars that the document's graph has."""
        sums = scalars - self.sums_id + self.sums_place
        last = self.num_scalars - 1
        places = np.where(scalars < self.sums_place, scalars, np.where(scalars == self.loss_id, last, sums))
        there = (scalars < self.sums_place) | (scalars == self.loss_id)
        there |= (scalars >= self.sums_id) & (sums < last)
        return np.unique(places[there]).astype(np.int32)

    def operands(self, place: int) -> tuple[int, ...]:
        """The places of the operands of the scalar at a place, in the order of the code."""
        return tuple(operand for operand in (int(self.first[place]), int(self.second[place])) if operand >= 0)

    def consumers(self, place: int) -> Ids:
        """The places of the scalars that use the one at a place, ascending."""
        return np.flatnonzero((self.first == place) | (self.second == place)).astype(np.int32)

    def counts(self, tiles: Tiles) -> Counts:
        """(rows, columns) how many edges lie in each tile, exactly."""
        out = np.zeros((tiles.rows, tiles.columns), dtype=np.int32)
        finer = self.coarse is None or tiles.shift_x < self.coarse_shift or tiles.shift_y < self.coarse_shift
        if self.coarse is None or finer:
            start = max(tiles.top << tiles.shift_y, self.num_parameters)
            stop = min((tiles.top + tiles.rows) << tiles.shift_y, self.num_scalars)
            for first, last in self._stretches(tiles, start, stop):
                count_edges(
                    self.first, self.second, first, last, tiles.left, tiles.top, tiles.shift_x, tiles.shift_y, out
                )
        else:
            shift_x, shift_y = tiles.shift_x - self.coarse_shift, tiles.shift_y - self.coarse_shift
            add_tiles(self.coarse, tiles.left, tiles.top, shift_x, shift_y, out)
        return out

    def _stretches(self, tiles: Tiles, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Consumers start ≤ place < stop, as far as the coarse count does not tell that they have no edge there."""
        if self.coarse is None:
            yield start, stop
            return
        shift = self.coarse_shift
        left = tiles.left << tiles.shift_x >> shift
        right = ((tiles.left + tiles.columns) << tiles.shift_x >> shift) + 1
        first, last = start >> shift, (stop - 1 >> shift) + 1
        for row in (np.flatnonzero(self.coarse[first:last, left:right].any(axis=1)) + first).tolist():
            yield max(row << shift, start), min((row + 1) << shift, stop)

    def nearest(self, x: float, y: float, scale_x: float, scale_y: float, within: float) -> tuple[int, int] | None:
        """The (operand, consumer) of the edge whose square is nearest to a point, in places, both ends included.

        `scale_x` and `scale_y` are pixels a place, `within` is the largest distance in pixels.
        """
        start = max(int(y - within / scale_y) - 1, self.num_parameters)
        stop = min(int(y + within / scale_y) + 2, self.num_scalars)
        consumer, operand = nearest_edge(self.first, self.second, start, stop, x, y, scale_x, scale_y, within)
        return None if consumer < 0 else (int(operand), int(consumer))


@dataclass(frozen=True, slots=True)
class WholeGraph(Inquiry[Edges]):
    """The edges of the loaded document. They change with its tokens alone, and those of a few documents are kept."""

    def answer(self, sight: Sight) -> Edges:
        machine, program = sight.machine, sight.program
        kept: OrderedDict[tuple[int, ...], Edges] = sight.keep(WholeGraph, OrderedDict)
        runner = sight.execution.runner
        document = runner.tokenizer.encode(runner.document(sight.execution.place.updates))
        tokens = tuple(document[: machine.positions + 1])
        if tokens not in kept:
            kept[tokens] = _edges(tokens, machine.first, program)
        kept.move_to_end(tokens)
        while len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
        return kept[tokens]


@dataclass(frozen=True, slots=True, eq=False)
class EdgeFigures:
    """The numbers of all edges of the consumers start ≤ place < stop, n of them: first operands, second operands."""

    tokens: tuple[int, ...]  # of the document
    start: int
    derivatives: Floats  # (2, n) d(consumer) / d(operand); means nothing where there is no edge
    contributions: Floats  # (2, n) the derivative times the consumer's gradient: what the edge adds to the operand's
    derivative_reach: Reaches  # (n,)
    contribution_reach: Reaches  # (n,)


@dataclass(frozen=True, slots=True)
class NumbersOfEdges(Inquiry[EdgeFigures]):
    """The local derivative and the contribution of every edge of the consumers start ≤ place < stop."""

    start: int
    stop: int

    def answer(self, sight: Sight) -> EdgeFigures:
        machine = sight.machine
        edges = WholeGraph().answer(sight)
        ids = edges.ids_of(self.start, self.stop)
        derivatives, contributions = np.zeros((2, len(ids))), np.zeros((2, len(ids)))
        edge_numbers(
            ids,
            machine.code,
            machine.first,
            machine.second,
            machine.constants,
            machine.data,
            machine.grad,
            derivatives,
            contributions,
        )
        data_reach, grad_reach = sight.data_reach[ids], sight.arrivals.reach[ids]
        reach = np.where(data_reach == Reach.KNOWN, grad_reach, Reach.NOT_COMPUTED).astype(np.uint8)
        figures = EdgeFigures(edges.tokens, self.start, derivatives, contributions, data_reach, reach)
        for array in (derivatives, contributions, data_reach, reach):
            array.flags.writeable = False
        return figures


@dataclass(frozen=True, slots=True)
class NumbersOfAllEdges(Inquiry[EdgeFigures]):
    """The local derivative and the contribution of every edge of the loaded document."""

    def answer(self, sight: Sight) -> EdgeFigures:
        return NumbersOfEdges(0, sight.program.num_scalars).answer(sight)


def _edges(tokens: tuple[int, ...], first_ids: Ids, program: Program) -> Edges:
    """The edges of a document; `first_ids` (N,) are bound to its tokens."""
    positions = len(tokens) - 1
    ranges = program.live_ranges(positions)
    sums_place = ranges[0][1]
    first, second = (_as_places(ids, ranges, program.num_parameters) for ids in (first_ids, program.second))
    count = int(np.count_nonzero(first >= 0) + np.count_nonzero(second >= 0))
    coarse, shift = coarse_counts(first, second, program.num_parameters)
    edges = Edges(
        tokens,
        program.num_parameters,
        sums_place,
        program.sums_start,
        program.loss,
        first,
        second,
        count,
        coarse,
        shift,
    )
    for array in (first, second, coarse):
        if array is not None:
            array.flags.writeable = False
    return edges


def _as_places(operands: Ids, ranges: tuple[tuple[int, int], ...], num_parameters: int) -> Ids:
    """(L,) the operands of the live scalars as places; only sums and the loss use sums, whose places are not ids."""
    (_, sums_place), (sums_id, _), _ = ranges
    parameters = np.full(num_parameters, -1, dtype=np.int32)
    places = np.concatenate([parameters, *(operands[start:stop] for start, stop in ranges)])
    tail = places[sums_place:]
    tail[tail >= sums_id] -= sums_id - sums_place
    return places


def coarse_counts(first: Ids, second: Ids, num_parameters: int) -> tuple[Counts | None, int]:
    """The coarse count of a graph, None where it is small, and the shift of its tiles."""
    if len(first) < _COARSE_FROM:
        return None, 0
    shift = max((len(first) - 1) // _COARSE_SIDE, 1).bit_length()
    side = (len(first) >> shift) + 1
    counts = np.zeros((side, side), dtype=np.int32)
    count_edges(first, second, num_parameters, len(first), 0, 0, shift, shift, counts)
    return counts, shift


@compiled
def count_edges(first, second, start, stop, left, top, shift_x, shift_y, out):  # type: ignore[no-untyped-def]
    """Add the edges of the consumers start ≤ place < stop to the tiles they lie in; `out` is (rows, columns)."""
    columns = out.shape[1]
    for consumer in range(start, stop):
        row = (consumer >> shift_y) - top
        column = (first[consumer] >> shift_x) - left  # less than 0 where there is no operand
        if 0 <= column < columns:
            out[row, column] += 1
        column = (second[consumer] >> shift_x) - left
        if 0 <= column < columns:
            out[row, column] += 1


@compiled
def add_tiles(fine, left, top, shift_x, shift_y, out):  # type: ignore[no-untyped-def]
    """Add up small tiles in the larger ones that they lie in; `left`, `top` and the shifts tell of the larger."""
    rows, columns = out.shape
    for i in range(top << shift_y, min((top + rows) << shift_y, fine.shape[0])):
        row = (i >> shift_y) - top
        for j in range(left << shift_x, min((left + columns) << shift_x, fine.shape[1])):
            out[row, (j >> shift_x) - left] += fine[i, j]


@compiled
def nearest_edge(first, second, start, stop, x, y, scale_x, scale_y, within):  # type: ignore[no-untyped-def]
    """(consumer, operand) of the edge of consumers start ≤ place < stop whose unit square is nearest; -1, -1: none.

    Of squares that are equally near, the one with the nearest middle.
    """
    best, best_middle = within * within, np.inf
    found, operand = -1, -1
    for consumer in range(start, stop):
        from_y = abs(y - consumer - 0.5)
        down = max(from_y - 0.5, 0.0) * scale_y
        for side in range(2):
            place = first[consumer] if side == 0 else second[consumer]
            if place < 0:
                continue
            from_x = abs(x - place - 0.5)
            across = max(from_x - 0.5, 0.0) * scale_x
            distance = across * across + down * down
            middle = (from_x * scale_x) ** 2 + (from_y * scale_y) ** 2
            if distance < best or (distance == best and middle < best_middle):
                best, best_middle = distance, middle
                found, operand = consumer, place
    return found, operand


@compiled
def edge_numbers(ids, code, first, second, constants, data, grad, derivatives, contributions):  # type: ignore[no-untyped-def]
    """Write the local derivatives and contributions of the edges of `ids` (n,), as plain Python computes them."""
    for k in range(len(ids)):
        i = ids[k]
        c = code[i]
        if c == _PARAMETER:
            continue
        a = first[i]
        if c == _MUL:
            derivatives[0, k] = data[second[i]]
            derivatives[1, k] = data[a]
        elif c in (_SUM, _SUM_CONSTANT, _SUM_MAXIMUM):
            derivatives[0, k] = 1.0
            derivatives[1, k] = 1.0
        else:
            constant = constants[second[i]] if c in (_MUL_CONSTANT, _POW) else 0.0
            derivatives[0, k] = local_derivative(c, data[a], data[i], constant)
        contributions[0, k] = derivatives[0, k] * grad[i]
        contributions[1, k] = derivatives[1, k] * grad[i]
