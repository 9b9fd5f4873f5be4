"""A mosaic that people point at: hover, click and keys move the selection, enlarge one matrix and come back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QHelpEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QToolTip

from microgpt_studio.widgets import full
from microgpt_studio.widgets.mosaic_layout import Placed
from microgpt_studio.widgets.mosaic_view import MosaicView

_ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_PAGES = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}


class Mosaic(MosaicView):
    """A click, arrows, page up and down move the selection and emit `chosen`; a click on a title or Enter enlarges a
    tile, Esc goes back; the copy key puts the selected cell's full number on the clipboard.
    """

    chosen = Signal(object)  # int: index of a cell

    def describe(self, cell: int) -> str:
        """The tooltip of a cell. Subclasses say more."""
        tile, row, col = self.place(cell)
        number = full(self.values[cell]) if self.known[cell] else "not computed"
        return f"{self.tiles[tile].name}[{row},{col}]\n{number}"

    def describe_title(self, tile: int) -> str:
        """The tooltip of a title. Subclasses say more."""
        return self.tiles[tile].full_name or self.tiles[tile].name

    def _cell_at(self, point: QPointF) -> int | None:
        hit = self._layout.tile_at(point + self.offset()) if self._layout else None
        if hit is None or self._is_under_rulers(point, hit[0]):
            return None
        placed, row, col = hit
        cell = self.cell(placed.tile, row, col)
        return cell if self.exists(cell) else None

    def _is_under_rulers(self, point: QPointF, placed: Placed) -> bool:
        return self.enlarged is not None and (point.x() < placed.grid.x or point.y() < placed.grid.y)

    def _title_at(self, point: QPointF) -> int | None:
        offset = QPointF() if self.enlarged is not None else self.offset()
        placed = self._layout.title_at(point + offset) if self._layout else None
        return placed.tile if placed else None

    def reveal(self, cell: int) -> None:
        """Scroll as little as it takes to see a cell; not at all where its tile is not shown."""
        if self.cell_rect(cell).isEmpty():
            return
        rect = self.cell_rect(cell).translated(self.offset())
        placed = self.placed(self.place(cell)[0]) if self.enlarged is not None else None
        left, top = (placed.grid.x, placed.grid.y) if placed else (0.0, 0.0)  # of the rulers
        for bar, start, stop in (
            (self.horizontalScrollBar(), rect.left() - left, rect.right()),
            (self.verticalScrollBar(), rect.top() - top, rect.bottom()),
        ):
            bar.setValue(round(max(min(bar.value(), start - 8), stop + 8 - bar.pageStep())))

    def _choose(self, cell: int) -> None:
        self.set_selected(cell)
        self.reveal(cell)
        self.chosen.emit(cell)

    def _step(self, step: tuple[int, int]) -> int:
        """The neighbour of the current cell; beyond a tile's edge the nearest cell of the next tile that way."""
        current = self.current()
        if current != self.selected:
            return current
        tile, row, col = self.place(current)
        there = row + step[0], col + step[1]
        shape = self.tiles[tile]
        if 0 <= there[0] < shape.rows and 0 <= there[1] < shape.cols:
            cell = self.cell(tile, *there)
            return cell if self.exists(cell) else current
        return self._beyond(tile, self.cell_rect(current).center(), step, current)

    def _beyond(self, tile: int, start: QPointF, step: tuple[int, int], current: int) -> int:
        layout = self._layout
        nearest, best = current, float("inf")
        for placed in layout.placed if layout else ():
            box = placed.grid.rect.translated(-self.offset())
            ahead = QPointF(
                min(max(start.x(), box.left() + 0.5), box.right() - 0.5),
                min(max(start.y(), box.top() + 0.5), box.bottom() - 0.5),
            )
            way = ahead - start
            along, aside = way.x() * step[1] + way.y() * step[0], abs(way.x() * step[0]) + abs(way.y() * step[1])
            cell = self._cell_at(ahead)
            if placed.tile != tile and along > 0 and cell is not None and along + 2 * aside < best:
                nearest, best = cell, along + 2 * aside
        return nearest

    def _page(self, step: int) -> None:
        tile = (self.place(self.current())[0] + step) % len(self.tiles)
        if self.enlarged is not None:
            self.enlarge(tile)
        self._choose(self.cell(tile, 0, 0))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.set_hovered(self._cell_at(event.position()), self._title_at(event.position()))

    def leaveEvent(self, _event: QEvent) -> None:
        self.set_hovered(None, None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell, title = self._cell_at(event.position()), self._title_at(event.position())
        if event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
        elif cell is not None:
            self._choose(cell)
        elif title is not None and self.enlarged is None:
            self.enlarge(title)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self.tiles:
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Copy) and self.selected is not None:
            if self.known[self.selected]:
                QGuiApplication.clipboard().setText(full(self.values[self.selected]))
        elif key in _ARROWS:
            self._choose(self._step(_ARROWS[key]))
        elif key in _PAGES:
            self._page(_PAGES[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.enlarged is None:
            self.enlarge(self.place(self.current())[0])
        elif key == Qt.Key.Key_Escape and self.enlarged is not None:
            self.enlarge(None)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            point = event.pos().toPointF()
            cell, title = self._cell_at(point), self._title_at(point)
            text = self.describe(cell) if cell is not None else self.describe_title(title) if title is not None else ""
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        if event.type() == QEvent.Type.Leave:
            self.set_hovered(None, None)
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
