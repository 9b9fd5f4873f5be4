"""The gradient check in the inspector: asks when told to, keeps the answer, and says of which update it is."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from microgpt_studio.debugger.gradient_check import Checked, GradientCheck
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.matrix_check import MatrixCheck, MatrixChecked
from microgpt_studio.debugger.scratch import When
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.inspector.check_form import CheckForm
from microgpt_studio.panels.inspector.check_rows import TRIED, check_rows, matrix_rows, note_of
from microgpt_studio.panels.inspector.rows import Form, Heading, Note, Row

SECTION = "check"
_TITLE = "Gradient check"
_ASKED = "Checking …"


class CheckSection(QObject):
    """A section that folds. Opening it is asking; while it is open, the button asks again.

    An answer is one of the moment at which it was asked for; it stays until another scalar is selected.
    """

    changed = Signal()  # its rows would be others now
    wishes_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.form = CheckForm()
        self.is_open = False
        self.checked: Checked | None = None
        self.matrix: MatrixChecked | None = None
        self._description: Description | None = None
        self._scalar: int | None = None
        self._asked: GradientCheck | None = None
        self._asked_for_all: MatrixCheck | None = None
        self._number = 0  # of the latest request
        self._tried_is_open = False
        self.form.asked.connect(self.ask)
        self.form.asked_for_all.connect(self.ask_for_all)
        self.form.cancelled.connect(self.cancel)

    def show_session(self, description: Description) -> None:
        """Everything before is void."""
        self._description = description
        self.checked = self.matrix = None
        self._scalar = self._asked = self._asked_for_all = None

    def show_selection(self, scalar: int | None) -> None:
        """Another scalar. A whole tensor's check stays with the tensor; what is not finished when it is left ends."""
        asked = self.inquiries()
        self._scalar, self.checked, self._asked = scalar, None, None
        tensor = self._tensor
        if self._asked_for_all is not None and self._asked_for_all.tensor != tensor:
            self._asked_for_all = None
            if self.matrix is not None and not self.matrix.is_complete:
                self.matrix = None
        if tensor is not None and self._description is not None:
            shown = self._description.program.tensors[tensor]
            self.form.show_tensor(shown.path, shown.size)
            self.form.show_checking(checking=self._asked_for_all is not None)
        if self.inquiries() != asked:
            self.wishes_changed.emit()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        """What is asked and not answered."""
        return tuple(each for each in (self._asked, self._asked_for_all) if each is not None)

    def take(self, snapshot: Snapshot) -> None:
        """Look for answers. They are shown with the next text."""
        if self._asked is not None:
            checked = snapshot.answer(self._asked)
            if checked is not None:
                self.checked, self._asked = checked, None
                self.wishes_changed.emit()
        if self._asked_for_all is not None:
            matrix = snapshot.answer(self._asked_for_all)
            self.matrix = matrix or self.matrix
            if matrix is not None and matrix.is_complete:
                self._end()

    def toggle(self, fold: str) -> None:
        """Open or fold this section, or a part of it."""
        if fold == TRIED:
            self._tried_is_open = not self._tried_is_open
        elif fold == SECTION:
            self.is_open = not self.is_open
            if self.is_open and self.checked is None:
                self.ask()
        self.changed.emit()

    def ask(self) -> None:
        """Check the selected scalar."""
        if self._scalar is None or not self.form.reads():
            return
        self._number += 1
        self._asked = GradientCheck(self._scalar, self.form.h, self._number)
        self.checked = None
        self.is_open = True
        self.changed.emit()
        self.wishes_changed.emit()

    def ask_for_all(self) -> None:
        """Check the selected scalar's whole tensor."""
        if self._tensor is None or not self.form.reads():
            return
        self._number += 1
        self._asked_for_all = MatrixCheck(self._tensor, self.form.h, self._number)
        self.matrix = None
        self.form.show_checking(checking=True)
        self.changed.emit()
        self.wishes_changed.emit()

    def cancel(self) -> None:
        """No more of the whole tensor; what is checked stays."""
        if self._asked_for_all is not None:
            self._end()

    def rows(self, now: When) -> list[Row]:
        """The section, seen from an update."""
        if self._description is None:
            return []
        note = note_of(self.checked, now) if self.checked is not None and not self.is_open else ""
        rows: list[Row] = [Heading(_TITLE, note, (), SECTION, self.is_open)]
        if not self.is_open:
            return rows
        rows.append(Form(SECTION))
        if self.checked is not None:
            rows += check_rows(self.checked, self._description.addresses, now, tried_is_open=self._tried_is_open)
        elif self._asked is not None:
            rows.append(Note(_ASKED))
        if self.matrix is not None and self.matrix.tensor == self._tensor:
            rows += matrix_rows(self.matrix, self._description, now)
        return rows

    @property
    def _tensor(self) -> int | None:
        """Index of the selected scalar's tensor."""
        if self._scalar is None or self._description is None:
            return None
        return int(self._description.program.tensor[self._scalar])

    def _end(self) -> None:
        self._asked_for_all = None
        self.form.show_checking(checking=False)
        self.changed.emit()
        self.wishes_changed.emit()
