"""Where strips lie in pixels: a legend above each area, the figures of its axis at the left, updates below them all."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from microgpt.program.program import Floats
from microgpt_studio.panels.optimizer.strips import Curve, Strip, Strips
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.axis import Axis, Tick

LEAST = 24  # pixels of an area at text scale 1
UPDATE = "update"
GAP = 4.0
_BELOW = 2.0  # pixels between an area and the next legend
SAMPLE = 16.0  # pixels of a line in the legend
_APART = 10.0  # pixels between two entries of a legend
_NUMBER = "-1.234e-05"  # what each entry has room for
_NARROWEST = "-0.000"  # figures that the left axis always has room for
_RIGHT = 8.0
_TOP = 2.0  # pixels above an area, for half of a figure


@dataclass(frozen=True, slots=True)
class Entry:
    """A curve in a legend."""

    curve: Curve
    at: QPointF  # left end of its line
    number: float  # where its number begins


@dataclass(frozen=True, slots=True)
class Box:
    """One strip."""

    strip: Strip
    entries: tuple[Entry, ...]
    legend: QRectF
    area: QRectF
    axis: Axis
    ticks: tuple[Tick, ...]  # none where nothing is known

    def y(self, value: float) -> float:
        """The line of a value."""
        return self.area.bottom() - self.axis.share(value) * self.area.height()

    def ys(self, values: Floats) -> Floats:
        """The same for many; nan for nan."""
        return self.area.bottom() - self.axis.shares(values) * self.area.height()


@dataclass(frozen=True, slots=True)
class StripFrame:
    """All strips at one size, with the updates from `low` to `high` from left to right."""

    boxes: tuple[Box, ...]
    left: float
    right: float
    bottom: float  # of the last area
    low: float
    high: float

    @classmethod
    def fit(cls, strips: Strips, width: float, height: float, theme: Theme, *, symlog: bool = False) -> StripFrame:
        """The frame in a widget of a size; areas share what legends and figures leave, and have at least a pixel."""
        numbers, words = metrics_of(theme.number_font(SMALL)), metrics_of(theme.text_font(SMALL))
        line = ceil(numbers.height())
        heads = [legend_lines(strip, width, theme) * line + _TOP for strip in strips.strips]
        foot = line + 4.0
        count = max(len(strips.strips), 1)
        tall = max((height - sum(heads) - foot) / count - _BELOW, 1.0)
        axes = [_axis(strip, symlog) for strip in strips.strips]
        most = tall / (numbers.ascent() + GAP)
        ticks = [() if axis is None else _apart(axis, most, numbers.ascent() / tall) for axis in axes]
        widest = max([_NARROWEST, *(tick.text for each in ticks for tick in each)], key=len)
        left = max(numbers.horizontalAdvance(widest) + 2 * GAP, words.horizontalAdvance(UPDATE) + 3 * GAP)
        right = max(width - _RIGHT - numbers.horizontalAdvance("0"), left + 1.0)
        boxes, y = [], 0.0
        for strip, head, axis, each in zip(strips.strips, heads, axes, ticks, strict=True):
            legend = QRectF(0.0, y, width, head - _TOP)
            area = QRectF(ceil(left), round(y + head), right - ceil(left), round(tall))
            boxes.append(Box(strip, _entries(strip, width, y, theme), legend, area, axis or Axis(-1.0, 1.0), each))
            y += head + tall + _BELOW
        low, high = float(strips.first), float(max(strips.stop, strips.first + 1))
        bottom = boxes[-1].area.bottom() if boxes else height - foot
        return cls(tuple(boxes), ceil(left), right, bottom, low, high)

    def x(self, update: float) -> float:
        """The column of an update."""
        return self.left + (update - self.low) / (self.high - self.low) * (self.right - self.left)

    def xs(self, updates: Floats) -> Floats:
        """The same for many."""
        return np.asarray(self.left + (updates - self.low) / (self.high - self.low) * (self.right - self.left))

    def update_at(self, x: float) -> float:
        """The update, fractions included, at a column."""
        return self.low + (x - self.left) / (self.right - self.left) * (self.high - self.low)

    def box_at(self, y: float) -> Box | None:
        """The strip at a line, its legend included."""
        return next((box for box in self.boxes if box.legend.top() <= y <= box.area.bottom()), None)


def legend_lines(strip: Strip, width: float, theme: Theme) -> int:
    """How many lines a strip's legend takes."""
    return len(_rows(strip, width, theme))


def least_height(strips: Strips, width: float, theme: Theme) -> int:
    """What all strips need so that each can be read."""
    line = ceil(metrics_of(theme.number_font(SMALL)).height())
    lines = sum(legend_lines(strip, width, theme) for strip in strips.strips)
    return round(lines * line + len(strips.strips) * (theme.scaled(LEAST) + _BELOW + _TOP) + line + 4.0)


def _apart(axis: Axis, most: float, least: float) -> tuple[Tick, ...]:
    """About `most` ticks of an axis, no two of them nearer than a share of it; two where there is room for two."""
    kept: list[Tick] = []
    for finer in (1.0, 2.0, 4.0, 8.0):
        kept = []
        ticks = axis.ticks(finer * most)
        for tick in (*ticks[:1], *ticks[:0:-1]):  # the lowest and the highest before those between
            if all(abs(axis.share(tick.value) - axis.share(other.value)) >= least for other in kept):
                kept.append(tick)
        if len(kept) > 1:
            break
    return tuple(kept)


def _axis(strip: Strip, symlog: bool) -> Axis | None:
    known = np.concatenate([curve.values for curve in strip.curves])
    return Axis.over(known, symlog=symlog) if np.isfinite(known).any() else None


def _width(curve: Curve, theme: Theme) -> tuple[float, float]:
    """Of an entry: up to its number, and in all."""
    words, numbers = metrics_of(theme.text_font(SMALL)), metrics_of(theme.number_font(SMALL))
    before = SAMPLE + GAP + words.horizontalAdvance(curve.name) + 2 * GAP
    return before, before + numbers.horizontalAdvance(_NUMBER)


def _indent(strip: Strip, theme: Theme) -> float:
    """Pixels that the title takes."""
    if not strip.title:
        return 0.0
    return metrics_of(theme.text_font(SMALL)).horizontalAdvance(strip.title) + _APART


def _rows(strip: Strip, width: float, theme: Theme) -> list[list[Curve]]:
    """The curves of a legend, line by line."""
    rows: list[list[Curve]] = [[]]
    x = indent = _indent(strip, theme)
    for curve in strip.curves:
        _, wide = _width(curve, theme)
        if rows[-1] and x + wide > width:
            rows.append([])
            x = indent
        rows[-1].append(curve)
        x += wide + _APART
    return rows


def _entries(strip: Strip, width: float, top: float, theme: Theme) -> tuple[Entry, ...]:
    line = ceil(metrics_of(theme.number_font(SMALL)).height())
    entries = []
    for number, row in enumerate(_rows(strip, width, theme)):
        x = _indent(strip, theme)
        for curve in row:
            before, wide = _width(curve, theme)
            entries.append(Entry(curve, QPointF(x, top + number * line), x + before))
            x += wide + _APART
    return tuple(entries)
