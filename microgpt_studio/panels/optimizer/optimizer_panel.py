"""The Optimizer: Adam's update of the selected parameter, its past, its matrix, and the parameters that move most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from microgpt.program.program import Tensor
from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.optimizer.bias_page import BiasPage
from microgpt_studio.panels.optimizer.descent_page import DescentPage
from microgpt_studio.panels.optimizer.head import Head, Tab
from microgpt_studio.panels.optimizer.history_page import HistoryPage
from microgpt_studio.panels.optimizer.ledger_page import LedgerPage
from microgpt_studio.panels.optimizer.matrix_page import MatrixPage
from microgpt_studio.panels.optimizer.movers_page import MoversPage
from microgpt_studio.panels.optimizer.page import Page
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import current_theme

EMPTY = "Select a parameter to see how Adam updates it: one of these, or a matrix above."


class OptimizerPanel(Panel):
    """A matrix to choose, and pages about the selected parameter; what is no parameter has the movers instead."""

    name: ClassVar[str] = "optimizer"
    title: ClassVar[str] = "Optimizer"
    parts: ClassVar[Part] = Part.PARAMETERS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrices: tuple[Tensor, ...] = ()
        self._tab = Tab.LEDGER
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
        self.head = Head([page.corner for page in self.pages])
        self.head.turned.connect(self.turn_to)
        self.head.matrix_chosen.connect(self._go_to_matrix)
        self._stack = QStackedWidget()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.head)
        whole.addWidget(self._stack, 1)
        for page in self.pages:
            page.wishes_changed.connect(self.wishes_changed)
            page.selected.connect(self.selected)
            page.sought.connect(self._go_to)
            self._stack.addWidget(page)
        self.head.show_matrices(())
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
        self._turn()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return self.page.inquiries()

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._matrices = tuple(tensor for tensor in description.program.tensors if len(tensor.shape) == 2)
        self.head.show_matrices([matrix.path for matrix in self._matrices])
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
        self.head.show_tab(Tab(self.pages.index(page)))
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
        if matrix is None or self.selection is None:
            self.head.show_element(-1, 0, 0)
        else:
            self.head.show_element(
                self._matrices.index(matrix), *divmod(self.selection - matrix.start, matrix.shape[1])
            )

    def _go_to_matrix(self, index: int) -> None:
        if self.description is not None:
            self._show_name()  # the choice counts when the window says so
            self.selected.emit(int(self.description.program.elements(self._matrices[index])[0]))

    def _go_to(self, update: int) -> None:
        self.commanded.emit(GoTo(update))

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(340), theme.scaled(360))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.snapshot is not None:
            self.page.show_text(self.snapshot)
