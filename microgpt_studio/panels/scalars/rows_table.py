"""The table of the Scalars panel: which columns there are, how wide, and what mouse and keyboard ask for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from microgpt_studio.debugger.scalar_rows import Order, RowNumbers
from microgpt_studio.panels.scalars.rows_delegate import RowsDelegate
from microgpt_studio.panels.scalars.rows_model import COLUMNS, OF_PARAMETERS, RowsModel
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import use_text_font

_CHARACTERS = 10  # of a number
_OPERATION = 8
_ADDRESS = 22  # at least
_PADDING = 8  # pixels
_LOOK_FROM = {QEvent.Type.StyleChange, QEvent.Type.FontChange}


class RowsTable(QTableView):
    """Rows of scalars; the one that a person goes to is chosen."""

    chosen = Signal(object)  # id of a scalar (int)
    sorted = Signal(object, bool)  # Order, descending

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = RowsModel(self)
        self._is_following = False  # the selection comes from elsewhere
        self._sorted = (0, False)  # column, descending
        self.setModel(self.rows)
        self.setItemDelegate(RowsDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # else each row would be measured
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(24)
        use_text_font(header, SMALL)
        header.setHighlightSections(False)
        header.sectionClicked.connect(self._sort)
        self.selectionModel().currentRowChanged.connect(self._choose)
        self._fit()

    def show_rows(self, rows: RowNumbers | None, selection: int | None) -> None:
        """Show these, and the selected scalar among them."""
        self.rows.show(rows)
        for column, order in enumerate(COLUMNS):
            self.setColumnHidden(column, order in OF_PARAMETERS and rows is not None and not rows.has_parameters)
        self.show_selection(selection)
        self._fit()

    def show_selection(self, scalar: int | None) -> None:
        """Mark the row of a scalar, if it has one."""
        row = self.rows.row_of(scalar)
        if row < 0:
            self.clearSelection()
        elif row != self.currentIndex().row():
            self._is_following = True
            self.setCurrentIndex(self.rows.index(row, 0))
            self._is_following = False

    def copy_text(self) -> str | None:
        """The current row with every digit; None where there is none."""
        row = self.currentIndex().row()
        if row < 0:
            return None
        shown = [column for column in range(len(COLUMNS)) if not self.isColumnHidden(column)]
        return "\t".join(self.rows.text(row, column) for column in shown)

    def _choose(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid() and not self._is_following:
            self.chosen.emit(self.rows.scalar(current.row()))

    def _sort(self, column: int) -> None:
        """By a column: numbers from the largest at first, again the other way round."""
        order = COLUMNS[column]
        if order is None:
            return
        before, was_descending = self._sorted
        descending = not was_descending if before == column else order is not Order.ADDRESS
        self._sorted = column, descending
        self.rows.show_sorted(column, descending=descending)
        self.sorted.emit(order, descending)

    def _fit(self) -> None:
        """Columns as wide as numbers are; the addresses have what is left."""
        metrics = metrics_of(current_theme().number_font(SMALL))
        character = metrics.horizontalAdvance("0")
        self.verticalHeader().setDefaultSectionSize(round(metrics.height() + 6))
        taken = 0
        for column in range(1, len(COLUMNS)):
            contents = round(character * (_OPERATION if column == 1 else _CHARACTERS)) + _PADDING
            width = max(contents, self.horizontalHeader().sectionSizeHint(column))
            self.setColumnWidth(column, width)
            taken += 0 if self.isColumnHidden(column) else width
        self.setColumnWidth(0, max(self.viewport().width() - taken, round(character * _ADDRESS)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _LOOK_FROM and hasattr(self, "rows"):
            self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            text = self.copy_text()
            if text is not None:
                QGuiApplication.clipboard().setText(text)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.rows.scalar(self.currentIndex().row()))
        else:
            super().keyPressEvent(event)
