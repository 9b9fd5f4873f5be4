"""The table of the movers: a click on a heading sorts by it, a row is a link to its parameter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from microgpt_studio.panels.optimizer.movers_delegate import PADDING, MoversDelegate
from microgpt_studio.panels.optimizer.movers_model import Column, Index, MoversModel
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.faces import use_text_font

_CHARACTERS = {Column.MOVED: 8, Column.UPDATE_FLIPS: 4, Column.GRAD_FLIPS: 4, Column.WEIGHT_FLIPS: 4}
_LONGEST = len("layer0.mlp_fc1[10,10]")  # of an address that stands in one line with its numbers
_WIDEST = 32  # characters of the addresses' column
_THEME_EVENTS = {QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange}


class MoversTable(QTableView):
    """Shows the rows of a model; the row that a person goes to is chosen."""

    chosen = Signal(object)  # id of a parameter (int)

    _ready = False  # until all that follows is there

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = MoversModel(self)
        self._delegate = MoversDelegate(self)
        self._is_following = False  # the current row changes, but nobody has chosen it
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName("Parameters that move")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setMinimumSize(1, 1)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(1)
        header.setSectionsClickable(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSortIndicatorShown(False)
        header.sectionClicked.connect(self.sort_by)
        use_text_font(header, SMALL)
        self.copy_action = QAction("Copy", self)
        self.copy_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copy_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copy_action.triggered.connect(self.copy)
        self.addAction(self.copy_action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._ready = True
        self._fit()

    def sort_by(self, column: int) -> None:
        """Largest first."""
        self.rows.sort(column)
        self.scrollToTop()

    def show_selection(self, parameter: int | None) -> None:
        """Make the row of the window's selected parameter the current one, or none; nobody has chosen it here."""
        row = self.rows.find(parameter)
        self._is_following = True
        scrolled = self.verticalScrollBar().value()
        self.setCurrentIndex(self.rows.index(row, max(self.currentIndex().column(), 0)) if row >= 0 else QModelIndex())
        self.verticalScrollBar().setValue(scrolled)
        self._is_following = False

    def copy(self) -> None:
        """Put what the current cell says on the clipboard, with every digit."""
        index = self.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(self.rows.text(index.row(), Column(index.column())))

    def _fit(self) -> None:
        if not self._ready:
            return
        character = metrics_of(current_theme().number_font(SMALL)).horizontalAdvance("0")
        room = self.viewport().width()
        widths = {column: round(n * character) + 2 * PADDING for column, n in _CHARACTERS.items()}
        widest = round(_WIDEST * character) + 2 * PADDING  # farther off, numbers are hard to follow
        address = min(max(room - sum(widths.values()), 1), widest)
        self._delegate.has_two_lines = address < round(_LONGEST * character) + 2 * PADDING
        self.setColumnWidth(Column.ADDRESS, address)
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self.verticalHeader().setDefaultSectionSize(self._delegate.row_height())
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802 - Qt's name
        super().currentChanged(current, previous)
        if not self._is_following and current.isValid() and current.row() != previous.row():
            self.chosen.emit(self.rows.parameter(current.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and index.isValid():
            self.chosen.emit(self.rows.parameter(index.row()))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _THEME_EVENTS:
            self._fit()
