"""The Paths panel's buttons: which view is seen where there is room for one, and what is lit on the map."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.tool_button import tool_button


class View(Enum):
    """What there is to see."""

    CHAIN = "Chain"
    SHARES = "Shares"


class Light(Enum):
    """What is lit wherever scalars are drawn."""

    PATHS = "Light all paths"
    CHAIN = "Light chain"


_TIPS = {
    View.CHAIN: "The strongest chain: the path with the largest product of local derivatives",
    View.SHARES: "What share of the gradient flows through each block at each position",
    Light.PATHS: "Light everything that lies on a path from the selected scalar to the loss",
    Light.CHAIN: "Light the scalars of the strongest chain",
}


class Toolbar(QWidget):
    """Remembers what is chosen, and nothing of paths. At most one of the lights is on."""

    view_chosen = Signal()
    light_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        flow = FlowLayout(self, across=2)
        self._views = QButtonGroup(self)
        self._lights: dict[Light, QToolButton] = {}
        for i, view in enumerate(View):
            button = self._button(flow, view)
            self._views.addButton(button, i)
            button.setChecked(i == 0)
        for light in Light:
            button = self._button(flow, light)
            self._lights[light] = button
            button.clicked.connect(self._choose_light)
        self._views.idClicked.connect(self._choose_view)
        self._lit: Light | None = None

    @property
    def view(self) -> View:
        """What is to be seen where there is room for one."""
        return tuple(View)[self._views.checkedId()]

    @property
    def light(self) -> Light | None:
        """What is to be lit."""
        return self._lit

    def button(self, choice: View | Light) -> QToolButton:
        """The button of a choice."""
        if isinstance(choice, Light):
            return self._lights[choice]
        button = self._views.button(tuple(View).index(choice))
        assert isinstance(button, QToolButton)
        return button

    def show_views(self, *, shown: bool) -> None:
        """Whether there is a view to choose."""
        for button in self._views.buttons():
            button.setVisible(shown)

    def allow(self, *, paths: bool, chain: bool) -> None:
        """What there is to be lit. A light that was on stays chosen."""
        self._lights[Light.PATHS].setEnabled(paths)
        self._lights[Light.CHAIN].setEnabled(chain)

    def put_out(self) -> None:
        """No light is chosen any more; tells nobody."""
        self._lit = None
        for button in self._lights.values():
            button.setChecked(False)

    def _button(self, flow: FlowLayout, choice: View | Light) -> QToolButton:
        button = tool_button(choice.value, _TIPS[choice], self, checkable=True)
        flow.addWidget(button)
        return button

    def _choose_view(self, _number: int) -> None:
        self.view_chosen.emit()

    def _choose_light(self, checked: bool) -> None:
        chosen = next(light for light, button in self._lights.items() if button is self.sender())
        self.put_out()
        if checked:
            self._lit = chosen
            self._lights[chosen].setChecked(True)
        self.light_chosen.emit()
