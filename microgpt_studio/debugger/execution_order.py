"""The order of execution: when scalars have their turn in the update that is loaded, and how far the update is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.machine import Machine
from microgpt.program.program import Ids
from microgpt_studio.debugger import graph_kernels
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.inside_numbers import scalars_of


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """When K scalars have their turn in one phase. A turn has been where its rank is less than the number done."""

    rank: Ids  # (K,) which operation of the phase is the scalar's, from 0; -1 for one that takes no part. Read-only
    done: int  # operations of the phase


@dataclass(frozen=True, slots=True)
class CellOrder(Inquiry[Turns]):
    """When what stands for each of all C cells is computed, or hands its gradient on."""

    backward: bool

    def answer(self, sight: Sight) -> Turns:
        ranks = _ranks(sight)
        return _turns(sight, ranks.backward_of_cells() if self.backward else ranks.forward_of_cells(), self.backward)


@dataclass(frozen=True, slots=True)
class InsideOrder(Inquiry[Turns]):
    """The same for the scalars inside some cells, and their operands: in the order of the answer of InsideCells."""

    backward: bool
    cells: bytes  # of int32, as those of InsideCells

    def answer(self, sight: Sight) -> Turns:
        ranks, scalars = _ranks(sight), scalars_of(sight, np.frombuffer(self.cells, dtype=np.int32))
        return _turns(sight, ranks.backward(scalars) if self.backward else ranks.forward(scalars), self.backward)


def _ranks(sight: Sight) -> _Ranks:
    machine, scalars = sight.machine, sight.description.expressions.scalar
    return sight.keep(CellOrder, lambda: _Ranks(machine, scalars))


def _turns(sight: Sight, rank: Ids, backward: bool) -> Turns:
    """What is told of ranks in a phase at a moment."""
    forward, length, _ = sight.execution.lengths
    done = sight.execution.place.done
    rank.flags.writeable = False
    return Turns(rank, min(max(done - forward, 0), length) if backward else min(done, forward))


class _Ranks:
    """The ranks of scalars in the document that is loaded.

    A document decides a position's part of the backward phase by its target alone. So the ranks of cells within a part
    are found once for each target, and then only put one after the other.
    """

    def __init__(self, machine: Machine, cells: Ids) -> None:
        """`cells` are the ids of what stands for the cells, (C,)."""
        self._machine, self._cells = machine, cells
        self._in_part: dict[
            tuple[int, int], Ids
        ] = {}  # ranks of a position's cells in its part, by position and target
        self._rank = np.full(machine.program.num_scalars, -1, dtype=np.int32)  # of one part, while it is looked at
        self._forward: tuple[int, Ids] | None = None  # of cells, for so many positions
        positions = self._positions_of(cells)
        self._cells_of = [np.flatnonzero(positions == p) for p in range(machine.program.config.block_size)]

    def forward(self, scalars: Ids) -> Ids:
        """(K,) which operation of the forward phase computes each scalar."""
        program, found, before = self._machine.program, np.full(len(scalars), -1, dtype=np.int32), 0
        for start, stop in program.live_ranges(self._machine.positions):
            here = (scalars >= start) & (scalars < stop)
            found[here] = scalars[here] - start + before
            before += stop - start
        return found

    def forward_of_cells(self) -> Ids:
        """(C,) the same for all cells."""
        positions = self._machine.positions
        if self._forward is None or self._forward[0] != positions:
            self._forward = positions, self.forward(self._cells)
        return self._forward[1]

    def backward(self, scalars: Ids) -> Ids:
        """(K,) which operation of the backward phase hands each scalar's gradient on."""
        found = np.full(len(scalars), -1, dtype=np.int32)
        found[scalars == self._machine.program.loss] = 0
        positions, starts = self._positions_of(scalars), self._starts()
        for position in np.unique(positions).tolist():
            if 0 <= position < self._machine.positions:
                here = np.flatnonzero(positions == position)
                found[here] = _moved(self._within(position, scalars[here]), starts[position])
        return found

    def backward_of_cells(self) -> Ids:
        """(C,) the same for all cells."""
        found, starts = np.full(len(self._cells), -1, dtype=np.int32), self._starts()
        found[self._cells == self._machine.program.loss] = 0
        for key in enumerate(self._machine.targets):
            here = self._cells_of[key[0]]
            if key not in self._in_part:
                self._in_part[key] = self._within(key[0], self._cells[here])
            found[here] = _moved(self._in_part[key], starts[key[0]])
        return found

    def _positions_of(self, scalars: Ids) -> Ids:
        """(K,) the position whose part of the backward phase may have each scalar; -1: none."""
        program = self._machine.program
        positions = np.searchsorted(program.position_start, scalars, side="right") - 1
        sums = (scalars >= program.sums_start) & (scalars < program.loss)
        positions[scalars >= program.sums_start] = -1
        positions[sums] = scalars[sums] - program.sums_start
        return positions.astype(np.int32)

    def _starts(self) -> list[int]:
        """The rank of the first of each position's part."""
        lengths = [len(part) for part in self._machine.order_parts]  # the loss, then the last position's
        return [sum(lengths[: len(lengths) - 1 - position]) for position in range(self._machine.positions)]

    def _within(self, position: int, scalars: Ids) -> Ids:
        """(K,) ranks in a position's part."""
        program, rank = self._machine.program, self._rank
        graph_kernels.number_in_turn(self._machine.order_parts[self._machine.positions - position], 0, rank)
        found: Ids = rank[scalars]
        rank[program.position_start[position] : program.position_start[position + 1]] = -1
        rank[program.sums_start + position] = -1
        return found


def _moved(rank: Ids, start: int) -> Ids:
    """Ranks in the phase, of ranks in a part that has one for its first."""
    return np.where(rank >= 0, rank + start, -1)
