"""The sheet of the enlarged head: every scalar that makes one query's attention, to read, to point at and to choose."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
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

from microgpt_studio.panels.attention.terms_blocks import Block, Figure
from microgpt_studio.panels.attention.terms_layout import Cell, TermsLayout, place
from microgpt_studio.panels.attention.terms_painter import TermsPainter
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import full
from microgpt_studio.widgets.cells import draw_outline

_ARROWS = {
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
}
_PAGES = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_THEME_EVENTS = {QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange}
_NO_SCALAR = "not a scalar of the program"


class TermsSheet(QAbstractScrollArea):
    """A click or the arrow keys choose a scalar, and the key that it is about.

    Page up and down ask for another query, Esc for the way back.
    """

    chosen = Signal(object)  # int: id of a scalar
    key_chosen = Signal(int)  # position of a key
    escaped = Signal()
    paged = Signal(int)  # +1: the next query is asked for, -1: the one before

    def __init__(self, address: Callable[[int], str], parent: QWidget | None = None) -> None:
        """`address` tells that of a scalar."""
        super().__init__(parent)
        self._address = address
        self._blocks: tuple[Block, ...] = ()
        self._layout: TermsLayout | None = None
        self._selected: int | None = None
        self._hovered: Cell | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Attention term by term")
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(24)
        self.horizontalScrollBar().setSingleStep(24)

    def show_blocks(self, blocks: tuple[Block, ...]) -> None:
        """Show these; none: nothing."""
        self._blocks = blocks
        self._relayout()

    def select_scalar(self, scalar: int | None) -> None:
        """Outline a scalar wherever it stands, or none. Emits nothing."""
        if scalar != self._selected:
            self._selected = scalar
            self.viewport().update()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What is shown."""
        return self._blocks

    @property
    def arrangement(self) -> TermsLayout:
        """Where everything lies, before scrolling."""
        if self._layout is None:
            self._layout = place(self._blocks, self.viewport().width(), current_theme())
        return self._layout

    def describe(self, figure: Figure) -> str:
        """The tool tip of a number: its address, the number in full, what it is."""
        where = self._address(figure.scalar) if figure.scalar is not None else figure.note or _NO_SCALAR
        number = "not computed yet" if figure.value is None else full(figure.value)
        note = figure.note if figure.scalar is not None else ""
        return "\n".join(filter(None, (where, number, note)))

    def cell_at(self, point: QPointF) -> Cell | None:
        """What is under a point of the viewport."""
        return self.arrangement.at(point + self._offset())

    def rects_of(self, scalar: int) -> list[QRectF]:
        """Where a scalar stands, in pixels of the viewport."""
        offset = -self._offset()
        return [cell.rect.translated(offset) for cell in self.arrangement.cells(scalar)]

    def _offset(self) -> QPointF:
        return QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _relayout(self) -> None:
        self._layout = self._hovered = None
        layout, view = self.arrangement, self.viewport().size()
        for bar, length, seen in (
            (self.horizontalScrollBar(), layout.width, view.width()),
            (self.verticalScrollBar(), layout.height, view.height()),
        ):
            bar.setPageStep(seen)
            bar.setRange(0, max(0, round(length) - seen))
        self.viewport().update()

    def _choose(self, cell: Cell) -> None:
        figure, rect = cell.figure, cell.rect
        for bar, start, stop in (
            (self.horizontalScrollBar(), rect.left(), rect.right()),
            (self.verticalScrollBar(), rect.top(), rect.bottom()),
        ):
            bar.setValue(round(max(min(bar.value(), start - 8), stop + 8 - bar.pageStep())))
        if figure.scalar is not None:
            self.select_scalar(figure.scalar)
            self.chosen.emit(figure.scalar)
        if figure.key is not None:
            self.key_chosen.emit(figure.key)

    def _step(self, way: tuple[float, float]) -> Cell | None:
        """The nearest scalar that way from the selected one; the first of all where none is."""
        places = [cell for cell in self.arrangement.cells() if cell.figure.scalar is not None]
        start = next((cell for cell in places if cell.figure.scalar == self._selected), None)
        if start is None:
            return places[0] if places else None
        nearest, best = None, float("inf")
        for cell in places:
            delta = cell.rect.center() - start.rect.center()
            along = delta.x() * way[0] + delta.y() * way[1]
            aside = abs(delta.x() * way[1]) + abs(delta.y() * way[0])
            if along > 1.0 and aside <= 2 * along and along + 4 * aside < best:
                nearest, best = cell, along + 4 * aside
        return nearest

    def _hover(self, cell: Cell | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.viewport().update()

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(230), theme.scaled(180))

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(80), theme.scaled(40))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.translate(-self._offset())
        theme, layout = current_theme(), self.arrangement
        terms = TermsPainter(painter, theme)
        for table in layout.tables:
            terms.table(table)
        for strips in layout.strips:
            terms.strips(strips)
        if self._hovered is not None:
            draw_outline(painter, self._hovered.rect, theme.palette.muted, theme.palette)
        for cell in layout.cells(self._selected) if self._selected is not None else ():
            draw_outline(painter, cell.rect, theme.palette.accent, theme.palette)
        if self.hasFocus():
            painter.resetTransform()
            painter.setPen(QColor(theme.palette.faint))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._relayout()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _THEME_EVENTS and hasattr(self, "_blocks"):
            self._relayout()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and cell is not None:
            self._choose(cell)
        else:
            super().mousePressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Leave:
            self._hover(None)
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(event.pos().toPointF())
            QToolTip.showText(event.globalPos(), self.describe(cell.figure) if cell else "", self.viewport())
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif key in _PAGES:
            self.paged.emit(_PAGES[key])
        elif key in _ARROWS:
            cell = self._step(_ARROWS[key])
            if cell is not None:
                self._choose(cell)
        elif event.matches(QKeySequence.StandardKey.Copy) and self._selected is not None:
            for cell in self.arrangement.cells(self._selected)[:1]:
                if cell.figure.value is not None:
                    QGuiApplication.clipboard().setText(full(cell.figure.value))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
