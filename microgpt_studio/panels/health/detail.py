"""The details of one figure: its name and number, its history with axes, what it means, and a scalar to select."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from microgpt_studio.debugger.health_figures import Kind
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.health.plot import Plot
from microgpt_studio.panels.health.readings import Reading, Readings
from microgpt_studio.panels.health.words import (
    UNITS,
    causes,
    ground,
    mark_text,
    meaning,
    missing,
    silence,
    title,
    value_text,
)
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import AddressLink, short, use_number_font
from microgpt_studio.widgets.number_text import full
from microgpt_studio.widgets.one_line import OneLine
from microgpt_studio.widgets.sentence import Sentence


class Form(Enum):
    """How much room there is."""

    LOW = "low"  # beside the tiles: name, link and plot
    TALL = "tall"  # below them: with all sentences


class Detail(QWidget):
    """Shows one Reading."""

    selected = Signal(object)  # id of a scalar
    sought = Signal(object)  # an update (int) to go to
    left = Signal()  # Escape

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = Form.TALL
        self.name, self.number = OneLine(heading=True), QLabel()
        self.link = AddressLink()
        self.link.setToolTip("Select it in the whole window")
        self.plot = Plot()
        self.sentences = [Sentence() for _ in range(4)]
        use_number_font(self.number, SMALL)
        self.number.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._head = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._head.setSpacing(2)
        self._head.addWidget(self.name, 1)
        self._head.addWidget(self.number)
        link = QHBoxLayout()
        link.addWidget(self.link)
        link.addStretch(0)
        self._head.addLayout(link)
        column = QWidget()
        self._words = QScrollArea()
        self._words.setFrameShape(QFrame.Shape.NoFrame)
        self._words.setWidgetResizable(True)
        self._words.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._words.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        words = QVBoxLayout(column)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(4)
        for sentence in self.sentences:
            words.addWidget(sentence)
        words.addStretch(1)
        self._words.setWidget(column)
        text = QVBoxLayout()
        text.setSpacing(4)
        text.addLayout(self._head)
        text.addWidget(self._words, 1)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(8, 2, 4, 2)
        self._box.setSpacing(8)
        self._box.addLayout(text, 2)
        self._box.addWidget(self.plot, 3)
        self.link.activated.connect(self.selected)
        self.plot.sought.connect(self.sought)
        self.plot.left.connect(self.left)

    def set_form(self, form: Form) -> None:
        """Make the best of the room."""
        if form is self.form:
            return
        self.form = form
        tall = form is Form.TALL
        self._words.setVisible(tall)
        self.number.setVisible(tall)  # beside the tiles it stands in the line above
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if tall else QBoxLayout.Direction.TopToBottom)
        self._box.setSpacing(8 if tall else 0)
        self._box.setStretch(0, 2 if tall else 0)
        self._head.setDirection(QBoxLayout.Direction.TopToBottom if tall else QBoxLayout.Direction.LeftToRight)

    def show_reading(self, readings: Readings, reading: Reading, description: Description) -> None:
        """Show it."""
        self.name.say(title(reading))
        number = f"{value_text(reading)} {mark_text(reading)}".rstrip()
        if reading.is_known:
            number += f"  {UNITS[reading.figure.kind]}"
        if reading.figure.kind is Kind.ENTROPY and (nats := readings.nats(reading)) is not None:
            number += f", {short(nats)} nats"
        self.number.setText(number)
        self.number.setToolTip(full(reading.value) if reading.is_known else missing(reading))
        state = silence(readings, reading) if reading.is_known else missing(reading)
        for sentence, text in zip(
            self.sentences, (meaning(reading), causes(reading), ground(reading), state), strict=True
        ):
            sentence.say(text)
            sentence.setVisible(bool(text))
        scalar = readings.places.scalar(reading.figure, readings.numbers.positions)
        if self.link.target != scalar:
            self.link.set_address(description.addresses.format(scalar), scalar)
        self.plot.show_reading(readings, reading)
