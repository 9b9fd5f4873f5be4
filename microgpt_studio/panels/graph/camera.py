"""The camera: which part of the map is seen, as an affine transform from map units to pixels. It paints nothing.

All of the map fits at first, its height and width each used as well as they can be; on the way in the cells approach
one shape, whatever shape they had at first. Only the transform changes, never a place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_CLOSE = 56.0  # pixels of a cell's width from which its shape is the final one
CLOSE_RATIO = 0.75  # height to width of a cell there
_LARGEST_FITTED = 28.0
_FLATTEST, _STEEPEST = 0.45, 6.0  # height to width of a cell when everything fits
_MARGIN = 10.0  # pixels around the map


@dataclass(frozen=True, slots=True)
class Transform:
    """Pixels = map units * scale + offset."""

    scale_x: float
    scale_y: float
    x: float = 0.0
    y: float = 0.0

    def to_pixels(self, x: float, y: float) -> tuple[float, float]:
        return x * self.scale_x + self.x, y * self.scale_y + self.y

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.x) / self.scale_x, (y - self.y) / self.scale_y

    def times(self, factor: float) -> Transform:
        """The same for a picture with `factor` pixels a pixel."""
        return Transform(self.scale_x * factor, self.scale_y * factor, self.x * factor, self.y * factor)


class Camera:
    """Looks at a map of some extent through a window of some size, both changeable at any time."""

    def __init__(self) -> None:
        self._width, self._height = 1.0, 1.0  # of the window, pixels
        self._map_left, self._map_width, self._map_height = 0.0, 1.0, 1.0
        self._closest = 480.0  # pixels of a map unit
        self._text_scale = 1.0
        self.fitted = True  # whether all of the map is seen, now and after changes of size
        self.transform = Transform(1.0, 1.0)
        self._fitting = self.transform

    @property
    def window(self) -> tuple[float, float]:
        """Its width and height in pixels."""
        return self._width, self._height

    def set_window(self, width: float, height: float, text_scale: float) -> None:
        """The window's size in pixels, and how large text is."""
        if (width, height, text_scale) != (self._width, self._height, self._text_scale):
            self._width, self._height, self._text_scale = max(width, 1.0), max(height, 1.0), text_scale
            self._adjust()

    def set_extent(self, left: float, right: float, height: float) -> None:
        """Where the map begins and ends, in map units; its top is 0."""
        if (left, right - left, height) != (self._map_left, self._map_width, self._map_height):
            self._map_left, self._map_width, self._map_height = left, right - left, height
            self._adjust()

    def set_closest(self, pixels: float) -> None:
        """How wide a map unit may become at most, in pixels at text scale 1."""
        self._closest = pixels
        self._adjust()

    def fit(self) -> None:
        """Show all of the map."""
        self.fitted = True
        self._adjust()

    def zoom(self, factor: float, x: float, y: float) -> None:
        """Enlarge by `factor`; what is at the pixel (x, y) stays there."""
        self._look(self.transform.scale_x * factor, self.transform.to_map(x, y), (x, y))

    def pan(self, dx: float, dy: float) -> None:
        """Move the map by so many pixels."""
        old = self.transform
        self.transform = self._within(Transform(old.scale_x, old.scale_y, old.x + dx, old.y + dy))
        if self.transform != old:
            self.fitted = False

    def show_column(self, left: float, width: float, middle: float | None) -> None:
        """Let a column fill the window's width, with the height `middle` in the middle, or from its top."""
        scale = (self._width - 2 * _MARGIN) / width
        at = (left + width / 2, 0.0 if middle is None else middle)
        self._look(scale, at, (self._width / 2, _MARGIN if middle is None else self._height / 2))

    @property
    def text_scale(self) -> float:
        """How large text is."""
        return self._text_scale

    def scale_of_width(self, width: float) -> float:
        """The horizontal scale at which so many map units fill the window's width."""
        return (self._width - 2 * _MARGIN) / width

    def scale_of(self, width: float, height: float, share: float) -> float:
        """The horizontal scale at which a rectangle fills a share of the window, in one direction or in both."""
        low, high = self._fitting.scale_x, max(self._closest * self._text_scale, self._fitting.scale_x)
        for _ in range(60):  # the vertical scale grows with the horizontal one, at a ratio that changes on the way
            middle = (low + high) / 2
            fits = middle * width <= share * self._width
            fits &= middle * self.ratio(middle) * height <= share * self._height
            low, high = (middle, high) if fits else (low, middle)
        return low

    def scale_from(self, width: float, height: float, pixels_wide: float, pixels_high: float) -> float:
        """The horizontal scale from which a rectangle is so many pixels wide and high, if there is one."""
        low, high = self._fitting.scale_x, max(self._closest * self._text_scale, self._fitting.scale_x)
        for _ in range(60):
            middle = (low + high) / 2
            has_room = middle * width >= pixels_wide and middle * self.ratio(middle) * height >= pixels_high
            low, high = (low, middle) if has_room else (middle, high)
        return high

    def show_rectangle(self, left: float, top: float, width: float, height: float, *, share: float) -> None:
        """Let a rectangle of the map fill a share of the window, in the middle of it."""
        self.show_at(self.scale_of(width, height, share), left + width / 2, top + height / 2)

    def show_at(self, scale_x: float, x: float, y: float) -> None:
        """Have a point of the map in the middle of the window, at a horizontal scale."""
        self._look(scale_x, (x, y), (self._width / 2, self._height / 2))

    def restore(self, transform: Transform, fitted: bool) -> None:
        """Look as before, as far as window and map allow."""
        self.fitted = fitted
        if fitted:
            self._adjust()
        else:
            self.transform = self._within(transform)

    def reveal(self, left: float, top: float, width: float, height: float) -> None:
        """Pan as little as needed to have a rectangle of the map in the window, its corner if it is too large."""
        t = self.transform
        x, y = t.to_pixels(left, top)
        dx = _nearest_shift(x, width * t.scale_x, self._width)
        dy = _nearest_shift(y, height * t.scale_y, self._height)
        if dx or dy:
            self.pan(dx, dy)

    def _look(self, scale_x: float, at: tuple[float, float], pixel: tuple[float, float]) -> None:
        least = self._fitting.scale_x
        scale_x = min(max(scale_x, least), max(self._closest * self._text_scale, least))
        scale_y = scale_x * self.ratio(scale_x)
        offset = pixel[0] - at[0] * scale_x, pixel[1] - at[1] * scale_y
        self.fitted = scale_x <= least * (1 + 1e-9)
        self.transform = self._fitting if self.fitted else self._within(Transform(scale_x, scale_y, *offset))

    def ratio(self, scale_x: float) -> float:
        """Height to width of a cell that is so many pixels wide."""
        fitting = self._fitting
        first = fitting.scale_y / fitting.scale_x
        close = max(_CLOSE * self._text_scale, 3 * fitting.scale_x)
        way = min(math.log(scale_x / fitting.scale_x) / math.log(close / fitting.scale_x), 1.0)
        return float(first ** (1 - way) * CLOSE_RATIO**way)

    def _adjust(self) -> None:
        old = self.transform
        middle = old.to_map(self._width / 2, self._height / 2)
        largest = _LARGEST_FITTED * self._text_scale
        x = min(max(self._width - 2 * _MARGIN, 1.0) / self._map_width, largest)
        y = min(max(self._height - 2 * _MARGIN, 1.0) / self._map_height, largest)
        x, y = min(x, y / _FLATTEST), min(y, x * _STEEPEST)
        self._fitting = Transform(x, y, _MARGIN - self._map_left * x, _MARGIN)
        if self.fitted:
            self.transform = self._fitting
        else:
            self._look(old.scale_x, middle, (self._width / 2, self._height / 2))

    def _within(self, t: Transform) -> Transform:
        """The transform moved so that the window shows no more emptiness than needed."""
        before = self._map_left * t.scale_x  # pixels from the map's beginning to its origin, negative
        x = _clamped(t.x + before, self._map_width * t.scale_x, self._width) - before
        y = _clamped(t.y, self._map_height * t.scale_y, self._height)
        return Transform(t.scale_x, t.scale_y, x, y)


def _clamped(offset: float, length: float, room: float) -> float:
    least = room - _MARGIN - length
    return min(max(offset, least), _MARGIN) if least < _MARGIN else _MARGIN


def _nearest_shift(start: float, length: float, room: float) -> float:
    margin = min(2 * _MARGIN, room / 4)
    if start >= 0 and start + length <= room:
        return 0.0
    if start < 0 or length > room - 2 * margin:
        return margin - start
    return room - margin - (start + length)
