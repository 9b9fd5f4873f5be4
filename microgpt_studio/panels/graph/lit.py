"""Lit cells: scalars that another panel wants to be seen, as one dashed outline that is seen at every zoom.

Cells that touch share an outline; where there would be too many outlines, all that is lit of a stage at a position
shares one. It stands off the cells, so that their colours stay and small ones are seen as well.
Where none of them is in sight, an arrow at the window's edge says where they are.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF, QRegion

from microgpt.program.program import Ids
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.lines import Floats, Indices
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.theme import Palette

_STAND_OFF = 3  # pixels between a cell and its outline
_SMALLEST = 11  # pixels of an outline's side: enough for its dashes to be seen
_MOST_RUNS = 200  # that have an outline of their own: more cannot be told apart, and cost a frame
_DASHES = (4.0, 3.0)  # times the pen's width
_ARROW = 12.0


def lit_cells(layout: MapLayout, scalars: Ids) -> Indices:
    """The cells that scalars are or belong to, ascending."""
    return np.unique(layout.expressions.cell[scalars]).astype(np.int32)


class Lit:
    """The outline of some scalars of one session."""

    def __init__(self, layout: MapLayout, scalars: Ids) -> None:
        self.cells = lit_cells(layout, scalars)  # ascending
        self._boxes, self._positions = _runs(layout, self.cells)
        if len(self._boxes) > _MOST_RUNS:
            self._boxes, self._positions = _stages(layout, self.cells)
        self._made_for: tuple[float, float, int] | None = None
        self._outline = QPainterPath()

    def outline(self, t: Transform, positions: int) -> QPainterPath:
        """Around what a document with so many positions has of them, in the pixels of the map's window."""
        key = t.scale_x, t.scale_y, positions
        if self._made_for != key:
            self._made_for = key
            self._outline = _around(self._boxes[self._positions < positions], t)
        return self._outline.translated(round(t.x), round(t.y))

    def paint(self, painter: QPainter, t: Transform, size: QSizeF, positions: int, palette: Palette) -> None:
        """Paint the outline, or an arrow to it, in a window of this size."""
        path = self.outline(t, positions)
        if path.isEmpty():
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.strokePath(path, QPen(QColor(palette.surface), 4.0))
        pen = QPen(QColor(palette.text), 2.0)
        pen.setDashPattern(_DASHES)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.strokePath(path, pen)
        arrow = arrow_to(path.boundingRect(), QRectF(QPointF(0.0, 0.0), size))
        if arrow is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(palette.surface), 2.0))
            painter.setBrush(QColor(palette.text))
            painter.drawPolygon(arrow)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def arrow_to(box: QRectF, window: QRectF) -> QPolygonF | None:
    """A triangle at the window's edge that points to a box outside of it; None where some of the box is inside."""
    if window.intersects(box):
        return None
    inner = window.adjusted(_ARROW, _ARROW, -_ARROW, -_ARROW)
    aim = box.center()
    x = min(max(aim.x(), inner.left()), inner.right())
    y = min(max(aim.y(), inner.top()), inner.bottom())
    across, down = np.sign(aim.x() - x), np.sign(aim.y() - y)
    if box.right() >= window.left() and box.left() <= window.right():
        across = 0.0
    elif box.bottom() >= window.top() and box.top() <= window.bottom():
        down = 0.0
    length = float(np.hypot(across, down))
    dx, dy = across / length * _ARROW, down / length * _ARROW
    back = QPointF(x - dx / 2, y - dy / 2)
    side = QPointF(-dy * 0.7, dx * 0.7)
    return QPolygonF([QPointF(x + dx / 2, y + dy / 2), back + side, back - side])


def _runs(layout: MapLayout, cells: Indices) -> tuple[Floats, Indices]:
    """(R, 4) left, top, right and bottom of runs of neighbours on a line and in a column, and (R,) their positions."""
    line = layout.line_of + np.where(layout.row_of < len(layout.rows), 0, len(layout.lines))  # none twice
    cells = cells[np.lexsort((layout.slot_of[cells], line[cells]))]
    line, slot, position = line[cells], layout.slot_of[cells], layout.position_of[cells]
    new = (np.diff(line, prepend=-1) != 0) | (np.diff(slot, prepend=-2) != 1) | (np.diff(position, prepend=-2) != 0)
    starts = np.flatnonzero(new)
    first, last = cells[starts], cells[np.append(starts[1:], len(cells)) - 1] if len(cells) else cells
    right = layout.left[last] + layout.width[last]
    bottom = layout.top[first] + layout.height[first]
    return np.column_stack([layout.left[first], layout.top[first], right, bottom]), layout.position_of[first]


def _stages(layout: MapLayout, cells: Indices) -> tuple[Floats, Indices]:
    """The same of all cells of a row of the map at a position: one box, whatever lies between them."""
    groups = np.column_stack([layout.row_of[cells], layout.position_of[cells]])
    groups, group_of = np.unique(groups, axis=0, return_inverse=True)
    group_of = group_of.ravel()  # a column in some versions of numpy
    low, high = np.full((len(groups), 2), np.inf), np.full((len(groups), 2), -np.inf)
    np.minimum.at(low, group_of, np.column_stack([layout.left, layout.top])[cells])
    right, bottom = layout.left + layout.width, layout.top + layout.height
    np.maximum.at(high, group_of, np.column_stack([right, bottom])[cells])
    return np.column_stack([low, high]), groups[:, 1]


def _around(boxes: Floats, t: Transform) -> QPainterPath:
    """The outline of boxes of the map, in pixels from the map's corner."""
    scale = np.array([t.scale_x, t.scale_y, t.scale_x, t.scale_y])
    away = np.array([-1, -1, 1, 1]) * _STAND_OFF
    pixels = np.rint(boxes * scale).astype(int) + away
    missing = np.maximum(_SMALLEST - (pixels[:, 2:] - pixels[:, :2]), 0)
    pixels[:, :2] -= missing // 2
    pixels[:, 2:] += missing - missing // 2
    region = QRegion()
    for left, top, right, bottom in pixels.tolist():
        region = region.united(QRect(left, top, right - left, bottom - top))
    path = QPainterPath()
    path.addRegion(region)
    return path.simplified()
