"""The head of the Optimizer: the matrix and its element, the tabs, and what belongs to the page in front."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.faces import use_number_font, use_text_font
from microgpt_studio.widgets.flow_layout import FlowLayout

_MARGIN, _ACROSS = 8, 12


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


class _Way(IntEnum):
    """How the parts stand."""

    ONE_LINE = 0  # matrix, tabs, corner
    TWO_LINES = 1  # matrix and corner; tabs
    NARROW = 2  # matrix; tabs, in as many lines as it takes, and the corner after them


class Head(QWidget):
    """Matrix, tabs and corner, in as few lines as they fit into; the tabs stay where they are when one is chosen."""

    turned = Signal(int)  # a Tab was chosen
    matrix_chosen = Signal(int)

    _ready = False  # until all that follows is there

    def __init__(self, corners: Sequence[QWidget | None], parent: QWidget | None = None) -> None:
        """A corner for each tab."""
        super().__init__(parent)
        self._corners = tuple(corners)
        self.matrix_combo = QComboBox()
        self.matrix_combo.setPlaceholderText("Matrix")
        self.matrix_combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.matrix_combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.matrix_combo.setAccessibleName("Matrix")
        self.matrix_combo.setToolTip("Go to the first element of a matrix")
        self.matrix_combo.activated.connect(self.matrix_chosen)
        self.element_label = QLabel()
        for widget in (self.matrix_combo, self.element_label):
            use_number_font(widget, SMALL)
        self._name, self._tabs, self._corner = QWidget(), QWidget(), QWidget()
        for part in (self._name, self._corner):
            part.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self._name)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.matrix_combo)
        row.addWidget(self.element_label)
        beside = QHBoxLayout(self._corner)
        beside.setContentsMargins(0, 0, 0, 0)
        for corner in self._corners:
            if corner is not None:
                beside.addWidget(corner)
        self._buttons = QButtonGroup(self)
        self._line = FlowLayout(self._tabs, across=2, down=2)
        for tab, (text, tip) in zip(Tab, _TABS, strict=True):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            use_text_font(button, SMALL)
            self._buttons.addButton(button, tab)
            self._line.addWidget(button)
        self._buttons.idClicked.connect(self.turned)
        self._flow = FlowLayout(across=_ACROSS, down=2)
        for part in (self._name, self._tabs, self._corner):
            self._flow.addWidget(part)
        self._way = _Way.ONE_LINE
        frame = QVBoxLayout(self)
        frame.setContentsMargins(_MARGIN, 4, _MARGIN, 4)
        frame.addLayout(self._flow)
        self._ready = True

    def button(self, tab: Tab) -> QToolButton:
        """What turns to a page."""
        button = self._buttons.button(tab)
        assert isinstance(button, QToolButton)
        return button

    def show_tab(self, front: Tab) -> None:
        """The tab whose page is in front, to which the corner belongs."""
        self.button(front).setChecked(True)
        for tab, corner in zip(Tab, self._corners, strict=True):
            if corner is not None:
                corner.setVisible(tab is front)
        self._corner.setVisible(self._corners[front] is not None)
        self._arrange()

    def show_matrices(self, names: Sequence[str]) -> None:
        """Those to choose from."""
        with QSignalBlocker(self.matrix_combo):
            self.matrix_combo.clear()
            self.matrix_combo.addItems(list(names))
        self.matrix_combo.setEnabled(bool(names))

    def show_element(self, matrix: int, row: int, column: int) -> None:
        """The element that is selected; matrix -1: none."""
        with QSignalBlocker(self.matrix_combo):
            self.matrix_combo.setCurrentIndex(matrix)
        self.element_label.setText("" if matrix < 0 else f"[{row},{column}]")

    def _arrange(self) -> None:
        hints = [corner.sizeHint() for corner in self._corners if corner is not None]
        corner = max((hint.width() for hint in hints), default=0)
        self._name.setMinimumHeight(max(hint.height() for hint in (*hints, self.matrix_combo.sizeHint())))
        room = self.width() - 2 * _MARGIN
        two = self._name.sizeHint().width() + _ACROSS + corner
        if two + _ACROSS + self._line.sizeHint().width() <= room:
            way = _Way.ONE_LINE
        else:
            way = _Way.TWO_LINES if two <= room else _Way.NARROW
        if way is self._way:
            return
        self._way = way
        self._line.removeWidget(self._corner)
        for part in (self._corner, self._tabs):
            self._flow.removeWidget(part)
        if way is _Way.NARROW:
            self._flow.addWidget(self._tabs)
            self._line.addWidget(self._corner)
        else:
            order = (self._tabs, self._corner)
            for part in order if way is _Way.ONE_LINE else reversed(order):
                self._flow.addWidget(part)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self._ready and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()
