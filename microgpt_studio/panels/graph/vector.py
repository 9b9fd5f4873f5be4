"""Boxes as vectors: what the raster fills into a picture, drawn as rectangles for files that can be enlarged.

Such a file may not know how to clip (Qt's SVG does not): nothing is drawn outside of the window that need not be.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.raster import Fill, Layer

MOST_BOXES = 40_000  # more would make a file that no program likes to open
_GAPS_FROM = 3.0  # pixels, as in the raster
_HATCH = 5.0  # pixels from one line of a hatching to the next


def draw_layer(painter: QPainter, layer: Layer, t: Transform, size: QSizeF) -> None:
    """Draw a layer as the raster fills it, as far as it is in a window of this size at the origin."""
    boxes, which = layer.boxes, layer.which
    left = boxes.left[which] * t.scale_x + t.x
    top = boxes.top[which] * t.scale_y + t.y
    width, height = boxes.width[which] * t.scale_x, boxes.height[which] * t.scale_y
    width = np.where(width >= _GAPS_FROM, width - np.minimum(0.16 * width, 1.0), width)
    height = np.where(height >= _GAPS_FROM, height - 1.0, height)
    right, bottom = np.minimum(left + width, size.width()), np.minimum(top + height, size.height())
    left, top = np.maximum(left, 0.0), np.maximum(top, 0.0)
    seen = (left < right) & (top < bottom)
    rects = np.column_stack([left, top, right - left, bottom - top])[seen].tolist()
    shown = which[seen]
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    for rect, pixel, fill in zip(rects, layer.pixels[shown].tolist(), layer.fills[shown].tolist(), strict=True):
        box = QRectF(*rect)
        painter.fillRect(box, QColor.fromRgb(int(layer.ground) if fill == Fill.HATCHED else pixel))
        if fill != Fill.PLAIN:
            painter.setPen(QPen(QColor.fromRgb(int(layer.hatch if fill == Fill.HATCHED else layer.ground)), 1.0))
            painter.drawLines(list(diagonals(box)))
            painter.setPen(Qt.PenStyle.NoPen)
    painter.restore()


def cover_around(painter: QPainter, area: QRectF, window: QRectF, color: str) -> None:
    """Paint over what was drawn in an area outside of a window."""
    for box in (
        QRectF(area.left(), area.top(), area.width(), window.top() - area.top()),
        QRectF(area.left(), window.bottom(), area.width(), area.bottom() - window.bottom()),
        QRectF(area.left(), area.top(), window.left() - area.left(), area.height()),
        QRectF(window.right(), area.top(), area.right() - window.right(), area.height()),
    ):
        if not box.isEmpty():
            painter.fillRect(box, QColor(color))


def diagonals(box: QRectF) -> Iterator[QLineF]:
    """Lines that rise to the right, at one distance over the whole map, as far as they are in a box."""
    left, top, right, bottom = box.left(), box.top(), box.right(), box.bottom()
    for number in range(int(np.ceil((left + top) / _HATCH)), int(np.floor((right + bottom) / _HATCH)) + 1):
        total = number * _HATCH  # x + y along the line
        start, end = max(left, total - bottom), min(right, total - top)
        if start < end:
            yield QLineF(start, total - start, end, total - end)
