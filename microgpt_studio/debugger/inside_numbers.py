"""The numbers inside cells of the map: data, grad and local derivatives of scalars and of what they are made from.

Of a graph with millions of scalars a few hundred are in sight, and only those are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger import graph_kernels
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reaches


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """How K scalars depend on their operands: plain Python's local derivatives. All arrays (K,), read-only.

    nan where there is none: a parameter has no operands, a constant no derivative (OUTSIDE), or the scalar is not
    computed yet.
    """

    first: Floats  # d(scalar) / d(first operand)
    second: Floats  # d(scalar) / d(second operand)
    first_reach: Reaches
    second_reach: Reaches

    def larger(self) -> Floats:
        """(K,) one number a scalar, with the reach of the first: its local derivative of the larger magnitude.

        It keeps its sign. Of two equally large ones it is the first; where one of them is nan it is nan.
        """
        larger = np.empty(len(self.first))
        graph_kernels.larger_derivatives(self.first, self.second, self.second_reach, larger)
        larger.flags.writeable = False
        return larger


@dataclass(frozen=True, slots=True, eq=False)
class InsideNumbers:
    """Numbers of K scalars. Parameters' data as the forward pass used them. All arrays (K,), read-only."""

    cells: Ids  # (n,) whose scalars they are
    ids: Ids  # ascending: the scalars of these cells, and their operands
    data: Floats
    grad: Floats
    data_reach: Reaches
    grad_reach: Reaches
    derivatives: Derivatives

    def places(self, scalars: Ids) -> npt.NDArray[np.intp]:
        """The index of each scalar, which has to be among them, in the arrays."""
        return np.searchsorted(self.ids, scalars)

    def place(self, scalar: int) -> int | None:
        """The index of a scalar; None where it is not among them."""
        place = int(np.searchsorted(self.ids, scalar))
        return place if place < len(self.ids) and self.ids[place] == scalar else None


@dataclass(frozen=True, slots=True)
class InsideCells(Inquiry[InsideNumbers]):
    """All numbers inside some cells."""

    cells: bytes  # of int32, as `of` writes them

    @classmethod
    def of(cls, cells: npt.ArrayLike) -> InsideCells:
        """The question about some cells."""
        return cls(np.asarray(cells, dtype=np.int32).tobytes())

    def answer(self, sight: Sight) -> InsideNumbers:
        machine, cells = sight.machine, np.frombuffer(self.cells, dtype=np.int32)
        ids = scalars_of(sight, cells)
        numbers = InsideNumbers(
            cells=cells,
            ids=ids,
            data=machine.data[ids],
            grad=machine.grad[ids],
            data_reach=sight.data_reach[ids],
            grad_reach=sight.arrivals.reach[ids],
            derivatives=_derivatives(machine, ids, sight.data_reach),
        )
        _freeze(numbers)
        return numbers


@dataclass(frozen=True, slots=True)
class CellDerivatives(Inquiry[Derivatives]):
    """The local derivatives of what stands for each of all C cells."""

    def answer(self, sight: Sight) -> Derivatives:
        return _derivatives(sight.machine, sight.description.expressions.scalar, sight.data_reach)


def scalars_of(sight: Sight, cells: Ids) -> Ids:
    """All scalars of some cells and their operands, ascending."""
    machine, members = sight.machine, members_of(sight.description.expressions, cells)
    operands = np.concatenate([machine.first[members], machine.program.second[members]])
    ids: Ids = np.union1d(members, operands[operands >= 0]).astype(np.int32)
    return ids


def members_of(expressions: Expressions, cells: Ids) -> Ids:
    """All scalars of some cells, cell after cell."""
    starts, stops = expressions.start[cells], expressions.start[cells + 1]
    lengths = stops - starts
    offsets = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    found: Ids = expressions.members[np.repeat(starts, lengths) + offsets]
    return found


def _derivatives(machine: Machine, ids: Ids, data_reach: Reaches) -> Derivatives:
    found = np.empty(len(ids)), np.empty(len(ids))
    reaches = np.empty(len(ids), dtype=np.uint8), np.empty(len(ids), dtype=np.uint8)
    graph_kernels.local_derivatives(
        ids, machine.code, machine.first, machine.second, machine.constants, machine.data, data_reach, *found, *reaches
    )
    derivatives = Derivatives(*found, *reaches)
    _freeze(derivatives)
    return derivatives


def _freeze(numbers: InsideNumbers | Derivatives) -> None:
    for field in fields(numbers):
        array = getattr(numbers, field.name)
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
