"""The rows of the movers: every parameter of a scope, sorted by a column, as numbers; it draws nothing."""

from __future__ import annotations

from enum import IntEnum
from math import inf
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from microgpt.program.addresses import Addresses
from microgpt.program.program import Ids, Tensor
from microgpt_studio.debugger.movers import Moved, Sign
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.number_text import full

Index = QModelIndex | QPersistentModelIndex
NUMBER_ROLE = Qt.ItemDataRole.UserRole  # float or int; None for an address
SHARE_ROLE = Qt.ItemDataRole.UserRole + 1  # of the largest in the column; None for an address
_ROOT = QModelIndex()


class Column(IntEnum):
    """The columns, from left to right."""

    ADDRESS = 0
    MOVED = 1
    UPDATE_FLIPS = 2
    GRAD_FLIPS = 3
    WEIGHT_FLIPS = 4


SIGNS = {
    Column.UPDATE_FLIPS: Sign.UPDATE,
    Column.GRAD_FLIPS: Sign.GRAD,
    Column.WEIGHT_FLIPS: Sign.WEIGHT,
}
_HEADINGS = ("address", "moved", "Δ±", "g±", "w±")
_TIPS = (
    "Click it, or go there with the arrow keys, to select it",
    "The weight after the last of these updates − the weight before the first; the farthest first",
    "How often the update changed its sign",
    "How often the gradient changed its sign",
    "How often the weight changed its sign",
)
_HOW = "\nA number that is 0 counts for nothing: its neighbours are compared."


class MoversModel(QAbstractTableModel):
    """What the latest answer says of a scope."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = Column.MOVED
        self.scope: Tensor | None = None  # None: all parameters
        self._addresses: Addresses | None = None
        self._moved: Moved | None = None
        self._ids: Ids = np.empty(0, dtype=np.int32)
        self._largest: dict[Column, float] = {}  # magnitude in each column

    def begin(self, addresses: Addresses) -> None:
        """A new session."""
        self._addresses, self.scope = addresses, None
        self.show_moved(None)

    def show_moved(self, moved: Moved | None) -> None:
        """Show these."""
        if moved is not self._moved:
            self._moved = moved
            self._sort()

    def show_scope(self, scope: Tensor | None) -> None:
        """Show the parameters of one matrix; None: all."""
        self.scope = scope
        self._sort()

    def sort(self, column: int, _order: Qt.SortOrder = Qt.SortOrder.DescendingOrder) -> None:
        """Largest first, by a column; by the address in the order of the parameters."""
        self.order = Column(column)
        self._sort()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, Column.ADDRESS, Column.WEIGHT_FLIPS)

    def parameter(self, row: int) -> int:
        """The parameter of a row."""
        return int(self._ids[row])

    def find(self, parameter: int | None) -> int:
        """The row of a parameter; -1 where it is not listed."""
        rows = np.flatnonzero(self._ids == (-1 if parameter is None else parameter))
        return int(rows[0]) if len(rows) else -1

    def number(self, row: int, column: Column) -> float | int:
        """How far a parameter has moved, or how often a sign of it has changed."""
        moved, parameter = self._moved, self.parameter(row)
        assert moved is not None, "there are rows"
        if column is Column.MOVED:
            return float(moved.after[parameter] - moved.before[parameter])
        return int(moved.flips[SIGNS[column], parameter])

    def share(self, row: int, column: Column) -> float:
        """A number's magnitude as a share of the largest of its column; 0 where that is 0 or not finite."""
        number, largest = abs(self.number(row, column)), self._largest[column]
        return number / largest if 0.0 < largest < inf and number <= largest else 0.0

    def text(self, row: int, column: Column) -> str:
        """What a cell says, with every digit."""
        if column is Column.ADDRESS:
            assert self._addresses is not None, "there are rows"
            return self._addresses.format(self.parameter(row))
        return repr(self.number(row, column))

    def tip(self, row: int) -> str:
        """All that is known of a row, with every digit."""
        moved = self._moved
        assert moved is not None, "there are rows"
        parameter = self.parameter(row)
        flips = ", ".join(f"{_HEADINGS[column][0]} {moved.flips[sign, parameter]}" for column, sign in SIGNS.items())
        return "\n".join(
            (
                self.text(row, Column.ADDRESS),
                f"before update {moved.first + 1}: {full(moved.before[parameter])}",
                f"after update {moved.done}: {full(moved.after[parameter])}",
                f"moved {self.text(row, Column.MOVED)}",
                f"changes of sign: {flips}",
            )
        )

    def _sort(self) -> None:
        moved = self._moved
        self.layoutAboutToBeChanged.emit()
        if moved is None or moved.done == moved.first:
            self._ids = np.empty(0, dtype=np.int32)
        else:
            start, stop = (self.scope.start, self.scope.stop) if self.scope else (0, len(moved.before))
            ids = np.arange(start, stop, dtype=np.int32)
            if self.order is Column.MOVED:
                ids = ids[np.argsort(-np.abs(moved.moved[ids]), kind="stable")]
            elif self.order in SIGNS:
                ids = ids[np.argsort(-moved.flips[SIGNS[self.order], ids], kind="stable")]
            self._ids = ids
            self._largest = {column: float(moved.flips[sign, ids].max()) for column, sign in SIGNS.items()}
            self._largest[Column.MOVED] = float(np.abs(moved.moved[ids]).max())
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(Column)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _HEADINGS[section] + ("↓" if section == self.order and section != Column.ADDRESS else "")
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS[section] + (_HOW if section in SIGNS else "")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        if role == Qt.ItemDataRole.FontRole:
            return current_theme().text_font(SMALL)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), Column(index.column())
        if role == NUMBER_ROLE:
            return None if column is Column.ADDRESS else self.number(row, column)
        if role == SHARE_ROLE:
            return None if column is Column.ADDRESS else self.share(row, column)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        return None


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == Column.ADDRESS else Qt.AlignmentFlag.AlignRight
    return Qt.AlignmentFlag.AlignVCenter | side
