"""One sample token by token: asks for its trace, keeps it, and says from when it is. The training goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.sampling import SampleTrace
from microgpt_studio.debugger.sampling_inquiries import Samples, Traced, TraceSample
from microgpt_studio.debugger.snapshot import Description, Moment, Snapshot
from microgpt_studio.panels.samples.buttons import FormButton, IconButton
from microgpt_studio.panels.samples.form import SamplesForm
from microgpt_studio.panels.samples.request import Field, RefusedInput, read_trace
from microgpt_studio.panels.samples.step_sheet import StepSheet
from microgpt_studio.panels.samples.token_strip import TokenStrip
from microgpt_studio.panels.samples.words import is_now, origin_text, sample_text, table_text
from microgpt_studio.theme import Icon
from microgpt_studio.widgets import AddressLink
from microgpt_studio.widgets.sentence import Sentence

_NOTHING_YET = "No sample yet: it comes as soon as there is a session."
_LEAST_AREA = 32  # pixels
_FORM_FROM = 300  # pixels of height from which the form is shown at first


class StepPage(QWidget):
    """The tokens so far, and of the step that is shown all that made its token. `buttons` step, wherever they stand."""

    wishes_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by_size = QCheckBox("by size")
        self.by_size.setToolTip("The likeliest token first; else in the tokens’ own order, as on the bar")
        self.by_size.setChecked(True)
        self.draw_button = QPushButton("Draw")
        self.draw_button.setToolTip("Draw it from the parameters of this moment (Enter). Training is not disturbed.")
        self.form = SamplesForm((Field.SAMPLE, Field.SEED, Field.TEMPERATURE), (self.draw_button, self.by_size))
        self.first_button = IconButton(Icon.RUN_BACK, "To the first token (Home)")
        self.back_button = IconButton(Icon.BACK, "Step back (Left or B)")
        self.next_button = IconButton(Icon.ARROW, "Step (Right or N)")
        self.last_button = IconButton(Icon.RUN, "To the end (End)")
        self.sentence = Sentence()
        self.strip = TokenStrip()
        self.sheet = StepSheet()
        self.traced: Traced | None = None  # the latest that is complete, and has a trace
        self.step = 0  # that is shown
        self._description: Description | None = None
        self._asked: TraceSample | None = None
        self._before = 0  # samples drawn before it
        self._number = 0  # of the latest request
        self._refused: str | None = None
        self.again_button = AddressLink("again")
        self.again_button.setToolTip("Training has moved: draw the same sample of the same seed from what it is now")
        self.again_button.clicked.connect(self.again)
        self.again_button.hide()
        self._area = QScrollArea()
        self._area.setWidget(self.sheet)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setMinimumHeight(_LEAST_AREA)
        tokens = QWidget()
        row = QHBoxLayout(tokens)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.strip, 1)
        row.addWidget(self.again_button)
        self.form_button = FormButton(
            self.form, (tokens, self._area), _FORM_FROM, "Another sample, seed or temperature; order of the tokens"
        )
        self.buttons = self._make_buttons()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.form)
        column.addWidget(self.sentence)
        column.addWidget(tokens)
        column.addWidget(self._area, 1)
        self.copy_action = QAction("Copy this step", self)
        self.copy_action.triggered.connect(self.copy)
        self.addAction(self.copy_action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setFocusProxy(self.strip)
        self.form.asked.connect(self.request)
        self.draw_button.clicked.connect(self.request)
        self.form.edited.connect(self._say)
        self.strip.chosen.connect(self.go_to)
        self.by_size.toggled.connect(self.sheet.distribution.sort_by_size)
        self._show_step()
        self._say()

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked is not None

    @property
    def has_something(self) -> bool:
        """Whether there is a sample, or one is asked for."""
        return self._asked is not None or self.traced is not None

    @property
    def trace(self) -> SampleTrace | None:
        """What is shown."""
        return None if self.traced is None else self.traced.trace

    def show_session(self, description: Description) -> None:
        """Everything before is void."""
        self._description = description
        self._asked = self.traced = self._refused = None
        self.step = 0
        self._show_step()
        self._say()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        """What is asked and not answered."""
        return () if self._asked is None else (self._asked,)

    def open_sample(self, samples: Samples, index: int) -> None:
        """Ask for a sample of a list, exactly as it was drawn, and show its first step."""
        drawn = samples.asked
        for field, value in (
            (Field.SAMPLE, str(index + 1)),
            (Field.SEED, str(drawn.seed)),
            (Field.TEMPERATURE, repr(drawn.temperature)),
        ):
            self.form.set_text(field, value)
        asked = TraceSample(0, index + 1, drawn.temperature, drawn.seed, samples.origin, samples.starts[index])
        self.step = 0
        self._ask(asked)

    def request(self) -> None:
        """Ask for the sample that the fields name, at this moment, or say why that cannot be."""
        if self._description is None:
            self.sentence.say("There is no session to draw from yet.", error=True)
            return
        try:
            asked = read_trace(0, *(self.form.text(each) for each in (Field.SAMPLE, Field.TEMPERATURE, Field.SEED)))
        except RefusedInput as refused:
            self.sentence.say(str(refused), error=True)
            self.form_button.reveal()
            self.form.point_to(refused.field)
            return
        self.step = 0
        self._ask(asked)
        self.form_button.used()

    def again(self) -> None:
        """Ask for the same sample of the same seed with the parameters of this moment."""
        if self.traced is not None:
            self._ask(replace(self.traced.asked, origin=None, start=None))

    def take(self, snapshot: Snapshot) -> None:
        """Look for the answer."""
        found = None if self._asked is None else snapshot.answer(self._asked)
        if found is None:
            return
        self._before = found.before
        if found.is_complete:
            self._asked, self._refused = None, found.reason
            if found.trace is not None:
                self.traced = found
                self.step = min(self.step, found.trace.length - 1)
                self._show_step()
            self.wishes_changed.emit()
        self._say()

    def follow(self, moment: Moment) -> None:
        """Offer the sample again where training has other parameters by now."""
        traced = self.traced
        self.again_button.setVisible(traced is not None and not is_now(traced.origin, moment))

    # Steps

    def go_to(self, step: int) -> None:
        """Show a step, or the nearest one there is."""
        if self.trace is not None:
            self.step = min(max(step, 0), self.trace.length - 1)
            self._show_step()

    def next(self) -> None:
        """One token further."""
        self.go_to(self.step + 1)

    def back(self) -> None:
        """One token back."""
        self.go_to(self.step - 1)

    def first(self) -> None:
        """To the first token."""
        self.go_to(0)

    def last(self) -> None:
        """To the last token."""
        if self.trace is not None:
            self.go_to(self.trace.length - 1)

    def copy(self) -> None:
        """Put the distribution of the step on the clipboard, with every digit."""
        if self.trace is not None and self._description is not None:
            QApplication.clipboard().setText(table_text(self.trace, self.step, self._description))

    def obey(self, event: QKeyEvent) -> bool:
        """Step by a key, or copy; False for another key."""
        moves = {
            Qt.Key.Key_Right: self.next,
            Qt.Key.Key_N: self.next,
            Qt.Key.Key_Left: self.back,
            Qt.Key.Key_B: self.back,
            Qt.Key.Key_Home: self.first,
            Qt.Key.Key_End: self.last,
        }
        move = moves.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif move is not None and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            move()
        else:
            return False
        return True

    def _ask(self, asked: TraceSample) -> None:
        self._number += 1
        self._asked, self._before = replace(asked, number=self._number), 0
        self._say()
        self.wishes_changed.emit()

    def _say(self) -> None:
        """Which sample this is, and from when."""
        asked, traced = self._asked, self.traced
        if asked is None and self._refused is not None:
            self.sentence.say(self._refused, error=True)
        elif asked is not None and self._before:
            self.sentence.say(f"Drawing the samples before it… {self._before} of {asked.sample - 1}")
        elif traced is not None:
            shown = traced.asked
            which = sample_text(shown.sample, shown.temperature, shown.seed)
            self.sentence.say(f"{which} · {origin_text(traced.origin)}")
        else:
            self.sentence.say(_NOTHING_YET if asked is None else "Drawing…")

    def _show_step(self) -> None:
        trace, step = self.trace, self.step
        self.strip.show_step(trace, step, self._description)
        temperature = self.traced.asked.temperature if self.traced is not None else 1.0
        self.sheet.show_step(trace, step, temperature, self._description)
        last = 0 if trace is None else trace.length - 1
        for button, enabled in (
            (self.first_button, step > 0),
            (self.back_button, step > 0),
            (self.next_button, step < last),
            (self.last_button, step < last),
        ):
            button.setEnabled(enabled)

    def _make_buttons(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for button, slot in (
            (self.first_button, self.first),
            (self.back_button, self.back),
            (self.next_button, self.next),
            (self.last_button, self.last),
        ):
            button.clicked.connect(slot)
            button.clicked.connect(self._take_keys)
            line.addWidget(button)
        line.addWidget(self.form_button)
        return row

    def _take_keys(self) -> None:
        """After a click on a button the keys step as well."""
        focus = QApplication.focusWidget()
        if focus is None or not self.buttons.isAncestorOf(focus):
            self.strip.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.form_button.fit(self.height())
