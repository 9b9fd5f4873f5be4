"""The Optimizer: Adam's update of the selected parameter as equations with numbers, and its matrix as Adam sees it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QSignalBlocker
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from microgpt.program.program import Floats, Tensor
from microgpt_studio.debugger.ledger import adam_ledger
from microgpt_studio.debugger.snapshot import Description, ParameterNumbers, Reach, Reaches, Snapshot
from microgpt_studio.panels.optimizer.equations import Account, standing_account, update_account, waiting_account
from microgpt_studio.panels.optimizer.ledger_view import LedgerView
from microgpt_studio.panels.optimizer.maps import Layer, MomentMaps
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import ScaleKind, current_theme
from microgpt_studio.widgets import EmptyState

EMPTY = "Select a parameter, or a matrix above: its Adam update appears here."
_THEME_EVENTS = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange)
_MAPS = 4  # g, m, v, Δ


class OptimizerPanel(Panel):
    """A matrix to choose, the ledger of one of its elements, and four heatmaps."""

    name = "optimizer"
    title = "Optimizer"
    parts = Part.PARAMETERS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrices: tuple[Tensor, ...] = ()
        self.matrix_combo = QComboBox()
        self.matrix_combo.setPlaceholderText("Matrix")
        self.matrix_combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.matrix_combo.setAccessibleName("Matrix")
        self.matrix_combo.setToolTip("Go to the first element of a matrix")
        self.matrix_combo.activated.connect(self._go_to_matrix)
        self.element_label = QLabel()
        self.ledger_view = LedgerView()
        self.maps = MomentMaps(_MAPS)
        self.maps.clicked.connect(self._select_element)
        self.empty_state = EmptyState(EMPTY)
        self._scroll_area = QScrollArea()
        self._stack = QStackedWidget()
        self._lay_out()
        self._dress()
        self._show_name()
        self._refresh(fit=True)

    @property
    def matrix(self) -> Tensor | None:
        """The matrix of the selected parameter; None when the selection is no parameter."""
        if self.selection is None or self.description is None:
            return None
        program = self.description.program
        if self.selection >= program.num_parameters:
            return None
        return program.tensors[int(program.tensor[self.selection])]

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._matrices = tuple(tensor for tensor in description.program.tensors if len(tensor.shape) == 2)
        with QSignalBlocker(self.matrix_combo):
            self.matrix_combo.clear()
            self.matrix_combo.addItems([matrix.path for matrix in self._matrices])
        self._show_name()
        self._refresh(fit=True)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if self.isVisible():
            self._show_maps(fit=False)

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        self._refresh(fit=True)

    def show_selection(self, scalar: int | None) -> None:
        changed = scalar != self.selection
        super().show_selection(scalar)
        if changed:
            self._show_name()
            self._refresh(fit=True)

    def _show_name(self) -> None:
        matrix = self.matrix
        with QSignalBlocker(self.matrix_combo):
            self.matrix_combo.setCurrentIndex(self._matrices.index(matrix) if matrix else -1)
        self.matrix_combo.setEnabled(bool(self._matrices))
        if matrix is None or self.selection is None:
            self.element_label.clear()
        else:
            self.element_label.setText("[{},{}]".format(*divmod(self.selection - matrix.start, matrix.shape[1])))

    def _refresh(self, *, fit: bool) -> None:
        if self.matrix is None:
            self._stack.setCurrentWidget(self.empty_state)
            return
        self._stack.setCurrentWidget(self._scroll_area)
        if self.isVisible():
            self.ledger_view.set_account(self._account())
            self._show_maps(fit=fit)

    def _account(self) -> Account:
        numbers = self.snapshot.parameters if self.snapshot else None
        if self.snapshot is None or self.description is None or self.selection is None or numbers is None:
            return waiting_account()
        moment, adam = self.snapshot.moment, self.description.settings.adam
        if self.selection >= numbers.num_updated:
            return standing_account(numbers, moment.step, moment.num_steps, self.selection)
        ledger = adam_ledger(adam, numbers, moment.update, moment.num_steps, self.selection)
        return update_account(ledger, adam, moment.num_steps)

    def _show_maps(self, *, fit: bool) -> None:
        matrix = self.matrix
        if matrix is None or self.selection is None:
            return
        numbers = self.snapshot.parameters if self.snapshot else None
        self.maps.set_layers(matrix.path, _layers(matrix, numbers), fit=fit)
        self.maps.set_selected(*divmod(self.selection - matrix.start, matrix.shape[1]))

    def _go_to_matrix(self, index: int) -> None:
        if self.description is not None:
            self._show_name()  # the choice counts when the window says so
            self.selected.emit(int(self.description.program.elements(self._matrices[index])[0]))

    def _select_element(self, row: int, column: int) -> None:
        matrix = self.matrix
        if matrix is not None:
            self.selected.emit(matrix.start + row * matrix.shape[1] + column)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 8, 8, 8)
        bar.setSpacing(4)
        bar.addWidget(self.matrix_combo)
        bar.addWidget(self.element_label)
        bar.addStretch(1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(8)
        column.addWidget(self.ledger_view)
        column.addWidget(self.maps, 1)
        self._scroll_area.setWidget(content)
        self._scroll_area.setWidgetResizable(True)
        self._stack.addWidget(self.empty_state)
        self._stack.addWidget(self._scroll_area)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(self._stack, 1)

    def _dress(self) -> None:
        theme = current_theme()
        for widget in (self.matrix_combo, self.element_label):
            widget.setFont(theme.number_font())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _THEME_EVENTS and hasattr(self, "_stack"):
            self._dress()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh(fit=True)


def _layers(matrix: Tensor, numbers: ParameterNumbers | None) -> tuple[Layer, ...]:
    """g, m, v and Δ of a matrix: the moments as they stand, the others as far as they are computed."""
    parameters = np.arange(matrix.start, matrix.stop)
    nowhere = np.full(len(parameters), Reach.NOT_COMPUTED, dtype=np.uint8)

    def layer(quantity: str, kind: ScaleKind, values: Floats | None, reach: Reaches) -> Layer:
        there = np.zeros(len(parameters)) if values is None else values[parameters]
        return Layer(quantity, kind, there.reshape(matrix.shape), reach.reshape(matrix.shape))

    if numbers is None:
        grad = moments = change = nowhere
    else:
        grad, moments = numbers.grad_reach[parameters], np.full_like(nowhere, Reach.KNOWN)
        change = np.where(parameters < numbers.num_updated, moments, nowhere)
    return (
        layer("g", ScaleKind.SIGNED, numbers.grad if numbers else None, grad),
        layer("m", ScaleKind.SIGNED, numbers.m if numbers else None, moments),
        layer("v", ScaleKind.UNSIGNED, numbers.v if numbers else None, moments),
        layer("Δ", ScaleKind.SIGNED, numbers.change if numbers else None, change),
    )
