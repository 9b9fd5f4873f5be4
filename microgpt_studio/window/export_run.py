"""The export without a window: trains, shows a subject that nobody sees, saves it, ends.

It is saved when training stands where it should, all that the subject asks for has been answered, and nothing more is
on its way.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.bridge.poller import Poller
from microgpt_studio.bridge.worker import Worker
from microgpt_studio.debugger.events import Crashed, Event, Refused, SessionStarted, Stopped
from microgpt_studio.debugger.snapshot import Snapshot, Wanted
from microgpt_studio.window.export import save_bytes
from microgpt_studio.window.export_subjects import Subject
from microgpt_studio.window.goal import Goal

_INTERVAL = 20  # milliseconds between two looks whether what no snapshot brings has come


class ExportRun(QObject):
    """One file of the moment at a goal. `status` is the exit status: 0 once it is saved."""

    def __init__(self, subject: Subject, goal: Goal, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.status = 1
        self._subject, self._goal, self._path = subject, goal, path
        self._wanted = Wanted()
        self._has_ended = False
        mailbox = Mailbox()
        self.worker = Worker(mailbox, self)
        self._poller = Poller(mailbox, self)
        self.worker.arrived.connect(self._poller.poll, Qt.ConnectionType.QueuedConnection)
        self._poller.event_came.connect(self._take_event)
        self._poller.text_came.connect(self._look)

    def begin(self, settings: Settings) -> None:
        """Start the worker on the session, and run to the goal."""
        self.worker.start()
        self._poller.start()
        self.worker.submit(commands.Start(settings))
        if self._goal.command is not None:
            self.worker.submit(self._goal.command)

    def end(self) -> None:
        """Stop everything, saved or not."""
        if not self._has_ended:
            self._has_ended = True
            self._poller.stop()
            self.worker.stop()
            self._subject.close()
            QCoreApplication.quit()

    def _take_event(self, event: Event) -> None:
        match event:
            case SessionStarted(description):
                try:
                    self._subject.begin(description)
                except ValueError as error:
                    self._give_up(str(error), 2)
                else:
                    self._ask()
            case Stopped(_, stop) if event.fault is not None:
                self._give_up(stop.sentence)
            case Refused(sentence):
                self._give_up(sentence, 2)
            case Crashed(sentence):
                self._give_up(sentence)

    def _ask(self) -> bool:
        """Ask for what the subject needs; False where it was asked for already."""
        wanted = replace(self._subject.wanted(), number=self._wanted.number)
        if wanted == self._wanted:
            return False
        self._wanted = replace(wanted, number=wanted.number + 1)
        self.worker.submit(commands.Show(self._wanted))
        return True

    def _look(self, snapshot: Snapshot) -> None:
        missed = self._goal.missed(snapshot)
        if missed is not None:
            self._give_up(missed, 2)
        if self._has_ended or not self._goal.is_shown(snapshot) or snapshot.wanted != self._wanted:
            return
        try:
            self._subject.show(snapshot)
        except ValueError as error:
            self._give_up(str(error), 2)
            return
        if not self._ask():
            self._save()

    def _save(self) -> None:
        if self._has_ended:
            return
        if self._subject.is_waiting:
            QTimer.singleShot(_INTERVAL, self._save)
            return
        try:
            content = self._subject.content(self._path.suffix.lower())
        except ValueError as error:
            self._give_up(str(error), 2)
            return
        reason = save_bytes(content, self._path)
        if reason is not None:
            self._give_up(reason, 2)
            return
        self.status = 0
        self.end()

    def _give_up(self, sentence: str, status: int = 1) -> None:
        if not self._has_ended:
            print(f"microgpt-studio: {sentence}", file=sys.stderr)
            self.status = status
            self.end()
