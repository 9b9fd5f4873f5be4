"""A matrix of numbers as coloured cells; it does not know where they come from."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import Colors, colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import cells
from microgpt_studio.widgets.grid import Grid
from microgpt_studio.widgets.labels import Labels
from microgpt_studio.widgets.number_text import full
from microgpt_studio.widgets.themed import ThemedWidget

Cell = tuple[int, int]  # row, column

_ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_LINES_FROM = 5.0  # pixels a cell measures before lines part it from its neighbours
_SMALLEST_CELL = 3
_USUAL_CELL = 14
_LARGEST_CELL = 96.0
_EDGE = 2.0  # pixels kept free around the cells for the selection's outline


class Heatmap(ThemedWidget):
    """Cells of a (rows, cols) matrix, hatched where a number is not known, crossed where it is not finite.

    It owns no truth: the panel gives numbers, scale, labels and selection. A click or an arrow key moves the
    selection and emits `clicked`; `set_selected` emits nothing. The copy key puts the full number of the
    selected cell on the clipboard.
    """

    hovered = Signal(int, int)  # row, col; when the pointer enters a cell
    left = Signal()  # the pointer left the cells
    clicked = Signal(int, int)  # row, col

    describe: Callable[[int, int], str] | None = None  # text of the tooltip at (row, col), if replaced

    def __init__(self, parent: QWidget | None = None, *, square: bool = False) -> None:
        super().__init__(parent)
        self._square = square
        self._values = np.zeros((0, 0))
        self._known = np.ones((0, 0), dtype=np.bool_)
        self._scale = Scale(ScaleKind.SIGNED, 0.0)
        self._labels = Labels()
        self._selected: Cell | None = None
        self._hovered: Cell | None = None
        self._grid: Grid | None = None
        self._frame: QPixmap | None = None
        self._pixels: Colors | None = None  # (rows, cols) ARGB32, transparent where not known
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_numbers(self, values: NDArray[np.float64], known: NDArray[np.bool_] | None = None) -> None:
        """Show `values` (rows, cols); cells where `known` (same shape) is False are hatched.

        The arrays are kept, not copied: give read-only ones.
        """
        values = np.asarray(values, dtype=np.float64)
        flags = np.ones(values.shape, dtype=np.bool_) if known is None else np.asarray(known, dtype=np.bool_)
        if values.ndim != 2 or flags.shape != values.shape:
            raise ValueError(f"A heatmap shows (rows, cols); values {values.shape}, known {flags.shape}.")
        if values.shape != self._values.shape:
            self._selected = None
            self._hover(None)
            self._forget_geometry()
        self._values, self._known = values, flags
        self._pixels = None
        self.update()

    def set_scale(self, scale: Scale) -> None:
        """Which number gets which colour; the widget never changes it by itself."""
        if scale != self._scale:
            self._scale = scale
            self._pixels = None
            self.update()

    def set_labels(self, rows: Sequence[str], cols: Sequence[str]) -> None:
        """Names of rows and columns, drawn when they fit, evenly thinned when not; empty for none."""
        self._relabel(Labels(self._labels.title, tuple(rows), tuple(cols)))

    def set_title(self, title: str) -> None:
        """One line above the cells; empty for none."""
        self.setAccessibleName(title)
        self._relabel(Labels(title, self._labels.rows, self._labels.cols))

    def set_selected(self, row: int | None, col: int | None = None) -> None:
        """Outline a cell, or none with `set_selected(None)`; a cell outside the matrix is none."""
        rows, cols = self._values.shape
        inside = row is not None and col is not None and 0 <= row < rows and 0 <= col < cols
        selected = (row, col) if inside else None
        if selected != self._selected:
            self._selected = selected  # type: ignore[assignment]  # `inside` rules None out
            self.update()

    @property
    def selected(self) -> Cell | None:
        """(row, col) of the outlined cell."""
        return self._selected

    @property
    def scale(self) -> Scale:
        """The scale in use."""
        return self._scale

    def cell_rect(self, row: int, col: int) -> QRectF:
        """Where a cell lies, in the widget's pixels."""
        return self._geometry().cell(row, col)

    def description(self, row: int, col: int) -> str:
        """The tooltip's text: `describe(row, col)`, or names and full number."""
        if self.describe is not None:
            return self.describe(row, col)
        number = full(self._values[row, col]) if self._known[row, col] else "not computed"
        return f"{self._labels.title} [{row}, {col}]\n{number}".strip()

    def theme_changed(self) -> None:
        self._forget_geometry()
        self._pixels = None

    def _relabel(self, labels: Labels) -> None:
        if labels != self._labels:
            self._labels = labels
            self._forget_geometry()
            self.update()

    def _forget_geometry(self) -> None:
        self._grid = self._frame = None
        self.updateGeometry()

    def _geometry(self) -> Grid:
        if self._grid is None:
            theme = current_theme()
            left, top = self._labels.left(theme, self.width()), self._labels.top(theme)
            area = QRectF(self.rect()).adjusted(left + _EDGE, top + _EDGE, -_EDGE, -_EDGE)
            rows, cols = self._values.shape
            self._grid = Grid.within(area, rows, cols, square=self._square, largest=_LARGEST_CELL)
        return self._grid

    def _labelled_frame(self) -> QPixmap:
        """Title, labels and, under all cells, the hatching as one picture: they rarely change and are slow."""
        if self._frame is None:
            ratio = self.devicePixelRatioF()
            self._frame = QPixmap((self.size() * ratio).expandedTo(QSize(1, 1)))
            self._frame.setDevicePixelRatio(ratio)
            self._frame.fill(Qt.GlobalColor.transparent)
            grid, theme = self._geometry(), current_theme()
            painter = QPainter(self._frame)
            cells.draw_hatching(painter, grid.rect, theme.palette)
            self._labels.draw(painter, grid, self.width(), theme)
            painter.end()
        return self._frame

    def _colored(self) -> Colors:
        if self._pixels is None:
            pixels = colors(self._values, self._scale, current_theme().palette)
            self._pixels = np.ascontiguousarray(np.where(self._known, pixels, np.uint32(0)))
        return self._pixels

    def _select_by_user(self, row: int, col: int) -> None:
        self.set_selected(row, col)
        self.clicked.emit(row, col)

    def _hover(self, cell: Cell | None) -> None:
        if cell == self._hovered:
            return
        self._hovered = cell
        self.update()
        if cell is None:
            self.left.emit()
        else:
            self.hovered.emit(*cell)

    def sizeHint(self) -> QSize:
        return self._size_with_cells_of(_USUAL_CELL)

    def minimumSizeHint(self) -> QSize:
        return self._size_with_cells_of(_SMALLEST_CELL)

    def _size_with_cells_of(self, side: int) -> QSize:
        theme = current_theme()
        rows, cols = self._values.shape
        line = metrics_of(theme.text_font(SMALL)).height()
        width = max(cols * side, round(3 * line)) + self._labels.left(theme, 1e6) + 2 * _EDGE
        return QSize(round(width), round(rows * side + self._labels.top(theme) + 2 * _EDGE))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        palette = theme.palette
        grid = self._geometry()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._labelled_frame())
        if grid.rect.isEmpty():
            return
        pixels = self._colored()
        cells.draw_pixels(painter, grid, pixels)
        if min(grid.cell_width, grid.cell_height) >= _LINES_FROM:
            cells.draw_lines(painter, grid, palette)
        not_finite = self._known & ~np.isfinite(self._values)
        font = cells.number_font(grid, theme)
        if font is not None:
            painter.setFont(font)
            cells.draw_numbers(painter, grid, self._values, self._known, pixels, palette=palette)
        elif not_finite.any():
            cells.draw_crosses(painter, grid, not_finite, palette)
        if self.hasFocus():
            cells.draw_focus(painter, grid, palette)
        if self._hovered is not None:
            cells.draw_outline(painter, grid.cell(*self._hovered), palette.muted, palette)
        if self._selected is not None:
            cells.draw_outline(painter, grid.cell(*self._selected), palette.accent, palette)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._grid = self._frame = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._geometry().at(event.position()))

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._geometry().at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and cell is not None:
            self._select_by_user(*cell)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _ARROWS.get(Qt.Key(event.key()))
        rows, cols = self._values.shape
        if event.matches(QKeySequence.StandardKey.Copy) and self._selected is not None:
            QGuiApplication.clipboard().setText(full(self._values[self._selected]))
        elif step is not None and self._values.size:
            row, col = self._selected or (0, 0)
            if self._selected is not None:
                row, col = row + step[0], col + step[1]
            self._select_by_user(min(max(row, 0), rows - 1), min(max(col, 0), cols - 1))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self._geometry().at(event.pos().toPointF())
            QToolTip.showText(event.globalPos(), self.description(*cell) if cell else "", self)
            return True
        return super().event(event)
