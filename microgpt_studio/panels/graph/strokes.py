"""Strokes: thousands of straight lines in one colour, put into a picture of pixels, or drawn as vectors.

Into pixels a compiled loop puts them, without smoothing: to hand so many lines over to Qt takes longer than to draw
them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt.program.kernels import compiled
from microgpt_studio.panels.graph.lines import Floats
from microgpt_studio.theme.colormaps import Colors, argb
from microgpt_studio.widgets.line_path import line_path


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """Straight lines of one width."""

    lines: Floats  # (n, 4) from x, y to x, y; pixels
    color: str  # #rrggbb
    width: float = 1.0  # pixels


def put(out: Colors, stroke: Stroke, ratio: float) -> None:
    """Put a stroke into a picture (height, width) ARGB32 that has `ratio` pixels for each of the stroke's."""
    thickness = max(round(stroke.width * ratio), 1)
    _put(out, np.ascontiguousarray(stroke.lines, dtype=np.float64), ratio, argb(stroke.color), thickness)


def draw(painter: QPainter, stroke: Stroke) -> None:
    """Draw a stroke as lines that can be enlarged."""
    pen = QPen(QColor(stroke.color), stroke.width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.strokePath(line_path(stroke.lines), pen)


def warm_up_strokes() -> None:
    """Compile what `put` needs, where no cache holds it."""
    put(np.zeros((1, 1), dtype=np.uint32), Stroke(np.zeros((1, 4)), "#000000"), 1.0)


@compiled
def _put(out, lines, ratio, color, thickness):  # type: ignore[no-untyped-def]
    """A line gets one pixel, or as many as it is thick, for each step along its longer side, its ends among them."""
    rows, columns = out.shape
    flat = out.reshape(-1)
    before = (thickness - 1) // 2
    for k in range(len(lines)):
        x0, y0, x1, y1 = lines[k, 0] * ratio, lines[k, 1] * ratio, lines[k, 2] * ratio, lines[k, 3] * ratio
        steps, step, across, aside = columns, 1, rows, columns  # along x: so many pixels, so far apart; and across
        if abs(x1 - x0) < abs(y1 - y0):
            x0, y0, x1, y1 = y0, x0, y1, x1
            steps, step, across, aside = rows, columns, columns, 1
        if x1 < x0:
            x0, y0, x1, y1 = x1, y1, x0, y0
        slope = (y1 - y0) / (x1 - x0) if x1 > x0 else 0.0
        low, high = min(y0, y1), max(y0, y1)
        if high < -thickness or low >= across + thickness:
            continue
        for along in range(max(math.floor(x0), 0), min(math.floor(x1) + 1, steps)):
            first = math.floor(min(max(y0 + (along + 0.5 - x0) * slope, low), high)) - before
            for place in range(max(first, 0), min(first + thickness, across)):
                flat[along * step + place * aside] = color
