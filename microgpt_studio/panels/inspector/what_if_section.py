"""What-if in the inspector: as long as it is open and a number is typed, every moment is asked what if."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from microgpt_studio.bridge import commands
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.scratch import When
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.debugger.what_if import Outcome, WhatIf
from microgpt_studio.panels.inspector.rows import Form, Heading, Note, Row
from microgpt_studio.panels.inspector.what_if_form import WhatIfForm
from microgpt_studio.panels.inspector.what_if_rows import what_if_rows

SECTION = "what-if"
_TITLE = "What if"
_INVITATION = "Type another number for this scalar, or drag: the loss and the predictions follow at once."


class WhatIfSection(QObject):
    """A section that folds. Its answer follows training, a few times a second while that runs."""

    changed = Signal()  # its rows would be others now
    wishes_changed = Signal()
    commanded = Signal(object)  # Command for the worker

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.form = WhatIfForm()
        self.is_open = False
        self.outcome: Outcome | None = None
        self._answered: Inquiry[object] | None = None  # the question that the outcome answers
        self._description: Description | None = None
        self._scalar: int | None = None
        self._data: float | None = None  # of the scalar, as last seen
        self.form.edited.connect(self._ask)
        self.form.kept.connect(self._keep)

    def show_session(self, description: Description) -> None:
        """Everything before is void."""
        self._description, self._scalar, self._data, self.outcome = description, None, None, None

    def show_selection(self, scalar: int | None) -> None:
        """Another scalar, of which nothing is known and nothing is changed yet."""
        self._scalar, self._data, self.outcome = scalar, None, None
        self.form.reset(None)

    def inquiries(self) -> Iterable[Inquiry[object]]:
        """The question that is open."""
        number = self.form.number
        if not self.is_open or self._scalar is None or number is None:
            return ()
        return (WhatIf(self._scalar, number, self.form.is_change),)

    def take(self, snapshot: Snapshot) -> None:
        """Look for an answer. It is shown with the next text."""
        for inquiry in self.inquiries():
            outcome = snapshot.answer(inquiry)
            if isinstance(outcome, Outcome):
                self.outcome, self._answered = outcome, inquiry
        self.form.keep.setEnabled(self._can_be_kept)

    def see(self, data: float) -> None:
        """The scalar's number, by which the slider measures."""
        if self._data is None:
            self._data = data
            self.form.reach_for(data)

    def toggle(self) -> None:
        """Open or fold."""
        self.is_open = not self.is_open
        self.changed.emit()
        self.wishes_changed.emit()

    def rows(self, now: When) -> list[Row]:
        """The section, seen from an update."""
        rows: list[Row] = [Heading(_TITLE, "", (), SECTION, self.is_open)]
        if not self.is_open or self._description is None:
            return rows
        rows.append(Form(SECTION))
        if self.outcome is not None:
            return [*rows, *what_if_rows(self.outcome, self._description, now)]
        return [*rows, Note(_INVITATION)]

    @property
    def _can_be_kept(self) -> bool:
        """Whether the outcome is of a parameter, and of what the form says now: while one types it is an older one."""
        description, outcome = self._description, self.outcome
        return (
            description is not None
            and outcome is not None
            and outcome.effect is not None
            and outcome.scalar < description.program.num_parameters
            and self._answered in tuple(self.inquiries())
        )

    def _keep(self) -> None:
        """Ask for the parameter to be what the outcome says, and begin with no change again."""
        outcome = self.outcome
        if outcome is not None and self._can_be_kept:
            self.commanded.emit(commands.Keep(outcome.scalar, outcome.after))
            self.form.reset(outcome.after)

    def _ask(self) -> None:
        if self.form.number is None:
            self.outcome = None
        self.form.keep.setEnabled(self._can_be_kept)
        self.changed.emit()
        self.wishes_changed.emit()
