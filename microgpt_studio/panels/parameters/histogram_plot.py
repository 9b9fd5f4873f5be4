"""One histogram with its axes, painted into a box: bars left of 0 in one colour and right of it in the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from microgpt_studio.debugger.histograms import Histograms
from microgpt_studio.panels.parameters.words import percent
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.axis import figures, round_places
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.number_text import full

_TICK = 3.0
_ZERO_WIDTH = 3.0
_FIGURES_FROM = 110.0  # pixels of height from which the numbers of a bin have an axis, not only their maximum


@dataclass(frozen=True, slots=True)
class HistogramPlot:
    """Of one matrix, in a box."""

    histograms: Histograms
    matrix: int
    box: QRectF
    selected: float | None = None  # a number to mark

    @property
    def known(self) -> int:
        """Numbers that are counted."""
        found, m = self.histograms, self.matrix
        return int(found.counts[m].sum() + found.zeros[m] + found.beyond[m] + found.nonfinite[m])

    @property
    def highest(self) -> int:
        """Numbers in the fullest bin."""
        return int(self.histograms.counts[self.matrix].max())

    @property
    def limit(self) -> float:
        return float(self.histograms.limits[self.matrix])

    def plot_rect(self, theme: Theme) -> QRectF:
        """Where the bars stand, above the figures of their axis."""
        metrics = QFontMetricsF(theme.number_font(SMALL))
        return self.box.adjusted(0.0, 1.0, 0.0, -round(metrics.height()) - _TICK + 2.0)

    def bin_at(self, point: QPointF, theme: Theme) -> int | None:
        """The bin under a point."""
        rect, bins = self.plot_rect(theme), self.histograms.num_bins
        if not rect.contains(point) or self.limit == 0.0:
            return None
        return min(int((point.x() - rect.x()) / rect.width() * bins), bins - 1)

    def describe(self, point: QPointF, theme: Theme) -> list[str]:
        """The bin under a point, and what is counted apart, in full."""
        found, m = self.histograms, self.matrix
        lines = []
        at = self.bin_at(point, theme)
        if at is not None and self.known:
            edges = found.edges(m)
            closing = "]" if at == found.num_bins - 1 else ")"
            lines.append(
                f"[{full(edges[at])}, {full(edges[at + 1])}{closing}: {found.counts[m, at]:,} of {self.known:,}"
            )
        lines.append(f"exactly 0: {found.zeros[m]:,}" if self.known else "not computed")
        if found.nonfinite[m]:
            lines.append(f"nan or infinite: {found.nonfinite[m]:,}")
        if found.unknown[m] and self.known:
            lines.append(f"not known: {found.unknown[m]:,}")
        return lines

    def copied(self) -> str:
        """Edges and counts, a bin a line, tab-separated."""
        found, m = self.histograms, self.matrix
        edges = found.edges(m).tolist()
        rows = [
            f"{low!r}\t{high!r}\t{count}" for low, high, count in zip(edges, edges[1:], found.counts[m], strict=False)
        ]
        return "\n".join(["from\tto\tcount", *rows, f"0.0\t0.0\t{found.zeros[m]}"])

    def paint(self, painter: QPainter, theme: Theme, pointed: QPointF | None) -> None:
        """Bars, axes, what is counted apart, and the marked number."""
        rect, palette = self.plot_rect(theme), theme.palette
        painter.setFont(theme.number_font(SMALL))
        metrics = QFontMetricsF(painter.font())
        if not self.known:
            draw_hatching(painter, rect, palette)
            self._paint_axis(painter, rect, theme, metrics, bare=True)
            return
        self._paint_bars(painter, rect, theme)
        at = self.bin_at(pointed, theme) if pointed is not None else None
        if at is not None:
            width = rect.width() / self.histograms.num_bins
            painter.setPen(QPen(QColor(palette.muted), 1.0))
            painter.drawRect(QRectF(rect.x() + at * width, rect.y(), width, rect.height()))
        self._paint_axis(painter, rect, theme, metrics)
        self._paint_words(painter, rect, theme, metrics)
        if self.selected is not None and np.isfinite(self.selected) and abs(self.selected) <= self.limit > 0.0:
            x = rect.center().x() + self.selected / self.limit * rect.width() / 2
            for color, thickness in ((palette.surface, 4.0), (palette.accent, 2.0)):
                painter.setPen(QPen(QColor(color), thickness))
                painter.drawLine(QLineF(x, rect.y(), x, rect.bottom()))

    def _paint_bars(self, painter: QPainter, rect: QRectF, theme: Theme) -> None:
        counts, bins, palette = self.histograms.counts[self.matrix], self.histograms.num_bins, theme.palette
        highest, width = max(self.highest, 1), rect.width() / bins
        gap = 1.0 if width >= 5.0 else 0.0
        for first, color in ((0, palette.negative), (bins // 2, palette.positive)):
            path = QPainterPath()
            for b in range(first, first + bins // 2):
                if counts[b]:
                    height = max(counts[b] / highest * rect.height(), 1.0)
                    path.addRect(QRectF(rect.x() + b * width, rect.bottom() - height, width - gap, height))
            painter.fillPath(path, QColor(color))
        zeros = int(self.histograms.zeros[self.matrix])
        if zeros:
            height = max(min(zeros / highest, 1.0) * rect.height(), 2.0)
            painter.setPen(QPen(QColor(palette.text), 1.0))
            painter.setBrush(QColor(palette.surface))
            painter.drawRect(QRectF(rect.center().x() - _ZERO_WIDTH / 2, rect.bottom() - height, _ZERO_WIDTH, height))
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_axis(
        self, painter: QPainter, rect: QRectF, theme: Theme, metrics: QFontMetricsF, *, bare: bool = False
    ) -> None:
        palette = theme.palette
        painter.setPen(QPen(QColor(palette.faint), 1.0))
        painter.drawLine(QLineF(rect.x(), rect.bottom() + 0.5, rect.right(), rect.bottom() + 0.5))
        if bare or self.limit == 0.0:
            return
        places, step = round_places(-self.limit, self.limit, max(2.0, rect.width() / (9 * metrics.averageCharWidth())))
        last = -1e9
        for place, text in zip(places, figures(places, step), strict=True):
            x = rect.center().x() + place / self.limit * rect.width() / 2
            width = metrics.horizontalAdvance(text)
            left = min(max(x - width / 2, rect.x()), rect.right() - width)
            if left < last + metrics.averageCharWidth():
                continue
            last = left + width
            painter.setPen(QPen(QColor(palette.faint), 1.0))
            painter.drawLine(QLineF(x, rect.bottom() + 0.5, x, rect.bottom() + _TICK))
            painter.setPen(QColor(palette.muted))
            painter.drawText(QPointF(left, rect.bottom() + _TICK + metrics.ascent() - 2.0), text)

    def _paint_words(self, painter: QPainter, rect: QRectF, theme: Theme, metrics: QFontMetricsF) -> None:
        """The scale of the bars at the left; at the right what is counted apart."""
        painter.setPen(QColor(theme.palette.muted))
        top = rect.y() + metrics.ascent() - 2.0
        if rect.height() >= _FIGURES_FROM:
            places, _ = round_places(0.0, float(self.highest), rect.height() / (3 * metrics.height()), 1.0)
            for place in places[1:]:
                y = rect.bottom() - place / self.highest * rect.height()
                painter.setPen(QPen(QColor(theme.palette.border), 1.0))
                painter.drawLine(QLineF(rect.x(), y, rect.right(), y))
                painter.setPen(QColor(theme.palette.muted))
                painter.drawText(QPointF(rect.x(), max(y - 2.0, top)), f"{place:,.0f}")
        elif self.highest:
            painter.drawText(QPointF(rect.x(), top), f"{self.highest:,}")
        found, m = self.histograms, self.matrix
        words = []
        if found.zeros[m]:
            words.append(f"0:{percent(int(found.zeros[m]), self.known)}")
        if found.nonfinite[m]:
            words.append(f"nan:{found.nonfinite[m]:,}")
        if found.unknown[m]:
            words.append(f"{self.known:,}/{self.known + int(found.unknown[m]):,}")
        for number, word in enumerate(words):
            x = rect.right() - metrics.horizontalAdvance(word)
            painter.drawText(QPointF(x, top + number * metrics.height()), word)
