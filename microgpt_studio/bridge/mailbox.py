"""The mailbox between the worker and the window: one latest-wins slot for snapshots, one queue for events.

A fast sender never fills it: a snapshot that nobody has taken is replaced by a newer one, and the sender asks
`snapshot_is_due` before it takes the trouble of making one. Events are rare and never dropped.
"""

from __future__ import annotations

from collections import deque
from threading import Lock

from microgpt_studio.debugger.events import Event
from microgpt_studio.debugger.snapshot import Snapshot


class Mailbox:
    """One sender, one reader."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._snapshot: Snapshot | None = None
        self._events: deque[Event] = deque()

    @property
    def snapshot_is_due(self) -> bool:
        """Whether the reader has taken the last snapshot."""
        with self._lock:
            return self._snapshot is None

    def put_snapshot(self, snapshot: Snapshot) -> None:
        """Offer a snapshot instead of any that was not taken."""
        with self._lock:
            self._snapshot = snapshot

    def put_event(self, event: Event, *, voids_snapshot: bool = False) -> None:
        """Add an event behind the others; one that begins a new session voids the last one's snapshot."""
        with self._lock:
            self._events.append(event)
            if voids_snapshot:
                self._snapshot = None

    def take(self) -> tuple[list[Event], Snapshot | None]:
        """All events in their order, and the latest snapshot if there is a new one."""
        with self._lock:
            events, snapshot = list(self._events), self._snapshot
            self._events.clear()
            self._snapshot = None
            return events, snapshot
