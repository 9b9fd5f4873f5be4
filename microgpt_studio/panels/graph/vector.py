"""Boxes as vectors: what the raster fills into a picture, drawn as rectangles for files that can be enlarged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.raster import Fill, Layer

MOST_BOXES = 40_000  # more would make a file that no program likes to open
_GAPS_FROM = 3.0  # pixels, as in the raster
_HATCH = 5.0  # pixels from one line of a hatching to the next


def draw_layer(painter: QPainter, layer: Layer, t: Transform) -> None:
    """Draw a layer as the raster fills it."""
    boxes, which = layer.boxes, layer.which
    left = boxes.left[which] * t.scale_x + t.x
    top = boxes.top[which] * t.scale_y + t.y
    width, height = boxes.width[which] * t.scale_x, boxes.height[which] * t.scale_y
    width = np.where(width >= _GAPS_FROM, width - np.minimum(0.16 * width, 1.0), width)
    height = np.where(height >= _GAPS_FROM, height - 1.0, height)
    rects = np.column_stack([left, top, width, height]).tolist()
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    for rect, pixel, fill in zip(rects, layer.pixels.tolist(), layer.fills.tolist(), strict=True):
        box = QRectF(*rect)
        painter.fillRect(box, QColor.fromRgb(int(layer.ground) if fill == Fill.HATCHED else pixel))
        if fill != Fill.PLAIN:
            painter.setPen(QPen(QColor.fromRgb(int(layer.hatch if fill == Fill.HATCHED else layer.ground)), 1.0))
            painter.drawLines(list(_diagonals(box)))
            painter.setPen(Qt.PenStyle.NoPen)
    painter.restore()


def _diagonals(box: QRectF) -> Iterator[QLineF]:
    """Lines that rise to the right, at one distance over the whole map, as far as they are in a box."""
    left, top, right, bottom = box.left(), box.top(), box.right(), box.bottom()
    for number in range(int(np.ceil((left + top) / _HATCH)), int(np.floor((right + bottom) / _HATCH)) + 1):
        total = number * _HATCH  # x + y along the line
        start, end = max(left, total - bottom), min(right, total - top)
        if start < end:
            yield QLineF(start, total - start, end, total - end)
