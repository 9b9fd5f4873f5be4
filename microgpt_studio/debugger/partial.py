"""Gradients half-way through a backward phase: how much of each has arrived.

A gradient is complete when every use of its scalar has handed on its part; a consumer that uses it twice counts twice.
"""

from __future__ import annotations

import numpy as np

from microgpt.program.machine import Machine
from microgpt.program.program import Ids
from microgpt_studio.debugger import graph_kernels
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.snapshot import Reach, Reaches


class Arrivals:
    """The gradients of all N scalars at one moment. Read-only; contributions are counted when they are asked for."""

    def __init__(self, uses: _Uses, done: int, reach: Reaches) -> None:
        self.reach = reach  # (N,) Reach
        self._uses = uses
        self._done = done
        self._received: Ids | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every contribution of the document has been added."""
        return self._done == self._uses.length

    @property
    def received(self) -> Ids:
        """(N,) contributions added so far."""
        if self._received is None:
            self._received = self._uses.count(self._done)
        return self._received

    @property
    def expected(self) -> Ids:
        """(N,) contributions of the whole document; 0 for what its loss does not depend on."""
        return self._uses.expected


class Gradients:
    """Tells what has arrived in the update that an execution has loaded."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._uses: _Uses | None = None
        self._left_out = _LeftOut(execution.machine)

    def at(self, done: int) -> Arrivals:
        """After so many operations of the update.

        The loss's own gradient, 1, is there with the first operation of the backward phase. A parameter that the
        document does not use is complete from then on, with 0.
        """
        machine = self.execution.machine
        if self._uses is None or self._uses.parts is not machine.order_parts:
            self._uses = _Uses(machine, self._left_out)
        operations = min(max(done - self.execution.lengths[0], 0), machine.num_visits)
        return Arrivals(self._uses, operations, self._uses.reach_after(operations))


class _LeftOut:
    """Which scalars of a position no backward phase reaches: few, and always the same for the same target."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: dict[tuple[int, int], Ids] = {}  # by position and target
        self._seen = np.zeros(machine.program.num_scalars, dtype=np.uint8)

    def of_document(self) -> list[Ids]:
        """For each position of the loaded document the ids that it computes and its loss does not depend on."""
        keys = list(enumerate(self._machine.targets))
        for position, target in keys:
            if (position, target) not in self._known:
                part = self._machine.order_parts[len(keys) - position]  # the loss comes first, then the last position
                self._known[position, target] = self._not_among(part, position)
        return [self._known[key] for key in keys]

    def _not_among(self, part: Ids, position: int) -> Ids:
        program, seen = self._machine.program, self._seen
        start, stop = program.position_start[position : position + 2].tolist()
        graph_kernels.mark(part, 1, seen)
        found: Ids = (start + np.flatnonzero(seen[start:stop] == 0)).astype(np.int32)
        seen[start:stop] = 0
        seen[program.sums_start + position] = 0
        return found


class _Uses:
    """Every contribution that a document's backward phase makes, in its order."""

    def __init__(self, machine: Machine, left_out: _LeftOut) -> None:
        program = machine.program
        self.parts, self.length = machine.order_parts, machine.num_visits
        self._program = program
        self._order: Ids | None = None
        self._chosen = machine.first[program.chooser], int(machine.first[program.loss])  # what the document decides
        self._first: Ids | None = None
        self._expected: Ids | None = None
        self._reach = np.full(program.num_scalars, Reach.KNOWN, dtype=np.uint8)  # when all have arrived
        self._reach[program.position_start[machine.positions] : program.sums_start] = Reach.NOT_COMPUTED
        self._reach[program.sums_start + machine.positions : program.loss] = Reach.NOT_COMPUTED
        for scalars in left_out.of_document():
            self._reach[scalars] = Reach.OUTSIDE
        self._reach.flags.writeable = False

    @property
    def order(self) -> Ids:
        """The ids in the order of the phase."""
        if self._order is None:
            self._order = np.concatenate(self.parts)
        return self._order

    @property
    def expected(self) -> Ids:
        """(N,) contributions that the whole phase makes."""
        if self._expected is None:
            self._expected = self._counted(self.length)
        return self._expected

    def count(self, operations: int) -> Ids:
        """(N,) contributions that so many operations make."""
        return self.expected if operations == self.length else self._counted(operations)

    def reach_after(self, operations: int) -> Reaches:
        """(N,) Reach after so many operations."""
        if operations == self.length:
            return self._reach
        reach = self._reach.copy()
        if operations == 0:
            reach[reach == Reach.KNOWN] = Reach.NOT_COMPUTED
        else:
            graph_kernels.mark_arrivals(self.order, self._operands(), self._program.second, operations, reach)
        reach.flags.writeable = False
        return reach

    def _operands(self) -> Ids:
        """(N,) the first operands as the document decides them, whichever one is loaded by now."""
        if self._first is None:
            self._first = self._program.first.copy()
            self._first[self._program.chooser], self._first[self._program.loss] = self._chosen
        return self._first

    def _counted(self, operations: int) -> Ids:
        counts = np.zeros(self._program.num_scalars, dtype=np.int32)
        graph_kernels.count_uses(self.order[:operations], self._operands(), self._program.second, counts)
        counts.flags.writeable = False
        return counts
