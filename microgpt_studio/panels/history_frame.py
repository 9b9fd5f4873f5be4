"""The frame of the history plot: where updates and values lie in pixels, and the axes around them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TypeVar

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt.program.program import Floats
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.axis import Axis, Tick, round_places

Numbers = TypeVar("Numbers", float, Floats)

_BOTTOM_LABEL = "update"  # where the axes meet
_TICK = 4.0  # pixels, inwards
_GAP = 4.0  # pixels between an axis and its figures
_ROOM = 7.0  # pixels left free at the right and the top for half of a figure
_APART = 32.0  # pixels between the figures of the bottom axis
_NARROWEST = "-0.000"  # figures that the left axis always has room for


@dataclass(frozen=True, slots=True)
class Frame:
    """From updates and values to the pixels of `area`, and the ticks of the left axis."""

    area: QRectF
    low: float  # first and last update in view, fractions included
    high: float
    axis: Axis
    ticks: tuple[Tick, ...]  # none where nothing is known

    @classmethod
    def fit(cls, width: float, height: float, theme: Theme, *, low: float, high: float, axis: Axis | None) -> Frame:
        """The frame that leaves room for its figures in a widget of a size; the area has at least one pixel."""
        numbers, words = metrics_of(theme.number_font(SMALL)), metrics_of(theme.text_font(SMALL))
        bottom = ceil(numbers.height()) + 3.0
        tall = max(height - _ROOM - bottom, 1.0)
        ticks = () if axis is None else tuple(axis.ticks(tall / (numbers.ascent() + _GAP)))
        widest = max([_NARROWEST, *(tick.text for tick in ticks)], key=len)
        left = max(
            numbers.horizontalAdvance(widest) + 2 * _GAP,
            words.horizontalAdvance(_BOTTOM_LABEL) + 3 * _GAP,
        )
        area = QRectF(ceil(left), _ROOM, max(width - ceil(left) - 2 * _ROOM, 1.0), tall)
        return cls(area, low, high, axis or Axis(-1.0, 1.0), ticks)

    def x(self, update: Numbers) -> Numbers:
        """The column of an update, or of many."""
        return self.area.left() + (update - self.low) / (self.high - self.low) * self.area.width()

    def ys(self, values: Floats) -> Floats:
        """The lines of values; nan for nan."""
        return self.area.bottom() - self.axis.shares(values) * self.area.height()

    def y(self, value: float) -> float:
        """The line of a value."""
        return self.area.bottom() - self.axis.share(value) * self.area.height()

    def update_at(self, x: float) -> float:
        """The update, fractions included, at a column."""
        return self.low + (x - self.area.left()) / self.area.width() * (self.high - self.low)


def draw_axes(painter: QPainter, frame: Frame, theme: Theme) -> None:
    """Lines, ticks and figures around the area."""
    area, palette = frame.area, theme.palette
    painter.setPen(QPen(QColor(palette.border), 1.0))
    left, bottom = round(area.left()) - 0.5, round(area.bottom()) + 0.5
    painter.drawLines([QLineF(left, area.top(), left, bottom), QLineF(left, bottom, area.right(), bottom)])
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
    most = area.width() / (metrics.horizontalAdvance(f"{frame.high:.0f}") + _APART)
    updates, _ = round_places(frame.low, frame.high, most, 1.0)
    columns = [round(frame.x(update)) + 0.5 for update in updates]
    lines = [round(frame.y(tick.value)) + 0.5 for tick in frame.ticks]
    painter.drawLines(
        [QLineF(x, bottom, x, bottom - _TICK) for x in columns] + [QLineF(left, y, left + _TICK, y) for y in lines],
    )
    painter.setPen(QColor(palette.muted))
    baseline = bottom + 2.0 + metrics.ascent()
    for x, update in zip(columns, updates, strict=True):
        text = f"{update:.0f}"
        half = metrics.horizontalAdvance(text) / 2
        if x - half >= left - 2 * _GAP and x + half <= area.right() + 2 * _ROOM:  # else into the label, or cut
            painter.drawText(QPointF(x - half, baseline), text)
    for tick, y in zip(frame.ticks, lines, strict=True):
        x = left - _GAP - metrics.horizontalAdvance(tick.text)
        painter.drawText(QPointF(x, y + (metrics.ascent() - metrics.descent()) / 2), tick.text)
    painter.setFont(theme.text_font(SMALL))
    words = metrics_of(painter.font())
    painter.drawText(QPointF(left - 3 * _GAP - words.horizontalAdvance(_BOTTOM_LABEL), baseline), _BOTTOM_LABEL)
