"""The matrix's tool bar: what is coloured, which tint is which layer, and how near."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QWidget

from microgpt_studio.panels.matrix.layers import LayerKey
from microgpt_studio.panels.matrix.strength import Coloring
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.widgets.themed import ThemedWidget
from microgpt_studio.widgets.tool_button import tool_button

_CHOICES = {
    Coloring.COUNT: ("edges", "Colour a dot by how many edges it stands for (E)"),
    Coloring.DERIVATIVE: ("derivative", "The largest |d consumer / d operand| of the edges in a dot (D)"),
    Coloring.CONTRIBUTION: ("contribution", "The largest |derivative × consumer's grad| of the edges in a dot (C)"),
}


class Toolbar(ThemedWidget):
    """Buttons in one row. It remembers what is chosen, and nothing of the matrix."""

    coloring_chosen = Signal(object)  # Coloring
    fit_chosen = Signal()
    zoom_in_chosen = Signal()
    zoom_out_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(2)
        row.addWidget(QLabel("colour", self))
        row.addSpacing(4)
        self._colorings = QButtonGroup(self)
        for i, (text, explanation) in enumerate(_CHOICES.values()):
            button = self._button(row, text, explanation)
            button.setCheckable(True)
            self._colorings.addButton(button, i)
            button.setChecked(i == 0)
        row.addSpacing(6)
        self.layers = LayerKey(self)
        row.addWidget(self.layers)
        row.addStretch(1)
        self.zoom_out = self._button(row, "", "Smaller (−)")
        self.zoom_in = self._button(row, "", "Larger (+); with the wheel, Shift zooms operands alone, Ctrl consumers")
        self.fit = self._button(row, "", "The whole matrix (0, Home); Esc leads one level out")
        self._colorings.idToggled.connect(self._tell)
        self.fit.clicked.connect(self.fit_chosen)
        self.zoom_in.clicked.connect(self.zoom_in_chosen)
        self.zoom_out.clicked.connect(self.zoom_out_chosen)
        self._draw_icons()

    @property
    def coloring(self) -> Coloring:
        """What is chosen."""
        return tuple(_CHOICES)[self._colorings.checkedId()]

    def choose(self, coloring: Coloring) -> None:
        """As if its button were pressed."""
        self._colorings.button(tuple(_CHOICES).index(coloring)).setChecked(True)

    def theme_changed(self) -> None:
        if hasattr(self, "fit"):
            self._draw_icons()

    def _button(self, row: QHBoxLayout, text: str, explanation: str) -> QToolButton:
        button = tool_button(text, explanation, self)
        row.addWidget(button)
        return button

    def _tell(self, _id: int, checked: bool) -> None:
        if checked:
            self.coloring_chosen.emit(self.coloring)

    def _draw_icons(self) -> None:
        palette = current_theme().palette
        for button, name in ((self.fit, Icon.ZOOM_FIT), (self.zoom_in, Icon.ZOOM_IN), (self.zoom_out, Icon.ZOOM_OUT)):
            button.setIcon(icon(name, palette))
