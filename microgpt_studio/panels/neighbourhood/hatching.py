"""Hatching made of lines, which any painter draws as such: a pattern would not get into a vector file."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt_studio.theme import Palette

_DISTANCE = 6.0  # between two lines, along the edge of the rectangle


def draw_hatch_lines(painter: QPainter, rects: list[QRectF], palette: Palette) -> None:
    """Diagonal lines over rectangles: not computed, or not there."""
    if rects:
        painter.setPen(QPen(QColor(palette.hatch), 0.8))
        painter.drawLines([line for rect in rects for line in hatch_lines(rect)])


def hatch_lines(rect: QRectF) -> list[QLineF]:
    """Lines from lower left to upper right that end at the rectangle's edges."""
    lines = []
    width, height = rect.width(), rect.height()
    offset = _DISTANCE
    while offset < width + height:
        start = QLineF(
            rect.left() + max(0.0, offset - height),
            rect.top() + min(offset, height),
            rect.left() + min(offset, width),
            rect.top() + max(0.0, offset - width),
        )
        lines.append(start)
        offset += _DISTANCE
    return lines
