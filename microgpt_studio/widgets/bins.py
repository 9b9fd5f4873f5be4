"""Bins: a long row of numbers put together for the pixels, without losing a peak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.program import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Neighbouring values put together, `width` at a time; with width 1 they are the values themselves."""

    width: int
    starts: Floats  # (B,) index of the first value of each bin
    stops: Floats  # (B,) one past its last
    low: Floats  # (B,) smallest value; nan where all are nan
    high: Floats  # (B,) largest

    @property
    def middles(self) -> Floats:
        """(B,) the index in the middle of each bin; a half where two are."""
        return (self.starts + self.stops - 1.0) / 2


def binned(values: Floats, first: int, stop: int, most: int) -> Bins:
    """At most `most` bins, or one more, of the values at first ≤ index < stop; widths are powers of two.

    Bins start at multiples of their width, so that panning does not make them flicker.
    """
    first, stop = max(first, 0), min(stop, len(values))
    width = 1
    while stop - first > max(most, 1) * width:
        width *= 2
    starts = np.arange(first // width * width, stop, width)
    if not len(starts):
        nothing = np.empty(0)
        return Bins(1, nothing, nothing, nothing, nothing)
    stops = np.minimum(starts + width, len(values))
    span = values[starts[0] : stops[-1]]
    low = span if width == 1 else np.fmin.reduceat(span, starts - starts[0])
    high = span if width == 1 else np.fmax.reduceat(span, starts - starts[0])
    return Bins(width, starts.astype(np.float64), stops.astype(np.float64), low, high)
