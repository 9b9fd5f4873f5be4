"""The predictions of a probe, position by position: a header that stays, and rows that scroll."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.probe.columns import EXPLANATIONS, TOP, Columns
from microgpt_studio.panels.probe.table_painter import TablePainter
from microgpt_studio.panels.probe.words import character, deltas, position_text, predictions_text
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import full

_THEME_EVENTS = {QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange}
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -10_000, Qt.Key.Key_End: 10_000}


class PredictionsTable(QAbstractScrollArea):
    """One row a position. Arrow keys or a click mark a row; the copy key copies all rows with every digit."""

    position_chosen = Signal(int)
    unmarked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._description: Description | None = None
        self._probed: Probed | None = None
        self._pinned: Probed | None = None
        self._deltas: list[float] | None = None
        self._order: list[list[int]] = []
        self._columns: Columns | None = None
        self._marked: int | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("predictions")

    def show_session(self, description: Description) -> None:
        """Nothing is shown of the session before."""
        self._description = description
        self.show_probed(None)

    def show_probed(self, probed: Probed | None, pinned: Probed | None = None) -> None:
        """Show the predictions of a text that has numbers, perhaps compared with pinned ones; or nothing."""
        if probed is None or self._probed is None or probed.text != self._probed.text:
            self._marked = None
            self.verticalScrollBar().setValue(0)
        self._probed, self._pinned, self._columns = probed, pinned, None
        self._deltas = None if probed is None else deltas(probed, pinned)
        self._order = []
        if probed is not None and probed.numbers is not None:
            self._order = np.argsort(-probed.numbers.probs, axis=1, kind="stable").tolist()
        self._take_room()
        self.viewport().update()

    @property
    def marked(self) -> int | None:
        """The position that is marked."""
        return self._marked

    @property
    def columns(self) -> Columns:
        """Those there is room for."""
        if self._columns is None:
            vocabulary = 1 if self._description is None else self._description.program.config.vocab_size
            compared = self._deltas is not None
            self._columns = Columns.within(self.viewport().width(), current_theme(), vocabulary, compared=compared)
        return self._columns

    def row_rect(self, position: int) -> QRectF:
        """Where a position is painted in the viewport."""
        columns = self.columns
        top = columns.line + position * columns.row - self.verticalScrollBar().value()
        return QRectF(0.0, top, self.viewport().width(), columns.row)

    def describe(self, point: QPointF) -> str:
        """What is under a point of the viewport, in words and full numbers."""
        probed, description = self._probed, self._description
        if probed is None or probed.numbers is None or description is None:
            return ""
        column = self.columns.at(point.x())
        if point.y() < self.columns.line:
            return EXPLANATIONS.get(TOP if column is None or column.startswith(TOP) else column, "")
        position = self._position_at(point)
        if position is None:
            return ""
        if column is None or not column.startswith(TOP):
            return position_text(probed, position, description, self._delta(position))
        place = int(column.removeprefix(TOP))
        token = self._order[position][place]
        p = full(float(probed.numbers.probs[position, token]))
        return f"position {position}, {place + 1}. likeliest: “{character(description, token)}”\np  {p}"

    def copy_all(self) -> None:
        """Put the table on the clipboard."""
        if self._probed is not None and self._description is not None:
            QGuiApplication.clipboard().setText(predictions_text(self._probed, self._description, self._pinned))

    def _delta(self, position: int) -> float | None:
        return None if self._deltas is None else self._deltas[position]

    def _position_at(self, point: QPointF) -> int | None:
        row = int((point.y() - self.row_rect(0).top()) // self.columns.row)
        return row if point.y() >= self.columns.line and 0 <= row < len(self._order) else None

    def _mark(self, position: int) -> None:
        self._marked = min(max(position, 0), len(self._order) - 1)
        box, bar = self.row_rect(self._marked), self.verticalScrollBar()
        over, under = box.top() - self.columns.line, box.bottom() - self.viewport().height()
        bar.setValue(bar.value() + round(min(over, 0.0) or max(under, 0.0)))
        self.viewport().update()
        self.position_chosen.emit(self._marked)

    def _take_room(self) -> None:
        bar, columns = self.verticalScrollBar(), self.columns
        room = self.viewport().height() - columns.line
        bar.setRange(0, max(round(len(self._order) * columns.row - room), 0))
        bar.setPageStep(max(round(room), 1))
        bar.setSingleStep(round(columns.row))

    def _forget(self) -> None:
        self._columns = None
        self._take_room()
        self.viewport().update()

    def sizeHint(self) -> QSize:
        columns = self.columns
        return QSize(current_theme().scaled(420), round(columns.line + max(len(self._order), 1) * columns.row))

    def minimumSizeHint(self) -> QSize:
        columns = self.columns
        return QSize(current_theme().scaled(160), round(columns.line + 2 * columns.row))

    def paintEvent(self, _event: QPaintEvent) -> None:
        probed, description, theme = self._probed, self._description, current_theme()
        if probed is None or probed.numbers is None or description is None:
            return
        painter = QPainter(self.viewport())
        columns, width = self.columns, float(self.viewport().width())
        rows = TablePainter(painter, columns, theme, description)
        scrolled, height = self.verticalScrollBar().value(), self.viewport().height()
        first = int(scrolled // columns.row)
        last = min(int((scrolled + height - columns.line) // columns.row) + 1, len(self._order))
        for position in range(first, last):
            box = self.row_rect(position)
            if position == self._marked:
                painter.fillRect(box, QColor(theme.palette.selected))
            rows.row(probed, position, self._order[position], self._delta(position), box.top())
        rows.header(width)
        if self.hasFocus():
            painter.setPen(QColor(theme.palette.faint))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self._position_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and position is not None:
            self._mark(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_all()
        elif step is not None and self._order:
            self._mark(
                step if self._marked is None and step < 0 else (-1 if self._marked is None else self._marked) + step
            )
        elif event.key() == Qt.Key.Key_Escape and self._marked is not None:
            self._marked = None
            self.viewport().update()
            self.unmarked.emit()
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.describe(event.pos().toPointF()), self.viewport())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._forget()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _THEME_EVENTS and self.viewport() is not None:
            self._forget()
