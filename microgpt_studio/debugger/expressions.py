"""Expressions: where each scalar stands within the expression that makes an element, as column and level.

A cell is an element with the scalars that were computed for it alone, or what serves a whole tensor (the scale of an
rmsnorm, the total of a softmax). Within a cell a term is a column, a running sum goes from column to column on one
level, and every other operation stands one level below its operands. Operands from other cells enter at ports above.
It depends on the program alone: it knows no numbers of a run, and no pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.program import Ids, Operation, Program

Small = npt.NDArray[np.int8]

_SUM = int(Operation.SUM)


@dataclass(frozen=True, slots=True, eq=False)
class Expressions:
    """C cells: first the E elements of a program, in the order of element_ids, then the shared ones. N scalars."""

    num_elements: int
    cell: Ids  # (N,) the cell that a scalar belongs to
    tensor: Ids  # (C,) index into tensors
    scalar: Ids  # (C,) what stands for the cell: the element, or the last that was computed of what is shared
    start: Ids  # (C + 1,) its scalars are members[start : stop]
    members: Ids  # (N,) ids, ascending in each cell
    column: Ids  # (N,)
    level: Small  # (N,)
    first_port: Small  # (N,) row of the port at which the first operand enters, in the scalar's column; -1: none
    second_port: Small  # (N,)
    columns: Ids  # (C,) how many there are
    levels: Ids  # (C,)
    ports: Ids  # (C,) rows of ports

    def __post_init__(self) -> None:
        for field in fields(self):
            array = getattr(self, field.name)
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @property
    def num_cells(self) -> int:
        return len(self.scalar)

    def of(self, cell: int) -> Ids:
        """The scalars of a cell, ascending."""
        return self.members[self.start[cell] : self.start[cell + 1]]

    @classmethod
    def of_program(cls, program: Program) -> Expressions:
        """The expressions of all cells, in O(N)."""
        elements = len(program.element_ids)
        first_element = np.array([tensor.first_element for tensor in program.tensors], dtype=np.int32)
        single = np.array([tensor.shape == () for tensor in program.tensors])
        own = (program.element >= 0) | single[program.tensor]  # all of a single scalar's expression is its own
        shared = np.unique(program.tensor[~own])
        shared_cell = np.zeros(len(program.tensors), dtype=np.int32)
        shared_cell[shared] = elements + np.arange(len(shared))
        element_cell = first_element[program.tensor] + np.maximum(program.element, 0)
        cell = np.where(own, element_cell, shared_cell[program.tensor]).astype(np.int32)
        start = np.cumsum([0, *np.bincount(cell, minlength=elements + len(shared))]).astype(np.int32)
        n, cells = program.num_scalars, len(start) - 1
        members, column = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
        level, first_port, second_port = np.empty((3, n), dtype=np.int8)
        columns, levels, ports = np.zeros((3, cells), dtype=np.int32)
        _collect(cell, start, members)
        _lay_out(
            start,
            members,
            cell,
            program.operation,
            program.first,
            program.second,
            (column, level, first_port, second_port),
            (columns, levels, ports),
            np.zeros(int(np.diff(start).max()) + 1, dtype=np.int32),
        )
        scalar = members[start[1:] - 1].copy()
        scalar[:elements] = program.element_ids
        tensor = program.tensor[scalar].astype(np.int32)
        return cls(
            elements, cell, tensor, scalar, start, members, column, level, first_port, second_port,
            columns, levels, ports,
        )  # fmt: skip


@compiled
def _collect(cell, start, members):  # type: ignore[no-untyped-def]
    """List the scalars of each cell, ascending."""
    filled = start[:-1].copy()
    for scalar in range(len(cell)):
        c = cell[scalar]
        members[filled[c]] = scalar
        filled[c] += 1


@compiled
def _lay_out(start, members, cell, operation, first, second, places, sizes, ports_at):  # type: ignore[no-untyped-def]
    """Give every scalar its column, level and ports, and every cell its sizes. `ports_at` is scratch, all 0."""
    column, level, first_port, second_port = places
    columns, levels, ports = sizes
    for c in range(len(start) - 1):
        leaves = 0
        for k in range(start[c], start[c + 1]):
            i = members[k]
            a, b = first[i], second[i]
            x, y = 0, 0
            inner = False
            for operand in (a, b):
                if operand >= 0 and cell[operand] == c:
                    inner = True
                    along = operation[i] == _SUM and operation[operand] == _SUM
                    x = max(x, column[operand] + (1 if along else 0))
                    y = max(y, level[operand] + (0 if along else 1))
            if not inner:
                x = leaves
                leaves += 1
            column[i], level[i] = x, y
            first_port[i], second_port[i] = -1, -1
            if a >= 0 and cell[a] != c:
                first_port[i] = ports_at[x]
                ports_at[x] += 1
            if b >= 0 and cell[b] != c:
                if a == b:
                    second_port[i] = first_port[i]
                else:
                    second_port[i] = ports_at[x]
                    ports_at[x] += 1
            columns[c] = max(columns[c], x + 1)
            levels[c] = max(levels[c], y + 1)
        for x in range(columns[c]):
            ports[c] = max(ports[c], ports_at[x])
            ports_at[x] = 0
