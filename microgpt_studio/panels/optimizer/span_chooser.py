"""The choice of updates: the latest, the first, all, or from one to another, which is typed."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from microgpt_studio.debugger.update_spans import ALL, Span, between, first, last
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.faces import use_text_font

_CHOICES: tuple[tuple[str, Span | None], ...] = (
    ("last 100", last(100)),
    ("last 1,000", last(1000)),
    ("all", ALL),
    ("first 100", first(100)),
    ("from – to", None),
)
_TYPED = re.compile(r"\s*(\d{1,12})\s*(?:-|–|—|\.\.|…|to)\s*(\d{1,12})\s*")
_PADDING = 20  # pixels of a field's frame at text scale 1


class SpanChooser(QWidget):
    """Says which span is meant. What cannot be read is refused, and the span stays what it was."""

    chosen = Signal()
    refused = Signal(str)  # a sentence

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.span = last(100)
        self.combo = QComboBox()
        self.combo.addItems([text for text, _ in _CHOICES])
        self.combo.setAccessibleName("Updates")
        self.combo.setToolTip("Which updates: they are run again, and training does not notice")
        self.field = QLineEdit()
        self.field.setAccessibleName("From update, to update")
        self.field.setToolTip("The first update and the last: 120-300")
        self.field.setPlaceholderText("1-100")
        self.field.hide()
        for widget in (self.combo, self.field):
            use_text_font(widget, SMALL)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.combo)
        row.addWidget(self.field)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.combo.activated.connect(self._choose)
        self.field.editingFinished.connect(self._read)
        self._fit()

    def choose(self, index: int) -> None:
        """As if it had been chosen from the list."""
        self.combo.setCurrentIndex(index)
        self._choose(index)

    def _choose(self, index: int) -> None:
        span = _CHOICES[index][1]
        self.field.setVisible(span is None)
        self.updateGeometry()
        if span is None:
            self.field.setFocus()
            if self.field.text():
                self._read()
        else:
            self._take(span)

    def _read(self) -> None:
        text = self.field.text().strip()
        if not text or self.field.isHidden():
            return
        match = _TYPED.fullmatch(text)
        if match is None:
            self.refused.emit(f"“{text}” is no range of updates: write the first and the last, 120-300.")
            return
        try:
            span = between(int(match[1]), int(match[2]))
        except ValueError as error:
            reason = str(error)
            self.refused.emit(f"{reason[0].upper()}{reason[1:]}.")
        else:
            self._take(span)

    def _take(self, span: Span) -> None:
        self.span = span
        self.chosen.emit()

    def _fit(self) -> None:
        theme = current_theme()
        width = QFontMetricsF(theme.text_font(SMALL)).horizontalAdvance("1000-2000")
        self.field.setFixedWidth(round(width) + theme.scaled(_PADDING))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "field"):
            self._fit()
