"""Execution: one training run as a line of moments, each of which can be visited, forwards and backwards.

An update is a sequence of operations: forward, every scalar once in the order of creation; backward, every scalar
handing its gradient on, in the order in which plain Python does it; Adam, every parameter. To go forward, operations
run. To go back, the update begins again, or an earlier saved state is restored, and operations run up to the moment:
they give the same numbers to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from microgpt.program.machine import Fault
from microgpt.program.program import Ids
from microgpt.program.runner import Runner
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.update_log import UpdateLog

_LONGEST_LAP = 256  # updates in one go


class Phase(IntEnum):
    """The three parts of an update, in their order."""

    FORWARD = 0
    BACKWARD = 1
    ADAM = 2


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A moment of training: `done` operations of the update that follows `updates` finished ones.

    The end of an update and the beginning of the next have the same parameters, but not the same numbers to show.
    """

    updates: int
    done: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an update: what runs, and on which scalar."""

    phase: Phase
    index: int  # within the phase
    scalar: int


class Execution:
    """Runs a Runner to any Place. Not for two threads at once.

    `fault` is set while the run stands before an operation at which plain Python would raise.
    """

    def __init__(self, runner: Runner, history: History) -> None:
        self.runner = runner
        self.machine = runner.machine
        self.history = history
        self.log = UpdateLog(runner.step)
        self.first = runner.step  # updates that were done before this run began
        self.fault: Fault | None = None
        self.lap = 1  # updates that a run does in one go: of a large model one may take long
        self._updates = runner.step
        self._done = 0
        self._save()
        self._load()

    @property
    def place(self) -> Place:
        """Where the run stands."""
        return Place(self._updates, self._done)

    @property
    def lengths(self) -> tuple[int, int, int]:
        """How many operations the present update has in each phase."""
        program, positions = self.machine.program, self.machine.positions
        forward = sum(stop - start for start, stop in program.live_ranges(positions))
        return forward, self.machine.num_visits, program.num_parameters

    @property
    def length(self) -> int:
        """How many operations the present update has."""
        return sum(self.lengths)

    @property
    def order(self) -> Ids:
        """The ids in the order of the backward phase."""
        return self.machine.order

    def operation(self, number: int) -> Operation:
        """The operation with this number (from 0) in the present update. Raises IndexError for one beyond it."""
        forward, backward, parameters = self.lengths
        if not 0 <= number < forward + backward + parameters:
            raise IndexError(f"the update has operations 0 to {forward + backward + parameters - 1}, not {number}")
        if number < forward:
            return Operation(Phase.FORWARD, number, self._forward_id(number))
        if number < forward + backward:
            return Operation(Phase.BACKWARD, number - forward, int(self.machine.order[number - forward]))
        parameter = number - forward - backward
        return Operation(Phase.ADAM, parameter, parameter)

    def number_of(self, phase: Phase, scalar: int) -> int | None:
        """The number of the operation that works on a scalar in a phase; None where there is none."""
        forward, backward, parameters = self.lengths
        if phase is Phase.ADAM:
            return forward + backward + scalar if scalar < parameters else None
        if phase is Phase.BACKWARD:
            found = (self.machine.order == scalar).nonzero()[0]
            return forward + int(found[0]) if len(found) else None
        before = 0
        for start, stop in self.machine.program.live_ranges(self.machine.positions):
            if start <= scalar < stop:
                return before + scalar - start
            before += stop - start
        return None

    def go_to(self, place: Place) -> Place:
        """Visit a moment; `done` beyond the update means its end. Returns where the run stands: before it at a fault.

        Raises LookupError for a moment before the first one, or after the last update.
        """
        if not self.first <= place.updates < self.runner.num_steps or place.done < 0:
            raise LookupError(
                f"update {place.updates + 1} cannot be visited; there are updates {self.first + 1} to "
                f"{self.runner.num_steps}"
            )
        if place.updates != self._updates:
            self._begin(place.updates)
        elif place.done < self._done:
            self.machine.undo_update()
            self.runner.step = self._updates
            self._done = 0
            self.fault = None
        if self.fault is None:
            self._advance(min(place.done, self.length))
        return self.place

    def run(self, updates: int) -> int:
        """Finish so many updates, the present one first if it is not finished; returns how many were finished."""
        finished = 0
        if 0 < self._done < self.length and updates > 0:
            self._advance(self.length)
            finished = 1 if self.fault is None else 0
        while self.fault is None and finished < updates and self.runner.step < self.runner.num_steps:
            finished += self._lap(updates - finished)
        return finished

    def _lap(self, updates: int) -> int:
        """Whole updates in one go, up to where a state has to be saved."""
        step = self.runner.step
        most = min(updates, _LONGEST_LAP, self.history.updates_until_due(step), self.runner.num_steps - step)
        lap = self.runner.run(most)
        self.log.write(step, lap.losses, lap.grad_norms)
        self._updates = max(self.runner.step - 1, 0)
        self._done = self.length
        if lap.fault is not None:
            self.machine.undo_update()
            self._updates, self._done = self.runner.step, 0
            self._advance(self.length)
        self._save()
        return len(lap.losses)

    def _begin(self, updates: int) -> None:
        """Stand at the beginning of the update after so many finished ones."""
        if self._done < self.length:
            self.machine.undo_update()
            self.runner.step = self._updates
        saved, (parameters, m, v) = self.history.nearest(updates)
        if not saved <= self.runner.step <= updates:
            self.machine.parameters[:], self.machine.m[:], self.machine.v[:] = parameters, m, v
            self.runner.step = saved
        self.fault = None
        while self.runner.step < updates and self.fault is None:
            self._lap(updates - self.runner.step)
        if self.fault is None:
            self._updates = updates
            self._load()

    def _load(self) -> None:
        self.machine.load(self.runner.tokenizer.encode(self.runner.document(self._updates)))
        self._done = 0

    def _save(self) -> None:
        machine = self.machine
        at_boundary = self._done in (0, self.length) or self.runner.step == self._updates
        if at_boundary and self.fault is None and self.history.is_due(self.runner.step):
            self.history.save(self.runner.step, machine.parameters, machine.m, machine.v)

    def _advance(self, done: int) -> None:
        """Run operations of the present update until so many are done, or the program stops."""
        forward, backward, parameters = self.lengths
        machine, runner = self.machine, self.runner
        try:
            self._forward(min(done, forward))
            if done > forward and self._done < forward + backward:
                if self._done == forward:
                    machine.start_backward()
                machine.backward(self._done - forward, min(done - forward, backward))
                self._done = min(done, forward + backward)
            before = forward + backward
            if done > before:
                machine.update(runner.adam, self._updates, runner.num_steps, self._done - before, done - before)
                self._done = done
        except Fault as fault:
            phase = Phase.ADAM if fault.scalar < parameters else Phase.FORWARD
            number = self.number_of(phase, fault.scalar)
            assert number is not None
            self._done = number
            self.fault = fault
        if self._done == forward + backward + parameters:
            self.runner.step = self._updates + 1
            loss = machine.data[machine.program.loss]
            self.log.write(self._updates, np.array([loss]), np.array([machine.grad_norm()]))

    def _forward(self, done: int) -> None:
        before = 0
        for start, stop in self.machine.program.live_ranges(self.machine.positions):
            first, last = max(self._done - before, 0), min(done - before, stop - start)
            if first < last:
                self.machine.forward(start + first, start + last)
                self._done = before + last
            before += stop - start

    def _forward_id(self, number: int) -> int:
        for start, stop in self.machine.program.live_ranges(self.machine.positions):
            if number < stop - start:
                return start + number
            number -= stop - start
        raise AssertionError("the caller has checked the number")
