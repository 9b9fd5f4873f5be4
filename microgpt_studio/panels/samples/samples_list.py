"""The numbered list of the Samples panel: as many columns as fit, copied whole, each sample to be opened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
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

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.text_metrics import metrics_of

EMPTY = "(empty)"  # for a document of no characters: BOS was drawn at once
_SIZE = 12
_GAP = 20.0  # pixels between columns
_THEME_EVENTS = {QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange}
_OPENING = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


class SamplesList(QAbstractScrollArea):
    """Samples in the order in which they were drawn, numbered from 1, line after line.

    A click, or Enter on the one that the arrow keys have reached, chooses one.
    """

    chosen = Signal(int)  # counted from 0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._documents: tuple[str, ...] = ()
        self._places: tuple[int, float, float] | None = None  # columns, their width, height of a line
        self._current: int | None = None  # for the keyboard
        self._hovered: int | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("samples")
        self.copy_action = QAction("Copy all", self)
        self.copy_action.setShortcut(QKeySequence.StandardKey.Copy)
        self.copy_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copy_action.triggered.connect(self.copy_all)
        self.addAction(self.copy_action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.viewport().setMouseTracking(True)

    def show_documents(self, documents: Sequence[str]) -> None:
        """Show these, each as it was drawn."""
        self._documents = tuple(documents)
        self._current = self._hovered = None
        self.copy_action.setEnabled(bool(documents))
        self.verticalScrollBar().setValue(0)
        self._forget()

    @property
    def lines(self) -> list[str]:
        """What the list says, numbers included."""
        digits = len(str(len(self._documents)))
        return [f"{i:{digits}}  {document or EMPTY}" for i, document in enumerate(self._documents, start=1)]

    @property
    def columns(self) -> int:
        """How many samples stand side by side."""
        return self._layout()[0]

    @property
    def current(self) -> int | None:
        """The sample that the arrow keys have reached, counted from 0."""
        return self._current

    def copy_all(self) -> None:
        """Put all documents on the clipboard, one a line, without numbers."""
        if self._documents:
            QGuiApplication.clipboard().setText("\n".join(self._documents))

    def rect_of(self, index: int) -> QRectF:
        """Where a sample stands in the viewport."""
        columns, width, height = self._layout()
        x, y = index % columns * width, index // columns * height - self.verticalScrollBar().value()
        return QRectF(x, y, min(width - _GAP, self.viewport().width()), height)

    def _at(self, point: QPointF) -> int | None:
        columns, width, height = self._layout()
        column = int(point.x() // width)
        index = int((point.y() + self.verticalScrollBar().value()) // height) * columns + column
        return index if 0 <= column < columns and 0 <= index < len(self._documents) else None

    def _move_to(self, index: int) -> None:
        self._current = min(max(index, 0), len(self._documents) - 1)
        place, bar = self.rect_of(self._current), self.verticalScrollBar()
        if place.top() < 0:
            bar.setValue(bar.value() + int(place.top()))
        elif place.bottom() > self.viewport().height():
            bar.setValue(bar.value() + round(place.bottom()) - self.viewport().height())
        self.viewport().update()

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            shape = Qt.CursorShape.ArrowCursor if index is None else Qt.CursorShape.PointingHandCursor
            self.viewport().setCursor(shape)
            self.viewport().update()

    def _layout(self) -> tuple[int, float, float]:
        if self._places is None:
            metrics = metrics_of(current_theme().number_font(_SIZE))
            widest = max((metrics.horizontalAdvance(line) for line in self.lines), default=0.0)
            columns = max(int((self.viewport().width() + _GAP) // (widest + _GAP)), 1)
            self._places = columns, widest + _GAP, float(round(metrics.height() + 2.0))
        return self._places

    def _forget(self) -> None:
        self._places = None
        columns, _, height = self._layout()
        bar = self.verticalScrollBar()
        lines = -(-len(self._documents) // columns)
        bar.setRange(0, max(round(lines * height) - self.viewport().height(), 0))
        bar.setPageStep(max(self.viewport().height(), 1))
        bar.setSingleStep(round(height))
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(240, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, round(1.5 * self._layout()[2]))  # that there is more is seen

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        palette = theme.palette
        columns, _, height = self._layout()
        painter = QPainter(self.viewport())
        painter.setFont(theme.number_font(_SIZE))
        metrics = metrics_of(painter.font())
        digits = len(str(len(self._documents)))
        indent = metrics.horizontalAdvance("0") * (digits + 2)
        scrolled = self.verticalScrollBar().value()
        first = int(scrolled // height) * columns
        last = (int((scrolled + self.viewport().height()) // height) + 1) * columns
        for i, document in enumerate(self._documents[first:last], start=first):
            place = self.rect_of(i)
            y = place.top() + metrics.ascent() + 1.0
            painter.setPen(QColor(palette.muted))
            painter.drawText(QPointF(place.left(), y), f"{i + 1:{digits}}")
            text = metrics.elidedText(document or EMPTY, Qt.TextElideMode.ElideRight, place.width() - indent + 1.0)
            is_active = i == self._hovered or (i == self._current and self.hasFocus())
            rest = palette.text if document else palette.muted
            painter.setPen(QColor(palette.accent if is_active else rest))
            painter.drawText(QPointF(place.left() + indent, y), text)
        if self.hasFocus() and self._documents:
            painter.setPen(QColor(palette.faint))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and index is not None:
            self._current = index
            self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self.columns
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_Home: -len(self._documents),
            Qt.Key.Key_End: len(self._documents),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is not None and self._documents:
            self._move_to(0 if self._current is None else self._current + move)
        elif event.key() in _OPENING and self._current is not None:
            self.chosen.emit(self._current)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Leave:
            self._hover(None)
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._at(event.pos().toPointF())
            text = "" if index is None else f"{self._documents[index] or EMPTY}\nClick: token by token"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._forget()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _THEME_EVENTS and self.viewport() is not None:
            self._forget()
