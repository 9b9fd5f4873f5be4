"""Gradients half-way through a backward phase: how much of each has arrived.

A gradient is complete when every use of its scalar has handed on its part; a consumer that uses it twice counts twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.machine import Machine
from microgpt.program.program import Ids
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.snapshot import Reach, Reaches


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """The gradients of all N scalars at one moment. Read-only."""

    received: Ids  # (N,) contributions added so far
    expected: Ids  # (N,) contributions of the whole document; 0 for what its loss does not depend on
    reach: Reaches  # (N,) Reach


class Gradients:
    """Tells what has arrived in the update that an execution has loaded."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._uses: _Uses | None = None

    def at(self, done: int) -> Arrivals:
        """After so many operations of the update.

        The loss's own gradient, 1, is there with the first operation of the backward phase. A parameter that the
        document does not use is complete from then on, with 0.
        """
        machine = self.execution.machine
        if self._uses is None or self._uses.order is not machine.order:
            self._uses = _Uses(machine)
        uses = self._uses
        done -= self.execution.lengths[0]
        if done >= len(uses.order):
            return Arrivals(uses.expected, uses.expected, uses.reach)
        received = uses.count(max(done, 0))
        reach = uses.reach.copy()
        if done <= 0:
            reach[reach == Reach.KNOWN] = Reach.NOT_COMPUTED
        else:
            waiting = received < uses.expected
            reach[waiting] = Reach.NOT_COMPUTED
            reach[waiting & (received > 0)] = Reach.PARTIAL
        reach.flags.writeable = False
        return Arrivals(received, uses.expected, reach)


class _Uses:
    """Every contribution that a document's backward phase makes, in its order."""

    def __init__(self, machine: Machine) -> None:
        program = machine.program
        self.order = machine.order
        self._num_scalars = program.num_scalars
        operands = np.stack([machine.first[self.order], program.second[self.order]])
        self._operands = operands.astype(np.intp) + 1  # (2, operations); 0: none
        self.expected = self.count(len(self.order))
        self.reach = np.full(program.num_scalars, Reach.NOT_COMPUTED, dtype=np.uint8)  # when all have arrived
        for start, stop in program.live_ranges(machine.positions):
            self.reach[start:stop] = Reach.OUTSIDE
        self.reach[: program.num_parameters] = Reach.KNOWN
        self.reach[self.order] = Reach.KNOWN
        self.reach.flags.writeable = False

    def count(self, done: int) -> Ids:
        """(N,) contributions that so many operations make."""
        counts = sum(np.bincount(operand[:done], minlength=self._num_scalars + 1) for operand in self._operands)
        received: Ids = np.asarray(counts)[1:].astype(np.int32)
        received.flags.writeable = False
        return received
