"""The choice of updates: the latest, the first, all, or from one to another, which is typed into the same field."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from microgpt_studio.debugger.update_spans import ALL, Kind, Span, between, first, last
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.faces import use_text_font

_CHOICES = (("last 100", last(100)), ("last 1,000", last(1000)), ("all", ALL), ("first 100", first(100)))
_TYPED = re.compile(r"\s*(\d{1,12})\s*(?:-|–|—|\.\.|…|to)\s*(\d{1,12})\s*")
_LONGEST = "10000–20000"
_PADDING = 34  # pixels of the frame and the arrow at text scale 1


class SpanChooser(QWidget):
    """Says which span is meant. What cannot be read is refused, and the span stays what it was."""

    chosen = Signal()
    refused = Signal(str)  # a sentence

    _ready = False  # until all that follows is there

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.span = last(100)
        self.combo = QComboBox()
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.setCompleter(None)  # type: ignore[arg-type]  # none is meant
        self.combo.addItems([text for text, _ in _CHOICES])
        self.combo.setAccessibleName("Updates")
        self.combo.setToolTip(
            "Which updates: choose, or type the first and the last, 120-300.\n"
            "They are run again, and training does not notice."
        )
        line = self.combo.lineEdit()
        assert line is not None, "the combo is editable"
        for widget in (self.combo, line):
            use_text_font(widget, SMALL)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.combo)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.combo.activated.connect(self._choose)
        line.editingFinished.connect(self._read)
        self._ready = True
        self._fit()

    @property
    def text(self) -> str:
        """What stands in the field while the span is shown."""
        named = next((text for text, span in _CHOICES if span == self.span), None)
        return named or f"{self.span.count}–{self.span.end}"

    def choose(self, span: Span) -> None:
        """As if it had been chosen, or typed."""
        changed, self.span = span != self.span, span
        self.combo.setEditText(self.text)
        if changed:
            self.chosen.emit()

    def pin(self, start: int, end: int) -> None:
        """Hold these updates where the span would move with the present moment."""
        if self.span.kind is Kind.LAST and start <= end:
            self.choose(between(start, end))

    def read(self, text: str) -> None:
        """What was typed: a choice by its name, or a range."""
        text = text.strip()
        named = next((span for name, span in _CHOICES if name == text.lower()), None)
        match = _TYPED.fullmatch(text)
        if named is not None:
            self.choose(named)
        elif match is None:
            self.refused.emit(f"“{text}” is no range of updates: write the first and the last, 120-300.")
        else:
            try:
                span = between(int(match[1]), int(match[2]))
            except ValueError as error:
                reason = str(error)
                self.refused.emit(f"{reason[0].upper()}{reason[1:]}.")
            else:
                self.choose(span)

    def _choose(self, index: int) -> None:
        self.choose(_CHOICES[index][1])
        self.chosen.emit()  # an earlier refusal is void, even where the span is the same

    def _read(self) -> None:
        if self.combo.currentText() != self.text:
            self.read(self.combo.currentText())

    def _fit(self) -> None:
        theme = current_theme()
        width = metrics_of(theme.text_font(SMALL)).horizontalAdvance(_LONGEST)
        self.combo.setFixedWidth(round(width) + theme.scaled(_PADDING))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.combo.setEditText(self.text)
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self._ready and event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
