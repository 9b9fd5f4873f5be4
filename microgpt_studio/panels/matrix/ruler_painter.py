"""The ruler painter: labels, lines and tints of layers above the matrix and at its left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from microgpt_studio.panels.matrix.bands import Band
from microgpt_studio.panels.matrix.camera import Span
from microgpt_studio.panels.matrix.layers import layer_tints
from microgpt_studio.panels.matrix.rulers import PADDING, TICKS, Margins, Ruler
from microgpt_studio.theme import Palette, Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import TextMetrics, metrics_of

_CLOSEST_LINES = 3.0  # pixels between lines of a strip at least

_LINE_FROM = 5.0  # pixels of a tint from which a line parts it from the next


def draw_across(painter: QPainter, ruler: Ruler, margins: Margins, theme: Theme) -> None:
    """The ruler above, in a painter whose origin is the matrix's corner."""
    metrics = _prepare(painter, theme)
    lane_top = -TICKS - margins.lane
    for tint, ends in _tinted(ruler, theme.palette):
        _fill(painter, tint, [QRectF(start, lane_top, stop - start, margins.lane) for start, stop in ends])
    inner = margins.top - (0.0 if ruler.layers else margins.strip)  # layers stand where finer bands would
    for labels, top, color in (
        (ruler.outer_labels, -margins.top, theme.palette.text),
        (ruler.inner_labels, -inner, theme.palette.muted),
        (ruler.layer_labels, lane_top - 1.0, theme.palette.text),
    ):
        painter.setPen(QColor(color))
        baseline = top + metrics.ascent() + 1.0
        middles = [((label.start + label.stop - metrics.horizontalAdvance(label.text)) / 2, label) for label in labels]
        metrics.draw(painter, [(x, baseline, label.text) for x, label in middles])
    painter.setPen(QColor(theme.palette.border))
    lines = [(band, margins.top) for band in ruler.outer] + [(band, inner) for band in ruler.inner]
    painter.drawLines([QLineF(x, -length, x, -TICKS) for x, length in _ticks(lines, ruler.span)])


def draw_down(painter: QPainter, ruler: Ruler, margins: Margins, theme: Theme) -> None:
    """The ruler at the left, in a painter whose origin is the matrix's corner."""
    metrics = _prepare(painter, theme)
    lane_left = -TICKS - margins.lane
    for tint, ends in _tinted(ruler, theme.palette):
        _fill(painter, tint, [QRectF(lane_left, start, margins.lane, stop - start) for start, stop in ends])
    painter.setPen(QColor(theme.palette.muted if ruler.outer else theme.palette.text))
    middle = (metrics.ascent() - metrics.descent()) / 2
    right = (lane_left if ruler.layers else -TICKS) - PADDING
    inner = [(label, right - metrics.horizontalAdvance(label.text)) for label in ruler.inner_labels]
    metrics.draw(painter, [(x, (label.start + label.stop) / 2 + middle, label.text) for label, x in inner])
    painter.setPen(QColor(theme.palette.text))
    lane_middle = lane_left + margins.lane / 2
    layers = [(label, lane_middle - metrics.horizontalAdvance(label.text) / 2) for label in ruler.layer_labels]
    metrics.draw(painter, [(x, (label.start + label.stop) / 2 + middle, label.text) for label, x in layers])
    for label in ruler.outer_labels:
        painter.save()
        painter.translate(-margins.left, (label.start + label.stop + metrics.horizontalAdvance(label.text)) / 2)
        painter.rotate(-90.0)
        painter.drawText(QPointF(0.0, metrics.ascent() + 1.0), label.text)
        painter.restore()
    painter.setPen(QColor(theme.palette.border))
    lines = [(band, margins.left) for band in ruler.outer]
    lines += [(band, margins.left - (0.0 if ruler.layers else margins.strip)) for band in ruler.inner]
    painter.drawLines([QLineF(-length, y, -TICKS, y) for y, length in _ticks(lines, ruler.span)])


def _prepare(painter: QPainter, theme: Theme) -> TextMetrics:
    painter.setFont(theme.number_font(SMALL))
    return metrics_of(painter.font())


def _tinted(ruler: Ruler, palette: Palette) -> list[tuple[QColor, list[tuple[float, float]]]]:
    """The tint of each layer, and where its bands begin and end in pixels; behind wide ones is room for a line."""
    span = ruler.span
    tinted = []
    for tint, bands in zip(layer_tints(len(ruler.layers), palette), ruler.layers, strict=True):
        ends = np.array([(band.start, band.stop) for band in bands], dtype=np.float64).reshape(-1, 2)
        pixels = np.clip(np.rint((ends - span.first) * span.scale), 0.0, span.pixels)
        pixels[:, 1] -= np.diff(pixels)[:, 0] >= _LINE_FROM
        tinted.append((tint, [(start, stop) for start, stop in pixels.tolist() if stop > start]))
    return tinted


def _fill(painter: QPainter, color: QColor, boxes: list[QRectF]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRects(boxes)


def _ticks(bands: Sequence[tuple[Band, float]], span: Span) -> list[tuple[float, float]]:
    """Where bands begin, in pixels, and how long the line there is; lines that are too close are left out."""
    ticks: list[tuple[float, float]] = []
    last: dict[float, float] = {}
    for band, length in bands:
        pixel = span.to_pixel(band.start)
        if 0.0 <= pixel <= span.pixels and pixel - last.get(length, -np.inf) >= _CLOSEST_LINES:
            ticks.append((round(pixel) - 0.5, length))
            last[length] = pixel
    return ticks
