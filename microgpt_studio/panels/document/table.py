"""The table of the Document panel: a header that stays, rows that scroll, a last line that stays with their average."""

from __future__ import annotations

from collections.abc import Callable

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

from microgpt_studio.panels.document.columns import EXPLANATIONS, TOP, Columns
from microgpt_studio.panels.document.drawing import RowPainter, strip_pixels, strip_rect
from microgpt_studio.panels.document.edges import draw_footer, draw_header, footer_parts, footing, heading
from microgpt_studio.panels.document.predictions import BITS, LOSS, SUM, WHOLE, Predictions, Spot
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.colormaps import Colors
from microgpt_studio.widgets import full
from microgpt_studio.widgets.cells import draw_outline

_FIGURES = {"bits": BITS, "loss": LOSS, "sum": SUM}  # column → what stands there
_THEME_EVENTS = {QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange}


class DocumentTable(QAbstractScrollArea):
    """One row a position. A click or the arrow keys choose a probability or a loss."""

    chosen = Signal(object)  # Spot

    def __init__(self, text: Callable[[int], str], describe: Callable[[Spot], str], parent: QWidget | None = None):
        """`text` gives the character of a token, `describe` the tooltip of a spot."""
        super().__init__(parent)
        self._text, self._describe = text, describe
        self._predictions: Predictions | None = None
        self._columns: Columns | None = None
        self._pixels: Colors | None = None
        self._selected: Spot | None = None
        self._related: int | None = None
        self._hovered: Spot | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    def show_predictions(self, predictions: Predictions | None) -> None:
        """Show this document, or nothing."""
        self._predictions = predictions
        self._columns = self._pixels = None
        self._take_room()
        self.viewport().update()

    def show_selection(self, spot: Spot | None, row: int | None) -> None:
        """Outline a spot; wash the row that the selected scalar belongs to, shown here or not."""
        self._selected, self._related = spot, row
        self.viewport().update()

    @property
    def predictions(self) -> Predictions | None:
        """What is shown."""
        return self._predictions

    @property
    def selected(self) -> Spot | None:
        """The outlined spot."""
        return self._selected

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns there is room for, from left to right."""
        return tuple(self._layout().edges)

    def heading(self) -> tuple[str, str]:
        """The document, and what is to be known about it."""
        return heading(self._predictions)

    def footing(self) -> str:
        """How the losses make the loss."""
        return " ".join(filter(None, footing(self._predictions)))

    def rect_of(self, spot: Spot) -> QRectF:
        """Where a spot is painted, in pixels of the viewport; empty where it is not."""
        shown, columns = self._predictions, self._layout()
        if shown is None:
            return QRectF()
        if spot == WHOLE:
            return footer_parts(shown, self._footer(), current_theme())[1].adjusted(-4.0, 0.0, 4.0, 0.0)
        if spot.row >= shown.positions:
            return QRectF()
        top = self._row_top(spot.row)
        for column, figure in _FIGURES.items():
            if spot.token == figure:
                left, right = columns.edges.get(column, columns.edges.get("bits", columns.edges["pair"]))
                return QRectF(left - 2.0, top + 1.0, right - left + 4.0, columns.row - 2.0)
        box = strip_rect(columns, top)
        if not shown.probs_known[spot.row]:
            return box
        start, stop = shown.piece(spot.row, spot.token)
        return QRectF(box.left() + start * box.width(), box.top(), (stop - start) * box.width(), box.height())

    def spot_at(self, point: QPointF) -> Spot | None:
        """What is under a point of the viewport."""
        shown, columns = self._predictions, self._layout()
        if shown is None or point.y() < self._header_height():
            return None
        if point.y() >= self._footer_top():
            last = Spot(shown.positions - 1, SUM)
            on_sum = footer_parts(shown, self._footer(), current_theme())[0].contains(point)
            return last if on_sum and shown.value(last) is not None else WHOLE
        row = int((point.y() - self._row_top(0)) // columns.row)
        if not 0 <= row < shown.positions:
            return None
        column = columns.at(point.x())
        if column in ("prob", "rank") or (column != "pair" and column not in _FIGURES and not shown.probs_known[row]):
            return Spot(row, shown.target(row))
        if column in ("strip", None):
            box = strip_rect(columns, self._row_top(row))
            return Spot(row, shown.token_at(row, (point.x() - box.left()) / box.width()))
        if column.startswith(TOP):
            return Spot(row, int(shown.order[row, int(column.removeprefix(TOP))]))
        return Spot(row, _FIGURES.get(column, LOSS))

    def heading_at(self, point: QPointF) -> str:
        """What the column means whose heading is under a point; empty elsewhere."""
        columns = self._layout()
        if self._predictions is None or not columns.line + 2.0 < point.y() < self._header_height():
            return ""
        column = columns.at(point.x()) or "strip"
        return EXPLANATIONS.get(column, "the most probable tokens with their probabilities")

    def _layout(self) -> Columns:
        if self._columns is None:
            positions, vocabulary = self._predictions.probs.shape if self._predictions else (1, 1)
            self._columns = Columns.within(self.viewport().width(), current_theme(), positions, vocabulary)
        return self._columns

    def _header_height(self) -> float:
        return 2 * self._layout().line + 4.0

    def _footer_top(self) -> float:
        return max(self.viewport().height() - self._layout().line - 5.0, self._header_height())

    def _footer(self) -> QRectF:
        top = self._footer_top()
        return QRectF(0.0, top, self.viewport().width(), self._layout().line + 5.0)

    def _row_top(self, row: int) -> float:
        return self._header_height() + row * self._layout().row - self.verticalScrollBar().value()

    def _take_room(self) -> None:
        """Let the scroll bar cover the rows."""
        rows = self._predictions.positions if self._predictions else 0
        room = self._footer_top() - self._header_height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(round(rows * self._layout().row - room), 0))
        bar.setPageStep(max(round(room), 1))
        bar.setSingleStep(round(self._layout().row))

    def _forget(self) -> None:
        self._columns = self._pixels = None
        self._take_room()
        self.viewport().update()

    def _choose(self, spot: Spot) -> None:
        if spot != WHOLE:
            top = self._row_top(spot.row)
            over, under = top - self._header_height(), top + self._layout().row - self._footer_top()
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + round(min(over, 0.0) or max(under, 0.0)))
        self._selected = spot
        self._related = None if spot == WHOLE else spot.row
        self.viewport().update()
        self.chosen.emit(spot)

    def _neighbour(self, key: int, shown: Predictions) -> Spot | None:
        """Where an arrow key leads: up and down over the positions and the loss, left and right over the tokens."""
        spot, last = self._selected, shown.positions - 1
        if spot is None or (spot != WHOLE and spot.row > last):
            return Spot(0, LOSS) if last >= 0 else WHOLE
        if spot == WHOLE:
            return Spot(last, LOSS) if key == Qt.Key.Key_Up and last >= 0 else None
        order = [LOSS, SUM, *shown.order[spot.row].tolist()]
        place = order.index(LOSS if spot.token == BITS else spot.token)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            place += 1 if key == Qt.Key.Key_Right else -1
            return Spot(spot.row, order[min(max(place, 0), len(order) - 1)])
        row = spot.row + (1 if key == Qt.Key.Key_Down else -1)
        if row > last:
            return WHOLE
        return Spot(row, [LOSS, SUM, *shown.order[row].tolist()][place]) if row >= 0 else None

    def sizeHint(self) -> QSize:
        return QSize(330, 250)

    def minimumSizeHint(self) -> QSize:
        columns = self._layout()
        return QSize(current_theme().scaled(160), round(self._header_height() + 2 * columns.row + columns.line))

    def paintEvent(self, _event: QPaintEvent) -> None:
        shown, columns, theme = self._predictions, self._layout(), current_theme()
        painter = QPainter(self.viewport())
        if shown is None:
            return
        palette, width = theme.palette, float(self.viewport().width())
        head, foot = self._header_height(), self._footer_top()
        painter.save()
        painter.setClipRect(QRectF(0.0, head, width, foot - head))
        if self._related is not None and self._related < shown.positions:
            top = self._row_top(self._related)
            painter.fillRect(QRectF(0.0, top, width, columns.row), QColor(palette.selected))
        rows = RowPainter(painter, columns, theme, self._text)
        pixels = self._strips(shown)
        first = max(int((head - self._row_top(0)) // columns.row), 0)
        last = min(int((foot - self._row_top(0)) // columns.row) + 1, shown.positions)
        for row in range(first, last):
            rows.draw(shown, row, self._row_top(row), pixels)
        for spot, color in ((self._hovered, palette.muted), (self._selected, palette.accent)):
            if spot is not None and spot != WHOLE and not self.rect_of(spot).isEmpty():
                draw_outline(painter, self.rect_of(spot), color, palette)
        painter.restore()
        draw_header(painter, shown, columns, QRectF(0.0, 0.0, width, head), theme)
        draw_footer(painter, shown, self._footer(), theme)
        for spot, color in ((self._hovered, palette.muted), (self._selected, palette.accent)):
            if spot == WHOLE:
                draw_outline(painter, self.rect_of(WHOLE), color, palette)
        if self.hasFocus():
            painter.setPen(QColor(palette.faint))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _strips(self, shown: Predictions) -> Colors:
        if self._pixels is None:
            left, right = self._layout().edges["strip"]
            width = round((right - left) * self.devicePixelRatioF())
            self._pixels = np.ascontiguousarray(strip_pixels(shown, width, current_theme()))
        return self._pixels

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._forget()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _THEME_EVENTS and self.viewport() is not None:
            self._forget()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = self.spot_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and spot is not None:
            self._choose(spot)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.spot_at(event.position()))

    def _hover(self, spot: Spot | None) -> None:
        if spot != self._hovered:
            self._hovered = spot
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Leave:
            self._hover(None)
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            spot = self.spot_at(event.pos().toPointF())
            text = self._describe(spot) if spot else self.heading_at(event.pos().toPointF())
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shown = self._predictions
        arrows = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
        if shown is not None and event.key() in arrows:
            spot = self._neighbour(event.key(), shown)
            if spot is not None:
                self._choose(spot)
        elif shown is not None and self._selected is not None and event.matches(QKeySequence.StandardKey.Copy):
            value = shown.value(self._selected)
            if value is not None:
                QGuiApplication.clipboard().setText(full(value))
        else:
            super().keyPressEvent(event)
