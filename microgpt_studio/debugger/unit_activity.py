"""How long the units of the MLPs have been silent: the past is replayed, and each update's document is looked at.

What was found of an update stays valid, for its numbers are the same every time. So while training goes on only its
new updates are replayed, and a measurement that has begun is finished before another one begins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from microgpt.program.program import Ids, Program
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.mlp_units import Flags, Units, units_of
from microgpt_studio.debugger.replay import Replay

_MOST_KEPT = 4096  # updates, before those go that are not asked for


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """Which units fired in the updates after `first` finished ones up to `stop`. L layers, H units. Read-only.

    It says something about the `measured` updates alone: those that have been looked at, the earliest first.
    """

    first: int
    stop: int
    measured: int
    fired: Ids  # (L, H) in how many of the measured updates a unit fired, at some position of the update's document
    last: Ids  # (L, H) the latest measured update, counted from 1, in which it did; 0: in none of them
    reason: str | None = None  # why the measurement ends early

    @property
    def is_complete(self) -> bool:
        """Whether all of these updates are measured."""
        return self.measured == self.stop - self.first

    @property
    def dead(self) -> Flags:
        """(L, H) the units that fired in none of these updates; none while not all are measured, or there are none."""
        if not self.is_complete or not self.measured:
            return np.zeros(self.fired.shape, dtype=np.bool_)
        return np.equal(self.fired, 0)


@dataclass(frozen=True, slots=True)
class UnitActivity(Inquiry[Activity]):
    """Which units fired in the latest finished updates."""

    updates: int = 100  # at most so many

    def fits(self, _program: Program) -> bool:
        return self.updates > 0

    def answer(self, sight: Sight) -> Activity:
        growing: _Growing = sight.keep(UnitActivity, lambda: _Growing(sight.execution, units_of(sight)))
        growing.aim(sight.execution.runner.step, self.updates)
        sight.growing.append(growing)
        return growing.told()


class _Growing:
    """What is known of past updates, and what is still to be looked at."""

    def __init__(self, execution: Execution, units: Units) -> None:
        self._replay = Replay(execution)
        self._earliest = execution.first
        self._relu = units.relu
        self._known: dict[int, Flags] = {}  # updates finished before → (L, H) whether a unit fired
        self._first = self._stop = self._next = self._earliest  # of these updates the next one is not counted yet
        self._most = 0
        self._fired, self._last = self._zeros(), self._zeros()  # of those that are counted
        self._reason: str | None = None
        self._told: Activity | None = None

    def aim(self, step: int, most: int) -> None:
        """Measure the latest `most` of so many finished updates, as soon as what has begun is complete."""
        first = max(step - most, self._earliest)
        if (first, step) == (self._first, self._stop) or not (self.is_complete or most != self._most):
            return
        self._first = self._next = first
        self._stop, self._most = step, most
        self._fired, self._last = self._zeros(), self._zeros()
        self._reason = None
        if len(self._known) > _MOST_KEPT:
            self._known = {updates: fired for updates, fired in self._known.items() if first <= updates < step}
        self._count()

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to look at."""
        return self._reason is not None or self._next == self._stop

    def advance(self, cancelled: Callable[[], bool]) -> None:
        """Look on until all is seen, or it is cancelled: at least at one update."""
        replay = self._replay
        while not self.is_complete:
            replay.approach(self._next)
            if not replay.update():
                self._reason = replay.fault
                self._told = None
            else:
                machine = replay.reading().machine
                fires: Flags = machine.data[self._relu[:, : machine.positions]] > 0.0
                self._known[replay.step - 1] = np.asarray(fires.any(axis=1))
                self._count()
            if cancelled():
                return

    def told(self) -> Activity:
        """What is known so far."""
        if self._told is None:
            fired, last = self._fired.copy(), self._last.copy()
            for array in (fired, last):
                array.flags.writeable = False
            self._told = Activity(self._first, self._stop, self._next - self._first, fired, last, self._reason)
        return self._told

    def _count(self) -> None:
        """Count what is known already, in the order of the updates."""
        while self._next < self._stop and self._next in self._known:
            fires = self._known[self._next]
            self._next += 1
            self._fired += fires
            self._last[fires] = self._next
        self._told = None

    def _zeros(self) -> Ids:
        return np.zeros((self._relu.shape[0], self._relu.shape[2]), dtype=np.int32)
