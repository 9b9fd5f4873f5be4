"""Pacing: the speed limit of a run, the speed that it has, and how long it goes on before others have a turn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from microgpt_studio.debugger.snapshot import Pace

_RATE_WINDOW = 0.5  # seconds over which updates a second are measured
_ARREARS = 0.05  # seconds of limited speed that may be made up for


class Pacing:
    """Says when the next items of a run are due, and how many. It knows no session."""

    def __init__(self) -> None:
        self._limit: float | None = None
        self._due = 0.0  # when the next item may run, where the speed is limited
        self._rate: deque[tuple[float, int]] = deque()  # (time, updates done) of late

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit."""
        return self._limit is not None

    def limit(self, items_per_second: float | None) -> None:
        """At most so many items a second from now on; None: as many as there are."""
        self._limit = items_per_second
        self.restart()

    def restart(self) -> None:
        """The next item is due now."""
        self._due = time.monotonic()

    def begin(self) -> None:
        """A run begins."""
        self._rate.clear()
        self.restart()

    def time_left(self) -> float:
        """Seconds until the next item may run."""
        return 0.0 if self._limit is None else self._due - time.monotonic()

    def take(self, now: float) -> int:
        """How many items the limit lets run by now; they count as run."""
        assert self._limit is not None
        self._due = max(self._due, now - _ARREARS)
        items = 1 + int((now - self._due) * self._limit)
        self._due += items / self._limit
        return items

    def measure(self, step: int) -> Pace:
        """The speed of a run that has done so many updates by now."""
        now = time.monotonic()
        window = _RATE_WINDOW if self._limit is None else max(_RATE_WINDOW, 2 / self._limit)
        self._rate.append((now, step))
        while len(self._rate) > 2 and now - self._rate[1][0] >= window:
            self._rate.popleft()
        then, earlier = self._rate[0]
        return Pace(running=True, updates_per_second=(step - earlier) / (now - then) if now > then else None)


class Slice:
    """Over when its time is, or when something else says so; a Cancelled. It is not over before something is done."""

    def __init__(self, is_over: Callable[[], bool], deadline: float) -> None:
        self._is_over = is_over
        self._deadline = deadline
        self._is_first = True

    def __call__(self) -> bool:
        is_first, self._is_first = self._is_first, False
        return self._is_over() or (not is_first and time.monotonic() >= self._deadline)
