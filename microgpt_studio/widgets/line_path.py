"""A path of many straight lines, read from an array: an object for each of thousands of lines would take longer."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QByteArray, QDataStream
from PySide6.QtGui import QPainterPath

_ELEMENT = np.dtype([("type", ">i4"), ("x", ">f8"), ("y", ">f8")])  # as QDataStream has it in a QPainterPath
_MOVE, _LINE = QPainterPath.ElementType.MoveToElement.value, QPainterPath.ElementType.LineToElement.value


def line_path(lines: npt.NDArray[np.float64]) -> QPainterPath:
    """The lines (n, 4), each from x, y to x, y, as one path to be stroked."""
    count = 2 * len(lines)
    elements = np.empty(count, dtype=_ELEMENT)
    elements["type"][::2], elements["type"][1::2] = _MOVE, _LINE
    elements["x"], elements["y"] = lines[:, ::2].ravel(), lines[:, 1::2].ravel()
    path = QPainterPath()
    if count:
        head, tail = np.array([count], dtype=">i4"), np.array([count - 2, 0], dtype=">i4")  # last subpath; fill rule
        QDataStream(QByteArray(head.tobytes() + elements.tobytes() + tail.tobytes())) >> path
    return path


def outlines(rects: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(4n, 4) the sides of rectangles (n, 4), which are left, top, width and height."""
    left, top = rects[:, 0], rects[:, 1]
    right, bottom = left + rects[:, 2], top + rects[:, 3]
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    sides = [np.column_stack([*corner, *following]) for corner, following in pairwise(corners)]
    return np.stack(sides, axis=1).reshape(-1, 4)
