"""One heat strip: training from left to right, numbers from bottom to top, the colour says how many lie there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from microgpt.program.program import Ids
from microgpt_studio.debugger.histograms_over_time import BINS, Kind, OverTime
from microgpt_studio.panels.parameters.words import percent
from microgpt_studio.theme import Scale, Theme
from microgpt_studio.theme.colormaps import colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.axis import figures, round_places
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.number_text import full, short

_TICK = 3.0
_FIGURE = 7  # characters of a number on the upright axis: "+0.0123"
_HALF = BINS // 2


def halves(over_time: OverTime) -> Ids:
    """(3, M) how many bins away from 0 the outermost number of each kind and matrix lies, on either side; 1 or more."""
    used = over_time.counts.any(axis=2)  # (3, M, BINS)
    away = np.abs(np.arange(BINS) - _HALF + 0.5) + 0.5
    found: Ids = np.maximum((used * away).max(axis=2), 1).astype(np.int32)
    return found


@dataclass(frozen=True, slots=True)
class StripPlot:
    """Of one matrix and kind, in a box. Training reaches from update `first` to `last`."""

    over_time: OverTime
    kind: Kind
    matrix: int
    box: QRectF
    first: int
    last: int
    half: int  # bins that are shown above 0, and as many below
    scale: Scale  # of shares
    title: str = ""  # above it; empty: no room for one

    @property
    def limit(self) -> float:
        """The number at the top."""
        return float(self.over_time.limits[self.kind, self.matrix]) * (self.half / _HALF)

    def plot_rect(self, theme: Theme) -> QRectF:
        """Where the colours are, beside and above the figures of the axes."""
        metrics = metrics_of(theme.number_font(SMALL))
        left = round(_FIGURE * metrics.horizontalAdvance("0")) + _TICK
        top = round(metrics.height()) if self.title else 1.0
        return self.box.adjusted(left, top, -4.0, -round(metrics.height()) - _TICK + 2.0)

    def update_at(self, point: QPointF, theme: Theme) -> int | None:
        """How many updates are done at a point of the strip."""
        rect = self.plot_rect(theme)
        if not rect.contains(point):
            return None
        return round(self.first + (point.x() - rect.x()) / rect.width() * (self.last - self.first))

    def column_at(self, updates: float) -> int | None:
        """The latest column that is not after so many updates; None where there is none, or not yet."""
        return None if (found := int(self._columns(np.array([updates]))[0])) < 0 else found

    def describe(self, point: QPointF, theme: Theme) -> list[str]:
        """The column and the bin under a point, in full."""
        rect, found = self.plot_rect(theme), self.over_time
        updates = self.update_at(point, theme)
        column = None if updates is None else self.column_at(updates)
        if column is None:
            return [] if updates is None else ["not collected yet"]
        done = int(found.updates[column])
        moment = f"of update {done + 1}" if self.kind is not Kind.WEIGHTS else f"after update {done}"
        lines = [f"{self.kind.name.lower()} {moment if done or self.kind is not Kind.WEIGHTS else 'at the beginning'}"]
        size = int(found.sizes[self.matrix])
        if self.limit > 0.0:
            row = min(int((point.y() - rect.y()) / rect.height() * 2 * self.half), 2 * self.half - 1)
            at = _HALF + self.half - 1 - row
            edges, count = found.edges(self.kind, self.matrix), int(found.counts[self.kind, self.matrix, column, at])
            lines.append(f"[{full(edges[at])}, {full(edges[at + 1])}): {count:,} of {size:,}, {percent(count, size)}")
        zeros = int(found.zeros[self.kind, self.matrix, column])
        lines.append(f"exactly 0: {zeros:,}")
        return [*lines, "click to go there"]

    def image(self, width: int, theme: Theme) -> QImage:
        """The colours, `width` columns and a row a bin; transparent where there is no column."""
        found, half = self.over_time, self.half
        places = self.first + (np.arange(width) + 0.5) / width * (self.last - self.first)
        columns = self._columns(places)
        rows = slice(_HALF - half, _HALF + half)
        if not len(found.updates):
            pixels = np.zeros((2 * half, width), dtype=np.uint32)
        else:
            size = max(int(found.sizes[self.matrix]), 1)
            of_count = colors(np.arange(size + 1) / size, self.scale, theme.palette)
            counts = found.counts[self.kind, self.matrix, np.maximum(columns, 0), rows]  # (width, 2 half)
            pixels = np.where(columns >= 0, of_count[counts].T[::-1], np.uint32(0))
        pixels = np.ascontiguousarray(pixels)
        image = QImage(pixels.data, width, 2 * half, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        return image.copy()  # which owns its memory

    def paint_axes(self, painter: QPainter, theme: Theme) -> None:
        """Figures at the left and below."""
        rect, palette = self.plot_rect(theme), theme.palette
        painter.setFont(theme.number_font(SMALL))
        metrics = metrics_of(painter.font())
        if self.title:
            painter.setPen(QColor(palette.muted))
            painter.drawText(QPointF(rect.x(), self.box.y() + metrics.ascent()), self.title)
        limit = self.limit
        ends = [(rect.y(), "+" + short(limit, 3)), (rect.bottom(), short(-limit, 3))] if limit else []
        for y, text in [*ends, (rect.center().y(), "0")]:
            near = min(max(y + metrics.capHeight() / 2, rect.y() + metrics.capHeight()), rect.bottom())
            x = rect.x() - _TICK - 1.0 - metrics.horizontalAdvance(text)
            painter.setPen(QColor(palette.muted))
            painter.drawText(QPointF(x, near), text)
            painter.setPen(QPen(QColor(palette.faint), 1.0))
            painter.drawLine(QLineF(rect.x() - _TICK, y, rect.x() - 1.0, y))
        word = "update"
        x = rect.x() - _TICK - 1.0 - metrics.horizontalAdvance(word)
        painter.setPen(QColor(palette.muted))
        painter.drawText(QPointF(x, rect.bottom() + _TICK + metrics.ascent() - 2.0), word)
        room = rect.width() / (8 * metrics.averageCharWidth())
        places, step = round_places(self.first, self.last, max(room, 1.0), 1.0)
        texts = figures(places, step)
        last = -1e9
        for place, text in zip(places, texts, strict=True):
            x = self._x(place, rect)
            width = metrics.horizontalAdvance(text)
            left = min(max(x - width / 2, rect.x()), rect.right() - width)
            if left < last + metrics.averageCharWidth():
                continue
            last = left + width
            painter.setPen(QPen(QColor(palette.faint), 1.0))
            painter.drawLine(QLineF(x, rect.bottom() + 1.0, x, rect.bottom() + _TICK))
            painter.setPen(QColor(palette.muted))
            painter.drawText(QPointF(left, rect.bottom() + _TICK + metrics.ascent() - 2.0), text)

    def paint_now(self, painter: QPainter, now: int, theme: Theme) -> None:
        """The line where training stands."""
        rect, palette = self.plot_rect(theme), theme.palette
        x = self._x(now, rect)
        for color, thickness in ((palette.surface, 3.0), (palette.accent, 1.0)):
            painter.setPen(QPen(QColor(color), thickness))
            painter.drawLine(QLineF(x, rect.y(), x, rect.bottom()))

    def paint(self, painter: QPainter, image: QImage, theme: Theme) -> None:
        """The strip, with hatching where there is no column, and its axes."""
        rect = self.plot_rect(theme)
        draw_hatching(painter, rect, theme.palette)
        painter.drawImage(rect, image)
        self.paint_axes(painter, theme)

    def _x(self, updates: float, rect: QRectF) -> float:
        return rect.x() + (updates - self.first) / max(self.last - self.first, 1) * rect.width()

    def _columns(self, places: np.ndarray) -> np.ndarray:
        """The column of each number of updates; -1: none, or not yet."""
        updates = self.over_time.updates
        if not len(updates):
            return np.full(len(places), -1)
        columns = np.searchsorted(updates, places, side="right") - 1
        span = int(np.diff(updates).max()) if len(updates) > 1 else self.last - self.first
        end = updates[-1] + span if not self.over_time.is_complete or self.over_time.reason else self.last + 1
        return np.where(places < end, columns, -1)
