"""One matrix as Adam sees it: each quantity a heatmap under its scale, with its figures below."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from microgpt_studio.debugger.matrix_statistics import statistics
from microgpt_studio.panels.optimizer.figures import Figures
from microgpt_studio.panels.optimizer.layers import Layer
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import ColorScale, Heatmap
from microgpt_studio.widgets.faces import use_text_font

_GAP = 8
_NARROWEST = 140  # pixels of a tile at text scale 1: its scale's figures fit
_LOWEST, _HIGHEST = 56, 128  # least height of the cells: three pixels a row, within these


class LowHeatmap(Heatmap):
    """A heatmap that is content with its least height, and takes what it gets."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())


class Tile(QWidget):
    """A heatmap under its colour scale; below it the least and the largest number, and the norm."""

    clicked = Signal(int, int)  # row, column

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer: Layer | None = None
        self._matrix = ""
        self.heatmap = LowHeatmap()
        self.heatmap.describe = self._describe
        self.heatmap.clicked.connect(self.clicked)
        self.color_scale = ColorScale()
        self.words = QLabel()  # instead of a scale
        self.words.hide()
        self.figures = Figures()
        use_text_font(self.words, SMALL)
        for child in (self.heatmap, self.color_scale, self.words):
            child.setMinimumWidth(1)  # the tiles share the width of the panel, however narrow
            child.setSizePolicy(QSizePolicy.Policy.Ignored, child.sizePolicy().verticalPolicy())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.color_scale)
        column.addWidget(self.words)
        column.addWidget(self.heatmap, 1)
        column.addWidget(self.figures)

    def set_layer(self, matrix: str, layer: Layer, *, fit: bool) -> None:
        """Show a quantity of a matrix. The scale always grows to what is to be shown; it shrinks only to `fit`."""
        rows = layer.values.shape[0]
        known, missing, scale = layer.known, layer.missing, layer.scale
        old = self.heatmap.scale
        if fit or matrix != self._matrix or scale.kind is not old.kind or scale.limit > old.limit:
            self.heatmap.set_scale(scale)
            self.color_scale.set_scale(scale)
        self._matrix, self._layer = matrix, layer
        theme = current_theme()
        self.heatmap.setMinimumHeight(theme.scaled(min(max(3 * rows, _LOWEST), _HIGHEST)))
        self.heatmap.setAccessibleName(f"{layer.quantity} of {matrix}")
        self.heatmap.set_numbers(layer.values, known)
        self.color_scale.set_quantity(layer.quantity)
        self.color_scale.setVisible(not missing)
        self.words.setVisible(bool(missing))
        self.words.setText(f"{layer.quantity}   {missing}")
        self.words.setFixedHeight(self.color_scale.sizeHint().height())
        self.color_scale.setToolTip(f"{layer.quantity} of {matrix}\n{layer.meaning}")
        if fit:
            self.figures.show_figures(statistics(layer.values.ravel(), known.ravel(), [0, known.size])[0])

    @property
    def layer(self) -> Layer | None:
        """What is shown."""
        return self._layer

    def _describe(self, row: int, column: int) -> str:
        if self._layer is None:
            return ""
        return f"{self._matrix}[{row},{column}]\n{self._layer.quantity} {self._layer.text(row, column)}"


class MomentMaps(QWidget):
    """Tiles beside each other, as many as fit: one, two or all four in a row."""

    clicked = Signal(int, int)  # row, column

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = tuple(Tile() for _ in range(count))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setSpacing(_GAP)
        self._columns = 0
        for tile in self.tiles:
            tile.clicked.connect(self.clicked)
        self._arrange(2)

    def set_layers(self, matrix: str, layers: tuple[Layer, ...], *, fit: bool) -> None:
        """Show the quantities of a matrix; `fit` lets the scales shrink."""
        for tile, layer in zip(self.tiles, layers, strict=True):
            tile.set_layer(matrix, layer, fit=fit)

    def set_selected(self, row: int, column: int) -> None:
        """Outline an element in all tiles."""
        for tile in self.tiles:
            tile.heatmap.set_selected(row, column)

    @property
    def columns(self) -> int:
        """How many tiles stand beside each other."""
        return self._columns

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        for tile in self.tiles:
            self._grid.removeWidget(tile)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for i, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, i // columns, i % columns)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
        self._columns = columns

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        tile = current_theme().scaled(_NARROWEST) + _GAP
        fitting = max((event.size().width() - _GAP) // tile, 1)
        self._arrange(max(columns for columns in (1, 2, 4) if columns <= fitting))
