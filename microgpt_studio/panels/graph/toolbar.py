"""The map's tool bar: what is coloured, on which scale, and how near."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from microgpt_studio.panels.graph.map_colors import MEANINGS, Coloring, Norm, Quantity
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.widgets.themed import ThemedWidget


class Toolbar(ThemedWidget):
    """Buttons in one row. It remembers what is chosen, and nothing of the map."""

    coloring_chosen = Signal(object)  # Coloring
    lock_chosen = Signal(bool)
    fit_chosen = Signal()
    zoom_in_chosen = Signal()
    zoom_out_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: int | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(2)
        row.addWidget(QLabel("colour", self))
        row.addSpacing(4)
        self.quantity_choice = QComboBox(self)
        for i, quantity in enumerate(Quantity):
            self.quantity_choice.addItem(quantity.value)
            self.quantity_choice.setItemData(i, MEANINGS[quantity], Qt.ItemDataRole.ToolTipRole)
        self.quantity_choice.setAccessibleName("what is coloured")
        self.quantity_choice.setToolTip(MEANINGS[Quantity.DATA])
        self.quantity_choice.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row.addWidget(self.quantity_choice)
        row.addSpacing(12)
        row.addWidget(QLabel("scale", self))
        row.addSpacing(4)
        self._norms = self._choice(
            row,
            (Norm.ROW.value, "Each row has a scale of its own: the ends are its largest absolute value"),
            (Norm.GRAPH.value, "One scale for the whole graph: the ends are its largest absolute value"),
        )
        row.addSpacing(4)
        self.symlog = self._button(row, "symlog", "Symmetric-logarithmic colours: small numbers are seen as well")
        self.lock = self._button(row, "lock", "Keep this scale, so that colours can be compared between updates")
        for button in (self.symlog, self.lock):
            button.setCheckable(True)
        row.addStretch(1)
        self.zoom_out = self._button(row, "", "Smaller (−)")
        self.zoom_in = self._button(row, "", "Larger (+)")
        self.fit = self._button(row, "", "The whole document (0, Home, Esc)")
        self.symlog.toggled.connect(self._tell_coloring)
        self.quantity_choice.currentIndexChanged.connect(self._tell_coloring)
        self._norms.idToggled.connect(self._tell_coloring)
        self.lock.toggled.connect(self._lock)
        self.fit.clicked.connect(self.fit_chosen)
        self.zoom_in.clicked.connect(self.zoom_in_chosen)
        self.zoom_out.clicked.connect(self.zoom_out_chosen)
        self._told = self.coloring
        self._draw_icons()

    @property
    def coloring(self) -> Coloring:
        """What is chosen."""
        return Coloring(
            quantity=tuple(Quantity)[self.quantity_choice.currentIndex()],
            norm=tuple(Norm)[self._norms.checkedId()],
            symlog=self.symlog.isChecked(),
            chosen=self._chosen,
        )

    def choose_quantity(self, quantity: Quantity) -> None:
        """As if it were picked from the list."""
        self.quantity_choice.setCurrentIndex(tuple(Quantity).index(quantity))

    def choose_scalar(self, scalar: int | None) -> None:
        """The scalar to which contributions are shown from now on."""
        self._chosen = scalar
        self._tell_coloring()

    def choose_norm(self, norm: Norm) -> None:
        """As if its button were pressed."""
        self._norms.button(tuple(Norm).index(norm)).setChecked(True)

    def theme_changed(self) -> None:
        if hasattr(self, "_told"):
            self._draw_icons()

    def _choice(self, row: QHBoxLayout, *buttons: tuple[str, str]) -> QButtonGroup:
        group = QButtonGroup(self)
        for i, (text, explanation) in enumerate(buttons):
            button = self._button(row, text, explanation)
            button.setCheckable(True)
            group.addButton(button, i)
            button.setChecked(i == 0)
        return group

    def _button(self, row: QHBoxLayout, text: str, explanation: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(explanation)
        button.setAccessibleName(explanation)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row.addWidget(button)
        return button

    def _lock(self, locked: bool) -> None:
        self._draw_icons()
        self.lock_chosen.emit(locked)

    def _tell_coloring(self, *_: object) -> None:
        self.quantity_choice.setToolTip(MEANINGS[self.coloring.quantity])
        if self.coloring != self._told and self._norms.checkedId() >= 0:
            self._told = self.coloring
            self.coloring_chosen.emit(self._told)

    def _draw_icons(self) -> None:
        palette = current_theme().palette
        self.lock.setIcon(icon(Icon.LOCK if self.lock.isChecked() else Icon.UNLOCK, palette))
        self.lock.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for button, name in ((self.fit, Icon.ZOOM_FIT), (self.zoom_in, Icon.ZOOM_IN), (self.zoom_out, Icon.ZOOM_OUT)):
            button.setIcon(icon(name, palette))
