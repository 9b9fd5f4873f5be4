"""The small curve of a watch's history: one point an update, from left to right, until the width is full."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from microgpt.program.program import Floats
from microgpt_studio.debugger.watches import SPAN
from microgpt_studio.theme import Palette
from microgpt_studio.widgets.cells import draw_hatching

_DOT = 1.5  # pixels: radius of the last point


def draw_sparkline(painter: QPainter, rect: QRectF, history: Floats, palette: Palette) -> None:
    """Draw a history, (H,), as high as it needs: a line at 0 where it crosses 0, hatching where it has no number.

    An infinity is a tick at the edge.
    """
    if len(history) == 0:
        return
    step = rect.width() / SPAN
    finite = np.isfinite(history)
    _draw_gaps(painter, rect, step, np.isnan(history), palette)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if finite.any():
        low, high = float(history[finite].min()), float(history[finite].max())
        y = _heights(rect, history, low, high)
        if low < 0 < high:
            zero = float(_heights(rect, np.zeros(1), low, high)[0])
            painter.setPen(QPen(QColor(palette.border), 1.0))
            painter.drawLine(QLineF(rect.left(), zero, rect.right(), zero))
        x = rect.left() + (np.arange(len(history)) + 0.5) * step
        painter.setPen(QPen(QColor(palette.muted), 1.2))
        for run in np.split(np.arange(len(history)), np.flatnonzero(np.diff(finite)) + 1):
            if finite[run[0]]:
                _draw_run(painter, [QPointF(x[i], y[i]) for i in run.tolist()], step)
        if finite[-1]:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.text))
            painter.drawEllipse(QPointF(x[-1], y[-1]), _DOT, _DOT)
    _draw_infinities(painter, rect, step, history, palette)
    painter.restore()


def _heights(rect: QRectF, values: Floats, low: float, high: float) -> Floats:
    """The y of each value; a flat line is in the middle. Halved first: the span of two floats may overflow."""
    half = high / 2 - low / 2
    share = (values / 2 - low / 2) / half if half > 0 else np.full(len(values), 0.5)
    heights: Floats = rect.bottom() - share * rect.height()
    return heights


def _draw_run(painter: QPainter, points: list[QPointF], step: float) -> None:
    if len(points) == 1:  # alone between gaps
        half = QPointF(min(step / 2, 1.0), 0.0)
        points = [points[0] - half, points[0] + half]
    painter.drawPolyline(QPolygonF(points))


def _draw_gaps(painter: QPainter, rect: QRectF, step: float, missing: np.ndarray, palette: Palette) -> None:
    for run in np.split(np.arange(len(missing)), np.flatnonzero(np.diff(missing)) + 1):
        if missing[run[0]]:
            gap = QRectF(rect.left() + run[0] * step, rect.top(), len(run) * step, rect.height())
            draw_hatching(painter, gap, palette)


def _draw_infinities(painter: QPainter, rect: QRectF, step: float, history: Floats, palette: Palette) -> None:
    painter.setPen(QPen(QColor(palette.nonfinite), max(step, 2.0)))
    for i in np.flatnonzero(np.isinf(history)).tolist():
        x, edge = rect.left() + (i + 0.5) * step, rect.top() if history[i] > 0 else rect.bottom()
        painter.drawLine(QLineF(x, edge, x, edge + (4.0 if history[i] > 0 else -4.0)))
