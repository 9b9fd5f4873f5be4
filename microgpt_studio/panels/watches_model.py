"""The rows of the Watches panel: changed in place, so that selection, scrolling and an open editor stay."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from microgpt.program.addresses import Addresses
from microgpt_studio.debugger.snapshot import WatchRow
from microgpt_studio.panels.watches_words import Meaning, full_text, history_text

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
MEANING_ROLE = Qt.ItemDataRole.UserRole + 1
_ROOT = QModelIndex()


class Column(IntEnum):
    """The columns, from left to right."""

    EXPRESSION = 0
    VALUE = 1
    CHANGE = 2
    PREVIOUS = 3
    HISTORY = 4


_HEADERS = ("Expression", "Value", "Change", "Previous", "History")
_TIPS = (
    "What is watched. Double click it to change it.",
    "The value at this moment.",
    "The value less the one at the end of the update before.",
    "The value at the end of the update before the one that is shown.",
    "The values at the ends of the latest 48 finished updates.",
)


class WatchModel(QAbstractTableModel):
    """The watches of the latest snapshot that had them. Another text for one is asked for, not written."""

    retexted = Signal(object, str)  # the id of a watch (int) and the text that it is to have

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[WatchRow] = []
        self._addresses: Addresses | None = None
        self._meanings: dict[str, Meaning] = {}

    def begin(self, addresses: Addresses) -> None:
        """A new session: no rows, and texts mean what they mean there."""
        self.show_rows(())
        self._addresses = addresses
        self._meanings = {}

    def meaning(self, row: WatchRow) -> Meaning:
        """What the text of a row is in this session."""
        if row.text not in self._meanings:
            assert self._addresses is not None, "rows come after the session"
            self._meanings[row.text] = Meaning.of(row.text, self._addresses)
        return self._meanings[row.text]

    def show_rows(self, rows: Sequence[WatchRow]) -> None:
        """Show these. A cell with an open editor is left alone unless its text is another one."""
        kept = {row.id for row in rows}
        for i in range(len(self.rows) - 1, -1, -1):
            if self.rows[i].id not in kept:
                self.beginRemoveRows(_ROOT, i, i)
                del self.rows[i]
                self.endRemoveRows()
        for i, row in enumerate(rows):
            if i == len(self.rows) or self.rows[i].id != row.id:
                self.beginInsertRows(_ROOT, i, i)
                self.rows.insert(i, row)
                self.endInsertRows()
                continue
            old, self.rows[i] = self.rows[i], row
            first = Column.VALUE if old.text == row.text else Column.EXPRESSION
            self.dataChanged.emit(self.index(i, first), self.index(i, Column.HISTORY))

    def find(self, number: int) -> QModelIndex:
        """The expression of the watch with an id; invalid where there is none."""
        for i, row in enumerate(self.rows):
            if row.id == number:
                return self.index(i, Column.EXPRESSION)
        return QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(Column)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_number = section in (Column.VALUE, Column.CHANGE, Column.PREVIOUS)
            return Qt.AlignmentFlag.AlignVCenter | (
                Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
            )
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], Column(index.column())
        if role == ROW_ROLE:
            return row
        if role == MEANING_ROLE:
            return self.meaning(row)
        if role == Qt.ItemDataRole.EditRole:
            return row.text
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return in_full(row, column, self.meaning(row))
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802 - Qt's name
        row = self.rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or str(value).strip() == row.text:
            return False
        self.retexted.emit(row.id, str(value))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == Column.EXPRESSION else flags


def in_full(row: WatchRow, column: Column, meaning: Meaning) -> str:
    """What a cell says with every digit, or why it says nothing."""
    match column:
        case Column.EXPRESSION:
            return row.text
        case Column.VALUE:
            return full_text(row.value) if row.reason is None else row.reason
        case Column.CHANGE:
            return full_text(row.change)
        case Column.PREVIOUS:
            return full_text(row.previous)
        case Column.HISTORY:
            return history_text(row, meaning)
