"""The table of watches: which columns there is room for, and what mouse and keyboard ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from microgpt_studio.debugger.snapshot import WatchRow
from microgpt_studio.panels.watches_delegate import PADDING, WatchDelegate, cell_font
from microgpt_studio.panels.watches_model import Column, WatchModel, in_full
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import use_text_font
from microgpt_studio.widgets.row_table import RowTable

_NUMBER = 9  # characters of a number, and of a wide one
_WIDE_NUMBER = 11
_CURVE, _WIDEST_CURVE = 48, 240  # pixels at text scale 1
_EXPRESSION = 14  # characters that an expression has at least, before another column appears
_COPIED = (Column.CHANGE, Column.PREVIOUS)  # that are copied if they are current; else it is the value


class WatchTable(RowTable):
    """Shows watches; tells what a person wants, and changes none itself."""

    walked = Signal(object)  # id of the scalar (int) that an expression is about
    remove_wanted = Signal(object)  # id of a watch (int)
    editing_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.watches = WatchModel(self)
        self._delegate = WatchDelegate(self)
        self._spans: tuple[int, ...] = ()  # how many columns each row's reason takes
        self.setModel(self.watches)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Watches")
        use_text_font(self.horizontalHeader(), SMALL)
        key = Qt.Key
        self.walk_action = self._action("Select the scalar", self._walk, key.Key_Space)
        self.edit_action = self._action("Edit", self.edit_current, key.Key_F2, key.Key_Return, key.Key_Enter)
        self.copy_action = self._action("Copy the number", self.copy, QKeySequence.StandardKey.Copy)
        self.remove_action = self._action("Remove", self._remove, key.Key_Delete, key.Key_Backspace)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.doubleClicked.connect(self.edit_current)
        self._delegate.closeEditor.connect(self.editing_ended)
        self.begin()

    @property
    def current(self) -> WatchRow | None:
        """The selected watch."""
        index = self.currentIndex()
        return self.watches.rows[index.row()] if index.isValid() else None

    def show_rows(self, rows: Sequence[WatchRow]) -> None:
        """Show these watches."""
        texts = [row.text for row in self.watches.rows]
        self.watches.show_rows(rows)
        if texts != [row.text for row in rows]:
            self._fit_rows()
        spans = tuple(self._span(row) for row in rows)
        if spans != self._spans:
            self._spans = spans
            self.clearSpans()
            for i, columns in enumerate(spans):
                if columns > 1:
                    self.setSpan(i, Column.VALUE, 1, columns)

    def select(self, number: int) -> None:
        """Make the watch with an id the current one, if it is there."""
        index = self.watches.find(number)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def edit_current(self) -> None:
        """Let the current expression be changed in its place."""
        index = self.currentIndex()
        if index.isValid():
            self.edit(index.siblingAtColumn(Column.EXPRESSION))

    def edit_again(self, number: int, text: str, position: int) -> None:
        """Go on with an edit that was refused: with this text, and the cursor before a column."""
        index = self.watches.find(number)
        if not index.isValid():
            return
        self.setCurrentIndex(index)
        self.edit(index)
        editor = self.indexWidget(index)
        if isinstance(editor, QLineEdit):
            editor.setText(text)
            editor.setCursorPosition(position)

    def copy(self) -> None:
        """Put the current number on the clipboard with every digit: the value, unless another one is current."""
        row, column = self.current, self.currentIndex().column()
        if row is None:
            return
        wanted = Column(column) if column in _COPIED else Column.VALUE
        if wanted is Column.VALUE and row.reason is not None:
            return
        if text := in_full(row, wanted, self.watches.meaning(row)):
            QGuiApplication.clipboard().setText(text)

    def _walk(self) -> None:
        row = self.current
        scalar = None if row is None else self.watches.meaning(row).scalar
        if scalar is not None:
            self.walked.emit(scalar)

    def _remove(self) -> None:
        if self.current is not None:
            self.remove_wanted.emit(self.current.id)

    def _action(self, text: str, slot: Any, *keys: Qt.Key | QKeySequence.StandardKey) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(slot)
        self.addAction(action)
        return action

    def _span(self, row: WatchRow) -> int:
        """A reason takes the place of the value and of all that cannot be there without it."""
        if row.reason is None:
            return 1
        return 2 if self.watches.meaning(row).is_valid else len(Column) - 1

    def fit(self) -> None:
        """Show the columns that there is room for, in the order of their worth, and give the rest to the expression."""
        theme = current_theme()
        character = metrics_of(cell_font(theme)).horizontalAdvance("0")
        padding = 2 * PADDING
        room = self.viewport().width()
        curve = theme.scaled(_CURVE) + padding
        number = round(_NUMBER * character) + padding
        shown = {Column.EXPRESSION, Column.VALUE}
        left = room - number - round(_EXPRESSION * character) - padding
        for column, width in ((Column.HISTORY, curve), (Column.CHANGE, number), (Column.PREVIOUS, number)):
            if left >= width:
                shown.add(column)
                left -= width
        numbers = [column for column in (Column.VALUE, Column.CHANGE, Column.PREVIOUS) if column in shown]
        wider = min(max(left, 0) // (2 * len(numbers)), round((_WIDE_NUMBER - _NUMBER) * character))
        left -= wider * len(numbers)
        if Column.HISTORY in shown and Column.PREVIOUS in shown:
            curve = min(curve + max(left, 0) // 2, theme.scaled(_WIDEST_CURVE) + padding)
        widths: dict[Column, int] = dict.fromkeys(numbers, number + wider)
        if Column.HISTORY in shown:
            widths[Column.HISTORY] = curve
        widths[Column.EXPRESSION] = max(room - sum(widths.values()), 1)
        for column in Column:
            self.setColumnHidden(column, column not in shown)
            if column in shown:
                self.setColumnWidth(column, widths[column])
        self._fit_rows()

    def _fit_rows(self) -> None:
        for i, row in enumerate(self.watches.rows):
            self.setRowHeight(i, self._delegate.row_height(row.text))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index: QModelIndex = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid() and index == self.currentIndex():
            self._walk()
