"""Tracing: the history of one number, asked afterwards, which grows slice by slice as it is replayed.

What is known stays valid, whatever the execution does: its updates are the same every time. The last few numbers that
were asked for are kept, so that going back to one costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from microgpt.program.addresses import Addresses
from microgpt.program.program import Floats
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.replay import Replay, check_quantity, read
from microgpt_studio.debugger.snapshot import History, WantedHistory

_MOST_KEPT = 8  # histories
_FIRST_ROOM = 1024  # updates


class Tracing:
    """Histories over all updates that an execution has ever finished. Not for two threads at once."""

    def __init__(self, execution: Execution, addresses: Addresses) -> None:
        self.execution = execution
        self._addresses = addresses
        self._replay = Replay(execution)
        self._grown: dict[WantedHistory, _Growing] = {}  # the latest asked for comes last
        self._wanted: WantedHistory | None = None

    @property
    def total(self) -> int:
        """How many updates are known, and so how many a complete history has."""
        return self.execution.log.known - self.execution.first

    @property
    def is_complete(self) -> bool:
        """Whether `advance` has nothing to do: nothing is asked for, or all of it is there that there will be."""
        if self._wanted is None:
            return True
        growing = self._grown[self._wanted]
        return growing.reason is not None or growing.length >= self.total

    def ask(self, wanted: WantedHistory | None) -> None:
        """From now on, this one; what is known of it is still there."""
        self._wanted = wanted
        if wanted is None:
            return
        growing = self._grown.pop(wanted, None) or _Growing(self._why_not(wanted))
        self._grown[wanted] = growing
        if len(self._grown) > _MOST_KEPT:
            del self._grown[next(iter(self._grown))]

    def advance(self, cancelled: Callable[[], bool]) -> None:
        """Replay on until the history is complete, or it is cancelled: at least one update."""
        if self._wanted is None or self.is_complete:
            return
        growing, replay, first = self._grown[self._wanted], self._replay, self.execution.first
        replay.approach(first + growing.length)
        while not self.is_complete:
            if not replay.update():
                growing.reason = replay.fault
                return
            if replay.step > first + growing.length:
                growing.add(read(replay.reading(), self._wanted.quantity, self._wanted.scalar))
            if cancelled():
                return

    def history(self) -> History | None:
        """What is known of the one that is asked for."""
        if self._wanted is None:
            return None
        growing = self._grown[self._wanted]
        return History(self._wanted, self.execution.first, growing.values, self.total, growing.reason)

    def _why_not(self, wanted: WantedHistory) -> str | None:
        try:
            check_quantity(wanted.quantity, wanted.scalar, self._addresses)
        except (ValueError, IndexError) as error:
            return str(error)
        return None


@dataclass(slots=True)
class _Growing:
    """A growing row of numbers. What was written never changes, so a view that was handed out stays true."""

    reason: str | None
    length: int = 0
    _numbers: Floats = field(default_factory=lambda: np.empty(_FIRST_ROOM))

    def add(self, number: float | None) -> None:
        if self.length == len(self._numbers):
            self._numbers = np.concatenate([self._numbers, np.empty(self.length)])
        self._numbers[self.length] = np.nan if number is None else number
        self.length += 1

    @property
    def values(self) -> Floats:
        """(length,) read-only."""
        view = self._numbers[: self.length]
        view.flags.writeable = False
        return view
