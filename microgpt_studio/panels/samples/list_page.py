"""Many samples at once: asks for them with what is typed, and lists the answer to the latest request."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.sampling_inquiries import DrawSamples, Samples
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.samples.buttons import FormButton
from microgpt_studio.panels.samples.form import SamplesForm
from microgpt_studio.panels.samples.request import Field, RefusedInput, read_draw
from microgpt_studio.panels.samples.samples_list import SamplesList
from microgpt_studio.panels.samples.words import origin_text, settings_text
from microgpt_studio.widgets.sentence import Sentence

AGAIN_EVERY = 100  # updates
_FORM_FROM = 170  # pixels of height from which the form is shown at first
_NOTHING_YET = "Nothing drawn yet."


class ListPage(QWidget):
    """A form, a sentence that tells from when the samples are, and the samples. `buttons` stand where there is room."""

    wishes_changed = Signal()
    opened = Signal(int)  # a sample is wanted token by token; counted from 0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.again = QCheckBox(f"again every {AGAIN_EVERY} updates")
        self.again.setToolTip("Draw again while it trains. The line below says which update the samples are from.")
        self.form = SamplesForm((Field.COUNT, Field.TEMPERATURE, Field.SEED), (self.again,))
        self.sentence = Sentence()
        self.list = SamplesList()
        self.draw_button = QPushButton("Draw")
        self.draw_button.setToolTip("Draw from the parameters of this moment (Enter). Training is not disturbed.")
        self.form_button = FormButton(self.form, (self.list,), _FORM_FROM, "How many, temperature and seed")
        self.buttons = QWidget()
        line = QHBoxLayout(self.buttons)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2)
        line.addWidget(self.draw_button)
        line.addWidget(self.form_button)
        self.samples: Samples | None = None  # the latest that are complete
        self._asked: DrawSamples | None = None
        self._progress = 0  # documents that are drawn for it
        self._number = 0  # of the latest request
        self._refused: str | None = None  # since the last samples
        self._has_session = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.form)
        column.addWidget(self.sentence)
        column.addWidget(self.list, 1)
        self.form.asked.connect(self.request)
        self.draw_button.clicked.connect(self.request)
        self.form.edited.connect(self._say)
        self.list.chosen.connect(self.opened)
        self._say()

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked is not None

    def show_session(self, _description: Description) -> None:
        """Everything before is void."""
        self._has_session = True
        self._asked = self.samples = self._refused = None
        self.list.show_documents(())
        self._say()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        """What is asked and not answered."""
        return () if self._asked is None else (self._asked,)

    def take(self, snapshot: Snapshot) -> None:
        """Look for the answer."""
        found = None if self._asked is None else snapshot.answer(self._asked)
        if found is None:
            return
        self._progress = len(found.documents)
        if found.is_complete:
            self._asked, self._refused = None, found.reason
            if found.reason is None:
                self.samples = found
                self.list.show_documents(found.documents)
            self.wishes_changed.emit()
        self._say()

    def follow(self, snapshot: Snapshot) -> None:
        """Draw by itself: the first time that training stands, for nobody likes an empty list; or again and again."""
        moment, running = snapshot.moment, snapshot.pace.running
        if self._asked is not None:
            return
        if self.samples is None and self._refused is None and not running and moment.step > 0:
            self._ask(by_hand=False)
        if self.again.isChecked() and running:
            drawn_at = self.samples.origin.step if self.samples is not None else -AGAIN_EVERY
            if abs(moment.step - drawn_at) >= AGAIN_EVERY:
                self._ask(by_hand=False)

    def request(self) -> None:
        """Ask for samples with what stands in the fields, or say why that cannot be."""
        self._ask(by_hand=True)

    def _ask(self, *, by_hand: bool) -> None:
        form = self.form
        if not self._has_session:
            self.sentence.say("There is no session to draw from yet.", error=True)
            return
        fields = (Field.COUNT, Field.TEMPERATURE, Field.SEED)
        try:
            asked = read_draw(self._number + 1, *map(form.text, fields))
        except RefusedInput as refused:
            self.sentence.say(str(refused), error=True)
            if by_hand:
                self.form_button.reveal()
                form.point_to(refused.field)
            return
        self._number, self._asked, self._progress = asked.number, asked, 0
        if by_hand:
            self.form_button.used()
        self._say()
        self.wishes_changed.emit()

    def _say(self) -> None:
        """Where the list is from."""
        asked = self._asked
        progress = f"{self._progress} of {asked.count}" if asked is not None and self._progress else ""
        if asked is not None and self.samples is None:
            self.sentence.say(f"Drawing… {progress}".strip())
            return
        if asked is None and self._refused is not None:
            self.sentence.say(self._refused, error=True)
            return
        if self.samples is None:
            self.sentence.say(_NOTHING_YET)
            return
        drawn = self.samples.asked
        text = f"{origin_text(self.samples.origin)} · {settings_text(drawn.temperature, drawn.seed)}"
        # An answer to "again" comes soon: a line that changes for so short a time would only flicker.
        if asked is not None and not self.again.isChecked():
            text += f" · drawing again… {progress}".rstrip()
        self.sentence.say(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.form_button.fit(self.height())
