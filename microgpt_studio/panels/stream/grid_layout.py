"""Where blocks of cells lie, one below the other over the same columns: plain arithmetic, no widget.

A block is a line for its title, rows of cells, and strips: lower rows of another kind that sum up its columns. Cells
get whole pixels, and rows as much height as there is, within limits; what does not fit is scrolled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF

from microgpt_studio.widgets.grid import Grid

_GAP = 6.0  # pixels below a block


class Cell(NamedTuple):
    """A cell; rows from the number of a block's rows on are its strips."""

    block: int
    row: int
    col: int


class Shape(NamedTuple):
    """How many rows and strips a block has, and for how many rows room is kept: their height does not jump then."""

    rows: int
    strips: int = 0
    room: int = 0


@dataclass(frozen=True, slots=True)
class Measures:
    """Lengths in pixels that the blocks are laid out by."""

    left: float  # of the names of the rows
    right: float  # beside the cells
    title: float
    strip: float
    lowest: float  # row
    highest: float  # row
    widest: float  # column


@dataclass(frozen=True, slots=True)
class GridLayout:
    """Blocks from the top, without scrolling."""

    grids: tuple[Grid, ...]  # the cells of each block
    strips: tuple[int, ...]  # how many each block has
    strip_height: float
    title_height: float
    height: float  # of everything

    @classmethod
    def within(
        cls, width: float, height: float, shapes: Sequence[Shape], cols: int, room: int, measures: Measures
    ) -> GridLayout:
        """All blocks with so many columns, as high as the room allows and at least as high as they must be.

        Columns are as wide as if there were `room` of them, if that is more.
        """
        side = min(max(width - measures.left - measures.right, 1.0) / max(cols, room, 1), measures.widest)
        side = float(int(side)) if side >= 3.0 else side
        rows = sum(max(shape.rows, shape.room) for shape in shapes)
        strips = sum(shape.strips for shape in shapes)
        free = height - len(shapes) * measures.title - _GAP * max(len(shapes) - 1, 0)
        row = free / max(rows + strips, 1)  # strips are as high as rows, where these are high enough
        if row < measures.strip:
            row = (free - strips * measures.strip) / max(rows, 1)
        row = float(int(min(max(row, measures.lowest), measures.highest)))
        strip = max(measures.strip, row)
        grids, y = [], 0.0
        for shape in shapes:
            y += measures.title
            grids.append(Grid(measures.left, y, side, row, shape.rows, cols))
            y += shape.rows * row + shape.strips * strip + _GAP
        return cls(tuple(grids), tuple(shape.strips for shape in shapes), strip, measures.title, max(y - _GAP, 0.0))

    def rect(self, cell: Cell) -> QRectF:
        """Where a cell lies."""
        grid = self.grids[cell.block]
        if cell.row < grid.rows:
            return grid.cell(cell.row, cell.col)
        y = grid.rect.bottom() + (cell.row - grid.rows) * self.strip_height
        return QRectF(grid.x + cell.col * grid.cell_width, y, grid.cell_width, self.strip_height)

    def title(self, block: int, width: float) -> QRectF:
        """Where the title of a block lies in a view of that width."""
        return QRectF(0.0, self.grids[block].y - self.title_height, width, self.title_height)

    def rows(self, block: int) -> int:
        """Rows of a block, its strips among them."""
        return self.grids[block].rows + self.strips[block]

    def at(self, point: QPointF) -> Cell | None:
        """The cell under a point."""
        for block, grid in enumerate(self.grids):
            col = int((point.x() - grid.x) // grid.cell_width)
            if not 0 <= col < grid.cols or point.y() < grid.y:
                continue
            row = int((point.y() - grid.y) // grid.cell_height)
            if row >= grid.rows:
                row = grid.rows + int((point.y() - grid.rect.bottom()) // self.strip_height)
            if row < self.rows(block):
                return Cell(block, row, col)
        return None

    def moved(self, cell: Cell, rows: int, cols: int) -> Cell:
        """The cell so many rows below and columns to the right, over the borders of blocks; the last one there is."""
        col = min(max(cell.col + cols, 0), self.grids[cell.block].cols - 1)
        block, row = cell.block, cell.row + rows
        while row < 0 and block > 0:
            block -= 1
            row += self.rows(block)
        while row >= self.rows(block) and block + 1 < len(self.grids):
            row -= self.rows(block)
            block += 1
        return Cell(block, min(max(row, 0), self.rows(block) - 1), col)
