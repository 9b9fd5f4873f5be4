"""The table of results: which columns there are, in how many lines, and what mouse and keyboard ask for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from microgpt_studio.debugger.search import Results
from microgpt_studio.debugger.search_query import Query
from microgpt_studio.panels.search.search_delegate import PADDING, SearchDelegate, cell_font
from microgpt_studio.panels.search.search_model import Column, Index, SearchModel
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import use_text_font
from microgpt_studio.widgets.row_table import RowTable

_CHARACTERS = {Column.OPERATION: 9, Column.DATA: 10, Column.GRAD: 10, Column.OTHER: 10}  # of a column


class SearchTable(RowTable):
    """Shows results; the row that a person goes to is chosen."""

    chosen = Signal(object)  # id of a scalar (int)
    left_upwards = Signal()  # the first row was left with the arrow key, or the table with Esc

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = SearchModel(self)
        self._delegate = SearchDelegate(self)
        self._fitted_for: Query | None = None  # its longest address so far, in characters
        self._longest = 0
        self._selected: int | None = None
        self._is_following = False  # the current row changes, but nobody has chosen it
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Results of the search")
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        use_text_font(self.horizontalHeader(), SMALL)
        self.copy_action = QAction("Copy", self)
        self.copy_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copy_action.triggered.connect(self.copy)
        self.copy_address_action = QAction("Copy the address", self)
        self.copy_address_action.setShortcut(QKeySequence("Ctrl+Shift+C"))
        self.copy_address_action.triggered.connect(self.copy_address)
        for action in (self.copy_action, self.copy_address_action):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self.addAction(action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.begin()

    def show_results(self, results: Results | None) -> None:
        """Show these; the row of the selected scalar is the current one, wherever it is now."""
        query = None if results is None else results.query
        is_new = query != self._fitted_for
        self._is_following = True
        self.rows.show_results(results)
        self._is_following = False
        longest = max(map(len, results.addresses), default=0) if results is not None else 0
        if is_new or longest > self._longest:  # while numbers change, rows do not go back to one line
            self._fitted_for, self._longest = query, longest
            self.fit()
        if is_new:
            self.scrollToTop()
        self.show_selection(self._selected, follow=is_new)

    def show_selection(self, scalar: int | None, *, follow: bool = True) -> None:
        """Make the row of the window's selected scalar the current one, or none; nobody has chosen it here."""
        self._selected = scalar
        row = self.rows.find(scalar)
        if row == self.currentIndex().row():
            return
        self._is_following = True
        scrolled = self.verticalScrollBar().value()
        self.setCurrentIndex(self.rows.index(row, max(self.currentIndex().column(), 0)) if row >= 0 else QModelIndex())
        if not follow:
            self.verticalScrollBar().setValue(scrolled)
        self._is_following = False

    def choose(self, row: int) -> None:
        """Go to a row, as a person does."""
        index = self.rows.index(row, max(self.currentIndex().column(), 0))
        if index != self.currentIndex():
            self.setCurrentIndex(index)
        else:
            self._tell(index)

    def copy(self) -> None:
        """Put what the current cell says on the clipboard, with every digit."""
        index = self.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(self.rows.text(index.row(), Column(index.column())))

    def copy_address(self) -> None:
        """Put the current address on the clipboard."""
        index = self.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(self.rows.text(index.row(), Column.ADDRESS))

    def _tell(self, index: Index) -> None:
        self._selected = self.rows.scalar(index.row())
        self.chosen.emit(self._selected)

    def fit(self) -> None:
        """One line a row where everything fits beside the address, two where it does not."""
        character = metrics_of(cell_font(current_theme())).horizontalAdvance("0")
        results = self.rows.results
        shown = set(Column) if results is not None and results.other is not None else set(Column) - {Column.OTHER}
        widths = {column: round(n * character) + 2 * PADDING for column, n in _CHARACTERS.items() if column in shown}
        room = self.viewport().width()
        address = round(self._longest * character) + 2 * PADDING + 1
        two_lines = address + sum(widths.values()) > room
        if two_lines:
            shown.discard(Column.OPERATION)
            del widths[Column.OPERATION]
            widths = {column: min(width, room // len(widths)) for column, width in widths.items()}
        widths[Column.ADDRESS] = max(room - sum(widths.values()), 1)
        for column in Column:
            self.setColumnHidden(column, column not in shown)
            if column in shown:
                self.setColumnWidth(column, widths[column])
        self._delegate.has_two_lines = two_lines
        self.verticalHeader().setDefaultSectionSize(self._delegate.row_height())
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802 - Qt's name
        super().currentChanged(current, previous)
        if not self._is_following and current.isValid() and current.row() != previous.row():
            self._tell(current)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index: QModelIndex = self.indexAt(event.position().toPoint())
        is_click = event.button() is Qt.MouseButton.LeftButton and index.isValid()
        if is_click and self.rows.scalar(index.row()) != self._selected:
            self._tell(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, index = event.key(), self.currentIndex()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and index.isValid():
            self._tell(index)
        elif key == Qt.Key.Key_Escape or (key == Qt.Key.Key_Up and index.row() <= 0):
            self.left_upwards.emit()
        else:
            super().keyPressEvent(event)
