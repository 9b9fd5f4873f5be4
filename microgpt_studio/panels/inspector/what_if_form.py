"""The fields of a what-if: by how much a scalar changes, or what it is set to, typed or dragged."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QSlider, QToolButton, QVBoxLayout, QWidget

from microgpt_studio.debugger.what_if import refused_number
from microgpt_studio.panels.inspector.form import NumberEdit, SheetForm
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.sentence import Sentence
from microgpt_studio.widgets.tool_button import tool_button

_STOPS = 50  # of the slider to each side
_LEAST = 0.1  # that the slider reaches to each side
_WAYS = (
    ("Change by", "The number is added to what the scalar is"),
    ("Set to", "The number takes the place of what the scalar is"),
)
_TIP = "A number, as 0.05 or -1e-3; empty: nothing is changed. Nothing of it is kept unless you ask for it."
_KEEP = (
    "Let the parameter be this number in the update that is shown, and do the update again. "
    "Training goes on from there; what was before cannot be visited any more."
)


class WhatIfForm(SheetForm):
    """Reads a number; says in place why it is none. The slider changes by at most about the size of the scalar."""

    edited = Signal()
    kept = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reach = _LEAST
        self._ways = QButtonGroup(self)
        line = QWidget()
        flow = FlowLayout(line, across=4, down=4)
        for i, (name, tip) in enumerate(_WAYS):
            button = tool_button(name, tip, checkable=True)
            self._ways.addButton(button, i)
            flow.addWidget(button)
        self._ways.buttons()[0].setChecked(True)
        self._ways.idClicked.connect(self._choose_way)
        self.edit = NumberEdit("What if it were another number", _TIP)
        self.edit.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.edit.setPlaceholderText("0.05")
        self.edit.textEdited.connect(self._read)
        flow.addWidget(self.edit)
        self.keep = tool_button("Keep", _KEEP)
        self.keep.setEnabled(False)
        self.keep.clicked.connect(self.kept)
        flow.addWidget(self.keep)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-_STOPS, _STOPS)
        self.slider.setAccessibleName("Change by")
        self.slider.valueChanged.connect(self._slide)
        self.error = Sentence()
        self.error.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(line)
        column.addWidget(self.slider)
        column.addWidget(self.error)
        self.reset(None)

    @property
    def is_change(self) -> bool:
        """Whether the number is added, instead of taking the scalar's place."""
        return self._ways.checkedId() == 0

    @property
    def number(self) -> float | None:
        """What is typed; None where it is no number, or there is none."""
        text = self.edit.text()
        return None if not text.strip() or refused_number(text) is not None else float(text)

    def way(self, *, is_change: bool) -> QToolButton:
        """The button of a way to read the number."""
        button = self._ways.button(0 if is_change else 1)
        assert isinstance(button, QToolButton)
        return button

    def reset(self, data: float | None) -> None:
        """Another scalar, with this number if it is known: nothing is changed yet."""
        self.reach_for(data)
        self.edit.clear()
        self._read()

    def reach_for(self, data: float | None) -> None:
        """Let the slider go as far to each side as the scalar is large, in a round number."""
        size = abs(data) if data is not None and math.isfinite(data) else 0.0
        self._reach = max(_LEAST, float(f"{size:.0e}"))
        self.slider.setToolTip(f"Change by −{self._reach:g} to {self._reach:g}")

    def _choose_way(self, way: int) -> None:
        self.slider.setVisible(way == 0)
        self.resized.emit()
        self._read()

    def _slide(self, stop: int) -> None:
        self.edit.setText(f"{self._reach * stop / _STOPS:.3g}" if stop else "0")
        self._read()

    def _read(self) -> None:
        text = self.edit.text()
        refusal = refused_number(text) if text.strip() else None
        was_hidden = self.error.isHidden()
        if refusal is not None:
            self.error.say(f"{refusal}.", error=True)
        self.error.setVisible(refusal is not None)
        with QSignalBlocker(self.slider):
            stop = (self.number or 0.0) / self._reach * _STOPS
            self.slider.setValue(round(min(max(stop, -_STOPS), _STOPS)))
        if was_hidden != self.error.isHidden():
            self.resized.emit()
        self.edited.emit()
