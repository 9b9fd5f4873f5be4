"""Span replay: runs some updates of the past again, slice by slice, for somebody who collects numbers from each.

It stands for one question that is asked again at every moment. What is collected goes on where the new span continues
it, and else begins anew; until that is complete, what was complete before is still there to show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from microgpt.program.machine import Machine
from microgpt_studio.debugger.inquiry import Sight
from microgpt_studio.debugger.replay import Replay
from microgpt_studio.debugger.update_spans import Span


class Collection(Protocol):
    """What is collected from updates in a row: those after `first` finished ones, up to `stop`."""

    first: int
    stop: int

    def begin(self, machine: Machine) -> None:
        """A machine with the parameters before the first of them."""

    def add(self, machine: Machine) -> None:
        """The machine at the end of the next one; it counts `stop` up."""

    def continues(self, first: int, stop: int) -> bool:
        """Whether it can serve the span after `first` finished updates up to `stop`, once some are added."""


C = TypeVar("C", bound=Collection)


class SpanReplay(Generic[C]):
    """A Growing. `make` begins a collection after so many finished updates."""

    def __init__(self, sight: Sight, make: Callable[[int], C]) -> None:
        # One machine for all: only one of them is asked for at most times, and each takes some megabytes.
        self._replay: Replay = sight.keep(SpanReplay, lambda: Replay(sight.execution))
        self._make = make
        self._shown: C | None = None
        self._next: C | None = None  # what replaces it when it is complete
        self._aim = (0, 0)  # of the one that grows
        self._shown_aim = (0, 0)
        self.reason: str | None = None  # why it cannot go on

    def aim(self, sight: Sight, span: Span) -> None:
        """From now on the updates that a span means at this moment."""
        execution = sight.execution
        first, stop = span.bounds(execution.first, execution.log.known, execution.runner.step)
        if self._next is not None and not self._is_back(stop):
            return  # it is on its way; the present may have moved on, and will be looked at when it is there
        self._next = None
        if self._shown is not None and self._shown.continues(first, stop):
            self._aim = self._shown_aim = (first, stop)
        elif self._shown is not None and not self.is_complete and not self._is_back(stop):
            return  # neither is it begun anew: where training is faster than the replay, it would never be complete
        elif self._shown is None or stop < self._shown.stop or self._shown.stop == self._shown.first:
            self._shown = self._make(first)
            self._aim = self._shown_aim = (first, stop)
        else:
            self._next = self._make(first)
            self._aim = (first, stop)

    def _is_back(self, stop: int) -> bool:
        """Whether the present lies before what is being collected."""
        return stop < self._aim[1]

    @property
    def shown(self) -> C | None:
        """What there is to show: complete, or else the first that grows."""
        return self._shown

    @property
    def shown_aim(self) -> tuple[int, int]:
        """The updates that `shown` is about, those still missing included: after the first number, up to the second."""
        return self._shown_aim

    @property
    def is_complete(self) -> bool:
        growing = self._growing
        return self.reason is not None or growing is None or growing.stop >= self._aim[1]

    @property
    def _growing(self) -> C | None:
        return self._shown if self._next is None else self._next

    def advance(self, cancelled: Callable[[], bool]) -> None:
        """Replay on until the span is complete, or it is cancelled: at least one update."""
        growing = self._growing
        if growing is None or self.is_complete:
            return
        replay, stop = self._replay, self._aim[1]
        replay.approach(growing.stop)
        machine = replay.reading().machine  # it stays the same
        while growing.stop < stop:
            is_next = replay.step == growing.stop
            if is_next and growing.stop == growing.first:
                growing.begin(machine)
            if not replay.update():
                self.reason = replay.fault
                return
            if is_next:
                growing.add(machine)
            if cancelled():
                break
        if self._next is not None and self.is_complete:
            self._shown, self._shown_aim, self._next = self._next, self._aim, None
