"""The status bar: where in the update training stands, and whether it runs, has stopped, and why."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QStatusBar

from microgpt_studio.debugger.snapshot import Snapshot
from microgpt_studio.debugger.stop import Reason

_WORDS = {  # for why training stands
    Reason.FAULT: "stopped at a fault",
    Reason.BREAKPOINT: "stopped at a breakpoint",
    Reason.FAILURE: "a breakpoint cannot be checked",
    Reason.NONFINITE: "stopped at a number that is not finite",
}


class StateLine:
    """Two labels in a status bar: the cursor's place at the left, the state at the right."""

    def __init__(self, bar: QStatusBar) -> None:
        self._breadcrumb = QLabel()
        self._breadcrumb.setObjectName("breadcrumb")
        self._breadcrumb.setContentsMargins(8, 0, 0, 0)
        bar.addWidget(self._breadcrumb)
        self._state = QLabel("Starting…")
        self._state.setObjectName("state")
        bar.addPermanentWidget(self._state)

    def show_no_session(self) -> None:
        """Preparing the first one was given up, or failed."""
        self._state.setText("no session")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say in which state a session is."""
        moment = snapshot.moment
        size = f"{moment.num_scalars:,} scalars · {moment.positions} positions"
        self._state.setText(f"{size} · {state_of(snapshot)}{_past(snapshot)}")
        self._breadcrumb.setText("" if snapshot.pace.running else " › ".join(moment.cursor.breadcrumb))


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
