"""What may be searched for, as examples to be clicked: the Search panel shows them while its line is empty."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from microgpt_studio.widgets import AddressLink
from microgpt_studio.widgets.sentence import Sentence

EXAMPLES = {
    "q0": "element 0 of every query",
    "pos1 head0 weight": "attention weights",
    "l0 wq 0 1": "a parameter",
    "mlp op:relu": "one kind of operation",
    "attn |grad|>0.01": "numbers compared",
    "top:10 by:update": "the largest steps of Adam",
    "nonfinite": "nan and infinities",
}


class ExamplesPage(QWidget):
    """Lines of the search, and what each finds."""

    activated = Signal(object)  # the line (str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, (line, note) in enumerate(EXAMPLES.items()):
            link = AddressLink(line)
            link.activated.connect(self.activated)
            link.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            link.setToolTip(f"Search for {line}")
            grid.addWidget(link, row, 0)
            words = Sentence()
            words.say(note)
            words.setMinimumWidth(1)  # it wraps
            grid.addWidget(words, row, 1)
        grid.setRowStretch(len(EXAMPLES), 1)
