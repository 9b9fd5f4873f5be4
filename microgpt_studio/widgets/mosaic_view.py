"""The view of a mosaic: many matrices in one widget, painted as one picture each; one of them can be enlarged.

It owns no truth: who uses it gives tiles, numbers, scales and selection. A cell is named by its place in the arrays.
It does not know mouse and keyboard.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import Colors
from microgpt_studio.widgets import cells
from microgpt_studio.widgets import mosaic_paint as paint
from microgpt_studio.widgets.mosaic_layout import Block, Layout, Placed, Tile, Wish, arrange, enlarge

_ANY = Wish()
_LAYOUTS = 64  # as many are remembered: documents differ in their number of positions, and come back


class MosaicView(QAbstractScrollArea):
    """Tiles with C cells in all, tile after tile, rows before columns."""

    enlarged_changed = Signal()
    pointing_changed = Signal()  # `pointed_tile` may be another

    def __init__(self, parent: QWidget | None = None, *, wish: Wish = _ANY) -> None:
        super().__init__(parent)
        self._wish = wish
        self._note: tuple[int, ...] = ()  # characters of each word behind each title
        self._tiles: tuple[Tile, ...] = ()
        self._candidates: tuple[Block, ...] = ()
        self._starts = np.zeros(1, dtype=np.int64)
        self._values = np.zeros(0)
        self._known = np.zeros(0, dtype=np.bool_)
        self._centre = 0.0
        self._scales: tuple[Scale, ...] = ()
        self._notes: tuple[paint.Note, ...] = ()
        self._selected: int | None = None
        self._hovered: int | None = None
        self._hovered_title: int | None = None
        self._enlarged: int | None = None
        self._layout: Layout | None = None
        self._layouts: dict[Hashable, Layout] = {}
        self._frame: QPixmap | None = None
        self._rulers: QPixmap | None = None  # over the cells of a tile that stands alone
        self._pixels: Colors | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(24)
        self.horizontalScrollBar().setSingleStep(24)

    def set_tiles(self, tiles: Sequence[Tile], candidates: Sequence[Block]) -> None:
        """Show these matrices, arranged as that one of the candidates that gives the largest cells.

        Their numbers are unknown until `set_numbers`. The enlarged tile stays, if there still is one at its place.
        """
        if len(tiles) != len(self._tiles) and self._enlarged is not None:
            self.enlarge(None)
        if tuple(candidates) != self._candidates:
            self._layouts.clear()
        self._tiles, self._candidates = tuple(tiles), tuple(candidates)
        sizes = [tile.rows * tile.cols for tile in tiles]
        self._starts = np.cumsum([0, *sizes])
        self._values = np.zeros(self._starts[-1])
        self._known = np.zeros(self._starts[-1], dtype=np.bool_)
        self._scales = (Scale(ScaleKind.SIGNED, 0.0),) * len(tiles)
        self._notes = ((),) * len(tiles)
        self._selected = None
        self.set_hovered(None, None)
        self._pixels = None
        self._relayout()

    def set_numbers(self, values: NDArray[np.float64], known: NDArray[np.bool_], *, centre: float = 0.0) -> None:
        """Show `values` (C,) where `known` (C,), hatching elsewhere. Kept, not copied: give arrays that stay.

        Colours are by the distance from `centre`.
        """
        self._values, self._known, self._centre = values, known, centre
        self._pixels = None
        self.viewport().update()

    def set_scales(self, scales: Sequence[Scale]) -> None:
        """One scale a tile, all of one kind."""
        if tuple(scales) != self._scales:
            self._scales = tuple(scales)
            self._pixels = None
            self.viewport().update()

    def set_notes(self, notes: Sequence[paint.Note], room: tuple[int, ...]) -> None:
        """Words of at most so many characters behind each title, for instance the limit of its scale."""
        if room != self._note:
            self._note = room
            self._notes = tuple(notes)
            self._relayout()
        elif tuple(notes) != self._notes:
            self._notes = tuple(notes)
            self._repaint_frame()

    def set_selected(self, cell: int | None) -> None:
        """Outline a cell, or none. Emits nothing."""
        if cell != self._selected:
            self._selected = cell
            self.viewport().update()

    def set_hovered(self, cell: int | None, title: int | None) -> None:
        """What the pointer is over: a cell, a tile's title, or neither."""
        if (cell, title) != (self._hovered, self._hovered_title):
            self._hovered, self._hovered_title = cell, title
            if title is not None and self._enlarged is None:
                self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self.viewport().unsetCursor()
            self.viewport().update()
            self.pointing_changed.emit()

    @property
    def pointed_tile(self) -> int | None:
        """Index of the tile that the pointer is over, its title included."""
        return self.place(self._hovered)[0] if self._hovered is not None else self._hovered_title

    def enlarge(self, tile: int | None) -> None:
        """Show one tile alone, or all."""
        if tile != self._enlarged:
            self._enlarged = tile
            self.set_hovered(None, None)
            self._relayout()
            self.enlarged_changed.emit()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        return self._tiles

    @property
    def values(self) -> NDArray[np.float64]:
        """(C,) as shown."""
        return self._values

    @property
    def known(self) -> NDArray[np.bool_]:
        """(C,) where a number is shown; elsewhere is hatching."""
        return self._known

    @property
    def scales(self) -> tuple[Scale, ...]:
        return self._scales

    @property
    def notes(self) -> tuple[paint.Note, ...]:
        return self._notes

    @property
    def selected(self) -> int | None:
        """Index of the outlined cell."""
        return self._selected

    @property
    def enlarged(self) -> int | None:
        """Index of the tile that is shown alone."""
        return self._enlarged

    @property
    def arrangement(self) -> Layout:
        """Where everything lies, before scrolling."""
        assert self._layout is not None, "set_tiles comes first"
        return self._layout

    def cell(self, tile: int, row: int, col: int) -> int:
        """The index of a cell."""
        return int(self._starts[tile]) + row * self._tiles[tile].cols + col

    def span(self, tile: int) -> slice:
        """The cells of a tile."""
        return slice(int(self._starts[tile]), int(self._starts[tile + 1]))

    def place(self, cell: int) -> tuple[int, int, int]:
        """Tile, row and column of a cell."""
        tile = int(np.searchsorted(self._starts, cell, side="right")) - 1
        return tile, *divmod(cell - int(self._starts[tile]), self._tiles[tile].cols)

    def cell_rect(self, cell: int) -> QRectF:
        """Where a cell lies in the viewport; empty when its tile is not shown."""
        tile, row, col = self.place(cell)
        placed = self.placed(tile)
        return placed.grid.cell(row, col).translated(-self.offset()) if placed else QRectF()

    def title_rect(self, tile: int) -> QRectF:
        """Where a tile's title lies in the viewport; empty when it is not shown."""
        placed = self.placed(tile)
        return placed.title.translated(-self.offset()) if placed else QRectF()

    def current(self) -> int:
        """Where the keyboard is: the selection, or the first cell of what is shown."""
        first = int(self._starts[self._enlarged or 0])
        if self._selected is None or (self._enlarged is not None and self.place(self._selected)[0] != self._enlarged):
            return first
        return self._selected

    def placed(self, tile: int) -> Placed | None:
        """Where a tile lies; None when it is not shown."""
        if self._layout is None:
            return None
        return next((placed for placed in self._layout.placed if placed.tile == tile), None)

    def offset(self) -> QPointF:
        """What is scrolled away."""
        return QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _relayout(self) -> None:
        room = self.maximumViewportSize()
        layout = self._arranged(room.width(), room.height())
        if layout is not None and layout.height > room.height():
            layout = self._arranged(room.width() - self.verticalScrollBar().sizeHint().width(), room.height())
        self._layout = layout
        width, height = (layout.width, layout.height) if layout else (0.0, 0.0)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        # Not what is seen now: the bars may be there for a layout that was larger.
        seen_x, seen_y = room.width(), room.height()
        if height > seen_y:
            seen_x -= down.sizeHint().width()
        if width > seen_x:
            seen_y -= across.sizeHint().height()
            if height > seen_y and seen_x == room.width():
                seen_x -= down.sizeHint().width()
        for bar, length, seen in ((across, width, seen_x), (down, height, seen_y)):
            bar.setPageStep(seen)
            bar.setRange(0, max(0, ceil(length) - seen))
        self._repaint_frame()

    def _arranged(self, width: float, height: float) -> Layout | None:
        if not self._tiles:
            return None
        type_ = paint.measure(current_theme(), self._note)
        if self._enlarged is not None:
            return enlarge(self._tiles[self._enlarged], self._enlarged, type_, width, height)
        key = (tuple(tile.size for tile in self._tiles), type_, width, height)
        if key not in self._layouts:
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.clear()
            self._layouts[key] = arrange(self._candidates, self._tiles, type_, self._wish, width, height)
        return self._layouts[key]

    def _repaint_frame(self) -> None:
        self._frame = self._rulers = None
        self.viewport().update()

    def _framed(self, layout: Layout) -> QPixmap:
        if self._frame is None:
            self._frame = self._transparent()
            painter = QPainter(self._frame)
            painter.translate(-self.offset())
            alone = self._enlarged is not None
            paint.draw_frame(painter, layout, self._tiles, self._notes, current_theme(), alone=alone)
            painter.end()
        return self._frame

    def _ruled(self, placed: Placed) -> QPixmap:
        if self._rulers is None:
            self._rulers = self._transparent()
            painter = QPainter(self._rulers)
            tile, note = self._tiles[placed.tile], self._notes[placed.tile]
            size = self.viewport().size().toSizeF()
            paint.draw_rulers(painter, placed, tile, note, self.offset(), size, current_theme())
            painter.end()
        return self._rulers

    def _transparent(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap((self.viewport().size() * ratio).expandedTo(QSize(1, 1)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap

    def exists(self, cell: int) -> bool:
        """Whether causality lets the cell be."""
        tile, row, col = self.place(cell)
        return not (self._tiles[tile].causal and col > row)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(320), theme.scaled(200))

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(120), theme.scaled(80))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._pixels = None
            self._relayout()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._relayout()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802 - Qt's name
        self._repaint_frame()

    def paintEvent(self, _event: QPaintEvent) -> None:
        layout, theme = self._layout, current_theme()
        if layout is None or not self._tiles:
            return
        painter = QPainter(self.viewport())
        painter.drawPixmap(0, 0, self._framed(layout))
        if self._pixels is None:
            values = self._values - self._centre if self._centre else self._values
            self._pixels = paint.pixels_of(values, self._known, self._tiles, self._scales, theme)
        painter.translate(-self.offset())
        visible = QRectF(self.viewport().rect()).translated(self.offset())
        for placed in layout.placed:
            tile = self._tiles[placed.tile]
            if not placed.grid.rect.intersects(visible):
                continue
            span, shape = self.span(placed.tile), (tile.rows, tile.cols)
            values, known = self._values[span].reshape(shape), self._known[span].reshape(shape)
            pixels = self._pixels[span].reshape(shape)
            paint.draw_cells(painter, placed, tile, values, known, pixels, visible=visible, theme=theme)
        self._draw_marks(painter)
        if self._enlarged is not None:
            painter.resetTransform()
            painter.drawPixmap(0, 0, self._ruled(layout.placed[0]))

    def _draw_marks(self, painter: QPainter) -> None:
        theme = current_theme()
        palette = theme.palette
        if self._hovered_title is not None and self._enlarged is None:
            placed = self.placed(self._hovered_title)
            if placed is not None:
                paint.draw_title(painter, placed, (self._tiles[placed.tile].name, "", ""), theme, hovered=True)
        focused = self.placed(self.place(self.current())[0]) if self.hasFocus() else None
        if focused is not None:
            cells.draw_focus(painter, focused.grid, palette)
        for cell, color in ((self._hovered, palette.muted), (self._selected, palette.accent)):
            placed = self.placed(self.place(cell)[0]) if cell is not None else None
            if cell is not None and placed is not None:
                cells.draw_outline(painter, placed.grid.cell(*self.place(cell)[1:]), color, palette)
