"""The screenshot: waits until training stands where it should and every panel shows it, saves the window, ends."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from microgpt_studio.debugger.events import Stopped
from microgpt_studio.debugger.snapshot import Snapshot
from microgpt_studio.panels.samples import SamplesPanel
from microgpt_studio.window.goal import Goal
from microgpt_studio.window.main_window import MainWindow
from microgpt_studio.window.picture import save_picture

_SAMPLES_INTERVAL = 20  # milliseconds between two looks whether the samples have come


class Screenshot(QObject):
    """One picture of a window at a goal. `status` is the exit status: 0 once the picture is saved."""

    def __init__(self, window: MainWindow, goal: Goal, path: Path) -> None:
        super().__init__(window)
        self.status = 1
        self._window = window
        self._goal = goal
        self._path = path
        window.shown.connect(self._look)
        window.stopped.connect(self._stopped)
        window.refused.connect(self._refused)
        window.crashed.connect(self._give_up)

    def _look(self, snapshot: Snapshot) -> None:
        missed = self._goal.missed(snapshot)
        if missed is not None:
            self._give_up(missed, 2)
        elif self._goal.is_shown(snapshot) and snapshot.wanted == self._window.wanted:
            self._window.shown.disconnect(self._look)
            QTimer.singleShot(0, self._take)  # after the panels have laid themselves out for what they were given

    def _stopped(self, event: Stopped) -> None:
        if event.fault is not None:
            self._give_up(event.fault.sentence)

    def _refused(self, sentence: str) -> None:
        self._give_up(sentence, 2)

    def _give_up(self, sentence: str, status: int = 1) -> None:
        print(f"microgpt-studio: {sentence}", file=sys.stderr)
        self.status = status
        self._end()

    def _take(self) -> None:
        samples = self._window.panels["samples"]
        if isinstance(samples, SamplesPanel) and samples.is_waiting:
            QTimer.singleShot(_SAMPLES_INTERVAL, self._take)
            return
        QCoreApplication.sendPostedEvents()
        reason = save_picture(self._window, self._path)
        if reason is not None:
            self._give_up(reason)
            return
        self.status = 0
        self._end()

    def _end(self) -> None:
        self._window.close()
        QCoreApplication.quit()
