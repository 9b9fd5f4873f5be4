"""Scalar list: the scalars that a line has made, with the numbers that are known of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from microgpt.program.program import Ids
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import full, short, use_number_font

_ROWS = 6  # that it likes to show
_NO_PARENT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class ScalarModel(QAbstractTableModel):
    """One row a scalar: its address, its number. A number that was not asked for is left empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scalars: Ids = np.empty(0, dtype=np.int32)
        self._numbers: Mapping[int, float | None] = {}
        self._address: Callable[[int], str] = str

    @property
    def scalars(self) -> Ids:
        """(n,) the ids, row by row."""
        return self._scalars

    def show_scalars(self, scalars: Ids, address: Callable[[int], str]) -> None:
        """List these; their numbers come later."""
        self.beginResetModel()
        self._scalars, self._address, self._numbers = scalars, address, {}
        self.endResetModel()

    def show_numbers(self, numbers: Mapping[int, float | None]) -> None:
        """Numbers by id; None: not computed yet."""
        self._numbers = numbers
        if len(self._scalars):
            self.dataChanged.emit(self.index(0, 1), self.index(len(self._scalars) - 1, 1))

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:  # noqa: N802  # Qt's name
        return 0 if parent.isValid() else len(self._scalars)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:  # noqa: N802  # Qt's name
        return 0 if parent.isValid() else 2

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        scalar = int(self._scalars[index.row()])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self._address(scalar)}\n{self._number(scalar, full, 'Select it to see its number')}"
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._number(scalar, short, "") if index.column() else self._address(scalar)
        return None

    def _number(self, scalar: int, text: Callable[[float], str], unknown: str) -> str:
        if scalar not in self._numbers:
            return unknown
        number = self._numbers[scalar]
        return "not computed yet" if number is None else text(number)


class ScalarList(QTableView):
    """A click or Enter on a row emits `chosen`."""

    chosen = Signal(object)  # id of a scalar (int)
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scalars = ScalarModel(self)
        self.setModel(self.scalars)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setAccessibleName("Scalars that the line made")
        use_number_font(self, SMALL)
        self.clicked.connect(self._choose)
        self._fit()

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(int(self.scalars.scalars[index.row()]))

    def _fit(self) -> None:
        metrics = metrics_of(current_theme().number_font(SMALL))
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(round(metrics.height()) + 4)
        self.horizontalHeader().resizeSection(1, round(metrics.horizontalAdvance("not computed yet")) + 12)

    def sizeHint(self) -> QSize:
        return QSize(240, self.verticalHeader().defaultSectionSize() * _ROWS)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.verticalHeader().defaultSectionSize() * 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self._choose(index)
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.matches(QKeySequence.StandardKey.Copy) and index.isValid():
            QGuiApplication.clipboard().setText(str(self.scalars.data(index, Qt.ItemDataRole.ToolTipRole)))
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange) and hasattr(self, "scalars"):
            self._fit()
