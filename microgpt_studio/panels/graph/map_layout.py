"""The map's layout: a place for every cell of a program, constructed from positions, scopes and indices.

Columns are positions, rows are the stages in the order of the code, a line is one strip of cells; a row wraps long
vectors into several lines. Left of the first position the parameters have a column of their own, each matrix beside
the rows that use it. Lengths are in map units: a cell of the residual stream is 1 × 1. A place depends on the program
alone; which document is loaded only says how many columns there are. It knows no numbers and no pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Program
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.panels.graph.lines import Floats, Indices, Lines
from microgpt_studio.panels.graph.matrices import place_matrices
from microgpt_studio.panels.graph.stages import Row, Span, Stage, stages

K = TypeVar("K")

_MOST_LINES = 8  # of a row; a longer vector gets narrower cells
_THIN = 0.8  # height of a line where a row has several
_SHARED = 0.5  # height of a line of what serves a whole vector
_SHARED_GAP = 0.12  # between that and the vector
_HEAD_GAP = 0.3  # between heads
ROW_GAP = 0.6
_WIDE_GAPS = {"score": 1.6, "proj": 0.9}  # above these rows: room for the curves of attention, and after the heads
_SCOPE_GAP = 1.3


class MapLayout:
    """Places of all C cells of a program."""

    def __init__(self, program: Program, expressions: Expressions) -> None:
        self.program = program
        self.expressions = expressions
        self.num_columns = program.config.block_size
        self.column_width = float(program.config.n_embd)
        self.pitch = self.column_width + max(0.5, 0.16 * self.column_width)  # from column to column
        self.stream = self.column_width + 0.45 * (self.pitch - self.column_width)  # the residual stream, in a column
        self.parameters_left = -self.pitch  # the parameters' column begins there
        count = expressions.num_cells
        self.left, self.top, self.width, self.height = np.zeros((4, count))  # (C,) each
        self.row_of = np.full(count, -1, dtype=np.int32)  # (C,) index into bands
        self.position_of = np.full(count, -1, dtype=np.int32)  # (C,); -1 for parameters and the total loss
        self.line_of = np.full(count, -1, dtype=np.int32)  # (C,) index into lines or matrix_lines
        self.slot_of = np.full(count, -1, dtype=np.int32)  # (C,) its place in the line, from the left
        self.rows, self.lines = self._place_rows()
        self.spans = _spans(self.rows)
        self.total_height = self.rows[-1].bottom
        self.matrices, self.matrix_lines = place_matrices(self)
        self.bands = (*self.rows, *self.matrices)  # what has a colour scale of its own
        self._kept: dict[Hashable, Any] = {}

    def keep(self, key: Hashable, find: Callable[[], K]) -> K:
        """What was found in this layout under a key, or is found now: for what every frame asks again."""
        if key not in self._kept:
            self._kept[key] = find()
        found: K = self._kept[key]
        return found

    def extent(self, positions: int) -> tuple[float, float, float]:
        """Left end, right end and height of the map of a document with so many positions."""
        return self.parameters_left, max(positions, 1) * self.pitch, self.total_height

    def rect_of(self, cell: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of a cell."""
        return float(self.left[cell]), float(self.top[cell]), float(self.width[cell]), float(self.height[cell])

    def is_parameter(self, cell: int) -> bool:
        """Whether a cell is a parameter."""
        return bool(self.row_of[cell] >= len(self.rows))

    def cell_at(self, x: float, y: float) -> int | None:
        """The cell that holds the point."""
        return (self.matrix_lines if x < 0 else self.lines).find(x, y)

    def cells_within(self, left: float, top: float, right: float, bottom: float, positions: int) -> Indices:
        """The cells of a document with so many positions that are at least in part within a rectangle."""
        own = self.matrix_lines.within(left, top, min(right, 0.0), bottom)
        end = min(right, positions * self.pitch)
        return np.concatenate([own, self.lines.within(max(left, 0.0), top, end, bottom)])

    def cells_of(self, row: Row) -> Indices:
        """The cells of a row of one line, from left to right."""
        return self.lines.cells[row.lines[0]]

    def row_at(self, y: float) -> int | None:
        """The index of the row at this height."""
        for index, row in enumerate(self.rows):
            if row.top <= y < row.bottom:
                return index
        return None

    def block_of(self, cell: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of what a column has in the cell's row; of a parameter, its matrix."""
        band = self.bands[self.row_of[cell]]
        left = self.parameters_left if self.is_parameter(cell) else max(int(self.position_of[cell]), 0) * self.pitch
        return left, band.top, self.column_width, band.bottom - band.top

    def cell_of(self, scalar: int) -> int:
        """The cell that a scalar is or belongs to."""
        return int(self.expressions.cell[scalar])

    def is_shown(self, cell: int, positions: int) -> bool:
        """Whether a document with so many positions has the cell."""
        return bool(self.position_of[cell] < positions)

    def neighbour(self, cell: int, across: int, down: int, positions: int) -> int:
        """The next cell to the right (+1) or left (-1), or below or above; the same at an edge of the map."""
        own = self.matrix_lines if self.is_parameter(cell) else self.lines
        line = int(self.line_of[cell])
        middle = self.left[cell] + self.width[cell] / 2
        if down:
            line += down
            return self._nearest(own, line, middle, cell, positions) if 0 <= line < len(own) else cell
        cells = self._shown_in(own, line, positions)
        slot = int(np.searchsorted(self.left[cells], self.left[cell])) + across
        if 0 <= slot < len(cells):
            return int(cells[slot])
        other = self.lines if self.is_parameter(cell) else self.matrix_lines
        if (across > 0) != self.is_parameter(cell) or not len(other):
            return cell
        height = self.top[cell] + self.height[cell] / 2
        line = int(np.abs((other.top + other.bottom) / 2 - height).argmin())
        return self._nearest(other, line, -across * np.inf, cell, positions)

    def _nearest(self, lines: Lines, line: int, middle: float, cell: int, positions: int) -> int:
        """The cell of a line whose middle is the nearest, in the same column if there is one."""
        cells = self._shown_in(lines, line, positions)
        if np.isinf(middle):
            return int(cells[0] if middle < 0 else cells[-1])
        distance = np.abs(self.left[cells] + self.width[cells] / 2 - middle)
        same_column = self.position_of[cells] == self.position_of[cell]
        if same_column.any():
            distance = np.where(same_column, distance, np.inf)
        return int(cells[int(distance.argmin())])

    def _shown_in(self, lines: Lines, line: int, positions: int) -> Indices:
        cells = lines.cells[line]
        return cells[self.position_of[cells] < positions]

    def _place_rows(self) -> tuple[tuple[Row, ...], Lines]:
        rows: list[Row] = []
        tops: list[float] = []
        bottoms: list[float] = []
        in_line: list[Indices] = []  # cells of each line, from left to right
        for stage in stages(self.program, self.expressions):
            y = rows[-1].bottom + _gap(rows[-1], stage) if rows else 0.0
            lines = self._place(stage, len(tops))
            thickness = _SHARED if stage.shared else 1.0 if len(lines) == 1 else _THIN
            first = len(tops)
            for line in lines:
                self.top[line], self.height[line], self.row_of[line] = y, thickness, len(rows)
                self.slot_of[line] = np.arange(len(line))
                tops.append(y)
                y += thickness
                bottoms.append(y)
            in_line += lines
            lines_of_row = range(first, len(tops))
            rows.append(Row(stage.stage, stage.scope, stage.label, tops[first], y, lines_of_row, stage.shared))
        return tuple(rows), Lines(np.array(tops), np.array(bottoms), in_line, self.left, self.width)

    def _place(self, stage: Stage, first_line: int) -> list[Indices]:
        """Place a row's cells across, head after head and in each position after position; its lines' cells."""
        heads = len(stage.first)
        column = np.repeat(np.maximum(stage.positions, 0), stage.sizes)
        index = np.arange(len(column)) - np.repeat(np.cumsum(stage.sizes) - stage.sizes, stage.sizes)
        placed, line = [], np.zeros(len(column), dtype=np.int64)
        for head in range(heads):
            cells = np.repeat(stage.first[head], stage.sizes) + index
            if stage.single:
                left, width = np.zeros(len(index)), np.full(len(index), self.column_width)
            elif stage.in_heads:
                left, width = self._across_heads(index, np.repeat(stage.sizes, stage.sizes), head, heads)
            else:
                columns = max(self.program.config.n_embd, -(-int(stage.sizes[0]) // _MOST_LINES))
                line, place = np.divmod(index, columns)
                left = place * (self.column_width / columns)
                width = np.full(len(index), self.column_width / columns)
            self.left[cells] = column * self.pitch + left
            self.width[cells] = width
            self.position_of[cells] = np.repeat(stage.positions, stage.sizes)
            self.line_of[cells] = first_line + line
            placed.append(cells)
        every = np.concatenate(placed)
        every = every[np.argsort(self.left[every], kind="stable")]
        on_line = self.line_of[every] - first_line
        return [every[on_line == i].astype(np.int32) for i in range(int(on_line.max()) + 1)]

    def _across_heads(
        self, index: npt.NDArray[np.int64], size: Indices, head: int, heads: int
    ) -> tuple[Floats, Floats]:
        """Left and width of cells in a column whose heads stand side by side with a gap between them."""
        config = self.program.config
        gap = _HEAD_GAP if config.n_head > 1 else 0.0
        if heads < config.n_head:  # one vector that all heads share
            per_head = config.head_size
            group, place = np.divmod(index, per_head)
            width = np.full(len(index), (config.head_size - gap) / per_head)
        else:
            group, place = np.full(len(index), head), index
            width = (config.head_size - gap) / size
        return group * config.head_size + gap / 2 + place * width, width


def _gap(above: Row, stage: Stage) -> float:
    """Between a row and the next."""
    if above.shared:
        return _SHARED_GAP
    same = stage.scope == above.scope and stage.stage != "logit"
    return _WIDE_GAPS.get(stage.name, ROW_GAP) if same else _SCOPE_GAP


def _spans(rows: tuple[Row, ...]) -> tuple[Span, ...]:
    scopes: dict[str, list[Row]] = {}
    for row in rows:
        if row.scope:
            scopes.setdefault(row.scope, []).append(row)
    return tuple(Span(scope, members[0].top, members[-1].bottom) for scope, members in scopes.items())
