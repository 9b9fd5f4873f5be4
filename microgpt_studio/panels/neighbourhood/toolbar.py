"""The neighbourhood's tool bar: how much of the graph is drawn, the way back and forward, and how near."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from microgpt_studio.debugger.neighbourhood import MOST_DEPTH, Direction
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.themed import ThemedWidget
from microgpt_studio.widgets.tool_button import tool_button

_DIRECTIONS = (
    (Direction.OPERANDS, "operands", "What the scalar is made from"),
    (Direction.LOSS, "to loss", "What uses the scalar, towards the loss"),
    (Direction.BOTH, "both", "What the scalar is made from, and what uses it"),
)


class Toolbar(ThemedWidget):
    """Buttons in one row, or more where it is narrow. It remembers what is chosen, and nothing of the graph."""

    extent_changed = Signal()  # depth or direction
    fold_all_chosen = Signal()
    unfold_all_chosen = Signal()
    back_chosen = Signal()
    forward_chosen = Signal()
    fit_chosen = Signal()
    zoom_in_chosen = Signal()
    zoom_out_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 2, 8, 2)
        flow = FlowLayout(across=8)
        box.addLayout(flow)
        ways, steps, directions, sums, zooms = (
            self._group(flow, last=last) for last in (False, False, False, False, True)
        )
        self.back = self._button(ways, "", "Back to the scalar before (Alt+Left, Backspace)")
        self.forward = self._button(ways, "", "Forward again (Alt+Right)")
        steps.addWidget(QLabel("depth", self))
        steps.addSpacing(2)
        self.depth_box = QSpinBox(self)
        self.depth_box.setRange(1, MOST_DEPTH)
        self.depth_box.setAccessibleName("depth")
        self.depth_box.setToolTip("How many steps from the selected scalar; a Σ counts as one")
        steps.addWidget(self.depth_box)
        self._directions = QButtonGroup(self)
        for i, (_, text, explanation) in enumerate(_DIRECTIONS):
            button = self._button(directions, text, explanation)
            button.setCheckable(True)
            self._directions.addButton(button, i)
        self._directions.button(2).setChecked(True)
        self.unfold_all = self._button(sums, "unfold", "Open every Σ for whose terms there is room")
        self.fold_all = self._button(sums, "fold", "Fold sums of many terms into one Σ each")
        self.zoom_out = self._button(zooms, "", "Smaller (−)")
        self.zoom_in = self._button(zooms, "", "Larger (+)")
        self.fit = self._button(zooms, "", "All of it (0, Home, Esc)")
        self.depth_box.valueChanged.connect(self._tell_extent)
        self._directions.idClicked.connect(self._tell_extent)
        self.fold_all.clicked.connect(self.fold_all_chosen)
        self.unfold_all.clicked.connect(self.unfold_all_chosen)
        self.back.clicked.connect(self.back_chosen)
        self.forward.clicked.connect(self.forward_chosen)
        self.fit.clicked.connect(self.fit_chosen)
        self.zoom_in.clicked.connect(self.zoom_in_chosen)
        self.zoom_out.clicked.connect(self.zoom_out_chosen)
        self._icons = {
            self.back: Icon.BACK,
            self.forward: Icon.ARROW,
            self.zoom_out: Icon.ZOOM_OUT,
            self.zoom_in: Icon.ZOOM_IN,
            self.fit: Icon.ZOOM_FIT,
        }
        self._draw_icons()
        self.show_ways(back=False, forward=False)

    @property
    def steps(self) -> int:
        """The steps from the selected scalar that are drawn."""
        return self.depth_box.value()

    @property
    def direction(self) -> Direction:
        """Where they lead."""
        return _DIRECTIONS[self._directions.checkedId()][0]

    def choose_direction(self, direction: Direction) -> None:
        """As if its button were pressed."""
        self._directions.button([each for each, _, _ in _DIRECTIONS].index(direction)).click()

    def show_ways(self, *, back: bool, forward: bool) -> None:
        """Whether there is a way back, and forward."""
        self.back.setEnabled(back)
        self.forward.setEnabled(forward)

    def theme_changed(self) -> None:
        if hasattr(self, "_icons"):
            self._draw_icons()

    def _tell_extent(self, *_: object) -> None:
        self.extent_changed.emit()

    def _group(self, flow: FlowLayout, *, last: bool) -> QHBoxLayout:
        """What stays together where there is no room for one line."""
        group = QWidget(self)
        row = QHBoxLayout(group)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        if last:  # stands at the right
            group.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addStretch(1)
        flow.addWidget(group)
        return row

    def _button(self, row: QHBoxLayout, text: str, explanation: str) -> QToolButton:
        button = tool_button(text, explanation, self)
        row.addWidget(button)
        return button

    def _draw_icons(self) -> None:
        for button, name in self._icons.items():
            button.setIcon(icon(name, current_theme().palette))
