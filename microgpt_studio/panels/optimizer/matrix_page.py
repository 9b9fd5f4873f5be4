"""The page of a matrix: everything that Adam keeps and computes for it, as heatmaps with their figures."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from microgpt_studio.debugger.snapshot import Snapshot
from microgpt_studio.panels.optimizer.layers import QUANTITIES, adam_layers
from microgpt_studio.panels.optimizer.maps import MomentMaps
from microgpt_studio.panels.optimizer.page import Page
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.faces import use_text_font


class MatrixPage(Page):
    """The matrix of the selected parameter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.own_button = _choice("own scale", "Each quantity on the scale that fits this matrix")
        self.shared_button = _choice(
            "shared", "Each quantity on the scale that fits all matrices: this one can be compared"
        )
        corner = QWidget()
        corner.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in (self.own_button, self.shared_button):
            row.addWidget(button)
        super().__init__(corner, parent)
        group = QButtonGroup(self)
        for button in (self.own_button, self.shared_button):
            group.addButton(button)
        self.own_button.setChecked(True)
        self.maps = MomentMaps(len(QUANTITIES))
        area = QScrollArea()
        area.setWidget(self.maps)
        area.setWidgetResizable(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 0, 0, 4)
        whole.setSpacing(4)
        whole.addWidget(area, 1)
        self.maps.clicked.connect(self._select)
        self.shared_button.toggled.connect(self.refresh)
        self.setFocusProxy(self.maps.tiles[0].heatmap)

    def show_picture(self, snapshot: Snapshot) -> None:
        super().show_picture(snapshot)
        self._draw(fit=False)

    def refresh(self) -> None:
        self._draw(fit=True)

    def _draw(self, *, fit: bool) -> None:
        matrix = self.matrix
        if matrix is None or self.parameter is None or self.description is None:
            return
        numbers, moment = (self.snapshot.parameters, self.snapshot.moment) if self.snapshot else (None, None)
        adam, shared = self.description.settings.adam, self.shared_button.isChecked()
        self.maps.set_layers(matrix.path, adam_layers(matrix, numbers, moment, adam, shared=shared), fit=fit)
        self.maps.set_selected(*divmod(self.parameter - matrix.start, matrix.shape[1]))

    def _select(self, row: int, column: int) -> None:
        matrix = self.matrix
        if matrix is not None:
            self.selected.emit(matrix.start + row * matrix.shape[1] + column)


def _choice(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(True)
    use_text_font(button, SMALL)
    return button
