"""Blocks of cells over the same columns that scroll under a header: hover, keyboard, selection and copy.

What the cells are, how they look and what they say is for subclasses to know.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Floats
from microgpt_studio.debugger.mlp_units import Flags
from microgpt_studio.panels.stream.grid_layout import Cell, GridLayout, Measures, Shape
from microgpt_studio.panels.stream.legend import Legend, draw_title
from microgpt_studio.theme import Scale, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import cells
from microgpt_studio.widgets.grid import Grid, thinned
from microgpt_studio.widgets.scrolled import Scrolled

MARGIN = 8.0
_GAP = 6.0  # pixels between names and cells
_ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """R rows of C cells. Where `known` is False there is no number yet, or, where `absent` is True, none at all."""

    titles: tuple[str, ...]  # wordings, the longest first
    rows: tuple[str, ...]  # names, those of the strips included
    values: Floats  # (R, C) what is coloured
    known: Flags  # (R, C)
    scale: Scale
    legend: str  # what is coloured, in the legend
    strips: int = 0
    room: int = 0  # for so many rows room is kept
    absent: Flags | None = None  # (R, C); None: nowhere

    @property
    def is_complete(self) -> bool:
        """Whether every number is there that there will be."""
        there = self.known if self.absent is None else self.known | self.absent
        return bool(there.all())


class GridView(Scrolled):
    """Shows blocks. A click or an arrow key selects a cell and tells; `set_selected` tells nothing."""

    chosen = Signal(object)  # Cell
    pointed = Signal()  # hover or selection are at another cell

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.blocks: tuple[Block, ...] = ()
        self.columns: tuple[str, ...] = ()
        self.room = 0  # for so many columns room is kept
        self.selected: Cell | None = None
        self.hovered: Cell | None = None
        self._layout: GridLayout | None = None
        self._picture: QPixmap | None = None

    @abstractmethod
    def measures(self) -> Measures:
        """The lengths that go with the present theme and blocks."""

    @abstractmethod
    def describe(self, cell: Cell) -> str:
        """A cell in words and full numbers."""

    @abstractmethod
    def brief(self, cell: Cell) -> str:
        """A cell in a line, with short numbers."""

    @abstractmethod
    def as_text(self) -> str:
        """All of it, a line each row, numbers in full, with tabs between."""

    @abstractmethod
    def paint_block(self, painter: QPainter, number: int, grid: Grid) -> None:
        """Paint the cells of a block, and what is beside them; `grid` is where they lie in the viewport."""

    def titles(self, number: int) -> tuple[str, ...]:
        """Wordings of a block's title, the longest first."""
        return self.blocks[number].titles

    def header_tip(self, _col: int) -> str:
        """What hovering over the head of a column tells."""
        return ""

    def name_tip(self, _cell: Cell) -> str:
        """What hovering over the name of a cell's row tells."""
        return ""

    def header_texts(self, _width: float) -> tuple[str, ...]:
        """The heads of columns that are so wide."""
        return self.columns

    def set_blocks(self, blocks: tuple[Block, ...], columns: tuple[str, ...], room: int = 0) -> None:
        """Show these; room is kept for so many columns. The selection stays where there is still such a cell."""
        shapes = [(len(block.values), block.strips, block.room) for block in blocks]
        before = [(len(block.values), block.strips, block.room) for block in self.blocks]
        other = (shapes, columns, room) != (before, self.columns, self.room)
        self.blocks, self.columns, self.room = blocks, columns, room
        if other:
            if self.selected is not None and not self.has(self.selected):
                self.selected = None
            self.hovered = None
            self.refresh()
        self._repaint()
        self.pointed.emit()

    def has(self, cell: Cell) -> bool:
        """Whether there is such a cell."""
        return (
            cell.block < len(self.blocks)
            and cell.row < len(self.blocks[cell.block].rows)
            and cell.col < len(self.columns)
        )

    def set_selected(self, cell: Cell | None) -> None:
        """Outline a cell, or none."""
        if cell != self.selected:
            self.selected = cell
            self.viewport().update()
            self.pointed.emit()

    @property
    def current(self) -> Cell | None:
        """The cell under the pointer, or else the selected one."""
        return self.hovered if self.hovered is not None else self.selected

    def grid_layout(self) -> GridLayout:
        """Where everything lies below the header, without scrolling."""
        if self._layout is None:
            room = self.viewport().height() - self.header_height() - 4.0
            shapes = [Shape(len(block.values), block.strips, block.room) for block in self.blocks]
            width, cols = float(self.viewport().width()), len(self.columns)
            self._layout = GridLayout.within(width, room, shapes, cols, self.room, self.measures())
        return self._layout

    def cell_rect(self, cell: Cell) -> QRectF:
        """Where a cell lies in the viewport."""
        return self.grid_layout().rect(cell).translated(0.0, self._offset())

    def cell_at(self, point: QPointF) -> Cell | None:
        """What is at a point of the viewport."""
        if point.y() < self.header_height() or not self.blocks:
            return None
        return self.grid_layout().at(point - QPointF(0.0, self._offset()))

    def header_height(self) -> int:
        """Pixels of what stays at the top."""
        return round(metrics_of(current_theme().number_font(SMALL)).height()) + 5

    def refresh(self) -> None:
        """Theme, size or blocks are others."""
        self._layout = None
        bar = self.verticalScrollBar()
        room = self.viewport().height() - self.header_height()
        bar.setPageStep(max(room, 1))
        bar.setSingleStep(current_theme().scaled(18))
        bar.setRange(0, max(round(self.grid_layout().height + 4.0) - room, 0) if self.blocks else 0)
        self._layout = None  # the bar may have taken some of the width
        self._repaint()

    def titles_height(self) -> float:
        """Pixels of a line of small text."""
        return float(round(metrics_of(current_theme().text_font(SMALL)).height()) + 3)

    def widest_name(self) -> float:
        """Pixels that the names of the rows take, with what parts them from the cells."""
        names = [name for block in self.blocks for name in block.rows]
        metrics = metrics_of(current_theme().number_font(SMALL))
        return MARGIN + metrics.horizontalAdvance(max(names, key=len, default="")) + _GAP

    def paint_names(self, painter: QPainter, number: int, grid: Grid) -> None:
        """Write the names of a block's rows at their left, thinned where rows are low."""
        theme = current_theme()
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        metrics = metrics_of(painter.font())
        names = self.blocks[number].rows
        shown = [*thinned(grid.rows, grid.cell_height, metrics.height() - 3.0), *range(grid.rows, len(names))]
        for row in shown:
            box = self.cell_rect(Cell(number, row, 0))
            box = QRectF(0.0, box.y(), grid.x - _GAP, box.height())
            text = metrics.elidedText(names[row], Qt.TextElideMode.ElideMiddle, box.width() - MARGIN + 1.0)
            baseline = box.center().y() + (metrics.ascent() - metrics.descent()) / 2
            painter.drawText(QPointF(box.right() - metrics.horizontalAdvance(text), baseline), text)

    def paint_header(self, painter: QPainter, width: float) -> None:
        """Write the heads of the columns, thinned where they are narrow."""
        theme, grid = current_theme(), self.grid_layout().grids[0]
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        metrics = metrics_of(painter.font())
        baseline = 2.0 + metrics.ascent()
        texts = self.header_texts(grid.cell_width)
        longest = metrics.horizontalAdvance(max(texts, key=len, default=""))
        for col in thinned(grid.cols, grid.cell_width, longest + 2.0):
            advance = metrics.horizontalAdvance(texts[col])
            x = grid.x + (col + 0.5) * grid.cell_width - advance / 2
            if x + advance <= width:
                painter.drawText(QPointF(x, baseline), texts[col])

    def _offset(self) -> float:
        return float(self.header_height() - self.verticalScrollBar().value())

    def _choose(self, cell: Cell) -> None:
        self.set_selected(cell)
        bar, box = self.verticalScrollBar(), self.cell_rect(cell)
        title = self.titles_height() if cell.row == 0 else 0.0
        above = self.header_height() - box.top() + title
        below = box.bottom() + 2.0 - self.viewport().height()
        bar.setValue(bar.value() + round(-above if above > 0 else max(below, 0.0)))
        self.setAccessibleDescription(self.brief(cell))
        self.chosen.emit(cell)

    def _hover(self, cell: Cell | None) -> None:
        if cell != self.hovered:
            self.hovered = cell
            self.viewport().update()
            self.pointed.emit()

    def theme_changed(self) -> None:
        if hasattr(self, "_layout"):
            self.refresh()

    def pointer_left(self) -> None:
        self._hover(None)

    def tip_at(self, point: QPointF) -> str:
        if not self.blocks:
            return ""
        cell = self.cell_at(point)
        if cell is not None:
            return self.describe(cell)
        named = self.cell_at(QPointF(self.grid_layout().grids[0].x + 1.0, point.y()))
        if named is not None and point.x() < self.grid_layout().grids[0].x:
            return self.name_tip(named)
        grid = self.grid_layout().grids[0]
        col = int((point.x() - grid.x) // grid.cell_width)
        return self.header_tip(col) if point.y() < self.header_height() and 0 <= col < grid.cols else ""

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(420), theme.scaled(260))

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(160), self.header_height() + current_theme().scaled(60))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        area = QRectF(self.viewport().rect())
        if self._picture is None:
            self._picture = self._painted(area)
        painter = QPainter(self.viewport())
        painter.drawPixmap(0, 0, self._picture)
        painter.setClipRect(area.adjusted(0.0, self.header_height(), 0.0, 0.0))
        for cell, color in ((self.hovered, theme.palette.muted), (self.selected, theme.palette.accent)):
            if cell is not None and self.has(cell):
                cells.draw_outline(painter, self.cell_rect(cell), color, theme.palette)
        painter.setClipping(False)
        if self.hasFocus():
            painter.setPen(QColor(theme.palette.faint))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))

    def _painted(self, area: QRectF) -> QPixmap:
        """Everything but the outlines, which come and go with the pointer."""
        theme, ratio = current_theme(), self.viewport().devicePixelRatioF()
        picture = QPixmap((area.size() * ratio).toSize().expandedTo(QSize(1, 1)))
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(theme.palette.surface))
        if not self.blocks or not self.columns:
            return picture
        painter = QPainter(picture)
        layout, offset = self.grid_layout(), self._offset()
        painter.setClipRect(area.adjusted(0.0, self.header_height(), 0.0, 0.0))
        for number, (block, grid) in enumerate(zip(self.blocks, layout.grids, strict=True)):
            bottom = grid.rect.bottom() + block.strips * layout.strip_height + offset
            if bottom < self.header_height() or grid.y - layout.title_height + offset > area.height():
                continue
            title = layout.title(number, area.width()).translated(0.0, offset).adjusted(MARGIN, 0.0, -MARGIN, 0.0)
            hatched = "" if block.is_complete else "not computed"
            draw_title(painter, title, self.titles(number), Legend(block.legend, block.scale, hatched), theme)
            self.paint_block(painter, number, replace(grid, y=grid.y + offset))
            self.paint_names(painter, number, replace(grid, y=grid.y + offset))
        painter.setClipping(False)
        self.paint_header(painter, area.width())
        painter.end()
        return picture

    def _repaint(self) -> None:
        self._picture = None
        self.viewport().update()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802  # Qt's name
        self._repaint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and cell is not None:
            self._choose(cell)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _ARROWS.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Copy) and self.blocks:
            QGuiApplication.clipboard().setText(self.as_text())
        elif step is not None and self.blocks and self.columns:
            here = self.selected
            self._choose(Cell(0, 0, 0) if here is None else self.grid_layout().moved(here, *step))
        else:
            super().keyPressEvent(event)
