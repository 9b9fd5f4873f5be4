"""The Samples panel: new documents from the parameters of a moment, many at once, or one of them token by token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QToolButton, QVBoxLayout, QWidget

from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.panels.samples.list_page import ListPage
from microgpt_studio.panels.samples.step_page import StepPage
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.sentence import Sentence


class SamplesPanel(Panel):
    """Two pages: the list, and the steps of one sample. Each asks, and shows the answer to its latest request."""

    name: ClassVar[str] = "samples"
    title: ClassVar[str] = "Samples"
    parts: ClassVar[Part] = Part.NONE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list_page = ListPage()
        self.step_page = StepPage()
        self.list_button = _choice("Many", "Many samples at once (Esc)")
        self.step_button = _choice("One", "How one sample is drawn, token by token")
        group = QButtonGroup(self)
        for button in (self.list_button, self.step_button):
            group.addButton(button)
        self.list_button.setChecked(True)
        head = QWidget()
        flow = FlowLayout(head, across=2, down=2)
        for widget in (self.list_button, self.step_button, self.list_page.buttons, self.step_page.buttons):
            flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addWidget(head)
        column.addWidget(self.list_page, 1)
        column.addWidget(self.step_page, 1)
        self._turn()
        self.step_button.toggled.connect(self._turn)
        self.list_page.opened.connect(self.open_sample)
        for page in (self.list_page, self.step_page):
            page.wishes_changed.connect(self.wishes_changed)

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self.list_page.is_waiting or self.step_page.is_waiting

    @property
    def sentence(self) -> Sentence:
        """What the list says of itself."""
        return self.list_page.sentence

    def request(self) -> None:
        """Draw a list with what stands in the fields, or say why that cannot be."""
        self.list_page.request()

    def open_sample(self, index: int) -> None:
        """Show a sample of the list, counted from 0, token by token."""
        samples = self.list_page.samples
        if samples is None or not 0 <= index < len(samples.documents):
            return
        self.step_page.open_sample(samples, index)
        self.step_button.setChecked(True)
        self.step_page.strip.setFocus()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return (*self.list_page.inquiries(), *self.step_page.inquiries())

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.list_page.show_session(description)
        self.step_page.show_session(description)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        self.list_page.take(snapshot)
        self.step_page.take(snapshot)

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self.isVisible():
            self.list_page.follow(snapshot)
        self.step_page.follow(snapshot.moment)

    def _turn(self) -> None:
        """To the page that is chosen."""
        steps = self.step_button.isChecked()
        for widget in (self.list_page, self.list_page.buttons):
            widget.setVisible(not steps)
        for widget in (self.step_page, self.step_page.buttons):
            widget.setVisible(steps)
        if steps and not self.step_page.has_something:
            if self.list_page.samples is not None and self.list_page.samples.documents:
                self.step_page.open_sample(self.list_page.samples, 0)
            elif self.description is not None:
                self.step_page.request()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = self.step_button.isChecked()
        if steps and event.key() == Qt.Key.Key_Escape:
            self.list_button.setChecked(True)
            self.list_page.list.setFocus()
        elif not (steps and self.step_page.obey(event)):
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(260), theme.scaled(250))


def _choice(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(True)
    return button
