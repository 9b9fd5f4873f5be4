"""Rows of one height below a header that stays: scrolling, a row for the keyboard, hover and copy; it paints none."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.scrolled import Scrolled

MARGIN = 8.0
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RowView(Scrolled):
    """Subclasses say how many rows there are and how high, and paint them; the copy key takes all of them as text."""

    moved = Signal()  # the current row is another one, by hand

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.current: int | None = None  # row that the keyboard is at

    @property
    @abstractmethod
    def count(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def row_height(self) -> int:
        """Pixels of every row."""

    @abstractmethod
    def paint_header(self, painter: QPainter, box: QRectF) -> None:
        """Paint what stays at the top."""

    @abstractmethod
    def paint_rows(self, painter: QPainter, rows: range) -> None:
        """Paint some rows, each at its `row_box`."""

    @abstractmethod
    def tip(self, row: int, x: float) -> str:
        """What hovering over a row tells at a place from the left."""

    @abstractmethod
    def header_tip(self, x: float) -> str:
        """What hovering over the header tells at a place from the left."""

    @abstractmethod
    def as_text(self) -> str:
        """All rows, a line each, their numbers in full, with tabs between."""

    @abstractmethod
    def press(self, row: int, x: float) -> None:
        """A click on a row, at a place from the left."""

    @abstractmethod
    def enter(self, row: int) -> None:
        """The enter key on a row."""

    def spoken(self, row: int) -> str:
        """A row for those who do not see it."""
        return self.tip(row, 0.0)

    def header_height(self) -> int:
        """Pixels of what stays at the top."""
        metrics = metrics_of(current_theme().text_font(SMALL))
        return round(metrics.height()) + 6

    def row_box(self, row: int) -> QRectF:
        """Where a row lies in the viewport."""
        top = self.header_height() + row * self.row_height() - self.verticalScrollBar().value()
        return QRectF(0.0, top, self.viewport().width(), self.row_height())

    def row_at(self, point: QPointF) -> int | None:
        """The row at a place in the viewport."""
        if point.y() < self.header_height():
            return None
        row = int((point.y() - self.header_height() + self.verticalScrollBar().value()) // self.row_height())
        return row if 0 <= row < self.count else None

    def set_current(self, row: int) -> None:
        """Move the keyboard's row, and scroll there."""
        row = max(0, min(row, self.count - 1))
        bar, box = self.verticalScrollBar(), self.row_box(row)
        above = self.header_height() - box.top()
        below = box.bottom() - self.viewport().height()
        if above > 0:
            bar.setValue(round(bar.value() - above))
        elif below > 0:
            bar.setValue(round(bar.value() + below))
        self.current = row
        self.setAccessibleDescription(self.spoken(row))
        self.viewport().update()
        self.moved.emit()

    def refresh(self) -> None:
        """Other rows are there, or they are of another height."""
        if self.current is not None and self.current >= self.count:
            self.current = self.count - 1 if self.count else None
        bar, height = self.verticalScrollBar(), self.viewport().height() - self.header_height()
        bar.setPageStep(max(height, 1))
        bar.setSingleStep(self.row_height())
        bar.setRange(0, max(0, self.count * self.row_height() + round(MARGIN / 2) - height))
        self.viewport().update()

    def step(self, key: Qt.Key) -> int | None:
        """The row to which a key leads."""
        here = self.current
        if here is None:
            return 0 if key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_PageDown) else None
        page = max((self.viewport().height() - self.header_height()) // self.row_height() - 1, 1)
        ways = {
            Qt.Key.Key_Up: here - 1,
            Qt.Key.Key_Down: here + 1,
            Qt.Key.Key_PageUp: here - page,
            Qt.Key.Key_PageDown: here + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self.count - 1,
        }
        return ways.get(key)

    def theme_changed(self) -> None:
        if hasattr(self, "current"):
            self.refresh()

    def tip_at(self, point: QPointF) -> str:
        if self.count and point.y() < self.header_height():
            return self.header_tip(point.x())
        row = self.row_at(point)
        return self.tip(row, point.x()) if row is not None else ""

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(320), theme.scaled(220))

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(120), self.header_height() + self.row_height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = current_theme().palette
        painter = QPainter(self.viewport())
        area = QRectF(self.viewport().rect())
        painter.fillRect(area, QColor(palette.surface))
        if not self.count:
            return
        header = QRectF(0.0, 0.0, area.width(), self.header_height())
        height, offset = self.row_height(), self.verticalScrollBar().value()
        first = offset // height
        last = min(self.count, int((offset + area.height() - header.height()) // height) + 1)
        painter.save()
        painter.setClipRect(area.adjusted(0.0, header.height(), 0.0, 0.0))
        self.paint_rows(painter, range(first, last))
        painter.restore()
        self.paint_header(painter, header)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and row is not None:
            self.press(row, event.position().x())
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.step(Qt.Key(event.key())) if self.count else None
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.as_text())
        elif row is not None:
            self.set_current(row)
        elif event.key() in _ENTER and self.current is not None:
            self.enter(self.current)
        else:
            super().keyPressEvent(event)
