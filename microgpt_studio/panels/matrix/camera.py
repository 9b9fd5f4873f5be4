"""The camera: which operands and which consumers are seen, one axis each. It paints nothing.

Both axes reach their ends together, however different their lengths are: the way in from the whole to single scalars
is the same for both, and the way out leads back over the same places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A part of an axis on the window: pixel = (place - first) * scale."""

    first: float  # the place at pixel 0
    scale: float  # pixels a place
    pixels: float  # of the window

    @property
    def last(self) -> float:
        """The place at the window's end."""
        return self.first + self.pixels / self.scale

    def to_pixel(self, place: float) -> float:
        return (place - self.first) * self.scale

    def to_place(self, pixel: float) -> float:
        return self.first + pixel / self.scale


class Axis:
    """Looks at the places low ≤ place < high through a window; both may change at any time."""

    def __init__(self) -> None:
        self.low, self.high = 0, 1
        self._pixels = 1.0
        self._closest = 1.0  # pixels a place
        self._depth = 0.0  # 0: all is seen … 1: as near as can be
        self._first = 0.0

    @property
    def span(self) -> Span:
        """What is seen."""
        return Span(self._first, self._scale, self._pixels)

    @property
    def is_whole(self) -> bool:
        """Whether all of the axis is seen."""
        return self._depth == 0.0

    @property
    def nearness(self) -> float:
        """How much larger than all of it the nearest view is, as a logarithm."""
        return max(math.log(self._closest / self._fitting), 1e-9)

    def set_window(self, pixels: float, closest: float) -> None:
        """The window's length in pixels, and pixels a place in the nearest view."""
        if (pixels, closest) != (self._pixels, self._closest):
            self._change(self.low, self.high, max(pixels, 1.0), closest)

    def set_range(self, low: int, high: int) -> None:
        """The places of the axis."""
        if (low, high) != (self.low, self.high):
            self._change(low, high, self._pixels, self._closest)

    def fit(self) -> None:
        """See all of it."""
        self._depth = 0.0
        self._first = float(self.low)

    def deepen(self, way: float, pixel: float) -> None:
        """Go a share of the way from the whole to the nearest view; what is at `pixel` stays there."""
        place = self.span.to_place(pixel)
        self._depth = min(max(self._depth + way, 0.0), 1.0)
        self._place(place - pixel / self._scale)

    def pan(self, pixels: float) -> None:
        """Move what is seen by so many pixels."""
        self._place(self._first - pixels / self._scale)

    def show(self, start: float, stop: float) -> None:
        """Let the places start … stop fill the window, or come as near as can be."""
        scale = self._pixels / max(stop - start, 1e-9)
        self._depth = min(max(math.log(scale / self._fitting) / self.nearness, 0.0), 1.0)
        self._place((start + stop) / 2 - self._pixels / self._scale / 2)

    def reveal(self, place: int) -> None:
        """Pan to have a place in the window, a quarter from its edge, if it is not there."""
        span = self.span
        if not span.first <= place <= span.last - 1:
            quarter = (span.last - span.first) / 4
            self._place(place - quarter if place < span.first else place + 1 - 3 * quarter)

    @property
    def _fitting(self) -> float:
        return min(self._pixels / (self.high - self.low), self._closest)

    @property
    def _scale(self) -> float:
        return self._fitting * math.exp(self._depth * self.nearness) if self._depth else self._fitting

    def _change(self, low: int, high: int, pixels: float, closest: float) -> None:
        span, whole = self.span, self.is_whole
        self.low, self.high, self._pixels, self._closest = low, high, pixels, closest
        if whole:
            self.fit()
        else:
            self._depth = min(max(math.log(span.scale / self._fitting) / self.nearness, 0.0), 1.0)
            self._place(span.first)

    def _place(self, first: float) -> None:
        most = self.high - self._pixels / self._scale
        self._first = min(max(first, float(self.low)), max(most, float(self.low)))


class Camera:
    """The two axes together: operands across, consumers down."""

    def __init__(self) -> None:
        self.x = Axis()
        self.y = Axis()

    @property
    def is_whole(self) -> bool:
        """Whether all of the matrix is seen."""
        return self.x.is_whole and self.y.is_whole

    def fit(self) -> None:
        """See all of the matrix."""
        self.x.fit()
        self.y.fit()

    def zoom(self, factor: float, x: float, y: float, *, across: bool = True, down: bool = True) -> None:
        """Enlarge by about `factor`, along one axis or both; what is at the pixel (x, y) stays there."""
        way = math.log(factor) / max(self.x.nearness, self.y.nearness)
        if across:
            self.x.deepen(way, x)
        if down:
            self.y.deepen(way, y)

    def pan(self, dx: float, dy: float) -> None:
        """Move what is seen by so many pixels."""
        self.x.pan(dx)
        self.y.pan(dy)
