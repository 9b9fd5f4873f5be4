"""The probes that are kept: their texts, the latest answer to each, and its mean loss at each update that was shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan

import numpy as np

from microgpt.program.program import Floats
from microgpt_studio.debugger.probe import Probed

MOST = 12  # probes
_MOST_POINTS = 96  # of a curve
_NOTHING = np.zeros(0)


@dataclass(eq=False)
class KeptProbe:
    """One text."""

    text: str
    latest: Probed | None = None
    pinned: Probed | None = None  # numbers to compare with
    _points: dict[int, float] = field(default_factory=dict)  # finished updates → nats, or nan
    _curve: tuple[Floats, Floats] = _NOTHING, _NOTHING  # the same, sorted: it is painted more often than it grows

    def take(self, probed: Probed) -> None:
        """Remember an answer. When there are many, the point that is farthest from it goes."""
        self.latest = probed
        self._points[probed.updates] = nan if probed.numbers is None else probed.numbers.loss
        if len(self._points) > _MOST_POINTS:
            del self._points[max(self._points, key=lambda updates: abs(updates - probed.updates))]
        updates = sorted(self._points)
        self._curve = np.array(updates, dtype=np.float64), np.array([self._points[each] for each in updates])

    def curve(self) -> tuple[Floats, Floats]:
        """(K,) finished updates that were shown, ascending, and (K,) the mean loss with their parameters."""
        return self._curve

    def forget(self) -> None:
        """The numbers are those of another session."""
        self.latest = self.pinned = None
        self.forget_curve()

    def forget_curve(self) -> None:
        """Training has begun anew: the curve is that of another run. What is pinned stays, to compare with."""
        self._points.clear()
        self._curve = _NOTHING, _NOTHING
