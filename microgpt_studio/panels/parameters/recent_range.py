"""How far the axes of the histograms reach: to the largest numbers that were shown lately, not of all time."""

from __future__ import annotations

from collections import deque

import numpy as np

from microgpt.program.program import Floats

PICTURES = 8  # while training runs, two seconds


class RecentRange:
    """Grows at once, so that everything shown lies within; shrinks when the last few pictures have all been smaller."""

    def __init__(self) -> None:
        self._recent: deque[Floats] = deque(maxlen=PICTURES)

    def forget(self) -> None:
        """Nothing was shown yet."""
        self._recent.clear()

    def add(self, largest: Floats) -> Floats:
        """The largest absolute numbers of a new picture, of any shape; returns the limits for it: 1, 2 or 5 × 10ᵏ.

        0 where all the recent ones are 0.
        """
        self._recent.append(largest)
        return rounded_up(np.max(self._recent, axis=0))


def rounded_up(numbers: Floats) -> Floats:
    """To the next 1, 2 or 5 × 10ᵏ, and never below; 0 stays. Numbers are finite and not negative."""
    found = np.zeros(numbers.shape)
    for index, number in np.ndenumerate(numbers):
        if number > 0.0:
            power = int(np.floor(np.log10(number)))
            steps = [float(f"{base}e{power + more}") for more in (0, 1) for base in (1, 2, 5)]
            found[index] = next((step for step in steps if step >= number), number)
    return found
