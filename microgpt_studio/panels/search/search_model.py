"""The rows of the Search panel: changed in place, so that selection and scrolling stay while numbers change."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search import Results
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.search.search_words import full_text, number_text

Index = QModelIndex | QPersistentModelIndex
SHORT_ROLE = Qt.ItemDataRole.UserRole  # text for the eye
NUMBER_ROLE = Qt.ItemDataRole.UserRole + 1  # float, or None where there is no number
_ROOT = QModelIndex()


class Column(IntEnum):
    """The columns, from left to right."""

    ADDRESS = 0
    OPERATION = 1
    DATA = 2
    GRAD = 3
    OTHER = 4  # m, v or update, where the query is about it


NUMBERS = (Column.DATA, Column.GRAD, Column.OTHER)
_TIPS = (
    "What was found. Click it, or go there with the arrow keys, to select it.",
    "How it is made.",
    "Its number in the forward pass.",
    "The gradient of the loss with respect to it.",
    "A number of the parameter that the search is about.",
)


class SearchModel(QAbstractTableModel):
    """The results of the latest answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.results: Results | None = None
        self._rows = 0

    def show_results(self, results: Results | None) -> None:
        """Show these, or none."""
        count = 0 if results is None else len(results.scalars)
        same = min(self._rows, count)
        if self._rows > count:
            self.beginRemoveRows(_ROOT, count, self._rows - 1)
            self._rows = count
            self.endRemoveRows()
        self.results = results
        if same:
            self.dataChanged.emit(self.index(0, 0), self.index(same - 1, Column.OTHER))
        if self._rows < count:
            self.beginInsertRows(_ROOT, self._rows, count - 1)
            self._rows = count
            self.endInsertRows()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, Column.OTHER, Column.OTHER)

    def scalar(self, row: int) -> int:
        """The scalar of a row."""
        assert self.results is not None, "there are rows"
        return int(self.results.scalars[row])

    def find(self, scalar: int | None) -> int:
        """The row of a scalar; -1 where it is not listed."""
        if self.results is None or scalar is None:
            return -1
        rows = np.flatnonzero(self.results.scalars == scalar)
        return int(rows[0]) if len(rows) else -1

    def number(self, row: int, column: Column) -> tuple[Quantity, float, Reach]:
        """A number, and whether it is there."""
        results = self.results
        assert results is not None, "there are rows"
        match column:
            case Column.DATA:
                return Quantity.DATA, float(results.data[row]), Reach(int(results.data_reach[row]))
            case Column.GRAD:
                return Quantity.GRAD, float(results.grad[row]), Reach(int(results.grad_reach[row]))
        quantity = results.other or Quantity.M
        return quantity, float(results.others[row]), Reach(int(results.other_reach[row]))

    def text(self, row: int, column: Column) -> str:
        """What a cell says with every digit."""
        results = self.results
        assert results is not None, "there are rows"
        if column is Column.ADDRESS:
            return results.addresses[row]
        if column is Column.OPERATION:
            return results.operations[row]
        return full_text(*self.number(row, column))

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(Column)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            other = "" if self.results is None or self.results.other is None else str(self.results.other)
            other = other.capitalize() if len(other) > 1 else other  # m and v are symbols
            return ("Address", "Operation", "Data", "Grad", other)[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in NUMBERS else Qt.AlignmentFlag.AlignLeft
            return Qt.AlignmentFlag.AlignVCenter | side
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.results is None:
            return None
        row, column = index.row(), Column(index.column())
        if role == NUMBER_ROLE:
            _, number, reach = self.number(row, column) if column in NUMBERS else (None, None, None)
            return number if reach is Reach.KNOWN else None
        if role == SHORT_ROLE and column in NUMBERS:
            return number_text(*self.number(row, column)[1:])
        if role in (
            SHORT_ROLE,
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return self.text(row, column)
        return None
