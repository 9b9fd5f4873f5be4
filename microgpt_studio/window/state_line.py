"""The status bar: where in the update training stands, and whether it runs, has stopped, and why."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStatusBar

from microgpt_studio.debugger.snapshot import Snapshot
from microgpt_studio.debugger.stop import Reason
from microgpt_studio.theme.fonts import BODY
from microgpt_studio.widgets.one_line import OneLine

_WORDS = {  # for why training stands
    Reason.FAULT: "stopped at a fault",
    Reason.BREAKPOINT: "stopped at a breakpoint",
    Reason.FAILURE: "a breakpoint cannot be checked",
    Reason.NONFINITE: "stopped at a number that is not finite",
}


class StateLine:
    """Two lines in a status bar: the cursor's place at the left, the state at the right."""

    def __init__(self, bar: QStatusBar) -> None:
        self._breadcrumb = OneLine(size=BODY)
        self._state = OneLine(size=BODY, side=Qt.AlignmentFlag.AlignRight)
        self._state.say("Starting…")
        for name, line in (("breadcrumb", self._breadcrumb), ("state", self._state)):
            line.setObjectName(name)
            line.setContentsMargins(8, 0, 8, 0)
            bar.addWidget(line, 1)  # none asks for room: a longer text does not lay out the window anew

    def show_no_session(self) -> None:
        """Preparing the first one was given up, or failed."""
        self._state.say("no session")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say in which state a session is."""
        moment = snapshot.moment
        size = f"{moment.num_scalars:,} scalars · {moment.positions} positions"
        self._state.say(f"{size} · {state_of(snapshot)}{_past(snapshot)}")
        self._breadcrumb.say("" if snapshot.pace.running else " › ".join(moment.cursor.breadcrumb))


def state_of(snapshot: Snapshot) -> str:
    """One word, or the reason of a stop."""
    moment, stop = snapshot.moment, snapshot.moment.stop
    if snapshot.pace.running:
        return "running"
    if stop is not None and stop.reason in _WORDS:
        return _WORDS[stop.reason]
    return "finished" if moment.step >= moment.num_steps else "paused"


def _past(snapshot: Snapshot) -> str:
    """That more updates have been done than the shown one; a fault has none behind it."""
    moment, furthest = snapshot.moment, len(snapshot.losses)
    at_fault = moment.stop is not None and moment.stop.reason is Reason.FAULT
    return f" · in the past: {furthest} updates were done" if furthest > moment.step and not at_fault else ""
