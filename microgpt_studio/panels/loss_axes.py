"""The axes of the loss plot: where they stand, which ticks they bear, and how they are painted."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TypeVar

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt.program.program import Floats
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

Ends = tuple[float, float]  # of a range, the lower first
Numbers = TypeVar("Numbers", float, Floats)

_BOTTOM_LABEL = "update"  # where the axes meet
_LEFT_LABELS = ("loss / nats", "nats")  # the first that fits
_TICK = 4.0  # pixels, inwards
_GAP = 4.0  # pixels between an axis and its figures
_ROOM = 8.0  # pixels left free at the right for half of a figure
_LANE = 16.0  # pixels of the lane of marks at text scale 1, and at least so many:
_LOWEST_LANE = 12.0
_BELOW_LANE = 2.0
_APART = 32.0  # pixels between the figures of the bottom axis
_WIDEST = "00.0"  # figures that the left axis has room for


@dataclass(frozen=True, slots=True)
class Scale:
    """From updates and nats to the pixels of `area`."""

    area: QRectF
    updates: Ends
    nats: Ends

    def x(self, update: Numbers) -> Numbers:
        """The column of an update, or of many."""
        low, high = self.updates
        return self.area.left() + (update - low) / (high - low) * self.area.width()

    def y(self, nats: Numbers) -> Numbers:
        """The line of a loss, or of many."""
        low, high = self.nats
        return self.area.bottom() - (nats - low) / (high - low) * self.area.height()

    def update(self, x: float) -> float:
        """The update, fractions included, at a column."""
        low, high = self.updates
        return low + (x - self.area.left()) / self.area.width() * (high - low)


def plot_area(width: float, height: float, theme: Theme) -> QRectF:
    """What the axes leave of a widget for the losses; at least one pixel."""
    figures, words = metrics_of(theme.number_font(SMALL)), metrics_of(theme.text_font(SMALL))
    left = max(
        words.height() + figures.horizontalAdvance(_WIDEST) + 2 * _GAP,
        words.horizontalAdvance(_BOTTOM_LABEL) + 3 * _GAP,
    )
    bottom = ceil(figures.height()) + 3.0
    top = lane_height(theme) + _BELOW_LANE
    return QRectF(ceil(left), top, max(width - ceil(left) - 2 * _ROOM, 1.0), max(height - top - bottom, 1.0))


def lane_height(theme: Theme) -> float:
    """Pixels that are left for marks at the top of the widget."""
    return max(_LOWEST_LANE, float(theme.scaled(_LANE)))


def ticks(ends: Ends, most: float, least_step: float = 0.0) -> tuple[list[float], int]:
    """At most `most` round numbers (1, 2, 5 × 10ᵏ apart, `least_step` or more) within a range, and their decimals."""
    low, high = ends
    rough = max((high - low) / max(most, 1.0), least_step, 1e-9)
    power = 10.0 ** floor(log10(rough))
    step = next(base * power for base in (1.0, 2.0, 5.0, 10.0) if base * power >= rough * (1 - 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)], max(0, -floor(log10(step) + 1e-9))


def draw_axes(painter: QPainter, scale: Scale, theme: Theme) -> None:
    """Lines, ticks, figures and labels around the area."""
    area, palette = scale.area, theme.palette
    painter.setPen(QPen(QColor(palette.border), 1.0))
    left, bottom = round(area.left()) - 0.5, round(area.bottom()) + 0.5
    painter.drawLines(
        [QLineF(left, area.top(), left, bottom), QLineF(left, bottom, area.right(), bottom)],
    )
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
    widest = metrics.horizontalAdvance(f"{scale.updates[1]:.0f}")
    updates, _ = ticks(scale.updates, area.width() / (widest + _APART), 1.0)
    nats, decimals = ticks(scale.nats, area.height() / (metrics.ascent() + _GAP))
    columns = [round(scale.x(update)) + 0.5 for update in updates]
    lines = [round(scale.y(loss)) + 0.5 for loss in nats]
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
    for y, loss in zip(lines, nats, strict=True):
        text = f"{loss:.{max(decimals, 1)}f}"
        x = left - _GAP - metrics.horizontalAdvance(text)
        painter.drawText(QPointF(x, y + (metrics.ascent() - metrics.descent()) / 2), text)
    _draw_labels(painter, area, left, baseline, theme)


def _draw_labels(painter: QPainter, area: QRectF, left: float, baseline: float, theme: Theme) -> None:
    painter.setFont(theme.text_font(SMALL))
    words = metrics_of(painter.font())
    painter.drawText(QPointF(left - 3 * _GAP - words.horizontalAdvance(_BOTTOM_LABEL), baseline), _BOTTOM_LABEL)
    for label in _LEFT_LABELS:
        if words.horizontalAdvance(label) <= area.height():
            painter.save()
            painter.translate(0.0, area.center().y())
            painter.rotate(-90.0)
            box = QRectF(-area.height() / 2, 0.0, area.height(), words.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)
            painter.restore()
            return
