"""Paths of many lines, curves or polygons, read from an array: an object for each of thousands would take longer."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QByteArray, QDataStream
from PySide6.QtGui import QPainterPath

Floats = npt.NDArray[np.float64]

_ELEMENT = np.dtype([("type", ">i4"), ("x", ">f8"), ("y", ">f8")])  # as QDataStream has it in a QPainterPath
_MOVE, _LINE = QPainterPath.ElementType.MoveToElement.value, QPainterPath.ElementType.LineToElement.value
_CURVE, _DATA = QPainterPath.ElementType.CurveToElement.value, QPainterPath.ElementType.CurveToDataElement.value


def line_path(lines: Floats) -> QPainterPath:
    """The lines (n, 4), each from x, y to x, y, as one path to be stroked."""
    return _path(lines.reshape(-1, 2, 2), (_MOVE, _LINE))


def curve_path(curves: Floats) -> QPainterPath:
    """Cubic Bézier curves (n, 8), x and y of four points each, as one path to be stroked."""
    return _path(curves.reshape(-1, 4, 2), (_MOVE, _CURVE, _DATA, _DATA))


def polygon_path(corners: Floats) -> QPainterPath:
    """Polygons (n, k, 2) with k corners each as one path to be filled."""
    return _path(corners, (_MOVE, *[_LINE] * (corners.shape[1] - 1)))


def _path(points: Floats, kinds: tuple[int, ...]) -> QPainterPath:
    """Pieces (n, k, 2) that are all made of k elements of these kinds, the first a move."""
    pieces, each, _ = points.shape
    elements = np.empty((pieces, each), dtype=_ELEMENT)
    elements["type"], elements["x"], elements["y"] = kinds, points[:, :, 0], points[:, :, 1]
    path = QPainterPath()
    if pieces:
        count = pieces * each
        head, tail = np.array([count], dtype=">i4"), np.array([count - each, 0], dtype=">i4")  # last piece; fill rule
        QDataStream(QByteArray(head.tobytes() + elements.tobytes() + tail.tobytes())) >> path
    return path


def outlines(rects: Floats) -> Floats:
    """(4n, 4) the sides of rectangles (n, 4), which are left, top, width and height."""
    left, top = rects[:, 0], rects[:, 1]
    right, bottom = left + rects[:, 2], top + rects[:, 3]
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    sides = [np.column_stack([*corner, *following]) for corner, following in pairwise(corners)]
    return np.stack(sides, axis=1).reshape(-1, 4)
