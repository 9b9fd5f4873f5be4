"""Scrubbing: goals that come faster than training can be put there, of which only the newest counts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.snapshot import Moment
from microgpt_studio.panels.loss_marks import Goal

_OTHERS = 3  # snapshots of other moments after which an answer is not waited for any more


class Scrubber(QObject):
    """Asks for one goal at a time, and for the newest when its answer is there.

    The answer may never be seen: a fault lies before the goal, or another command came between. So it is taken as
    given when an event says so (`answered`), or when a few snapshots have shown other moments.
    """

    asked = Signal(object)  # Goal

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: Goal | None = None  # asked for, not answered
        self._newest: Goal | None = None  # to be asked for after that
        self._others = 0

    @property
    def goal(self) -> Goal | None:
        """Where it all leads; None when every answer is there."""
        return self._newest or self._waiting

    def want(self, goal: Goal) -> None:
        """Go there, as soon as possible; emits `asked` at once if nothing is waited for."""
        if self._waiting is None:
            self._ask(goal)
        else:
            self._newest = None if goal == self._waiting else goal

    def see(self, moment: Moment) -> None:
        """A snapshot shows this moment."""
        if self._waiting is None:
            return
        self._others += 1
        if is_at(moment, self._waiting) or self._others >= _OTHERS:
            self.answered()

    def answered(self) -> None:
        """Wait no longer for what was asked for; ask for the newest, if there is one."""
        newest = self._newest
        self.give_up()
        if newest is not None:
            self._ask(newest)

    def give_up(self) -> None:
        """Wait for nothing."""
        self._waiting = self._newest = None

    def _ask(self, goal: Goal) -> None:
        self._waiting, self._others = goal, 0
        self.asked.emit(goal)


def is_at(moment: Moment, goal: Goal) -> bool:
    """Whether a goal is reached. The beginning of an update is not the end of the one before, but for the first."""
    cursor, place = moment.cursor, Place(moment.update - 1, moment.cursor.done)
    if isinstance(goal, GoTo):
        return moment.step == goal.step and (cursor.done == cursor.length or goal.step == 0)
    return place == goal.place
