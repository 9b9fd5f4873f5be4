"""A path read from an array has the lines of the array, and looks like them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from microgpt_studio.widgets.line_path import line_path, outlines


def painted(draw) -> QImage:
    image = QImage(120, 90, QImage.Format.Format_RGB32)
    image.fill(0xFF000000)
    painter = QPainter(image)
    painter.setPen(QPen(QColor("#ffffff"), 1.0))
    draw(painter)
    painter.end()
    return image


def test_it_has_the_lines_of_the_array(qapp) -> None:
    lines = np.random.default_rng(3).uniform(-50.0, 150.0, (40, 4))
    path = line_path(lines)
    kinds = (QPainterPath.ElementType.MoveToElement, QPainterPath.ElementType.LineToElement)
    elements = [path.elementAt(i) for i in range(path.elementCount())]
    assert [(e.type, e.x, e.y) for e in elements] == [
        (kind, *point) for line in lines.tolist() for kind, point in zip(kinds, (line[:2], line[2:]), strict=True)
    ]
    one_by_one = [QLineF(*line) for line in lines.tolist()]
    assert painted(lambda p: p.drawPath(path)) == painted(lambda p: p.drawLines(one_by_one)) != painted(lambda _: None)


def test_of_no_lines_there_is_none(qapp) -> None:
    assert line_path(np.empty((0, 4))).isEmpty()
    assert outlines(np.empty((0, 4))).shape == (0, 4)


def test_outlines_are_those_of_rectangles(qapp) -> None:
    rects = np.array([[10.5, 20.5, 30.0, 12.0], [50.5, 5.5, 8.0, 60.0]])
    path = line_path(outlines(rects))
    plain = [QRectF(*rect) for rect in rects.tolist()]
    assert painted(lambda p: p.drawPath(path)) == painted(lambda p: p.drawRects(plain))
