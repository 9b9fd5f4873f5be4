"""The page of the movers: which parameters moved farthest in a span of updates, and whose signs changed most often."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from microgpt.program.program import Tensor
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.movers import Moved, Movers
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.optimizer.movers_table import MoversTable
from microgpt_studio.panels.optimizer.page import Page
from microgpt_studio.panels.optimizer.span_chooser import SpanChooser
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.faces import use_text_font
from microgpt_studio.widgets.sentence import Sentence

_ALL = "all matrices"


class MoversPage(Page):
    """A table of all parameters, or of one matrix."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.chooser = SpanChooser()
        super().__init__(self.chooser, parent)
        self._matrices: tuple[Tensor, ...] = ()
        self._refusal = ""
        self.notice = Sentence()  # why the page is in front though nobody has chosen it
        self.notice.hide()
        self.scope_combo = QComboBox()
        self.scope_combo.addItem(_ALL)
        self.scope_combo.setAccessibleName("Of which matrix")
        self.scope_combo.setToolTip("Of which matrix")
        self.scope_combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.scope_combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        use_text_font(self.scope_combo, SMALL)
        self.table = MoversTable()
        self.sentence = Sentence()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 4)
        column.setSpacing(4)
        column.addWidget(self.notice)
        column.addWidget(self.scope_combo)
        column.addWidget(self.table, 1)
        column.addWidget(self.sentence)
        self.setFocusProxy(self.table)
        self.table.chosen.connect(self.selected)
        self.chooser.chosen.connect(self._choose)
        self.chooser.refused.connect(self._refuse)
        self.scope_combo.activated.connect(self._choose_scope)

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return (Movers(self.chooser.span),)

    @property
    def moved(self) -> Moved | None:
        """What has come of what is asked for."""
        return None if self.snapshot is None else self.snapshot.answer(Movers(self.chooser.span))

    def show_session(self, description: Description) -> None:
        self._matrices = tuple(tensor for tensor in description.program.tensors if len(tensor.shape) == 2)
        self.scope_combo.clear()
        self.scope_combo.addItems([_ALL, *(matrix.path for matrix in self._matrices)])
        self.table.rows.begin(description.addresses)
        super().show_session(description)

    def refresh(self) -> None:
        moved = self.moved
        self.table.rows.show_moved(moved)
        self.table.show_selection(self.parameter)
        now = 0 if self.snapshot is None else self.snapshot.moment.step
        self.sentence.say(self._refusal or coverage(moved, now), error=bool(self._refusal))

    def _choose(self) -> None:
        self._refusal = ""
        self.refresh()
        self.wishes_changed.emit()

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self.refresh()

    def _choose_scope(self, index: int) -> None:
        self.table.rows.show_scope(self._matrices[index - 1] if index else None)
        self.table.show_selection(self.parameter)


def coverage(moved: Moved | None, now: int) -> str:
    """Over which updates, and how signs are counted, where so many updates are done."""
    if moved is None:
        return "Looking through the updates…"
    if moved.reason is not None:
        return f"It ends early: {moved.reason}."
    if moved.stop == moved.first:
        return "None of these updates is done yet." if now else "No update is done yet: nothing has moved."
    if not moved.is_complete:
        updates = f"{moved.stop - moved.first:,} updates, {moved.first + 1:,} to {moved.stop:,}"
        return f"Replayed {moved.done - moved.first:,} of {updates}."
    return f"Updates {moved.first + 1:,} to {moved.done:,}. ± counts changes of sign; zeros are left out."
