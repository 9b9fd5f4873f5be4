"""The frame: what of the map is in the window at a zoom, found once for all that is painted upon it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF

from microgpt.program.program import Ids
from microgpt_studio.debugger.inside_numbers import members_of
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.inside import Inside
from microgpt_studio.panels.graph.lines import Floats, Indices
from microgpt_studio.panels.graph.map_layout import MapLayout

HIT_FROM = 0.5  # how open a cell is when a click goes to what is inside


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Of a document with so many positions, in a window whose corner is (0, 0)."""

    layout: MapLayout
    inside: Inside
    transform: Transform
    size: QSizeF
    positions: int
    text_scale: float
    cells: Indices  # (n,) that are at least in part in the window
    openness: Floats  # (n,)
    open_cells: dict[int, float]  # those of them that are at least a little open, and how much
    scalars: Ids  # inside the cells that are at least a little open, and in the window

    @classmethod
    def of(
        cls,
        inside: Inside,
        transform: Transform,
        size: QSizeF,
        positions: int,
        text_scale: float,
        known: Indices,
    ) -> Frame:
        """`known` are the cells of which the numbers inside are there, ascending: no other opens."""
        layout = inside.layout
        left, top = transform.to_map(0.0, 0.0)
        right, bottom = transform.to_map(size.width(), size.height())
        cells = layout.cells_within(left, top, right, bottom, positions)
        if not len(known):
            closed: Floats = np.broadcast_to(0.0, len(cells))
            return cls(layout, inside, transform, size, positions, text_scale, cells, closed, {}, known)
        openness = inside.openness(cells, transform.scale_x, transform.scale_y, text_scale)
        openness[~np.isin(cells, known)] = 0.0
        scalars = members_of(inside.expressions, cells[openness > 0])
        if len(scalars):
            scalars = scalars[_is_live(layout, scalars, positions)]
            boxes = inside.boxes(scalars)
            rows = layout.keep("most ports", inside.expressions.ports.max) + 1
            reach = inside.slot_height[inside.expressions.cell[scalars]] * rows
            near = (boxes.left < right) & (boxes.left + boxes.width > left)
            near &= (boxes.top - reach < bottom) & (boxes.top + boxes.height > top)  # its ports may be in sight
            scalars = scalars[near]
        some = np.flatnonzero(openness)
        open_cells = dict(zip(cells[some].tolist(), openness[some].tolist(), strict=True))
        return cls(layout, inside, transform, size, positions, text_scale, cells, openness, open_cells, scalars)

    def openness_of(self, cell: int) -> float:
        """How open a cell is; 0 for one that is not in the window."""
        return self.open_cells.get(cell, 0.0)

    def members(self, cell: int) -> Ids:
        """The scalars of a cell that the document has, whether they are in the window or not."""
        members: Ids = self.layout.expressions.of(cell)
        live: Ids = members[_is_live(self.layout, members, self.positions)]
        return live

    def place_of(self, scalar: int) -> QRectF | None:
        """Where a scalar is shown, in pixels: its box in an open cell, or else its cell. None: not in this document."""
        cell = self.layout.cell_of(scalar)
        if not self.layout.is_shown(cell, self.positions):
            return None
        is_open = self.openness_of(cell) >= HIT_FROM
        return outline(self.transform, self.inside.box(scalar) if is_open else self.layout.rect_of(cell))

    def places_of(self, scalars: Ids) -> tuple[Floats, Floats, Floats, Floats]:
        """Left, top, right and bottom (n,) of the places of those scalars that the document has, in their order."""
        layout, t = self.layout, self.transform
        cells = layout.expressions.cell[scalars]
        shown = layout.position_of[cells] < self.positions
        cells, scalars = cells[shown], scalars[shown]
        left, top, width, height = layout.left[cells], layout.top[cells], layout.width[cells], layout.height[cells]
        opened = [cell for cell, openness in self.open_cells.items() if openness >= HIT_FROM]
        if opened:
            inner = np.flatnonzero(np.isin(cells, opened))
            boxes = self.inside.boxes(scalars[inner])
            left[inner], top[inner], width[inner], height[inner] = boxes.left, boxes.top, boxes.width, boxes.height
        left, top = left * t.scale_x + t.x, top * t.scale_y + t.y
        return left, top, left + width * t.scale_x, top + height * t.scale_y


def outline(t: Transform, rect: tuple[float, float, float, float]) -> QRectF:
    """A rectangle of the map in pixels."""
    left, top = t.to_pixels(rect[0], rect[1])
    return QRectF(QPointF(left, top), QSizeF(rect[2] * t.scale_x, rect[3] * t.scale_y))


def between(a: QRectF, b: QRectF) -> QLineF:
    """A line from the side of one place to the side of another that faces it."""
    if b.top() >= a.bottom():
        return QLineF(a.center().x(), a.bottom(), b.center().x(), b.top())
    if b.bottom() <= a.top():
        return QLineF(a.center().x(), a.top(), b.center().x(), b.bottom())
    if b.left() >= a.right():
        return QLineF(a.right(), a.center().y(), b.left(), b.center().y())
    return QLineF(a.left(), a.center().y(), b.right(), b.center().y())


def _is_live(layout: MapLayout, scalars: Ids, positions: int) -> np.ndarray:
    """Which scalars a document with so many positions has: the sums of the losses are as many as the positions."""
    program = layout.program
    return np.asarray(
        (scalars < program.sums_start) | (scalars < program.sums_start + positions) | (scalars == program.loss)
    )
