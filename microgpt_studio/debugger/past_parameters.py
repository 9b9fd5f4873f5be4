"""The parameters as they were after an update of the past, replayed from the saved states without moving training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from microgpt.program.program import Floats
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.replay import Replay

_MOST_KEPT = 4


@dataclass(frozen=True, slots=True, eq=False)
class PastParameters:
    """As far as they are: `parameters` is None until the replay has come to the update."""

    updates: int  # that were done
    parameters: Floats | None  # (P,) read-only
    reason: str | None = None  # why there will be none


@dataclass(frozen=True, slots=True)
class ParametersAfter(Inquiry[PastParameters]):
    """The parameters after so many updates, of those that this session has done."""

    updates: int

    def answer(self, sight: Sight) -> PastParameters:
        kept: dict[int, _Growing] = sight.keep(ParametersAfter, dict)
        growing = kept.pop(self.updates, None) or _Growing(sight, self.updates)
        kept[self.updates] = growing  # the latest asked for comes last
        if len(kept) > _MOST_KEPT:
            del kept[next(iter(kept))]
        reason = growing.why_not(sight)
        if reason is not None:
            return PastParameters(self.updates, None, reason)
        sight.growing.append(growing)
        return PastParameters(self.updates, growing.parameters, growing.fault)


class _Growing:
    """Replays to one moment and keeps the parameters that it finds there."""

    def __init__(self, sight: Sight, updates: int) -> None:
        self.updates = updates
        self.parameters: Floats | None = None
        self.fault: str | None = None
        self._last = sight.execution.runner.num_steps - 1  # no update begins later
        self._replay: Replay | None = Replay(sight.execution)

    @property
    def is_complete(self) -> bool:
        return self._replay is None

    def why_not(self, sight: Sight) -> str | None:
        """Why the session has no such moment, if so."""
        first, known = sight.execution.first, sight.execution.log.known
        if self.updates < first:
            return f"This session begins after update {first}."
        if self.updates > known:
            return f"Update {self.updates} has not been done yet; the latest is {known}."
        return None

    def advance(self, cancelled: Callable[[], bool]) -> None:
        """Replay on until the moment is reached, or it is cancelled: at least one update."""
        replay = self._replay
        if replay is None:
            return
        replay.approach(min(self.updates, self._last))
        while replay.step < self.updates:
            if not replay.update():
                self.fault = replay.fault
                self._replay = None
                return
            if cancelled() and replay.step < self.updates:
                return
        self.parameters = replay.reading().machine.parameters.copy()
        self.parameters.flags.writeable = False
        self._replay = None  # and its memory goes
