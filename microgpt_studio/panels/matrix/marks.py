"""Marks upon the matrix: the selected scalar, the cursor, what is pointed at, and what another panel has lit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from microgpt.program.program import Ids
from microgpt_studio.debugger.edges import Edges
from microgpt_studio.panels.matrix.camera import Span
from microgpt_studio.panels.matrix.rulers import TICKS
from microgpt_studio.theme import Palette

_SMALLEST = 7.0  # pixels of an outline's side
_BAND_FROM = 6.0  # pixels of a row from which its two sides are drawn, and not its middle
_MOST_OUTLINES = 2000  # of edges: more lie upon each other

Edge = tuple[int, int]  # operand and consumer, as places
Pairs = npt.NDArray[np.intp]  # (n, 2) of them


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What is marked, as places."""

    selected: int | None = None
    selected_edges: Pairs = field(default_factory=lambda: np.empty((0, 2), dtype=np.intp))
    cursor: int | None = None  # the scalar that the next operation works on, half-way through an update
    hovered: Edge | None = None
    lit: Ids = field(default_factory=lambda: np.empty(0, dtype=np.int32))


def edges_of(edges: Edges, place: int) -> Pairs:
    """(n, 2) the edges from a scalar to its operands, and from its consumers to it; each pair once."""
    operands = [(operand, place) for operand in dict.fromkeys(edges.operands(place))]
    return np.array([*operands, *((place, consumer) for consumer in edges.consumers(place).tolist())]).reshape(-1, 2)


def cell(edge: Edge, x: Span, y: Span) -> QRectF:
    """The square of a pair, in pixels from the window's corner."""
    left, top = x.to_pixel(edge[0]), y.to_pixel(edge[1])
    return QRectF(left, top, x.scale, y.scale)


def draw(painter: QPainter, marks: Marks, x: Span, y: Span, num_parameters: int, palette: Palette) -> None:
    """Draw the marks in a painter whose origin is the window's corner, and that is clipped to it."""
    if marks.cursor is not None:
        pen = QPen(QColor(palette.accent), 1.0, Qt.PenStyle.DashLine)
        _draw_lines(painter, marks.cursor, x, y, num_parameters, pen, across_only=True)
    if marks.selected is not None:
        _draw_lines(painter, marks.selected, x, y, num_parameters, QPen(QColor(palette.accent), 1.0))
        _draw_outlines(painter, marks.selected_edges, x, y, palette.accent, palette)
    if marks.hovered is not None:
        _draw_outlines(painter, np.array([marks.hovered]), x, y, palette.text, palette)


def draw_on_rulers(painter: QPainter, marks: Marks, x: Span, y: Span, num_parameters: int, palette: Palette) -> None:
    """Draw where the marks are beside the matrix, in a painter whose origin is the window's corner."""
    painter.setPen(QPen(QColor(palette.text), 2.0))
    painter.drawLines(
        [QLineF(p, -TICKS + 1, p, -1.0) for p in _pixels(marks.lit, x)]
        + [QLineF(-TICKS + 1, p, -1.0, p) for p in _pixels(marks.lit[marks.lit >= num_parameters], y)]
    )
    if marks.hovered is not None:
        _draw_pointers(painter, [marks.hovered[0]], [marks.hovered[1]], x, y, palette.text)
    if marks.selected is not None:
        rows = [marks.selected] if marks.selected >= num_parameters else []
        _draw_pointers(painter, [marks.selected], rows, x, y, palette.accent)
    if marks.cursor is not None:
        is_row = marks.cursor >= num_parameters
        _draw_pointers(
            painter, [] if is_row else [marks.cursor], [marks.cursor] if is_row else [], x, y, palette.accent
        )


def _draw_lines(
    painter: QPainter, place: int, x: Span, y: Span, num_parameters: int, pen: QPen, *, across_only: bool = False
) -> None:
    """The row and the column of a scalar; a parameter has no row."""
    painter.setPen(pen)
    has_row = place >= num_parameters
    lines = []
    if has_row:
        lines += [QLineF(0.0, at, x.pixels, at) for at in _sides(place, y)]
    if not has_row or not across_only:
        lines += [QLineF(at, 0.0, at, y.pixels) for at in _sides(place, x)]
    painter.drawLines(lines)


def _sides(place: int, span: Span) -> list[float]:
    """Where lines for a place are drawn: its two sides, or its middle where it is too narrow."""
    start, stop = span.to_pixel(place), span.to_pixel(place + 1)
    if stop < 0 or start > span.pixels:
        return []
    return [round(start) - 0.5, round(stop) - 0.5] if span.scale >= _BAND_FROM else [int((start + stop) / 2) + 0.5]


def _draw_outlines(painter: QPainter, edges: Pairs, x: Span, y: Span, color: str, palette: Palette) -> None:
    """A square around each edge in sight, with a seam, large enough to be seen; those at one pixel share one."""
    middles = (edges + 0.5 - [x.first, y.first]) * [x.scale, y.scale]
    sides = np.maximum([x.scale, y.scale], _SMALLEST)
    inside = ((middles + sides / 2 >= 0.0) & (middles - sides / 2 <= [x.pixels, y.pixels])).all(axis=1)
    _, different = np.unique(np.rint(middles[inside]), axis=0, return_index=True)
    corners = (middles[inside] - sides / 2)[different[:_MOST_OUTLINES]]
    boxes = [QRectF(left, top, *sides.tolist()) for left, top in corners.tolist()]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(QColor(palette.surface), 3.0), QPen(QColor(color), 1.5)):
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRects(boxes)


def _pixels(places: Ids, span: Span) -> list[float]:
    """The different pixels at which places are, those in sight."""
    pixels = np.unique(((places + 0.5 - span.first) * span.scale).astype(int))
    shown: list[float] = pixels[(pixels >= 0) & (pixels < span.pixels)].tolist()
    return shown


def _draw_pointers(
    painter: QPainter, columns: Sequence[int], rows: Sequence[int], x: Span, y: Span, color: str
) -> None:
    """Small triangles beside the matrix that point to columns and rows."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    size = TICKS - 0.5
    for place in columns:
        at = x.to_pixel(place + 0.5)
        if 0.0 <= at <= x.pixels:
            painter.drawPolygon(QPolygonF([QPointF(at, 0.0), QPointF(at - size, -size), QPointF(at + size, -size)]))
    for place in rows:
        at = y.to_pixel(place + 0.5)
        if 0.0 <= at <= y.pixels:
            painter.drawPolygon(QPolygonF([QPointF(0.0, at), QPointF(-size, at - size), QPointF(-size, at + size)]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
