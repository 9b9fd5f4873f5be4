"""A path read from an array has the lines, curves or polygons of the array, and looks like them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from microgpt_studio.widgets.line_path import curve_path, line_path, outlines, polygon_path


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


def test_curves_and_polygons_are_those_that_qt_draws_one_by_one(qapp) -> None:
    rng = np.random.default_rng(5)
    curves, corners = rng.uniform(0.0, 90.0, (12, 8)), rng.uniform(0.0, 90.0, (9, 3, 2))
    one_by_one = QPainterPath()
    for x0, y0, *rest in curves.tolist():
        one_by_one.moveTo(x0, y0)
        one_by_one.cubicTo(*rest)
    assert curve_path(curves) == one_by_one
    triangles = QPainterPath()
    for (x0, y0), (x1, y1), (x2, y2) in corners.tolist():
        triangles.moveTo(x0, y0)
        triangles.lineTo(x1, y1)
        triangles.lineTo(x2, y2)
    assert polygon_path(corners) == triangles
    filled = painted(lambda p: p.fillPath(polygon_path(corners), QColor("#ffffff")))
    assert filled == painted(lambda p: p.fillPath(triangles, QColor("#ffffff"))) != painted(lambda _: None)


def test_of_no_curves_and_no_polygons_there_is_none(qapp) -> None:
    assert curve_path(np.empty((0, 8))).isEmpty()
    assert polygon_path(np.empty((0, 3, 2))).isEmpty()
