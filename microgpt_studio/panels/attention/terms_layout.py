"""Where the blocks of the enlarged head lie: side by side where there is room, else below each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from microgpt_studio.panels.attention.terms_blocks import Block, Figure, Strips, Table
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.grid import Grid

MARGIN = 8.0
_BLOCK_GAP = 20.0
_SIZES = ((7, 8.0), (6, 4.0))  # characters of a figure, and pixels between columns: usually, and where it is narrow
_STRIP = 11.5  # characters that a strip's heading and the limit of its scale take
_CELL_WITH_FIGURE = 9  # characters


@dataclass(frozen=True, slots=True)
class Cell:
    """A number and where it stands."""

    rect: QRectF
    figure: Figure


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """Title, headings, labels and figures with their boxes."""

    table: Table
    title: QRectF
    headings: tuple[QRectF, ...]
    rows: tuple[QRectF, ...]  # each as wide as the table
    labels: tuple[QRectF, ...]
    cells: tuple[tuple[Cell, ...], ...]  # row by row
    digits: int  # characters that a figure may take


@dataclass(frozen=True, slots=True)
class PlacedStrips:
    """Title, labels and one grid a strip."""

    strips: Strips
    title: QRectF
    headings: tuple[QRectF, ...]
    labels: tuple[QRectF, ...]
    grids: tuple[Grid, ...]

    def cell(self, number: int, row: int, col: int) -> Cell:
        """A cell of one of the strips."""
        strip = self.strips.strips[number]
        value = float(strip.data[row, col]) if strip.known[row, col] else None
        figure = Figure(value, int(strip.ids[row, col]), self.strips.keys[row])
        return Cell(self.grids[number].cell(row, col), figure)

    def cells(self, scalar: int | None = None) -> list[Cell]:
        """All that are there, or those of a scalar."""
        found = []
        for number, strip in enumerate(self.strips.strips):
            there = strip.ids >= 0 if scalar is None else strip.ids == scalar
            found += [self.cell(number, row, col) for row, col in np.argwhere(there).tolist()]
        return found

    def at(self, point: QPointF) -> Cell | None:
        """What is under a point."""
        for number, (strip, grid) in enumerate(zip(self.strips.strips, self.grids, strict=True)):
            place = grid.at(point)
            if place is not None and strip.ids[place] >= 0:
                return self.cell(number, *place)
        return None


@dataclass(frozen=True, slots=True)
class TermsLayout:
    """All of it, before scrolling."""

    tables: tuple[PlacedTable, ...]
    strips: tuple[PlacedStrips, ...]
    width: float
    height: float

    def cells(self, scalar: int | None = None) -> list[Cell]:
        """All that can be pointed at, or those of a scalar."""
        found = [cell for table in self.tables for row in table.cells for cell in row]
        if scalar is not None:
            found = [cell for cell in found if cell.figure.scalar == scalar]
        return found + [cell for strips in self.strips for cell in strips.cells(scalar)]

    def at(self, point: QPointF) -> Cell | None:
        """What is under a point."""
        for strips in self.strips:
            found = strips.at(point)
            if found is not None:
                return found
        cells = (cell for table in self.tables for row in table.cells for cell in row)
        return next((cell for cell in cells if cell.rect.contains(point)), None)


class _Placer:
    def __init__(self, theme: Theme, size: tuple[int, float]) -> None:
        self.figure, self.gap = size
        metrics = metrics_of(theme.number_font(SMALL))
        words = metrics_of(theme.text_font(SMALL))
        self.words = words
        self.advance = metrics.horizontalAdvance("0")
        self.column = self.figure * self.advance
        self.line = float(round(max(metrics.height(), words.height()) + 3.0))

    def size(self, block: Block, *, figures: bool) -> tuple[float, float]:
        """Width and height of a block; `figures`: strips hold figures."""
        title = self.words.horizontalAdvance(block.title)
        if isinstance(block, Table):
            columns = len(block.headings) * (self.column + self.gap)
            return max(block.label * self.advance + columns, title), (2 + len(block.rows)) * self.line
        label = max(map(len, block.labels)) * self.advance
        strips = sum(self._cell(len(strip.ids[0]), figures=figures) * len(strip.ids[0]) for strip in block.strips)
        return max(label + strips + self.gap * len(block.strips), title), (2 + len(block.labels)) * self.line

    def _cell(self, components: int, *, figures: bool) -> float:
        least = _STRIP * self.advance / components
        return float(ceil(max(least, _CELL_WITH_FIGURE * self.advance if figures else 5.0)))

    def table(self, table: Table, x: float, y: float) -> PlacedTable:
        width, _ = self.size(table, figures=False)
        column = self.column
        ends = [x + table.label * self.advance + (i + 1) * (self.gap + column) for i in range(len(table.headings))]
        rows, labels, cells = [], [], []
        for number, row in enumerate(table.rows):
            top = y + (2 + number) * self.line
            row_ends = ends[len(ends) - len(row.figures) :]
            rows.append(QRectF(x - 3.0, top, ends[-1] - x + 6.0, self.line))
            labels.append(QRectF(x, top, row_ends[0] - column - self.gap - x, self.line))
            cells.append(
                tuple(
                    Cell(QRectF(end - column - 2.0, top, column + 4.0, self.line), figure)
                    for end, figure in zip(row_ends, row.figures, strict=True)
                )
            )
        headings = tuple(QRectF(end - column - self.gap, y + self.line, column + self.gap, self.line) for end in ends)
        title = QRectF(x, y, width, self.line)
        return PlacedTable(table, title, headings, tuple(rows), tuple(labels), tuple(cells), self.figure)

    def strips(self, block: Strips, x: float, y: float, *, figures: bool) -> PlacedStrips:
        width, _ = self.size(block, figures=figures)
        label = max(map(len, block.labels)) * self.advance
        top, left = y + 2 * self.line, x + label + self.gap
        headings, grids = [], []
        for strip in block.strips:
            side = self._cell(len(strip.ids[0]), figures=figures)
            grid = Grid(round(left), round(top), side, self.line, *strip.ids.shape)
            headings.append(QRectF(grid.x, y + self.line, grid.rect.width(), self.line))
            grids.append(grid)
            left = grid.rect.right() + self.gap
        labels = tuple(QRectF(x, top + row * self.line, label, self.line) for row in range(len(block.labels)))
        title = QRectF(x, y, width, self.line)
        return PlacedStrips(block, title, tuple(headings), labels, tuple(grids))


def place(blocks: Sequence[Block], width: float, theme: Theme) -> TermsLayout:
    """The blocks in a sheet `width` pixels wide; it grows downwards."""
    room = width - 2 * MARGIN
    placers = [_Placer(theme, size) for size in _SIZES]
    easy = all(placers[0].size(block, figures=False)[0] <= room for block in blocks)
    placer = placers[0 if easy else 1]
    figures = all(placer.size(block, figures=True)[0] <= room for block in blocks)
    tables, strips = [], []
    flow = _Flow(width)
    for block in blocks:
        x, y = flow.place(*placer.size(block, figures=figures))
        if isinstance(block, Table):
            tables.append(placer.table(block, x, y))
        else:
            strips.append(placer.strips(block, x, y, figures=figures))
    return TermsLayout(tuple(tables), tuple(strips), flow.right + MARGIN, flow.bottom + MARGIN)


class _Flow:
    """Gives each block the place beside the one before, or else the highest one below a block that is as wide."""

    def __init__(self, width: float) -> None:
        self._room = width - MARGIN
        self._top = MARGIN / 2
        self._columns: list[tuple[float, float, float]] = []  # of blocks side by side: left, width, bottom
        self.right = 0.0

    @property
    def bottom(self) -> float:
        """Of all blocks so far."""
        return max((bottom for _, _, bottom in self._columns), default=self._top)

    def place(self, width: float, height: float) -> tuple[float, float]:
        """The corner of the next block."""
        x = self._columns[-1][0] + self._columns[-1][1] + _BLOCK_GAP if self._columns else MARGIN
        below = [i for i, column in enumerate(self._columns) if width <= column[1]]
        if not self._columns or x + width <= self._room:
            self._columns.append((x, width, self._top + height))
            y = self._top
        elif below:
            i = min(below, key=lambda each: self._columns[each][2])
            x, wide, bottom = self._columns[i]
            y = bottom + _BLOCK_GAP / 2
            self._columns[i] = x, wide, y + height
        else:
            self._top = y = self.bottom + _BLOCK_GAP / 2
            x = MARGIN
            self._columns = [(x, width, y + height)]
        self.right = max(self.right, x + width)
        return x, y
