"""One matrix as Adam sees it: its gradient, both moments and the change, each a heatmap with its scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from microgpt.program.program import Floats
from microgpt_studio.debugger.snapshot import Reach, Reaches
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import ColorScale, Heatmap, full

_GAP = 8
_NARROWEST = 140  # pixels of a tile at text scale 1: its scale's figures fit
_LOWEST, _HIGHEST = 56, 128  # least height of the cells: three pixels a row, within these


@dataclass(frozen=True, slots=True)
class Layer:
    """One quantity of a matrix. Only what the reach says is KNOWN is coloured."""

    quantity: str
    kind: ScaleKind
    values: Floats  # (rows, columns)
    reach: Reaches  # (rows, columns)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(rows, columns)"""
        return np.equal(self.reach, Reach.KNOWN)

    @property
    def missing(self) -> str:
        """Why nothing is known; empty where something is."""
        if self.known.any():
            return ""
        return "partial so far" if (self.reach == Reach.PARTIAL).any() else "not computed yet"

    def text(self, row: int, column: int) -> str:
        """A number in full, or why there is none."""
        number = full(self.values[row, column])
        if self.reach[row, column] == Reach.PARTIAL:
            return f"{number} so far, more contributions are to come"
        return number if self.reach[row, column] == Reach.KNOWN else "not computed yet"


class LowHeatmap(Heatmap):
    """A heatmap that is content with its least height, and takes what it gets."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())


class Tile(QWidget):
    """A heatmap under its colour scale."""

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
        for child in (self.heatmap, self.color_scale, self.words):
            child.setMinimumWidth(1)  # the tiles share the width of the panel, however narrow
            child.setSizePolicy(QSizePolicy.Policy.Ignored, child.sizePolicy().verticalPolicy())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.color_scale)
        column.addWidget(self.words)
        column.addWidget(self.heatmap, 1)

    def set_layer(self, matrix: str, layer: Layer, *, fit: bool) -> None:
        """Show a quantity of a matrix. The scale always grows to what is to be shown; it shrinks only to `fit`."""
        rows = layer.values.shape[0]
        known, missing = layer.known, layer.missing
        scale = Scale.fit(layer.values[known], layer.kind)
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
        self.words.setFont(theme.text_font(SMALL))
        self.words.setFixedHeight(self.color_scale.sizeHint().height())
        self.color_scale.setToolTip(f"{layer.quantity} of {matrix}")

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
        self._grid.setContentsMargins(8, 0, 8, 0)
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
