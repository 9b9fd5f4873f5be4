"""The values of one quantity after each update, and what is read off them: the extremes, the gaps, one value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.program import Floats
from microgpt_studio.debugger.snapshot import History


@dataclass(frozen=True, slots=True)
class Extreme:
    """The smallest or largest value that is known."""

    value: float
    update: int  # the first after which it was so


class HistoryCurve:
    """U values in a row; index i is the end of update first + i + 1, and nan says that there is no value."""

    def __init__(self, history: History | None = None) -> None:
        self.history = history
        self.first = 0 if history is None else history.first
        self.values: Floats = np.empty(0) if history is None else history.values
        self.total = 0 if history is None else history.total
        self.missing = int(np.count_nonzero(np.isnan(self.values)))
        self.infinite = int(np.count_nonzero(np.isinf(self.values)))

    @property
    def last(self) -> int:
        """The latest update that was looked at."""
        return self.first + len(self.values)

    @property
    def end(self) -> int:
        """The latest update that there is."""
        return self.first + max(self.total, len(self.values))

    @property
    def is_complete(self) -> bool:
        """Whether every update that there is was looked at."""
        return len(self.values) >= self.total

    def at(self, update: int) -> float:
        """The value after an update, counted from 1; nan where there is none."""
        i = update - self.first - 1
        return float(self.values[i]) if 0 <= i < len(self.values) else float("nan")

    def extremes(self) -> tuple[Extreme, Extreme] | None:
        """The smallest and the largest value; None where none is known."""
        if self.missing == len(self.values):
            return None
        low, high = int(np.nanargmin(self.values)), int(np.nanargmax(self.values))
        return (
            Extreme(float(self.values[low]), self.first + low + 1),
            Extreme(float(self.values[high]), self.first + high + 1),
        )
