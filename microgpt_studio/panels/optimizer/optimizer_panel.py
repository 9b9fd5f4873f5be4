"""The Optimizer: Adam's update of the selected parameter, its past, its matrix, and the parameters that move most."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from microgpt.program.program import Tensor
from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.optimizer.bias_page import BiasPage
from microgpt_studio.panels.optimizer.descent_page import DescentPage
from microgpt_studio.panels.optimizer.history_page import HistoryPage
from microgpt_studio.panels.optimizer.ledger_page import LedgerPage
from microgpt_studio.panels.optimizer.matrix_page import MatrixPage
from microgpt_studio.panels.optimizer.movers_page import MoversPage
from microgpt_studio.panels.optimizer.page import Page
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.faces import use_number_font, use_text_font
from microgpt_studio.widgets.flow_layout import FlowLayout

EMPTY = "Select a parameter to see how Adam updates it: one of these, or a matrix above."


class Tab(IntEnum):
    """The pages, from left to right."""

    LEDGER = 0
    HISTORY = 1
    DESCENT = 2
    BIAS = 3
    MATRIX = 4
    MOVERS = 5


_TABS = (
    ("Ledger", "One update as equations with their numbers"),
    ("History", "Gradient, moments, step size, update and weight over the updates"),
    ("SGD", "What plain SGD, and SGD with momentum, would have done with the same gradients"),
    ("Bias", "The bias correction in the first updates"),
    ("Matrix", "Everything that Adam keeps for the parameter's matrix"),
    ("Movers", "Which parameters move most, and whose signs change most often"),
)


class OptimizerPanel(Panel):
    """A matrix to choose, and pages about the selected parameter; what is no parameter has the movers instead."""

    name: ClassVar[str] = "optimizer"
    title: ClassVar[str] = "Optimizer"
    parts: ClassVar[Part] = Part.PARAMETERS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrices: tuple[Tensor, ...] = ()
        self._tab = Tab.LEDGER
        self.matrix_combo = QComboBox()
        self.matrix_combo.setPlaceholderText("Matrix")
        self.matrix_combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.matrix_combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.matrix_combo.setAccessibleName("Matrix")
        self.matrix_combo.setToolTip("Go to the first element of a matrix")
        self.matrix_combo.activated.connect(self._go_to_matrix)
        self.element_label = QLabel()
        for widget in (self.matrix_combo, self.element_label):
            use_number_font(widget, SMALL)
        self.ledger, self.history, self.descent = LedgerPage(), HistoryPage(), DescentPage()
        self.bias, self.matrix_page, self.movers = BiasPage(), MatrixPage(), MoversPage()
        self.pages: tuple[Page, ...] = (
            self.ledger,
            self.history,
            self.descent,
            self.bias,
            self.matrix_page,
            self.movers,
        )
        self._buttons = QButtonGroup(self)
        self._stack = QStackedWidget()
        self._lay_out()
        for page in self.pages:
            page.wishes_changed.connect(self.wishes_changed)
            page.selected.connect(self.selected)
            page.sought.connect(self._go_to)
        self._buttons.idClicked.connect(self.turn_to)
        self._show_name()
        self.turn_to(Tab.LEDGER)

    @property
    def parameter(self) -> int | None:
        """What is selected, if it is a parameter."""
        if self.selection is None or self.description is None:
            return None
        return self.selection if self.selection < self.description.program.num_parameters else None

    @property
    def matrix(self) -> Tensor | None:
        """The matrix of the selected parameter; None when the selection is no parameter."""
        return self.ledger.matrix

    @property
    def tab(self) -> Tab:
        """The page that is chosen."""
        return self._tab

    @property
    def page(self) -> Page:
        """The page in front: the chosen one, or the movers while no parameter is selected."""
        return self.movers if self.parameter is None else self.pages[self._tab]

    def turn_to(self, tab: int) -> None:
        """Choose a page."""
        self._tab = Tab(tab)
        self._buttons.button(tab).setChecked(True)
        self._turn()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return self.page.inquiries()

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._matrices = tuple(tensor for tensor in description.program.tensors if len(tensor.shape) == 2)
        with QSignalBlocker(self.matrix_combo):
            self.matrix_combo.clear()
            self.matrix_combo.addItems([matrix.path for matrix in self._matrices])
        for page in self.pages:
            page.show_session(description)
        self._show_name()
        self._turn()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if self.isVisible():
            self.page.show_picture(snapshot)

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self.isVisible():
            self.page.show_text(snapshot)

    def show_selection(self, scalar: int | None) -> None:
        changed = scalar != self.selection
        super().show_selection(scalar)
        if changed:
            for page in self.pages:
                page.show_parameter(self.parameter)
            self._show_name()
            self._turn()

    def _turn(self) -> None:
        page = self.page
        self._stack.setCurrentWidget(page)
        address = None
        if self.selection is not None and self.description is not None and self.parameter is None:
            address = self.description.addresses.format(self.selection)
        self.movers.notice.setVisible(self.parameter is None)
        self.movers.notice.say(EMPTY if address is None else f"{address} is no parameter. {EMPTY}")
        if self.snapshot is not None and self.isVisible():
            page.show_text(self.snapshot)
        self.wishes_changed.emit()

    def _show_name(self) -> None:
        matrix = self.matrix
        with QSignalBlocker(self.matrix_combo):
            self.matrix_combo.setCurrentIndex(self._matrices.index(matrix) if matrix else -1)
        self.matrix_combo.setEnabled(bool(self._matrices))
        if matrix is None or self.selection is None:
            self.element_label.clear()
        else:
            self.element_label.setText("[{},{}]".format(*divmod(self.selection - matrix.start, matrix.shape[1])))

    def _go_to_matrix(self, index: int) -> None:
        if self.description is not None:
            self._show_name()  # the choice counts when the window says so
            self.selected.emit(int(self.description.program.elements(self._matrices[index])[0]))

    def _go_to(self, update: int) -> None:
        self.commanded.emit(GoTo(update))

    def _lay_out(self) -> None:
        name, tabs, head = QWidget(), QWidget(), QWidget()
        row = QHBoxLayout(name)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.matrix_combo)
        row.addWidget(self.element_label)
        name.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        line = FlowLayout(tabs, across=2, down=2)
        for tab, (text, tip) in zip(Tab, _TABS, strict=True):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            use_text_font(button, SMALL)
            self._buttons.addButton(button, tab)
            line.addWidget(button)
        flow = FlowLayout(across=12, down=2)
        flow.addWidget(name)
        flow.addWidget(tabs)
        frame = QVBoxLayout(head)
        frame.setContentsMargins(8, 4, 8, 4)
        frame.addLayout(flow)
        for page in self.pages:
            self._stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(self._stack, 1)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(340), theme.scaled(360))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.snapshot is not None:
            self.page.show_text(self.snapshot)
