"""The field of the Probe panel: a text is typed here, to be added or to take another's place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from microgpt.data import Tokenizer
from microgpt_studio.debugger.probe import refused_text, unknown_characters
from microgpt_studio.panels.probe.words import HINT, quoted
from microgpt_studio.widgets import use_number_font
from microgpt_studio.widgets.sentence import Sentence


class ProbeField(QWidget):
    """Takes a text with Enter. What cannot be probed stays in the field, and the sentence below says why at once."""

    taken = Signal(str)
    left = Signal()  # Esc

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = _Edit()
        self.edit.setPlaceholderText("text to probe")
        self.edit.setAccessibleName("text to probe")
        use_number_font(self.edit)
        self.sentence = Sentence()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 2)
        column.setSpacing(4)
        column.addWidget(self.edit)
        column.addWidget(self.sentence)
        self._tokenizer: Tokenizer | None = None
        self._replaced: str | None = None
        self.edit.textEdited.connect(self._edited)
        self.edit.returnPressed.connect(self._take)
        self.edit.escaped.connect(self._leave)
        self._edited()

    def show_session(self, tokenizer: Tokenizer) -> None:
        """Which characters are known now."""
        self._tokenizer = tokenizer
        self._edited()

    @property
    def replaced(self) -> str | None:
        """The text whose place the typed one takes."""
        return self._replaced

    def replace(self, text: str) -> None:
        """Let a text be changed."""
        self._replaced = text
        self.edit.setText(text)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()
        self._edited()

    def done(self) -> None:
        """What was typed is taken."""
        self._replaced = None
        self.edit.clear()
        self._edited()

    def refuse(self, reason: str) -> None:
        """Say why the text cannot be taken; it stays."""
        self.sentence.say(reason, error=True)

    def _edited(self) -> None:
        reason = refused_text(self.edit.text(), self._tokenizer) if self._tokenizer is not None else None
        if reason is not None:
            self.refuse(reason)
        elif self._replaced is not None:
            self.sentence.say(f"Enter: in place of {quoted(self._replaced)}. Esc: leave it as it is.")
        else:
            self.sentence.say(HINT)

    def _take(self) -> None:
        text = self.edit.text()
        if self._tokenizer is None:
            self.refuse("There is no session yet.")
            return
        places = unknown_characters(text, self._tokenizer)
        if places:
            self.edit.setSelection(places[0], 1)
            self._edited()
        else:
            self.taken.emit(text)

    def _leave(self) -> None:
        self.done()
        self.left.emit()


class _Edit(QLineEdit):
    """Tells of Esc."""

    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)
