"""One histogram with its axes, painted into a box: bars left of 0 in one colour and right of it in the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from microgpt_studio.debugger.histograms import Histograms
from microgpt_studio.panels.parameters.words import percent
from microgpt_studio.theme import Theme
from microgpt_studio.theme.colormaps import Colors, argb
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.axis import figures, round_places
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.number_text import full

_TICK = 3.0
_ZERO_WIDTH = 3.0
_PARTED_FROM = 5  # pixels of a bar from which there is one between neighbours
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
        metrics = metrics_of(theme.number_font(SMALL))
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

    def paint_pointed(self, painter: QPainter, theme: Theme, point: QPointF) -> None:
        """An outline around the bin under a point."""
        at = self.bin_at(point, theme)
        if at is not None and self.known:
            rect = self.plot_rect(theme)
            width = rect.width() / self.histograms.num_bins
            painter.setPen(QPen(QColor(theme.palette.muted), 1.0))
            painter.drawRect(QRectF(rect.x() + at * width, rect.y(), width, rect.height()))

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Bars, axes, what is counted apart, and the marked number."""
        rect, palette = self.plot_rect(theme), theme.palette
        painter.setFont(theme.number_font(SMALL))
        metrics = metrics_of(painter.font())
        if not self.known:
            draw_hatching(painter, rect, palette)
            self._paint_axis(painter, rect, theme, metrics, bare=True)
            return
        if rect.height() >= _FIGURES_FROM:
            painter.setPen(QPen(QColor(palette.border), 1.0))
            levels = [rect.bottom() - place / self.highest * rect.height() for place in self._levels(rect, metrics)]
            painter.drawLines([QLineF(rect.x(), y, rect.right(), y) for y in levels])
        self._paint_bars(painter, rect, theme)
        self._paint_axis(painter, rect, theme, metrics)
        self._paint_words(painter, rect, theme, metrics)
        if self.selected is not None and np.isfinite(self.selected) and abs(self.selected) <= self.limit > 0.0:
            x = rect.center().x() + self.selected / self.limit * rect.width() / 2
            for color, thickness in ((palette.surface, 3.0), (palette.accent, 1.5)):
                painter.setPen(QPen(QColor(color), thickness))
                painter.drawLine(QLineF(x, rect.y(), x, rect.bottom()))

    def _levels(self, rect: QRectF, metrics: QFontMetricsF) -> list[float]:
        """Round numbers of a bin, above 0."""
        places, _ = round_places(0.0, float(self.highest), rect.height() / (3 * metrics.height()), 1.0)
        return places[1:]

    def _paint_bars(self, painter: QPainter, rect: QRectF, theme: Theme) -> None:
        palette, highest = theme.palette, max(self.highest, 1)
        ratio = painter.device().devicePixelRatio()
        width, height = max(int(rect.width() * ratio), 1), max(int(rect.height() * ratio), 1)
        pixels = self._bars(width, height, theme)
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(rect, image)
        zeros = int(self.histograms.zeros[self.matrix])
        if zeros:
            tall = max(min(zeros / highest, 1.0) * rect.height(), 2.0)
            painter.setPen(QPen(QColor(palette.text), 1.0))
            painter.setBrush(QColor(palette.surface))
            painter.drawRect(QRectF(rect.center().x() - _ZERO_WIDTH / 2, rect.bottom() - tall, _ZERO_WIDTH, tall))
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _bars(self, width: int, height: int, theme: Theme) -> Colors:
        """(height, width) ARGB32, transparent where no bar is. One picture: a path of rectangles takes far longer."""
        counts, bins = self.histograms.counts[self.matrix], self.histograms.num_bins
        tops = np.ceil(counts / max(self.highest, 1) * height)  # what is there is at least a pixel high
        of_pixel = np.arange(width) * bins // width
        bars = tops[of_pixel][None] >= np.arange(height, 0, -1)[:, None]
        if width >= _PARTED_FROM * bins:
            bars[:, 1:] &= of_pixel[1:] == of_pixel[:-1]
        colors = np.where(np.arange(bins) < bins // 2, argb(theme.palette.negative), argb(theme.palette.positive))
        return np.ascontiguousarray(np.where(bars, colors[of_pixel][None], 0).astype(np.uint32))

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
            for place in self._levels(rect, metrics):
                y = rect.bottom() - place / self.highest * rect.height()
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
