"""The Samples panel: new documents drawn from the parameters of a moment, and from which moment they are."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.bridge import commands
from microgpt_studio.debugger.events import Event, SampleRequest, SamplesDrawn, SamplesRefused
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.panels.samples_form import AGAIN_EVERY, SamplesForm
from microgpt_studio.panels.samples_list import SamplesList
from microgpt_studio.panels.samples_request import Field, RefusedInput, read_request
from microgpt_studio.panels.samples_sentence import Sentence
from microgpt_studio.theme import current_theme

_NOTHING_YET = "Nothing drawn yet."


class SamplesPanel(Panel):
    """Asks for samples and shows the answer to its latest request."""

    name: ClassVar[str] = "samples"
    title: ClassVar[str] = "Samples"
    parts: ClassVar[Part] = Part.NONE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = SamplesForm()
        self.sentence = Sentence()
        self.list = SamplesList()
        self._number = 0  # of the latest request; never goes back, so that an answer from an old session is known
        self._waiting: SampleRequest | None = None
        self._shown: SamplesDrawn | None = None
        self._refused: SamplesRefused | None = None  # since the last samples
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addWidget(self.form)
        layout.addWidget(self.sentence)
        layout.addWidget(self.list, 1)
        self.form.draw.connect(self.request)
        self.form.edited.connect(self._say)
        self._say()

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._waiting = self._shown = self._refused = None
        self.list.show_documents(())
        self._say()

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._waiting is not None

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self._waiting is not None or not self.isVisible():
            return
        if self._shown is None and self._refused is None and not snapshot.pace.running and snapshot.moment.step > 0:
            self._send(by_hand=False)  # the first time that training stands: nobody likes an empty list
        if self.form.again.isChecked() and snapshot.pace.running:
            drawn_at = self._shown.step if self._shown is not None else -AGAIN_EVERY
            if abs(snapshot.moment.step - drawn_at) >= AGAIN_EVERY:
                self._send(by_hand=False)

    def show_event(self, event: Event) -> None:
        super().show_event(event)
        if isinstance(event, SamplesDrawn):
            self.show_samples(event)
        elif isinstance(event, SamplesRefused):
            self.show_refusal(event)

    def show_samples(self, drawn: SamplesDrawn) -> None:
        """Show an answer, unless it answers an old request."""
        if self._waiting is None or drawn.request.number != self._waiting.number:
            return
        self._waiting, self._shown, self._refused = None, drawn, None
        self.list.show_documents(drawn.documents)
        self._say()

    def show_refusal(self, refused: SamplesRefused) -> None:
        """Say why there is no answer, unless it is to an old request. What was shown before stays."""
        if self._waiting is None or refused.request.number != self._waiting.number:
            return
        self._waiting, self._refused = None, refused
        self._say()

    def request(self) -> None:
        """Ask for samples with what stands in the fields, or say why that cannot be."""
        self._send(by_hand=True)

    def _send(self, *, by_hand: bool) -> None:
        form = self.form
        if self.description is None:
            self.sentence.say("There is no session to draw from yet.", error=True)
            return
        try:
            wanted = read_request(
                self._number + 1, form.text(Field.COUNT), form.text(Field.TEMPERATURE), form.text(Field.SEED)
            )
        except RefusedInput as refused:
            self.sentence.say(str(refused), error=True)
            if by_hand:
                form.point_to(refused.field)
            return
        self._number = wanted.number
        self._waiting = wanted
        self._say()
        self.commanded.emit(commands.Draw(wanted))

    def _say(self) -> None:
        """Where the list is from."""
        if self._waiting is not None and self._shown is None:
            self.sentence.say("Drawing…")
            return
        if self._waiting is None and self._refused is not None:
            self.sentence.say(self._refused.sentence, error=True)
            return
        if self._shown is None:
            self.sentence.say(_NOTHING_YET)
            return
        request = self._shown.request
        moment = f"update {self._shown.step}" if self._shown.step else "before the first update"
        text = f"{moment} · temperature {request.temperature!r} · seed {request.seed}"
        # An answer to "again" comes at once: a line that changes for so short a time would only flicker.
        asked = self._waiting is not None and not self.form.again.isChecked()
        self.sentence.say(f"{text} · drawing again…" if asked else text)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(260), theme.scaled(250))
