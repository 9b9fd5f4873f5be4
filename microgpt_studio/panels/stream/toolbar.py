"""The Stream panel's choices: which view is seen, how units are coloured, how far back is looked."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QToolButton, QVBoxLayout, QWidget

from microgpt_studio.panels.stream.units_view import Quantity
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.one_line import OneLine
from microgpt_studio.widgets.tool_button import tool_button


class View(Enum):
    """What there is to see; the value is the word on the button."""

    STREAM = "Stream"
    LENS = "Lens"
    UNITS = "MLP"


_TIPS = {
    View.STREAM: "The residual stream: its norm, its turns, and what is added to it at each stage (S)",
    View.LENS: "The logit lens: what the model would predict if it stopped at an earlier stage (L)",
    View.UNITS: "The MLP's units: where they fire, and which are silent (M)",
    Quantity.OUTPUT: "Colour the units by what their ReLU lets through",
    Quantity.BEFORE: "Colour the units by what reaches their ReLU: how far they are from firing",
}


_UPDATES = (100, 1000)


class Toolbar(QWidget):
    """Remembers what is chosen; at the right a line of text."""

    view_chosen = Signal()
    quantity_chosen = Signal()
    updates_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 2, 8, 2)
        flow = FlowLayout(across=2)
        box.addLayout(flow)
        self._views, self._quantities = QButtonGroup(self), QButtonGroup(self)
        for i, view in enumerate(View):
            self._views.addButton(self._button(flow, view), i)
        for i, quantity in enumerate(Quantity):
            self._quantities.addButton(self._button(flow, quantity), i)
        for group in (self._views, self._quantities):
            group.button(0).setChecked(True)
        self.updates_box = QComboBox(self)
        self.updates_box.addItems([f"{updates:,} updates" for updates in _UPDATES])
        self.updates_box.setToolTip("Over how many finished updates it is counted in how many each unit fired")
        self.updates_box.setAccessibleName("updates to look at")
        flow.addWidget(self.updates_box)
        self.line = OneLine(self, asks=True, side=Qt.AlignmentFlag.AlignRight)
        flow.addWidget(self.line)
        self._views.idClicked.connect(self._choose_view)
        self._quantities.idClicked.connect(self._choose_quantity)
        self.updates_box.currentIndexChanged.connect(self.updates_chosen)
        self._show_choices()

    @property
    def view(self) -> View:
        """What is to be seen."""
        return tuple(View)[self._views.checkedId()]

    @property
    def quantity(self) -> Quantity:
        """What the units are coloured by."""
        return tuple(Quantity)[self._quantities.checkedId()]

    @property
    def updates(self) -> int:
        """How many updates of the past are looked at, at most."""
        return _UPDATES[self.updates_box.currentIndex()]

    def button(self, choice: View | Quantity) -> QToolButton:
        """The button of a choice."""
        if isinstance(choice, View):
            button = self._views.button(tuple(View).index(choice))
        else:
            button = self._quantities.button(tuple(Quantity).index(choice))
        assert isinstance(button, QToolButton)
        return button

    def _button(self, flow: FlowLayout, choice: View | Quantity) -> QToolButton:
        button = tool_button(choice.value, _TIPS[choice], self, checkable=True)
        flow.addWidget(button)
        return button

    def _show_choices(self) -> None:
        for choice in (*self._quantities.buttons(), self.updates_box):
            choice.setVisible(self.view is View.UNITS)

    def _choose_view(self, _number: int) -> None:
        self._show_choices()
        self.view_chosen.emit()

    def _choose_quantity(self, _number: int) -> None:
        self.quantity_chosen.emit()
