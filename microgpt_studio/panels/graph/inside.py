"""The inside of a cell: places of the scalars of its expression, and of the ports at which operands enter.

A term is a column, below one another stand its ports and its levels; many terms wrap into bands. Above them a cell has
a header. All places are in map units, and depend on the program alone: they are there at every zoom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Ids
from microgpt_studio.panels.graph.camera import CLOSE_RATIO
from microgpt_studio.panels.graph.inside_kernels import BAND_GAP, MOST_PIECES, SIDE, place_boxes, route
from microgpt_studio.panels.graph.lines import Floats, Indices
from microgpt_studio.panels.graph.map_layout import MapLayout

HEADER = 0.16  # of a cell's height
_BOX_RATIO = 2.0  # width to height that a slot should have when a cell is near

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Rectangles in map units, (n,) each."""

    left: Floats
    top: Floats
    width: Floats
    height: Floats

    def __len__(self) -> int:
        return len(self.left)

    def __getitem__(self, which: Flags | npt.NDArray[np.intp]) -> Boxes:
        """Some of them."""
        return Boxes(self.left[which], self.top[which], self.width[which], self.height[which])

    @property
    def sides(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Left, top, width and height."""
        return self.left, self.top, self.width, self.height


@dataclass(frozen=True, slots=True, eq=False)
class Ports:
    """Where operands enter: (n,) each."""

    scalar: Ids  # that uses the operand
    second: Flags  # its second operand, not its first
    boxes: Boxes


@dataclass(frozen=True, slots=True)
class Hit:
    """What is at a point inside a cell."""

    scalar: int
    port: int | None = None  # 0 or 1: not the scalar but the port of this operand of it


class Inside:
    """Places inside all cells of a layout."""

    def __init__(self, layout: MapLayout) -> None:
        self.layout = layout
        expressions = layout.expressions
        self.expressions = expressions
        rows = np.maximum(expressions.ports + expressions.levels, 1)
        terms = np.maximum(expressions.columns, 1)
        # A slot is width / wrap wide and height / (rows × terms / wrap) high; this makes it as wide as it should be.
        ratio = layout.width / (CLOSE_RATIO * (1 - HEADER) * np.maximum(layout.height, 1e-9))
        best = np.sqrt(ratio * terms * rows / _BOX_RATIO)
        wrap = 2.0 ** np.rint(np.log2(np.maximum(best, 1.0)))
        self.wrap: Indices = np.minimum(wrap, terms).astype(np.int32)  # (C,) terms side by side
        self.bands: Indices = -(-terms // self.wrap).astype(np.int32)  # (C,)
        self.rows: Indices = rows.astype(np.int32)  # (C,) of ports and levels, in each band
        self.opens: Flags = expressions.ports > 0  # (C,) a parameter has nothing inside
        self.slot_width = layout.width * (1 - 2 * SIDE) / self.wrap
        self.slot_height = layout.height * (1 - HEADER) / (self.bands * (self.rows + BAND_GAP))
        opening = np.flatnonzero(self.opens)
        sizes = np.rint(layout.height[opening] * 1e6) * 1e9 + np.rint(self.slot_width[opening] * 1e6)
        self._samples: Indices = opening[np.unique(sizes, return_index=True)[1]].astype(np.int32)  # one of every size

    def headers(self, cells: Indices) -> Boxes:
        """The headers of cells."""
        layout = self.layout
        return Boxes(layout.left[cells], layout.top[cells], layout.width[cells], HEADER * layout.height[cells])

    def boxes(self, scalars: Ids) -> Boxes:
        """The boxes of scalars; of a parameter its whole cell."""
        cells = self.expressions.cell[scalars]
        rows = self.expressions.ports[cells] + self.expressions.level[scalars]
        return self._at(cells, self.expressions.column[scalars], rows)

    def ports(self, scalars: Ids) -> Ports:
        """The ports of scalars, of all first operands and then of all second ones; a square has one for both."""
        expressions = self.expressions
        own = expressions.first_port[scalars] >= 0
        other = (expressions.second_port[scalars] >= 0) & (
            expressions.second_port[scalars] != expressions.first_port[scalars]
        )
        users = np.concatenate([scalars[own], scalars[other]])
        rows = np.concatenate([expressions.first_port[scalars[own]], expressions.second_port[scalars[other]]])
        second = np.arange(len(users)) >= int(own.sum())
        cells = expressions.cell[users]
        return Ports(users, second, self._at(cells, expressions.column[users], rows))

    def box(self, scalar: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of a scalar's box."""
        boxes = self.boxes(np.array([scalar], dtype=np.int32))
        return float(boxes.left[0]), float(boxes.top[0]), float(boxes.width[0]), float(boxes.height[0])

    def scalar_at(self, x: float, y: float) -> int | None:
        """The scalar whose box holds the point."""
        cell = self.layout.cell_at(x, y)
        if cell is None:
            return None
        if not self.opens[cell]:
            return int(self.expressions.scalar[cell])
        hit = self.hit(cell, x, y)
        return hit.scalar if hit is not None and hit.port is None else None

    def hit(self, cell: int, x: float, y: float) -> Hit | None:
        """What is at a point inside a cell that opens; a box counts with the gap around it."""
        layout, expressions = self.layout, self.expressions
        across = (x - layout.left[cell] - SIDE * layout.width[cell]) / self.slot_width[cell]
        down = (y - layout.top[cell] - HEADER * layout.height[cell]) / self.slot_height[cell]
        if not (0 <= across < self.wrap[cell] and down >= 0):
            return None
        band, row = divmod(down, float(self.rows[cell] + BAND_GAP))
        column, row = int(band) * int(self.wrap[cell]) + int(across), int(row)
        members = expressions.of(cell)
        members = members[expressions.column[members] == column]
        level = row - int(expressions.ports[cell])
        if level >= 0:
            found = members[expressions.level[members] == level]
            return Hit(int(found[0])) if len(found) else None
        for port, rows in enumerate((expressions.first_port, expressions.second_port)):
            found = members[rows[members] == row]
            if len(found):
                return Hit(int(found[0]), port)
        return None

    def openness(self, cells: Indices, scale_x: float, scale_y: float, text_scale: float) -> Floats:
        """From 0, a cell is one colour, to 1, its inside is to be seen, at a zoom."""
        height = self.layout.height[cells] * scale_y / text_scale
        slot = self.slot_width[cells] * scale_x / text_scale
        share = np.minimum((height - 70.0) / 60.0, (slot - 5.0) / 5.0)
        return np.where(self.opens[cells], np.clip(share, 0.0, 1.0), 0.0)

    def is_open(self, cell: int, scale_x: float, scale_y: float, text_scale: float) -> bool:
        """Whether a cell's inside is more to be seen than the cell."""
        return bool(self.openness(np.array([cell], dtype=np.int32), scale_x, scale_y, text_scale)[0] >= 0.5)

    def may_be_open(self, scale_x: float, scale_y: float, text_scale: float) -> bool:
        """Whether any cell of the map is open at a zoom, be it in sight or not."""
        return bool(self.openness(self._samples, scale_x, scale_y, text_scale).any())

    def _at(self, cells: Indices, columns: Ids, rows: Ids) -> Boxes:
        layout, found = self.layout, Boxes(*np.empty((4, len(cells))))
        place_boxes(
            cells,
            columns,
            rows.astype(np.int32, copy=False),
            (layout.left, layout.top, layout.width, layout.height),
            HEADER,
            (self.slot_width, self.slot_height),
            self.wrap,
            self.rows,
            self.opens,
            *found.sides,
        )
        return found


def warm_up_inside() -> None:
    """Compile what places and edges inside cells need, where no cache holds it."""
    one, index, flag = np.ones(1), np.zeros(1, dtype=np.int32), np.ones(1, dtype=np.bool_)
    box, slots, counts = (one, one, one, one), (one, one), np.ones(1, dtype=np.int32)
    left, top, width, height = np.empty((4, 1))
    place_boxes(index, index, index, box, HEADER, slots, counts, counts, flag, left, top, width, height)
    label_x, label_y, room = np.empty((3, 1))
    pieces, piece_share = np.empty((MOST_PIECES, 4)), np.empty(MOST_PIECES)
    route(index, slots, box, box, flag, flag, one, label_x, label_y, room, pieces, piece_share)
