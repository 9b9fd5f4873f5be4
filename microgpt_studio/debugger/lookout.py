"""Lookout: what the enabled breakpoints say at the moments of one update, of which more may be done by now.

It looks, and remembers what crossings compare with; it counts, writes and moves nothing but where it says so.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from microgpt_studio.debugger.breakpoints import Breakpoint, Breakpoints
from microgpt_studio.debugger.conditions import ConditionFailure
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.reading import Reading, Uses

END = sys.maxsize  # of an update, in a Place to go to

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Hit:
    """A breakpoint whose event has come and whose condition holds, or cannot be computed."""

    done: int
    breakpoint: Breakpoint
    failure: str | None  # why an expression has no value
    detail: str = ""

    @property
    def sentence(self) -> str:
        number, definition = self.breakpoint.id, self.breakpoint.definition
        if self.failure is not None:
            return f"Breakpoint {number} cannot be checked: {self.failure}."
        return f"Breakpoint {number}: {definition}{self.detail}."


class Lookout:
    """The enabled breakpoints of an execution, on one run from a place to another."""

    def __init__(self, execution: Execution, breakpoints: Breakpoints) -> None:
        self.execution = execution
        self.active = [each for each in breakpoints if each.can_stop]
        if breakpoints.aim is not None:
            self.active.append(breakpoints.aim)
        self.crossings = [each for each in self.active if each.expression is not None]
        self.last: dict[int, float] = {}  # the values that the crossings' expressions had last
        self._uses = Uses(execution.machine)

    def reading(self) -> Reading:
        """The present update, at the moment where the execution stands."""
        return Reading(self.execution, None, self._uses)

    def moments(self, reading: Reading, first: int, limit: int) -> list[tuple[int, int, Breakpoint]]:
        """The moments first ≤ done ≤ limit at which breakpoints may stop: (done, id, breakpoint), in this order.

        Those after one that is sure to stop are left out.
        """
        moments = []
        for each in self.active:
            if _is_sure(each):
                done = next((moment for moment in each.target(reading) if moment >= first), END)
                if done <= limit:
                    limit = done
                    moments.append((done, each.id, each))
        for each in self.active:
            if not _is_sure(each):
                moments += [(done, each.id, each) for done in each.target(reading) if first <= done <= limit]
        moments = [moment for moment in moments if moment[0] <= limit]
        moments.sort(key=lambda moment: moment[:2])
        return moments

    def latest(self, reading: Reading, first: int, limit: int) -> Hit | None:
        """The last hit at first ≤ done ≤ limit that is not a logpoint's, whatever its number."""
        best: Hit | None = None
        for each in self.active:
            hit = self._latest_of(each, reading, first, limit)
            if hit is not None and (best is None or hit.done > best.done):
                best = hit
        return best

    def check(self, each: Breakpoint, reading: Reading) -> Hit | None:
        """The hit at the moment of a reading, which is one of the breakpoint's; the value of a crossing is kept."""
        detail = ""
        try:
            if each.expression is not None:
                crossed = self._cross(each, reading)
                if crossed is None:
                    return None
                detail = f", from {crossed[0]!r} to {crossed[1]!r}"
            if each.condition is not None and not each.condition.holds(reading):
                return None
        except ConditionFailure as failure:
            return Hit(reading.done, each, str(failure))
        return Hit(reading.done, each, None, detail)

    def recall(self, updates: int, cancelled: Cancelled) -> bool:
        """Take the crossings' last values from before the update that follows so many; False where it is cancelled.

        Moves the execution.
        """
        execution = self.execution
        self.last = {}
        missing = list(self.crossings)
        while missing and updates > execution.first:
            updates -= 1
            if not any(self._may_have_value(each, updates) for each in missing):
                continue
            saved = max(execution.history.nearest(updates)[0], execution.first)
            execution.go_to(Place(saved, END))
            self._keep(missing)
            while execution.place.updates < updates:
                if cancelled():
                    return False
                execution.run(1)
                self._keep(missing)
            missing = [each for each in missing if each.id not in self.last]
            updates = saved
        return True

    def keep(self) -> None:
        """Take the crossings' values at the moments of the present update that are over."""
        self._keep(self.crossings)

    def _keep(self, crossings: Sequence[Breakpoint]) -> None:
        reading = self.reading()
        stands = reading.done
        for each in crossings:
            for done in each.target(reading):
                if done <= stands:
                    reading.done = done
                    try:
                        self._cross(each, reading)
                    except ConditionFailure:
                        continue
            reading.done = stands

    def _latest_of(self, each: Breakpoint, reading: Reading, first: int, limit: int) -> Hit | None:
        moments = each.target(reading)
        hit = None
        if each.expression is not None:
            for done in moments:  # one
                if done <= limit:
                    reading.done = done
                    hit = self.check(each, reading)
            return hit if hit is not None and hit.done >= first and _stops(hit) else None
        for done in reversed(moments):
            if first <= done <= limit:
                reading.done = done
                hit = self.check(each, reading)
                if hit is not None and _stops(hit):
                    return hit
                if each.condition is None:
                    return None
        return None

    def _cross(self, each: Breakpoint, reading: Reading) -> tuple[float, float] | None:
        """The last value and this one where the level lies between them. What is not there, or nan, is no value."""
        assert each.expression is not None
        try:
            value = each.expression.evaluate(reading)
        except ConditionFailure as failure:
            if failure.not_computed:
                return None
            raise
        assert isinstance(value, int | float), "text was refused"
        if math.isnan(value):
            return None
        last, level = self.last.get(each.id), each.definition.level or 0.0
        self.last[each.id] = value
        return None if last is None or (last < level) == (value < level) else (last, value)

    def _may_have_value(self, each: Breakpoint, updates: int) -> bool:
        """Whether the document of an update is long enough for an expression."""
        assert each.expression is not None
        program = self.execution.machine.program
        positions = min(program.config.block_size, len(self.execution.runner.document(updates)) + 1)
        needed = (program.tensors[program.tensor[scalar]].position for _, scalar in each.expression.quantities)
        return all(position is None or position < positions for position in needed)


def _is_sure(each: Breakpoint) -> bool:
    """Whether the next moment of a breakpoint stops."""
    plain = each.condition is None and each.expression is None and each.message is None
    return plain and each.hits + 1 >= each.definition.stop_after


def _stops(hit: Hit) -> bool:
    return hit.failure is not None or hit.breakpoint.message is None
