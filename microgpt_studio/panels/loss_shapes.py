"""The shapes of the marks on the timeline: paths around x = 0, to be moved; `unit` is one pixel at text scale 1."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPolygonF

HALF = 4.0  # units, of the width of a triangle, a handle and a cross
TRIANGLE = 7.0  # units, its height
FLAG = 11.0  # units, its width
_PENNANT = 7.0


def triangle(bottom: float, unit: float) -> QPainterPath:
    """A hit: it points up."""
    half, top = HALF * unit, bottom - TRIANGLE * unit
    return _polygon((0.0, top), (half, bottom), (-half, bottom))


def flag(top: float, bottom: float, unit: float) -> QPainterPath:
    """A bookmark: a pole one pixel wide, and a pennant to the right of its top."""
    width, height = FLAG * unit, _PENNANT * unit
    notch = (width - height / 2, top + height / 2)
    path = _polygon((0.0, top), (width, top), notch, (width, top + height), (0.0, top + height))
    path.addRect(QRectF(-0.5, top, 1.0, bottom - top))
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def handle(top: float, unit: float) -> QPainterPath:
    """Where training stands: it points down."""
    half = HALF * unit
    return _polygon((-half, top), (half, top), (half, top + half), (0.0, top + 2 * half), (-half, top + half))


def cross(bottom: float, unit: float) -> QPainterPath:
    """A fault: two strokes, to be drawn with a pen."""
    half = HALF * unit
    path = QPainterPath()
    for rise in (half, -half):
        path.moveTo(-half, bottom - half + rise)
        path.lineTo(half, bottom - half - rise)
    return path


def _polygon(*corners: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    path.closeSubpath()
    return path
