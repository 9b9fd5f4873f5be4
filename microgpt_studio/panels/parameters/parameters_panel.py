"""The Parameters panel: one tool bar, and three pages below it, of which one is in front."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.panels.parameters.heatmaps import HeatmapsPage
from microgpt_studio.panels.parameters.histograms_page import HistogramsPage
from microgpt_studio.panels.parameters.matrices import ParameterMatrices
from microgpt_studio.panels.parameters.page import Page
from microgpt_studio.panels.parameters.quantity import Quantity
from microgpt_studio.panels.parameters.strips_page import StripsPage
from microgpt_studio.panels.parameters.toolbar import Toolbar
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import EmptyState


class ParametersPanel(Panel):
    """All matrices at a glance; one of them large after a click on its title or Enter."""

    name: ClassVar[str] = "parameters"
    title: ClassVar[str] = "Parameters"
    parts: ClassVar[Part] = Part.PARAMETERS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heatmaps = HeatmapsPage()
        self.histograms = HistogramsPage()
        self.strips = StripsPage()
        self.pages: tuple[Page, ...] = (self.heatmaps, self.histograms, self.strips)
        self.toolbar = Toolbar([page.title for page in self.pages])
        self.stack = QStackedWidget()
        for page in self.pages:
            self.stack.addWidget(page)
        self.empty = EmptyState("No parameters yet. Open a data set to see every matrix.")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for widget in (self.toolbar, self.stack, self.empty):
            box.addWidget(widget, int(widget is not self.toolbar))
        self._show_empty(True)
        self.setFocusProxy(self.stack)
        self.toolbar.page_chosen.connect(self._choose_page)
        self.toolbar.quantity_chosen.connect(self._choose_quantity)
        self.toolbar.scaling.chosen.connect(self.heatmaps.set_scaling)
        self.toolbar.since.chosen.connect(self._choose_since)
        self.toolbar.kind_chosen.connect(self.strips.set_kind)
        self.strips.sought.connect(self._go_to)
        self.toolbar.back.clicked.connect(self._show_all)
        for page in self.pages:
            page.selected.connect(self.selected)
            page.enlarged_changed.connect(self._show_enlarged)
        self._choose_page(0)

    @property
    def matrices(self) -> ParameterMatrices:
        """The heatmaps."""
        return self.heatmaps.matrices

    @property
    def page(self) -> Page:
        """The one in front."""
        return self.pages[self.stack.currentIndex()]

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return self.page.inquiries()

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.toolbar.since.begin(description.settings.num_steps)
        self.heatmaps.set_since(self.toolbar.since.value)
        for page in self.pages:
            page.show_session(description)
        self._show_empty(True)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if snapshot.parameters is None:
            return
        self.page.show_snapshot(snapshot)
        if self._is_empty:
            self._show_empty(False)
            self.page.show_text(snapshot)

    def show_text(self, snapshot: Snapshot) -> None:
        """The scales are fitted here, with their figures, so that legend and colours always agree."""
        super().show_text(snapshot)
        if snapshot.parameters is not None:
            self.toolbar.since.show_moment(snapshot.moment.step, snapshot.bookmarks, snapshot.losses)
            self.page.show_text(snapshot)

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        for page in self.pages:
            page.show_selection(scalar)

    def _show_empty(self, empty: bool) -> None:
        self._is_empty = empty
        self.empty.setVisible(empty)
        for widget in (self.toolbar, self.stack):
            widget.setVisible(not empty)

    def _choose_page(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        page = self.page
        self.stack.setFocusProxy(page)
        self._show_enlarged()
        if self.snapshot is not None and self.snapshot.parameters is not None:
            page.show_snapshot(self.snapshot)
            page.show_text(self.snapshot)
        self.wishes_changed.emit()

    def _show_tools(self) -> None:
        heatmaps = self.page is self.heatmaps
        change = heatmaps and self.heatmaps.quantity is Quantity.CHANGE
        self.toolbar.show_tools(
            quantity=heatmaps, kind=self.page is self.strips and self.strips.enlarged is None, since=change
        )

    def _choose_quantity(self, quantity: Quantity) -> None:
        self.heatmaps.set_quantity(quantity)
        self._show_tools()
        self.wishes_changed.emit()

    def _choose_since(self, updates: int) -> None:
        self.heatmaps.set_since(updates)
        self.wishes_changed.emit()

    def _go_to(self, updates: int) -> None:
        self.commanded.emit(GoTo(updates))

    def _show_all(self) -> None:
        self.page.enlarge(None)
        self.page.setFocus()

    def _show_enlarged(self) -> None:
        self.toolbar.show_alone(self.page.enlarged is not None)
        self._show_tools()

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(480), theme.scaled(250))
