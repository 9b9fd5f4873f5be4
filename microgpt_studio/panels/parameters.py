"""The Parameters panel: every matrix as a heatmap, by data, gradient, Adam's moments or update."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.panels.parameters_matrices import ParameterMatrices, Quantity
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import ColorScale, EmptyState
from microgpt_studio.widgets.mosaic_header import MosaicHeader

_SCALINGS = (  # text, each matrix has its own, symmetric-logarithmic
    ("shared", False, False),
    ("shared log", False, True),
    ("own", True, False),
    ("own log", True, True),
)
_HINTS = {
    Quantity.DATA: "Every parameter after the last update. The graph shows those before it.",
    Quantity.GRAD: "The gradient of the last update's loss.",
    Quantity.M: "Adam's first moment after the last update.",
    Quantity.V: "Adam's second moment after the last update.",
    Quantity.UPDATE: "What the last update subtracted: after = before - update.",
}


class ParametersPanel(Panel):
    """All matrices at a glance; one of them large after a click on its title or Enter."""

    name = "parameters"
    title = "Parameters"
    parts = Part.PARAMETERS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrices = ParameterMatrices()
        self.quantity_choice = QComboBox()
        self.quantity_choice.addItems([quantity.value for quantity in Quantity])
        for index, quantity in enumerate(Quantity):
            self.quantity_choice.setItemData(index, _HINTS[quantity], Qt.ItemDataRole.ToolTipRole)
        self.quantity_choice.setToolTip(_HINTS[Quantity.DATA])
        self.quantity_choice.setAccessibleName("Quantity")
        self.scale_choice = QComboBox()
        self.scale_choice.addItems([text for text, _, _ in _SCALINGS])
        self.scale_choice.setToolTip("One colour scale for all matrices, or one for each")
        self.scale_choice.setAccessibleName("Colour scale")
        self.legend = ColorScale()
        self.header = MosaicHeader([self.quantity_choice, self.scale_choice], [self.legend])
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self.empty = EmptyState("No parameters yet. Open a data set to see every matrix.")
        for widget in (self.header, self.matrices, self.empty):
            box.addWidget(widget, int(widget is not self.header))
        self._show_empty(True)
        self.setFocusProxy(self.matrices)
        self.quantity_choice.currentIndexChanged.connect(self._choose_quantity)
        self.scale_choice.currentIndexChanged.connect(self._choose_scaling)
        self.header.back.clicked.connect(self._show_all)
        self.matrices.chosen.connect(self._select)
        self.matrices.enlarged_changed.connect(self._show_enlarged)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.matrices.show_session(description)
        self._show_empty(True)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if snapshot.parameters is not None:
            self.matrices.show_numbers(snapshot.parameters, snapshot.moment)
            if self._is_empty:
                self._show_empty(False)
                self._fit()

    def show_text(self, snapshot: Snapshot) -> None:
        """The scales are fitted here, with their figures, so that legend and colours always agree."""
        super().show_text(snapshot)
        if snapshot.parameters is not None:
            self._fit()

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        self.matrices.select_scalar(scalar)
        self._show_legend()

    def _show_empty(self, empty: bool) -> None:
        self._is_empty = empty
        self.empty.setVisible(empty)
        for widget in (self.header, self.matrices):
            widget.setVisible(not empty)

    def _fit(self) -> None:
        self.matrices.fit()
        self._show_legend()

    def _show_legend(self) -> None:
        """The scale of all; where each has its own, that of the selected matrix, by name."""
        matrices = self.matrices
        if not matrices.scales:
            return
        own = _SCALINGS[self.scale_choice.currentIndex()][1]
        tile = matrices.enlarged
        if tile is None:
            tile = matrices.place(matrices.selected)[0] if own and matrices.selected is not None else 0
        self.legend.set_scale(matrices.scales[tile])
        subtracted = "subtracted" if matrices.quantity is Quantity.UPDATE else ""
        self.legend.set_quantity(" · ".join(filter(None, (matrices.tiles[tile].name if own else "", subtracted))))
        self.legend.set_hatched_text(matrices.hatched_text)
        self.header.reflow()

    def _choose_quantity(self, index: int) -> None:
        quantity = list(Quantity)[index]
        self.quantity_choice.setToolTip(_HINTS[quantity])
        self.matrices.set_quantity(quantity)
        self._show_legend()

    def _choose_scaling(self, index: int) -> None:
        _, own, log = _SCALINGS[index]
        self.matrices.set_scaling(own=own, log=log)
        self._show_legend()

    def _show_all(self) -> None:
        self.matrices.enlarge(None)
        self.matrices.setFocus()

    def _show_enlarged(self) -> None:
        self.header.set_alone(self.matrices.enlarged is not None)
        self._fit()

    def _select(self, cell: int) -> None:
        self._show_legend()
        self.selected.emit(int(self.matrices.ids[cell]))

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(480), theme.scaled(250))
