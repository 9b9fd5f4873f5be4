"""One sample token by token: asks for its trace, keeps it, and says from when it is. The training goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QCheckBox, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.sampling import SampleTrace
from microgpt_studio.debugger.sampling_inquiries import Samples, Traced, TraceSample
from microgpt_studio.debugger.snapshot import Description, Moment, Snapshot
from microgpt_studio.panels.samples.form import SamplesForm
from microgpt_studio.panels.samples.request import Field, RefusedInput, read_trace
from microgpt_studio.panels.samples.step_sheet import StepSheet
from microgpt_studio.panels.samples.token_strip import TokenStrip
from microgpt_studio.panels.samples.words import is_now, origin_text, sample_text, table_text
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.widgets.sentence import Sentence

_NOTHING_YET = "No sample yet: it comes as soon as there is a session."
_LEAST_AREA = 32  # pixels
_ICON = 15  # pixels at text scale 1
_FORM_FROM = 330  # pixels of height from which the form is shown at first, at text scale 1


class StepPage(QWidget):
    """The tokens so far, and of the step that is shown all that made its token. `buttons` step, wherever they stand."""

    wishes_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by_size = QCheckBox("by size")
        self.by_size.setToolTip("The likeliest token first; else in the tokens’ own order, as on the bar")
        self.by_size.setChecked(True)
        self.form = SamplesForm((Field.SAMPLE, Field.SEED, Field.TEMPERATURE), "Draw", (self.by_size,))
        self.form.button.setToolTip("Draw it from the parameters of this moment (Enter). Training is not disturbed.")
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
        self._form_is_wanted: bool | None = None  # None: where there is room
        self.again_button = QToolButton()
        self.again_button.setText("again")
        self.again_button.setToolTip("Training has moved: draw the same sample of the same seed from what it is now")
        self.again_button.clicked.connect(self.again)
        self.again_button.hide()
        self.buttons = self._make_buttons()
        self._area = QScrollArea()
        self._area.setWidget(self.sheet)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setMinimumHeight(_LEAST_AREA)
        said = QHBoxLayout()
        said.setSpacing(4)
        said.addWidget(self.sentence, 1)
        said.addWidget(self.again_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.form)
        column.addLayout(said)
        column.addWidget(self.strip)
        column.addWidget(self._area, 1)
        self.setFocusProxy(self.strip)
        self.form.asked.connect(self.request)
        self.form.edited.connect(self._say)
        self.strip.chosen.connect(self.go_to)
        self.by_size.toggled.connect(self.sheet.distribution.sort_by_size)
        self._dress()
        self._show_form()
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
            self.form.point_to(refused.field)
            return
        self.step = 0
        self._ask(asked)

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
        self.first_button = _button("To the first token (Home)")
        self.back_button = _button("Step back (Left or B)")
        self.next_button = _button("Step (Right or N)")
        self.last_button = _button("To the end (End)")
        self.form_button = _button("Another sample, seed or temperature; the order of the tokens")
        self.form_button.setCheckable(True)
        for button, slot in (
            (self.first_button, self.first),
            (self.back_button, self.back),
            (self.next_button, self.next),
            (self.last_button, self.last),
            (self.form_button, self._toggle_form),
        ):
            button.clicked.connect(slot)
            line.addWidget(button)
        return row

    def _toggle_form(self) -> None:
        self._form_is_wanted = self.form_button.isChecked()
        self._show_form()

    def _show_form(self) -> None:
        wanted = self._form_is_wanted
        if wanted is None:
            wanted = self.height() >= current_theme().scaled(_FORM_FROM)
        self.form.setVisible(wanted)
        self.form_button.setChecked(wanted)

    def _dress(self) -> None:
        theme = current_theme()
        for button, name in (
            (self.first_button, Icon.RUN_BACK),
            (self.back_button, Icon.BACK),
            (self.next_button, Icon.ARROW),
            (self.last_button, Icon.RUN),
            (self.form_button, Icon.SETTINGS),
        ):
            button.setIcon(icon(name, theme.palette))
            button.setIconSize(QSize(theme.scaled(_ICON), theme.scaled(_ICON)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
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
            super().keyPressEvent(event)

    def resizeEvent(self, _event: object) -> None:
        self._show_form()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._dress()


def _button(tip: str) -> QToolButton:
    button = QToolButton()
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
