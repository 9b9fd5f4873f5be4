"""The breakpoint editor: a form for one definition. It reads what is typed, and keeps it when it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from microgpt_studio.debugger.execution import Phase
from microgpt_studio.debugger.snapshot import BreakpointRow, Description, Moment
from microgpt_studio.debugger.targets import Definition, Event
from microgpt_studio.panels.breakpoints_field import CodeEdit, Field
from microgpt_studio.panels.breakpoints_sentence import Role, Sentence
from microgpt_studio.panels.breakpoints_words import (
    EVENTS,
    PHASES,
    Kind,
    event_for,
    example,
    example_condition,
    offered,
)

_TIPS = {
    "where": "What it breaks at.",
    "phase": "In which phase the scope begins.",
    "level": "The number that the value has to cross, up or down.",
    "condition": "It counts only where this is true. There are step, loss, lr, document, grad_norm, data(…), grad(…), "
    "m(…), v(…), m_hat(…), v_hat(…), update(…), abs, min, max, log, isnan and isfinite.",
    "stop_after": "It stops at this hit and at each later one.",
    "message": "Write this line to the log instead of stopping; {expression} stands for its value.",
}


class BreakpointEditor(QWidget):
    """A form that is filled in for a new breakpoint, or for one that is to be changed."""

    submitted = Signal(object)  # Definition
    opened = Signal()  # before a field takes the focus
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_open = False  # whether something is being typed
        self.changes: int | None = None  # the id of the breakpoint that is changed; None: a new one
        self._description: Description | None = None
        self._moment: Moment | None = None
        self._scalar: int | None = None
        self._typed: dict[Kind, str] = {}  # for kinds whose event is not chosen at present
        self._kind = Kind.of(next(iter(EVENTS)))
        self.event_box = _choices(EVENTS.values())
        self.where, self.level, self.condition = CodeEdit(), CodeEdit(), CodeEdit()
        self.stop_after, self.message = CodeEdit(), CodeEdit()
        self.phase_box = _choices(PHASES.values())
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.event_box, 0, 0, 1, 2)
        self.event_box.setAccessibleName("break when")
        self.event_box.setToolTip("The event at which it may stop.")
        self.fields = {  # by the names of the definition
            "where": Field("scalar", _TIPS["where"], self.where, grid),
            "phase": Field("phase", _TIPS["phase"], self.phase_box, grid),
            "level": Field("level", _TIPS["level"], self.level, grid),
            "condition": Field("only if", _TIPS["condition"], self.condition, grid),
            "stop_after": Field("from hit", _TIPS["stop_after"], self.stop_after, grid),
            "message": Field("write", _TIPS["message"], self.message, grid),
        }
        self.level.setPlaceholderText("0.05")
        self.refusal = Sentence()  # what belongs to no field
        self.submit_button = QPushButton("Add")
        self.submit_button.clicked.connect(self.submit)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.close_form)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.submit_button)
        buttons.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addLayout(grid)
        column.addWidget(self.refusal)
        column.addLayout(buttons)
        column.addStretch(1)
        self.event_box.currentIndexChanged.connect(self._turn_to_event)
        self._turn_to_event()

    def show_session(self, description: Description) -> None:
        """What is offered and given as an example is of this session. What is typed stays."""
        self._description, self._moment, self._scalar = description, None, None
        self._give_examples()

    def show_moment(self, moment: Moment) -> None:
        """The present moment, for examples."""
        if self._moment is None or moment.document != self._moment.document:
            self._moment = moment
            self._give_examples()

    def show_selection(self, scalar: int | None) -> None:
        """The scalar that is offered: it takes the place of the last one where nothing else has been typed."""
        if scalar == self._scalar:
            return
        last, self._scalar = offered(self._kind, self._scalar, self._description), scalar
        if self.is_open and self.changes is None and self.where.text() == last:
            self.where.setText(offered(self._kind, scalar, self._description))
        self._give_examples()

    def begin(self) -> None:
        """A new breakpoint, at the selected scalar if there is one."""
        self._start(None, Definition(self._usual_event()), is_blank=True)
        self.where.setFocus(Qt.FocusReason.OtherFocusReason)
        self.where.selectAll()

    def begin_for_selection(self) -> None:
        """A new breakpoint at the selected scalar; what else is typed for a new one stays."""
        is_new = self.is_open and self.changes is None
        condition, message = (self.condition.text(), self.message.text()) if is_new else ("", "")
        blank = Definition(self._usual_event(), condition=condition, message=message)
        self._start(None, blank, is_blank=True)
        self.condition.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin_with(self, definition: Definition) -> None:
        """A new breakpoint with this definition, to be looked at before it is added."""
        self._start(None, definition)
        self.condition.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin_change(self, row: BreakpointRow) -> None:
        """Change a breakpoint."""
        self._start(row.id, row.definition)
        field = self.condition if self._kind is Kind.NOTHING else self.where
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        field.selectAll()

    def forget_changed(self) -> None:
        """The breakpoint that is being changed is gone: what is typed would make a new one."""
        self.changes = None
        self.submit_button.setText("Add")
        self.refusal.say("This breakpoint has been removed meanwhile; Add makes it anew.")

    def submit(self) -> None:
        """Send what is typed, or say why it cannot be sent."""
        if not self.submit_button.isEnabled():
            return
        self._clear()
        try:
            definition = self._definition()
        except _Mistyped as mistake:
            self.fields[mistake.field].refuse(str(mistake), None)
        else:
            self.submitted.emit(definition)

    def refuse(self, sentence: str, field: str, position: int) -> None:
        """Say why what was sent cannot be, in the field where it is typed; `position` is the column there, from 0."""
        self.wait(False)
        self._clear()
        where = self.fields.get(field)
        if where is None or where.edit.isHidden():
            self.refusal.say(sentence, Role.ERROR)
            return
        if field in ("condition", "message") or (field == "where" and self._kind is Kind.VALUE):
            assert isinstance(where.edit, CodeEdit)
            text = where.edit.text()
            sent_from = 0 if field == "message" else len(text) - len(text.lstrip())
            where.refuse(sentence, sent_from + position if text.strip() else None)
        else:
            where.refuse(sentence, None)

    def wait(self, waiting: bool) -> None:
        """While an answer is awaited nothing can be sent."""
        self.submit_button.setEnabled(not waiting)

    def close_form(self) -> None:
        """Nothing is being typed any more."""
        self.is_open = False
        self.changes = None
        self.wait(False)
        self.closed.emit()

    @property
    def chosen(self) -> Event:
        """The event that is chosen."""
        return _EVENTS[self.event_box.currentIndex()]

    def _definition(self) -> Definition:
        """What is typed. Raises _Mistyped."""
        event, where, message = self.chosen, self.where.text(), self.message.text()
        if self._kind is Kind.NOTHING:
            where = ""
        elif self._kind not in (Kind.DOCUMENT, Kind.CHARACTER):  # of which a space may be a part
            where = where.strip()
        return Definition(
            event,
            where,
            _PHASES[self.phase_box.currentIndex()] if event is Event.SCOPE else None,
            self._level() if event is Event.LEVEL else None,
            self.condition.text().strip(),
            self._hit(),
            message if message.strip() else "",
        )

    def _level(self) -> float:
        typed = self.level.text().strip()
        try:
            return float(typed)
        except ValueError:
            problem = f"“{typed}” is not a number" if typed else "there is no level"
            raise _Mistyped(f"{problem}; write one such as 0.05", "level") from None

    def _hit(self) -> int:
        typed = self.stop_after.text().strip()
        if not _WHOLE.fullmatch(typed):
            problem = f"“{typed}” is not the number of a hit" if typed else "there is no number"
            raise _Mistyped(f"{problem}; write 1 for the first", "stop_after")
        return int(typed)

    def _usual_event(self) -> Event:
        if self._scalar is None or self._description is None:
            return _EVENTS[0]
        return event_for(self._scalar, self._description.program)

    def _start(self, changes: int | None, definition: Definition, *, is_blank: bool = False) -> None:
        """Fill the form in; a blank one offers what goes with the selection."""
        self.is_open, self.changes = True, changes
        self.submit_button.setText("Add" if changes is None else "Change")
        self.wait(False)
        kind = Kind.of(definition.event)
        where = offered(kind, self._scalar, self._description) if is_blank else definition.where
        self._typed = {kind: where}
        self._kind = kind
        self.where.setText(where)
        self.event_box.setCurrentIndex(_EVENTS.index(definition.event))
        self.phase_box.setCurrentIndex(_PHASES.index(definition.phase))
        self.level.setText("" if definition.level is None else repr(definition.level))
        self.condition.setText(definition.condition)
        self.stop_after.setText(str(definition.stop_after))
        self.message.setText(definition.message)
        for edit in (self.where, self.level, self.condition, self.stop_after, self.message):
            edit.setCursorPosition(0)
        self._turn_to_event()
        self._clear()
        self.opened.emit()

    def _turn_to_event(self) -> None:
        """Show the fields that the chosen event needs; what was typed for another kind comes back with it."""
        event, kind = self.chosen, Kind.of(self.chosen)
        if kind is not self._kind:
            self._typed[self._kind] = self.where.text()
            self._kind = kind
            self.where.setText(self._typed.get(kind, offered(kind, self._scalar, self._description)))
            self.where.setCursorPosition(0)
        self._clear()
        fields = self.fields
        fields["where"].rename(kind.value)
        fields["where"].set_visible(kind is not Kind.NOTHING)
        fields["phase"].set_visible(event is Event.SCOPE)
        fields["level"].set_visible(event is Event.LEVEL)
        fields["condition"].rename("condition" if event is Event.CONDITION else "only if")
        self._give_examples()

    def _give_examples(self) -> None:
        place = example(self._kind, self._description, self._moment)
        condition = example_condition(self._scalar, self._description)
        self.where.setPlaceholderText(place)
        self.condition.setPlaceholderText(condition)
        self.message.setPlaceholderText("instead of stopping: loss is {loss}")

    def _clear(self) -> None:
        for field in self.fields.values():
            field.clear()
        self.refusal.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_form()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.cancel_button.hasFocus():
                self.close_form()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.submit()
            case _:
                super().keyPressEvent(event)


class _Mistyped(ValueError):
    """What a field holds is no number; the message is one sentence."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


_WHOLE = re.compile("[0-9]{1,12}")
_EVENTS = tuple(EVENTS)
_PHASES: tuple[Phase | None, ...] = tuple(PHASES)


def _choices(texts: Iterable[str]) -> QComboBox:
    """A box of which the list, not the box itself, is as wide as its longest choice."""
    box = QComboBox()
    box.addItems(list(texts))
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box
