"""Showing: hands snapshots to the panels in view; all at once while training stands, one after the other while it runs.

To show everything takes about as long as a picture may. While training runs, each panel therefore gets a turn of the
event loop of its own and is painted before the next one's turn, so that keys and the mouse never wait for them all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from microgpt_studio.debugger.snapshot import Snapshot
from microgpt_studio.panels.panel import Panel


@dataclass(frozen=True, slots=True)
class _Round:
    snapshot: Snapshot
    as_text: bool  # figures too, and not the pictures alone


class Showing(QObject):
    """A round gives one snapshot to every panel in view. What comes during a round waits, and the latest counts."""

    began = Signal(object)  # Snapshot, before the first panel is given it
    ended = Signal(object)  # Snapshot, after the last panel was given it as text

    def __init__(self, in_view: Callable[[], Sequence[Panel]], parent: QObject | None = None) -> None:
        """`in_view` tells the panels that are to be given anything."""
        super().__init__(parent)
        self._in_view = in_view
        self._round: _Round | None = None
        self._waiting: _Round | None = None
        self._left: deque[Panel] = deque()  # of the round
        self._is_new = False  # no panel was given the round's snapshot yet
        self._turns = QTimer(self)
        self._turns.setInterval(0)
        self._turns.timeout.connect(self._turn)

    def show_picture(self, snapshot: Snapshot) -> None:
        """A new snapshot: its pictures."""
        if not snapshot.pace.running:
            self.drop()
            self.began.emit(snapshot)
            for panel in self._in_view():
                panel.show_snapshot(snapshot)
        else:
            self._add(_Round(snapshot, self._waiting is not None and self._waiting.as_text))

    def show_text(self, snapshot: Snapshot) -> None:
        """Figures too; the snapshot's pictures were asked for before."""
        if not snapshot.pace.running:
            for panel in self._in_view():
                panel.show_text(snapshot)
            self.ended.emit(snapshot)
        elif self._round is not None and self._round.snapshot is snapshot and self._is_new:
            self._round = _Round(snapshot, as_text=True)
        else:
            self._add(_Round(snapshot, as_text=True))

    def drop(self) -> None:
        """Give nobody anything of what has not been given yet."""
        self._round = self._waiting = None
        self._left.clear()
        self._turns.stop()

    def _add(self, new: _Round) -> None:
        if self._round is not None:
            self._waiting = new
            return
        self._round, self._is_new = new, True
        self._left.extend(self._in_view())
        self.began.emit(new.snapshot)
        self._turns.start()

    def _turn(self) -> None:
        now = self._round
        if now is None:
            return
        self._is_new = False
        if self._left:
            panel = self._left.popleft()
            if panel.snapshot is not now.snapshot:
                panel.show_snapshot(now.snapshot)
            if now.as_text:
                panel.show_text(now.snapshot)
            return
        waiting, self._round, self._waiting = self._waiting, None, None
        self._turns.stop()
        if now.as_text:
            self.ended.emit(now.snapshot)
        if waiting is not None and self._round is None:
            self._add(waiting)
