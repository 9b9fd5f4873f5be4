"""An axis of numbers: from a number to its share of the way along the axis and back, and the ticks that it bears.

It knows no pixels. A symmetric-logarithmic axis uses the same curve as the colour scales of the theme.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, copysign, expm1, floor, isfinite, log1p, log10

import numpy as np

from microgpt.program.program import Floats

_LINEAR_SHARE = 1e-3  # of the limit, below which a symmetric-logarithmic axis is linear
_LARGEST = 8e307  # of an end: the distance between two ends stays finite
_LEAST = 1e-290  # distance between two ends: far below it the steps between ticks would be 0
_FINEST = 1e-12  # distance between two ends, as a share of the larger: nearer ticks would read the same
_MARGIN = 0.05  # of the range that the axis reaches over at both ends
_ZERO_NEAR = 0.5  # of the range: 0 is on the axis where it is no farther away than this
_PLAIN_FROM, _PLAIN_TO = 1e-3, 1e5  # largest magnitudes that are written without an exponent


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, and its figures."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, both finite. With a `limit` it is logarithmic in both directions away from 0, and linear
    below a thousandth of the limit.
    """

    low: float
    high: float
    limit: float | None = None

    @classmethod
    def over(cls, values: Floats, *, symlog: bool = False) -> Axis:
        """Over all finite values with a margin, and over 0 where it is near."""
        finite = np.clip(values[np.isfinite(values)], -_LARGEST, _LARGEST)
        if not len(finite):
            return cls(-1.0, 1.0)
        low, high = float(finite.min()), float(finite.max())
        width = high - low
        if low > 0.0 and low <= _ZERO_NEAR * width:
            low = 0.0
        elif high < 0.0 and -high <= _ZERO_NEAR * width:
            high = 0.0
        largest = max(abs(low), abs(high))
        least = max(_FINEST * largest, _LEAST)
        if high - low < least:  # one number, or all but one
            room = 0.1 * largest if low == high else least
            low, high = low - (room or 1.0), high + (room or 1.0)
        limit = largest if symlog and largest > _LEAST else None
        axis = cls(low, high, limit)
        return cls(axis.value(-_MARGIN), axis.value(1.0 + _MARGIN), limit)

    def shares(self, values: Floats) -> Floats:
        """How far along the axis each value lies: 0 at the low end, 1 at the high one; nan for nan."""
        low, high = self._bent(self.low), self._bent(self.high)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            if self.limit is None:
                return np.asarray((values - low) / (high - low))
            bent = np.copysign(np.log1p(np.abs(values) / self.limit / _LINEAR_SHARE), values)
            return np.asarray((bent - low) / (high - low))

    def share(self, value: float) -> float:
        """The same for one value."""
        return float(self.shares(np.array([value]))[0])

    def value(self, share: float) -> float:
        """The number at a share of the way: the inverse of `share`."""
        low, high = self._bent(self.low), self._bent(self.high)
        bent = low + share * (high - low)
        if self.limit is None:
            return bent
        return copysign(expm1(abs(bent)), bent) * _LINEAR_SHARE * self.limit

    def ticks(self, most: float) -> list[Tick]:
        """About `most` round numbers, and two where one would be all."""
        decades = [] if self.limit is None else self._decades(most)
        return decades if len(decades) > 1 else self._even(most)

    def _bent(self, value: float) -> float:
        if self.limit is None:
            return value
        return copysign(log1p(abs(value) / self.limit / _LINEAR_SHARE), value)

    def _even(self, most: float) -> list[Tick]:
        """Multiples of 1, 2 or 5 × 10ᵏ; at least two, because one alone tells no scale."""
        places, step = round_places(self.low, self.high, most)
        for finer in (1.5, 2.5, 4.0):
            if len(places) < 2:
                places, step = round_places(self.low, self.high, finer * max(most, 1.0))
        texts = figures(places, step)
        return [Tick(value, text) for value, text in zip(places, texts, strict=True)]

    def _decades(self, most: float) -> list[Tick]:
        """0 and powers of ten, the larger ones first where there is no room for all."""
        assert self.limit is not None
        top = floor(log10(self.limit))
        largest = [power for power in (top, top - 1, top - 2, top - 3) if power > -300]
        candidates = [0.0] if not largest else [10.0 ** largest[0], -(10.0 ** largest[0]), 0.0]
        for power in largest[1:]:
            candidates += [10.0**power, -(10.0**power)]
        kept: list[tuple[float, float]] = []  # share, value
        for value in candidates:
            share = self.share(value)
            near = any(abs(share - other) < 1 / max(most, 1.0) for other, _ in kept)
            if 0.0 <= share <= 1.0 and isfinite(value) and not near:
                kept.append((share, value))
        return [Tick(value, f"{value:.0e}" if value else "0") for _, value in sorted(kept)]


def round_places(low: float, high: float, most: float, least_step: float = 0.0) -> tuple[list[float], float]:
    """At most `most` round numbers (1, 2, 5 × 10ᵏ apart, `least_step` or more) within a range, and their distance."""
    rough = max((high - low) / max(most, 1.0), least_step, 1e-300)
    power = 10.0 ** floor(log10(rough))
    step = next((base * power for base in (1.0, 2.0, 5.0, 10.0) if base * power >= rough * (1 - 1e-9)), rough)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)], step


def figures(places: list[float], step: float) -> list[str]:
    """Numbers that are multiples of `step`, with the digits that tell them apart, and an exponent where it is short."""
    largest = max(map(abs, places), default=0.0)
    if largest == 0.0:
        return ["0" for _ in places]
    fine = floor(log10(step) + 1e-9)
    if _PLAIN_FROM <= largest < _PLAIN_TO:
        return [f"{place:.{max(0, -fine)}f}" if place else "0" for place in places]
    digits = max(0, floor(log10(largest) + 1e-9) - fine)
    return [f"{place:.{digits}e}" if place else "0" for place in places]
