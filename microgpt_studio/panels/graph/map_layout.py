"""The map's layout: a place for every element of a program, constructed from positions, scopes and indices.

Columns are positions, rows are the stages in the order of the code, a line is one strip of cells; a row wraps long
vectors into several lines. Lengths are in map units: a cell of the residual stream is 1 × 1. A place depends on the
program alone; which document is loaded only says how many columns there are. It knows no numbers and no pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Program, Tensor

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

_MOST_LINES = 8  # of a row; a longer vector gets narrower cells
_THIN = 0.8  # height of a line where a row has several
_HEAD_GAP = 0.3  # between heads
ROW_GAP = 0.6
_WIDE_GAPS = {"score": 1.6, "proj": 0.9}  # above these rows: room for the curves of attention, and after the heads
_SCOPE_GAP = 1.3
_IN_HEADS = frozenset({"q", "k", "v"})  # vectors that are the heads' slices side by side


@dataclass(frozen=True, slots=True)
class Row:
    """One stage, for all positions."""

    stage: str  # "layer0.attn.q"; the heads of a layer share "layer0.attn.score"
    scope: str  # "layer0.attn"; empty outside the layers
    label: str  # "q"
    top: float
    bottom: float
    lines: range


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of one scope."""

    scope: str
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Lines whose cells lie at the same places across. S cells a line, L lines."""

    left: Floats  # (S,) ascending
    right: Floats  # (S,)
    lines: Indices  # (L,)
    elements: Indices  # (L, S)


class MapLayout:
    """Places of all E elements of a program. Parameters have none: their width is 0 and their row -1."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.num_columns = program.config.block_size
        self.column_width = float(program.config.n_embd)
        self.pitch = self.column_width + max(0.5, 0.16 * self.column_width)  # from column to column
        self.stream = self.column_width + 0.45 * (self.pitch - self.column_width)  # the residual stream, in a column
        count = len(program.element_ids)
        self.left, self.top, self.width, self.height = np.zeros((4, count))  # (E,) each
        self.row_of = np.full(count, -1, dtype=np.int32)  # (E,) index into rows
        self.position_of = np.full(count, -1, dtype=np.int32)  # (E,); -1 for parameters and the total loss
        self.line_of = np.full(count, -1, dtype=np.int32)  # (E,)
        self.slot_of = np.full(count, -1, dtype=np.int32)  # (E,) its place in the line, from the left
        rows: list[Row] = []
        line_tops: list[float] = []
        line_heights: list[float] = []
        self._in_line: list[Indices] = []  # elements of each line, from left to right
        y = 0.0
        for stage, tensors in _stages(program):
            scope, _, name = stage.rpartition(".")
            if rows:
                same = scope == rows[-1].scope and stage != "logit"
                y += _WIDE_GAPS.get(name, ROW_GAP) if same else _SCOPE_GAP
            lines = self._place(tensors, len(line_tops))
            thickness = 1.0 if len(lines) == 1 else _THIN
            tops = [y + i * thickness for i in range(len(lines))]
            for line_top, line in zip(tops, lines, strict=True):
                self.top[line], self.height[line], self.row_of[line] = line_top, thickness, len(rows)
                self.slot_of[line] = np.arange(len(line))
            first = len(line_tops)
            line_tops += tops
            line_heights += [thickness] * len(lines)
            self._in_line += lines
            label = _label(stage, name)
            y = tops[-1] + thickness
            rows.append(Row(stage, scope, label, tops[0], y, range(first, len(line_tops))))
        self.rows = tuple(rows)
        self.spans = _spans(rows)
        self.line_top = np.array(line_tops)  # (lines,) ascending
        self.line_bottom = self.line_top + np.array(line_heights)
        self.total_height = y
        self.patterns = self._patterns()

    def extent(self, positions: int) -> tuple[float, float]:
        """Width and height of the map of a document with so many positions."""
        return max(positions, 1) * self.pitch, self.total_height

    def rect_of(self, element: int) -> tuple[float, float, float, float] | None:
        """Left, top, width and height of an element's cell; None for a parameter."""
        if self.row_of[element] < 0:
            return None
        return (
            float(self.left[element]),
            float(self.top[element]),
            float(self.width[element]),
            float(self.height[element]),
        )

    def cell_at(self, x: float, y: float) -> int | None:
        """The element whose cell holds the point, in O(log E)."""
        line = int(np.searchsorted(self.line_top, y, side="right")) - 1
        if line < 0 or y >= self.line_bottom[line]:
            return None
        elements = self._in_line[line]
        slot = int(np.searchsorted(self.left[elements], x, side="right")) - 1
        if slot < 0 or x >= self.left[elements[slot]] + self.width[elements[slot]]:
            return None
        return int(elements[slot])

    def elements_of(self, row: Row) -> Indices:
        """The elements of a row of one line, from left to right."""
        return self._in_line[row.lines[0]]

    def row_at(self, y: float) -> int | None:
        """The index of the row at this height."""
        for index, row in enumerate(self.rows):
            if row.top <= y < row.bottom:
                return index
        return None

    def block_of(self, element: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of what a column has in the element's row."""
        row = self.rows[self.row_of[element]]
        column = max(int(self.position_of[element]), 0)
        return column * self.pitch, row.top, self.column_width, row.bottom - row.top

    def element_of(self, scalar: int) -> int | None:
        """The element that a scalar is or belongs to; the tensor's first one where it serves the whole tensor.

        None for a parameter.
        """
        tensor = self.program.tensors[self.program.tensor[scalar]]
        element = tensor.first_element + max(int(self.program.element[scalar]), 0)
        return element if self.row_of[element] >= 0 else None

    def is_shown(self, element: int, positions: int) -> bool:
        """Whether a document with so many positions has the element's cell."""
        return bool(self.row_of[element] >= 0 and self.position_of[element] < positions)

    def neighbour(self, element: int, across: int, down: int, positions: int) -> int:
        """The next cell to the right (+1) or left (-1), or below or above; the same at an edge of the map."""
        line = int(self.line_of[element])
        if down:
            line += down
            if not 0 <= line < len(self._in_line):
                return element
            elements = self._shown_in(line, positions)
            middle = self.left[element] + self.width[element] / 2
            distance = np.abs(self.left[elements] + self.width[elements] / 2 - middle)
            same_column = self.position_of[elements] == self.position_of[element]
            if same_column.any():
                distance = np.where(same_column, distance, np.inf)
            return int(elements[int(distance.argmin())])
        elements = self._shown_in(line, positions)
        slot = int(np.searchsorted(self.left[elements], self.left[element])) + across
        return int(elements[min(max(slot, 0), len(elements) - 1)])

    def attention_ends(self, position: int) -> tuple[Indices, Floats, Floats]:
        """The weights that a position gives to earlier ones and itself, W in all, and where their curves run.

        Returns their elements (W,), the beginnings (W, 2) below the value vectors, and the ends (W, 2) above the
        scores.
        """
        head_size = self.program.config.head_size
        elements, starts, ends = [], [], []
        for index, row in enumerate(self.rows):
            if row.label != "weight":
                continue
            value, score = self.rows[index - 2], self.rows[index - 1]
            line = self._in_line[row.lines[0]]
            own = line[self.position_of[line] == position]  # head after head, each from position 0
            middle = self.left[own] + self.width[own] / 2
            heads, earlier = np.divmod(np.arange(len(own)), position + 1)
            start = earlier * self.pitch + (heads + 0.5) * head_size
            elements.append(own)
            starts.append(np.column_stack([start, np.full(len(own), value.bottom)]))
            ends.append(np.column_stack([middle, np.full(len(own), score.top)]))
        return np.concatenate(elements), np.concatenate(starts), np.concatenate(ends)

    def head_of(self, element: int) -> tuple[int, int] | None:
        """Layer and head that an element of attention belongs to; None where it belongs to no single head."""
        if self.row_of[element] < 0:
            return None
        row = self.rows[self.row_of[element]]
        tensor = self.program.tensors[self.program.tensor[self.program.element_ids[element]]]
        parts = tensor.stage.split(".")  # "layer0", "attn", then "q", or "head1" and "score"
        if parts[-1] in _IN_HEADS:
            return int(parts[0].removeprefix("layer")), (
                element - tensor.first_element
            ) // self.program.config.head_size
        if row.scope and parts[-2].startswith("head"):
            return int(parts[0].removeprefix("layer")), int(parts[-2].removeprefix("head"))
        return None

    def _shown_in(self, line: int, positions: int) -> Indices:
        elements = self._in_line[line]
        return elements[self.position_of[elements] < positions]

    def _place(self, tensors: list[list[Tensor]], first_line: int) -> list[Indices]:
        """Place a row's tensors, head after head and in each position after position; returns its lines' elements."""
        heads = len(tensors)
        name = tensors[0][0].path.rpartition(".")[2]
        sizes = np.array([tensor.size for tensor in tensors[0]])
        starts = np.array([[tensor.first_element for tensor in head] for head in tensors])  # (heads, positions)
        if tensors[0][0].position is None:
            positions = np.zeros(1, dtype=np.int64)
            self.position_of[starts] = -1
        else:
            positions = np.arange(len(sizes))
        column = np.repeat(positions, sizes)
        index = np.arange(len(column)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        placed, line = [], np.zeros(len(column), dtype=np.int64)
        for head in range(heads):
            elements = np.repeat(starts[head], sizes) + index
            if heads > 1 or name in _IN_HEADS or ".head" in tensors[0][0].path:
                left, width = self._across_heads(index, sizes[positions][column], head, heads)
            elif tensors[0][0].shape == ():
                left, width = np.zeros(len(index)), np.full(len(index), self.column_width)
            else:
                columns = max(self.program.config.n_embd, -(-int(sizes[0]) // _MOST_LINES))
                line, place = np.divmod(index, columns)
                left = place * (self.column_width / columns)
                width = np.full(len(index), self.column_width / columns)
            self.left[elements] = column * self.pitch + left
            self.width[elements] = width
            if tensors[0][0].position is not None:
                self.position_of[elements] = column
            self.line_of[elements] = first_line + line
            placed.append(elements)
        every = np.concatenate(placed)
        every = every[np.argsort(self.left[every], kind="stable")]
        on_line = self.line_of[every] - first_line
        return [every[on_line == i].astype(np.int32) for i in range(int(on_line.max()) + 1)]

    def _across_heads(
        self, index: npt.NDArray[np.int64], size: npt.NDArray[np.int64], head: int, heads: int
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

    def _patterns(self) -> tuple[Pattern, ...]:
        alike: dict[bytes, list[int]] = {}
        for line, elements in enumerate(self._in_line):
            alike.setdefault(self.left[elements].tobytes(), []).append(line)
        return tuple(
            Pattern(
                left=self.left[self._in_line[lines[0]]],
                right=(self.left + self.width)[self._in_line[lines[0]]],
                lines=np.array(lines, dtype=np.int32),
                elements=np.stack([self._in_line[line] for line in lines]),
            )
            for lines in alike.values()
        )


def _stages(program: Program) -> Iterator[tuple[str, list[list[Tensor]]]]:
    """Each stage with its tensors: [head][position], one head where there are none; the total loss at the end."""
    placed = [tensor for tensor in program.tensors if tensor.position is not None]
    per_position = len(placed) // program.config.block_size
    stages: dict[str, list[list[Tensor]]] = {}
    for i, tensor in enumerate(placed[:per_position]):
        parts = tensor.stage.split(".")
        stage = ".".join(part for part in parts if not part.startswith("head"))
        stages.setdefault(stage, []).append(placed[i::per_position])
    yield from stages.items()
    yield "total", [[program.tensors[program.tensor[program.loss]]]]


def _label(stage: str, name: str) -> str:
    if stage == "total":
        return "mean loss"
    return "+ residual" if name == "residual" else name


def _spans(rows: list[Row]) -> tuple[Span, ...]:
    scopes: dict[str, list[Row]] = {}
    for row in rows:
        if row.scope:
            scopes.setdefault(row.scope, []).append(row)
    return tuple(Span(scope, members[0].top, members[-1].bottom) for scope, members in scopes.items())
