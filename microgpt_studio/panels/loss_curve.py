"""The loss of every update, and what is read off it: a smoothed line, bins for the pixels, a readable range."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats

BETA = 0.98  # of the moving average: a loss counts half after 34 more updates
_STEP = 0.5  # nats; the ends of a range are multiples of it, so that the axis stands still while losses come
_BOTTOM, _TOP = 1.0, 99.0  # percentiles that a range is made from
_TAIL = 1.5  # losses that lie farther beyond them than this share of their distance are off the scale


@dataclass(frozen=True, slots=True)
class Bins:
    """Neighbouring updates put together, `width` at a time; with width 1 they are the updates themselves."""

    width: int
    updates: Floats  # (B,) middle of each bin, as an update number
    low: Floats  # (B,) smallest loss, in nats; nan where none is known
    high: Floats  # (B,) largest
    last: Floats  # (B,) the last update of each bin
    smoothed: Floats  # (B,) the smoothed line there


class LossCurve:
    """Losses in nats and their moving average; index i is update i + 1.

    The average is bias-corrected as Adam's moments are: a = β·a + (1 − β)·loss, read as a / (1 − βᵏ) after k losses.
    Losses that are not finite are left out of it.
    """

    def __init__(self) -> None:
        self.clear()

    def __len__(self) -> int:
        return len(self.losses)

    def clear(self) -> None:
        """Forget all."""
        self.losses: Floats = np.empty(0)  # (n,) nan for updates before this session
        self.first_known = 0  # index of the first loss that is there; n when there is none
        self._smoothed = np.empty(0)  # at least as long as losses
        self._average = 0.0
        self._bias = 1.0  # BETA to the power of the losses counted

    @property
    def smoothed(self) -> Floats:
        """(n,) nats; nan before the first known loss."""
        return self._smoothed[: len(self.losses)]

    def show(self, losses: Floats) -> None:
        """These are the losses now; where they only go on from those before, so does the average."""
        old = self.losses
        if not goes_on(losses, old):
            self.clear()
        start = len(self.losses)
        self._smooth(losses, start)
        if self.first_known == start:
            missing = np.isnan(losses[start:])
            self.first_known += len(missing) if missing.all() else int(np.argmin(missing))
        self.losses = losses

    def bins(self, first: int, stop: int, most: int) -> Bins:
        """At most `most` bins, or one more, of the updates at first ≤ index < stop; widths are powers of two."""
        first, stop = max(first, 0), min(stop, len(self))
        width = 1
        while stop - first > most * width:
            width *= 2
        # Bins start at multiples of their width: panning does not make them flicker.
        starts = np.arange(first // width * width, stop, width)
        if not len(starts):
            nothing = np.empty(0)
            return Bins(1, nothing, nothing, nothing, nothing, nothing)
        ends = np.minimum(starts + width, len(self))
        span = self.losses[starts[0] : ends[-1]]
        low = span if width == 1 else np.fmin.reduceat(span, starts - starts[0])
        high = span if width == 1 else np.fmax.reduceat(span, starts - starts[0])
        return Bins(width, (starts + 1.0 + ends) / 2, low, high, ends.astype(np.float64), self.smoothed[ends - 1])

    def beyond(self, first: int, stop: int, low: float, high: float) -> int:
        """How many of the losses at first ≤ index < stop a scale from `low` to `high` cannot show."""
        span = self.losses[max(first, 0) : max(stop, 0)]
        return int(np.count_nonzero((span < low) | (span > high)))

    def _smooth(self, losses: Floats, start: int) -> None:
        if len(losses) > len(self._smoothed):
            room = np.full(max(1024, 2 * len(losses)), np.nan)
            room[:start] = self._smoothed[:start]
            self._smoothed = room
        average, bias, out = self._average, self._bias, []
        for loss in losses[start:].tolist():
            if isfinite(loss):
                average = BETA * average + (1 - BETA) * loss
                bias *= BETA
            out.append(average / (1 - bias) if bias < 1.0 else np.nan)
        self._smoothed[start : len(losses)] = out
        self._average, self._bias = average, bias


def readable_range(bins: Bins, level: float) -> tuple[float, float]:
    """From where to where the axis reaches, in nats: over `level` and all losses but those that would squeeze it."""
    low, high = bins.low[np.isfinite(bins.low)], bins.high[np.isfinite(bins.high)]
    if not len(low):
        return 0.0, _up(level + _STEP / 2)
    bottom, top = float(np.percentile(low, _BOTTOM)), float(np.percentile(high, _TOP))
    tail = _TAIL * (top - bottom)
    bottom = max(float(low.min()), bottom - tail)
    top = min(float(high.max()), top + tail)
    # A cross-entropy is not negative.
    return max(_down(min(bottom, level) - _STEP / 4), 0.0), _up(max(top, level) + _STEP / 4)


def _down(x: float) -> float:
    return floor(x / _STEP) * _STEP


def _up(x: float) -> float:
    return ceil(x / _STEP) * _STEP


def goes_on(losses: Floats, old: Floats) -> bool:
    """Whether the losses of a snapshot are of the same run as those of an earlier one: they begin with them."""
    return len(losses) >= len(old) and np.array_equal(_bits(losses[: len(old)]), _bits(old))


def _bits(array: Floats) -> npt.NDArray[np.int64]:
    # Compared as bits, a nan equals itself.
    return np.ascontiguousarray(array).view(np.int64)
