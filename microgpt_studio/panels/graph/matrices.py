"""The parameters' column: every matrix beside the rows that use it, in the order in which the code comes to it."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import numpy as np

from microgpt.program.program import Tensor
from microgpt_studio.panels.graph.lines import Indices, Lines
from microgpt_studio.panels.graph.stages import Row

if TYPE_CHECKING:
    from microgpt_studio.panels.graph.map_layout import MapLayout

NAME_HEIGHT = 1.15  # map units above each matrix, for its name
_MOST_NAMES = 0.4  # of the height, where many matrices share it


def place_matrices(layout: MapLayout) -> tuple[tuple[Row, ...], Lines]:
    """Give every parameter its place beside the rows, which have theirs; a band for each matrix, and its lines."""
    program = layout.program
    beside = _first_uses(layout)
    tensors = sorted((tensor for tensor in program.tensors if tensor.path in beside), key=lambda t: beside[t.path])
    section_of = _sections(layout.rows)
    matrices: list[Row] = []
    tops: list[float] = []
    bottoms: list[float] = []
    cells: list[Indices] = []
    for section, group in groupby(tensors, key=lambda tensor: section_of[beside[tensor.path]]):
        members = list(group)
        rows = [row for row, its in zip(layout.rows, section_of, strict=True) if its == section]
        y, bottom = rows[0].top, rows[-1].bottom
        name_height = min(NAME_HEIGHT, _MOST_NAMES * (bottom - y) / len(members))
        thickness = (bottom - y - name_height * len(members)) / sum(tensor.shape[0] for tensor in members)
        for tensor in members:
            y += name_height
            first = len(tops)
            for line in _lines_of(layout, tensor, first):
                layout.top[line], layout.height[line] = y, thickness
                layout.row_of[line] = len(layout.rows) + len(matrices)
                tops.append(y)
                y += thickness
                bottoms.append(y)
                cells.append(line)
            scope, _, name = tensor.path.rpartition(".")
            matrices.append(Row(tensor.path, scope, name, tops[first], y, range(first, len(tops))))
    return tuple(matrices), Lines(np.array(tops), np.array(bottoms), cells, layout.left, layout.width)


def _lines_of(layout: MapLayout, tensor: Tensor, first_line: int) -> list[Indices]:
    """Place a matrix's cells across; the cells of its rows."""
    rows, columns = tensor.shape
    cells = tensor.first_element + np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    layout.left[cells] = layout.parameters_left + np.arange(columns) * (layout.column_width / columns)
    layout.width[cells] = layout.column_width / columns
    layout.slot_of[cells] = np.arange(columns)
    layout.line_of[cells] = first_line + np.arange(rows)[:, None]
    return list(cells)


def _first_uses(layout: MapLayout) -> dict[str, int]:
    """For each matrix the row of the first scalar that is made from one of its parameters."""
    program = layout.program
    start, stop = program.position_start[:2]
    uses: dict[str, int] = {}
    for operands in (program.first[start:stop], program.second[start:stop]):
        users = np.flatnonzero((operands >= 0) & (operands < program.num_parameters))
        tensors, first = np.unique(program.tensor[operands[users]], return_index=True)
        for tensor, user in zip(tensors.tolist(), users[first].tolist(), strict=True):
            uses[program.tensors[tensor].path] = int(layout.row_of[layout.cell_of(int(start) + user)])
    return uses


def _sections(rows: tuple[Row, ...]) -> list[int]:
    """For each row the number of the run of rows with the same scope that it belongs to."""
    sections = [0]
    for above, row in pairwise(rows):
        sections.append(sections[-1] + (row.scope != above.scope))
    return sections
