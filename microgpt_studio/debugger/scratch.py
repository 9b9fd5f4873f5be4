"""A scratch run: a document's forward phase again with one number changed. What trains is not touched.

A parameter is nudged before the phase begins; any other scalar is held at its number while all after it is computed
anew, the maxima of the softmax included. The numbers are those of plain Python, for the kernels are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids, Operation, Program
from microgpt_studio.debugger.execution import Execution


@dataclass(frozen=True, slots=True)
class When:
    """Whose numbers an answer is about. They are the same during the whole update, whatever else of it is computed."""

    update: int  # counted from 1
    document: str

    @classmethod
    def of(cls, execution: Execution) -> When:
        """The update that is loaded."""
        updates = execution.place.updates
        return cls(updates + 1, execution.runner.document(updates))


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Where a forward phase has gone one of several ways."""

    fires: npt.NDArray[np.bool_]  # (R,) whether each ReLU's operand is above 0
    largest: Ids  # (M,) which scalar is each softmax's maximum


@dataclass(frozen=True, slots=True)
class Kinks:
    """Where two forward phases have gone different ways."""

    relus: tuple[int, ...] = ()  # the ReLUs that let something through in one of them only
    maxima: tuple[int, ...] = ()  # the scalars that are their softmax's maximum in the second and not in the first

    def __bool__(self) -> bool:
        return bool(self.relus or self.maxima)


class Scratch:
    """A machine of its own that runs one document forward, over and over. Not for two threads at once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._machine = Machine(program)
        self._base = np.zeros(program.num_scalars)
        self._base_constants = program.constants.copy()
        self._changed = program.num_scalars  # what was nudged last: before it all numbers are the document's
        self._relus = np.flatnonzero(program.operation == Operation.RELU).astype(np.int32)
        self._live_relus = self._relus
        self._live_maxima = 0

    def adopt(self, machine: Machine) -> float:
        """From now on the document that a machine has loaded, with its parameters; returns its loss.

        Raises Fault where plain Python would raise.
        """
        own, parameters = self._machine, self.program.num_parameters
        own.first[:], own.constants[:], own.positions = machine.first, machine.constants, machine.positions
        own.data[:parameters] = machine.data[:parameters]
        loss = own.forward_all()
        self._base[:], self._base_constants[:] = own.data, own.constants
        self._changed = self.program.num_scalars
        stop = self.program.position_start[own.positions]
        self._live_relus = self._relus[: np.searchsorted(self._relus, stop)]
        self._live_maxima = int(np.searchsorted(self.program.maximum_first, stop))
        return loss

    @property
    def data(self) -> Floats:
        """(N,) the numbers of the last run; they change with the next one."""
        return self._machine.data

    @property
    def base(self) -> Floats:
        """(N,) the document's numbers with nothing changed."""
        return self._base

    def loss_with(self, scalar: int, value: float) -> float:
        """The loss where a scalar of the document's graph has another number. Raises Fault."""
        own, before = self._machine, self._changed
        if before < self.program.num_scalars:
            stop = max(scalar, before + 1)  # a parameter is not computed anew, so the last one is put back in any case
            own.data[before:stop] = self._base[before:stop]
        own.constants[:] = self._base_constants
        own.data[scalar] = value
        self._changed = scalar
        for start, stop in self.program.live_ranges(own.positions):
            if scalar + 1 < stop:
                own.forward(max(start, scalar + 1), stop)
        return float(own.data[self.program.loss])

    def sides(self) -> Sides:
        """The ways that the last run has gone."""
        own, program = self._machine, self.program
        largest = np.empty(self._live_maxima, dtype=np.int32)
        _largest(own.data, program.maximum_start, program.maximum_members, largest)
        return Sides(own.data[own.first[self._live_relus]] > 0.0, largest)

    def kinks(self, low: Sides, high: Sides) -> Kinks:
        """Where two runs of the same document have gone different ways."""
        relus = self._live_relus[low.fires != high.fires]
        maxima = high.largest[low.largest != high.largest]
        return Kinks(tuple(relus.tolist()), tuple(maxima.tolist()))


@compiled
def _largest(data, starts, members, out):  # type: ignore[no-untyped-def]
    """Write which member of each group is the largest, the first of several; as many groups as `out` has places."""
    for group in range(len(out)):
        best = members[starts[group]]
        for k in range(starts[group] + 1, starts[group + 1]):
            if data[members[k]] > data[best]:
                best = members[k]
        out[group] = best
