"""The rows of the Scalars panel, as many as a graph has: nothing is made for a row before it is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Operation, Program
from microgpt_studio.debugger.scalar_rows import Order, RowNumbers
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.widgets import full, short

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_MISSING = {Reach.NOT_COMPUTED: "–", Reach.OUTSIDE: "", Reach.PARTIAL: "partial"}
_WHY = {
    Reach.NOT_COMPUTED: "not computed yet",
    Reach.OUTSIDE: "there is no such number",
    Reach.PARTIAL: "some contributions have been added, others have not",
}

# What stands in each column; None: the operation, which is nothing to sort by.
COLUMNS: tuple[Order | None, ...] = (
    Order.ADDRESS,
    None,
    Order.DATA,
    Order.GRAD,
    Order.M,
    Order.V,
    Order.UPDATE,
    Order.RATIO,
)
OF_PARAMETERS = (Order.M, Order.V, Order.UPDATE, Order.RATIO)
_HEADERS = ("Address", "Operation", "Data", "Grad", "m", "v", "Update", "Ratio")
_TIPS = (
    "The scalars, in the order of computation at first. A click on a header sorts.",
    "How each is made.",
    "Its number in the forward pass.",
    "The gradient of the loss with respect to it.",
    "Adam's first moment of the parameter, after the update as far as it is done.",
    "Adam's second moment of the parameter, after the update as far as it is done.",
    "What the update subtracts from the parameter.",
    "|update| ÷ |data|: how large the update is for the parameter; about 0.001 is usual.",
)


class RowsModel(QAbstractTableModel):
    """The rows of the latest answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: RowNumbers | None = None
        self._program: Program | None = None
        self._address: Callable[[int], str] = str
        self._sorted = (0, False)

    def begin(self, program: Program, address: Callable[[int], str]) -> None:
        """Another program, whose scalars have these addresses; no rows yet."""
        self.beginResetModel()
        self._program, self._address, self.rows = program, address, None
        self.endResetModel()

    def show(self, rows: RowNumbers | None) -> None:
        """Other numbers. Where the rows are the same, they stay in place."""
        before, self_rows = self.rows, rows
        if before is not None and rows is not None and np.array_equal(before.ids, rows.ids):
            self.rows = self_rows
            if len(rows.ids):
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows.ids) - 1, len(COLUMNS) - 1))
            return
        self.beginResetModel()
        self.rows = self_rows
        self.endResetModel()

    def show_sorted(self, column: int, *, descending: bool) -> None:
        """Mark the header of the column that the rows are sorted by."""
        self._sorted = column, descending
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def scalar(self, row: int) -> int:
        """The scalar of a row."""
        assert self.rows is not None, "there are rows"
        return int(self.rows.ids[row])

    def row_of(self, scalar: int | None) -> int:
        """The row of a scalar; -1 where it has none."""
        if self.rows is None or scalar is None:
            return -1
        found = np.flatnonzero(self.rows.ids == scalar)
        return int(found[0]) if len(found) else -1

    def text(self, row: int, column: int, write: Callable[[float], str] = full) -> str:
        """What a cell says; numbers with every digit, unless they are written otherwise."""
        rows, order = self.rows, COLUMNS[column]
        assert rows is not None and self._program is not None, "there are rows"
        if order is Order.ADDRESS:
            return self._address(int(rows.ids[row]))
        if order is None:
            return Operation(self._program.operation[rows.ids[row]]).name.lower()
        values, reaches = rows.number(order)
        reach = Reach(int(reaches[row]))
        return write(float(values[row])) if reach is Reach.KNOWN else _MISSING[reach]

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() or self.rows is None else len(self.rows.ids)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            column, descending = self._sorted
            return _HEADERS[section] + ((" ▾" if descending else " ▴") if section == column else "")
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS[section]
        return (_LEFT if section < 2 else _RIGHT) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.rows is None:
            return None
        row, column = index.row(), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(row, column, short)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._whole(row, column)
        return None

    def _whole(self, row: int, column: int) -> str:
        order = COLUMNS[column]
        if order is None or order is Order.ADDRESS:
            return self.text(row, column)
        assert self.rows is not None, "there are rows"
        reach = Reach(int(self.rows.number(order)[1][row]))
        return self.text(row, column) if reach is Reach.KNOWN else _WHY[reach]
