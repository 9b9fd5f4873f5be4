"""The table of shares: rows are blocks, columns positions; a cell's colour and figure is the share that flows there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.debugger.shares import Shares
from microgpt_studio.panels.paths.row_view import MARGIN, RowView
from microgpt_studio.panels.paths.share_lines import ShareLine, as_text, share_lines
from microgpt_studio.panels.paths.words import percent
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import cells, full
from microgpt_studio.widgets.grid import Grid, thinned

_LABEL = 14  # characters: "▾ layer0.attn"
_TOTAL = 10  # characters: "-1.234e+05 %" is cut to as many digits as fit
_SMALLEST, _FIGURE = 10, 4  # pixels of a face, and characters, from which cells have figures: "12.3"
_LINES_FROM = 5.0  # pixels a cell measures before lines part it from its neighbours


class ShareTable(RowView):
    """Shares in percent. Arrows move the cell; a click or Enter chooses it, and opens or closes what has a triangle."""

    chosen = Signal(int, int)  # row of the Shares, position
    pointed = Signal()  # hover or keyboard are at another cell

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[ShareLine, ...] = ()
        self.column = 0  # of the keyboard's cell
        self.scale = Scale(ScaleKind.SIGNED, 0.0)  # in percent
        self._shares: Shares | None = None
        self._characters: tuple[str, ...] = ()
        self._opened: set[str] = set()
        self._hovered: tuple[int, int] | None = None
        self.setAccessibleName("Shares of the gradient")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.moved.connect(self.pointed)

    def show_shares(self, shares: Shares, characters: tuple[str, ...]) -> None:
        """Show these; `characters` are the tokens that the positions read. The scale is made for them."""
        self._shares, self._characters = shares, characters
        all_lines = share_lines(shares, {row.name for row in shares.rows})
        self.scale = Scale.fit(
            np.concatenate([100.0 * line.shares[line.passes] for line in all_lines]), ScaleKind.SIGNED
        )
        self.column = min(self.column, len(characters) - 1)
        self._rebuild()

    def toggle(self, row: int) -> None:
        """Open a block, or close it."""
        name = self.lines[row].opens
        if name is not None:
            self._opened ^= {name}
            self._rebuild()

    def describe(self, row: int, column: int | None) -> str:
        """A cell in words and full numbers, or a line's sum."""
        line = self.lines[row]
        if column is None:
            why = "the scalar comes after it" if line.begins else "no path goes there"
            total = why if line.total is None else f"all positions {_full_percent(line.total)}"
            return f"{line.meaning}\n{total}"
        where = f"{line.meaning}\nposition {column} “{self._characters[column]}”"
        if not line.passes[column]:
            return f"{where}\nno path goes there"
        share, flow = float(line.shares[column]), float(line.flows[column])
        return f"{where}\nshare {_full_percent(share)}\nflow {full(flow)}"

    @property
    def pointed_text(self) -> str:
        """The cell under the pointer, or else at the keyboard, in a line; empty for none."""
        cell = self._hovered
        if cell is None and self.current is not None and self.hasFocus():
            cell = self.current, self.column
        if cell is None or cell[0] >= self.count or cell[1] >= len(self._characters):
            return ""
        line, column = self.lines[cell[0]], cell[1]
        share = percent(float(line.shares[column])) if line.passes[column] else "no path"
        return f"{line.meaning}, position {column} “{self._characters[column]}”: {share}"

    @property
    def count(self) -> int:
        return len(self.lines)

    def row_height(self) -> int:
        return round(metrics_of(current_theme().number_font(SMALL)).height()) + 4

    def grid(self) -> Grid:
        """Where the cells lie in the viewport."""
        unit = self._unit()
        left = MARGIN + _LABEL * unit
        room = max(self.viewport().width() - left - MARGIN - _TOTAL * unit, 1.0)
        columns = max(len(self._characters), 1)
        side = min(room / columns, current_theme().scaled(72))
        side = float(int(side)) if side >= 3.0 else side
        top = float(self.header_height() - self.verticalScrollBar().value())
        return Grid(left, top, side, float(self.row_height()), self.count, len(self._characters))

    def tip(self, row: int, x: float) -> str:
        return self.describe(row, self._column_at(x))

    def header_tip(self, x: float) -> str:
        column = self._column_at(x)
        if column is not None:
            return f"position {column} “{self._characters[column]}”"
        if x > self.grid().rect.right():
            return "The shares of all positions, added up"
        return "What share of the gradient flows through each block, in percent; negative where it counteracts"

    def spoken(self, row: int) -> str:
        return self.describe(row, self.column)

    def as_text(self) -> str:
        return as_text(self.lines, self._characters)

    def press(self, row: int, x: float) -> None:
        column = self._column_at(x)
        if column is not None:
            self.column = column
        self.set_current(row)
        if x < self.grid().x:
            self.toggle(row)
        elif column is not None:
            self._choose(row, column)

    def enter(self, row: int) -> None:
        self._choose(row, self.column)

    def paint_header(self, painter: QPainter, box: QRectF) -> None:
        theme = current_theme()
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        metrics, grid = metrics_of(painter.font()), self.grid()
        baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
        for column in thinned(grid.cols, grid.cell_width, metrics.horizontalAdvance("0") + 2.0):
            text = self._characters[column]
            x = grid.x + (column + 0.5) * grid.cell_width - metrics.horizontalAdvance(text) / 2
            painter.drawText(QPointF(x, baseline), text)
        painter.setFont(theme.text_font(SMALL))
        inner = box.adjusted(MARGIN, 0.0, -MARGIN, 0.0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "% of the grad")
        painter.drawText(self._total_box(box), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "total")
        painter.setPen(QPen(QColor(theme.palette.border), 1.0))
        painter.drawLine(QLineF(0.0, box.bottom() - 0.5, box.width(), box.bottom() - 0.5))

    def paint_rows(self, painter: QPainter, rows: range) -> None:
        palette = current_theme().palette
        grid = self.grid()
        self._paint_cells(painter, grid)
        for row in rows:
            self._paint_words(painter, row, grid)
        if self._hovered is not None and self._hovered[0] < self.count:
            cells.draw_outline(painter, grid.cell(*self._hovered), palette.muted, palette)
        if self.current is not None and self.hasFocus():
            cells.draw_outline(painter, grid.cell(self.current, self.column), palette.accent, palette)

    def _paint_cells(self, painter: QPainter, grid: Grid) -> None:
        theme = current_theme()
        values = 100.0 * np.array([line.shares for line in self.lines])
        passes = np.array([line.passes for line in self.lines])
        pixels = colors(values, self.scale, theme.palette)
        pixels = np.ascontiguousarray(np.where(passes, pixels, np.uint32(0)))
        cells.draw_hatching(painter, grid.rect, theme.palette)
        cells.draw_pixels(painter, grid, pixels)
        if min(grid.cell_width, grid.cell_height) >= _LINES_FROM:
            cells.draw_lines(painter, grid, theme.palette)
        font = cells.number_font(grid, theme) or theme.number_font(_SMALLEST)
        if grid.cell_width >= _FIGURE * metrics_of(font).horizontalAdvance("0") + 4.0:
            painter.setFont(font)
            cells.draw_numbers(painter, grid, values, passes, pixels, palette=theme.palette)

    def _paint_words(self, painter: QPainter, row: int, grid: Grid) -> None:
        theme, line, box = current_theme(), self.lines[row], self.row_box(row)
        palette = theme.palette
        if line.begins and row:
            painter.setPen(QPen(QColor(palette.border), 1.0))
            painter.drawLine(QLineF(MARGIN, box.top() - 0.5, box.width() - MARGIN, box.top() - 0.5))
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(palette.text if line.begins else palette.muted))
        metrics = metrics_of(painter.font())
        mark = ("▾ " if line.is_open else "▸ ") if line.opens else ""
        indent = "" if line.begins else "    " if line.is_inner else "  "
        room = grid.x - MARGIN - 4.0
        text = metrics.elidedText(f"{mark}{indent}{line.label}", Qt.TextElideMode.ElideMiddle, room)
        baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(MARGIN, baseline), text)
        painter.setPen(QColor(palette.text if line.begins or line.is_sum else palette.muted))
        word = ("before" if line.begins else "no path") if line.total is None else percent(line.total)
        painter.drawText(self._total_box(box), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)

    def _total_box(self, box: QRectF) -> QRectF:
        """Right behind the cells."""
        grid = self.grid()
        return QRectF(grid.rect.right(), box.top(), _TOTAL * self._unit(), box.height())

    def _column_at(self, x: float) -> int | None:
        grid = self.grid()
        column = int((x - grid.x) // grid.cell_width)
        return column if 0 <= column < grid.cols else None

    def _choose(self, row: int, column: int) -> None:
        line = self.lines[row]
        if line.row is not None and line.passes[column]:
            self.chosen.emit(line.row, column)

    def _rebuild(self) -> None:
        count = self.count
        self.lines = share_lines(self._shares, self._opened) if self._shares is not None else ()
        self.refresh()
        if self.count != count:
            self.updateGeometry()
        self.pointed.emit()

    def _hover(self, cell: tuple[int, int] | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.viewport().update()
            self.pointed.emit()

    @staticmethod
    def _unit() -> float:
        return metrics_of(current_theme().number_font(SMALL)).horizontalAdvance("0")

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.header_height() + self.count * self.row_height() + 8)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row, column = self.row_at(event.position()), self._column_at(event.position().x())
        self._hover(None if row is None or column is None else (row, column))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        side = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if side is not None and self.current is not None:
            self.column = max(0, min(self.column + side, len(self._characters) - 1))
            self.set_current(self.current)
        elif event.key() == Qt.Key.Key_Space and self.current is not None:
            self.toggle(self.current)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)


def _full_percent(share: float) -> str:
    return f"{full(share)} ({percent(share)})"
