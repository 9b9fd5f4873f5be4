"""The poller: looks into the mailbox 30 times a second, in the window's thread, and hands on what it finds."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.debugger.events import SessionStarted
from microgpt_studio.debugger.snapshot import Snapshot

PICTURE_INTERVAL = 33  # milliseconds
TEXT_INTERVAL = 0.25  # seconds; faster than this figures cannot be read


class Poller(QObject):
    """Pictures at 30 Hz, text at 4 Hz while training runs, both at once while it stands, every event."""

    event_came = Signal(object)  # Event
    picture_came = Signal(object)  # Snapshot
    text_came = Signal(object)  # Snapshot, after its picture_came

    def __init__(self, mailbox: Mailbox, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mailbox = mailbox
        self._last_text = 0.0
        self._unread: Snapshot | None = None  # shown as a picture, not yet as text
        self._timer = QTimer(self)
        self._timer.setInterval(PICTURE_INTERVAL)
        self._timer.timeout.connect(self.poll)

    def start(self) -> None:
        """Begin to look."""
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def poll(self) -> None:
        """Look once."""
        events, snapshot = self._mailbox.take()
        for event in events:
            if isinstance(event, SessionStarted):
                self._unread = None
            self.event_came.emit(event)
        if snapshot is not None:
            self._unread = snapshot
            self.picture_came.emit(snapshot)
        now = time.monotonic()
        unread = self._unread
        if unread is not None and (not unread.pace.running or now - self._last_text >= TEXT_INTERVAL):
            self._unread = None
            self._last_text = now
            self.text_came.emit(unread)
