"""The Probe panel: what the model makes of any text, without training on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from microgpt.program.program import Floats
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.probe import Probe
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.loss_curve import goes_on
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.panels.probe.list_model import ProbesModel
from microgpt_studio.panels.probe.probes import MOST, KeptProbe
from microgpt_studio.panels.probe.sections import Sections
from microgpt_studio.panels.probe.side import Side
from microgpt_studio.panels.probe.words import comparison, heading_tip, headline, quoted
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import EmptyState
from microgpt_studio.widgets.sentence import Sentence

_LIST = 224  # pixels of the list at text scale 1
_LIST_SHARE = 0.4  # of the width, at most
_NO_SESSION = "No session yet. Open a data set, then type a text to see what the model makes of it."
_NO_PROBE = "Type a text to see what the model makes of it."


class ProbePanel(Panel):
    """A list of texts that are kept while the program runs, and one of them in detail.

    At first it keeps the first document that it sees, and the empty text.
    """

    name: ClassVar[str] = "probe"
    title: ClassVar[str] = "Probe"
    parts: ClassVar[Part] = Part.NONE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.probes = ProbesModel()
        self.side = Side(self.probes)
        self.field, self.list = self.side.field, self.side.list
        self.heading, self.note = Sentence(), Sentence()
        self.sections = Sections()
        self.empty = EmptyState(_NO_SESSION)
        self._is_untouched = True  # nobody has typed anything yet
        self._is_shared_by_hand = False
        self._losses: Floats = np.empty(0)  # of the run that the curves are of
        self._lay_out()
        self.split.splitterMoved.connect(self._keep_shares)
        self.field.taken.connect(self._take)
        self.field.left.connect(self.list.setFocus)
        self.list.turned.connect(self._show_current)
        self.list.edit_wanted.connect(self._edit)
        self.list.remove_wanted.connect(self._remove)
        self.side.change.clicked.connect(self._edit)
        self.side.remove.clicked.connect(self._remove)
        self.side.pin.clicked.connect(self._pin)
        self.sections.predictions.position_chosen.connect(self._select)
        self._show_current()

    @property
    def current(self) -> KeptProbe | None:
        """The probe in detail."""
        row = self.list.row
        return None if row is None else self.probes.probes[row]

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return tuple(Probe(probe.text) for probe in self.probes.probes)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.field.show_session(description.tokenizer)
        if self._is_untouched:
            self.probes.clear()
        self._losses = np.empty(0)
        for probe in self.probes.probes:
            probe.forget()
        self.sections.show_session(description)
        self.probes.refresh()
        self._show_current()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        is_new_run = not goes_on(snapshot.losses, self._losses)
        self._losses = snapshot.losses
        if is_new_run:
            for each in self.probes.probes:
                each.forget_curve()
        if self._is_untouched and not self.probes.probes:
            self._begin(snapshot.moment.document)
        answers = [(probe, snapshot.answer(Probe(probe.text))) for probe in self.probes.probes]
        for probe, probed in answers:
            if probed is not None:
                probe.take(probed)
        if is_new_run or any(probed is not None for _, probed in answers):
            self.probes.refresh()
            self._show_current()

    def _begin(self, document: str) -> None:
        """Something to look at."""
        for text in dict.fromkeys((document, "")):
            self.probes.add(KeptProbe(text))
        self.list.turn_to(0)
        self.wishes_changed.emit()

    def _take(self, text: str) -> None:
        """Add what was typed, or put it in the place of another; a text that is there already is shown."""
        found = self.probes.row_of(text)
        replaced = None if self.field.replaced is None else self.probes.row_of(self.field.replaced)
        if found is not None:
            row = found
        elif replaced is not None:
            row = replaced
            self.probes.change(row, text)
        elif len(self.probes.probes) >= MOST:
            self.field.refuse(f"{MOST} probes are kept, which is all there is room for. Remove one first.")
            return
        else:
            row = self.probes.add(KeptProbe(text))
        self._is_untouched = False
        self.field.done()
        self.list.turn_to(row)
        self._show_current()
        self.wishes_changed.emit()

    def _edit(self) -> None:
        if self.current is not None:
            self.field.replace(self.current.text)

    def _remove(self) -> None:
        row = self.list.row
        if row is None:
            return
        if self.field.replaced == self.probes.probes[row].text:
            self.field.done()
        self._is_untouched = False
        self.probes.remove(row)
        if self.probes.probes:
            self.list.turn_to(min(row, len(self.probes.probes) - 1))
        self._show_current()
        self.wishes_changed.emit()

    def _pin(self) -> None:
        probe = self.current
        if probe is not None:
            probe.pinned = probe.latest if probe.pinned is None else None
        self.probes.refresh()
        self._show_current()

    def _select(self, position: int) -> None:
        """The loss of a position, where the text is the very document of the graph."""
        if self.current is not None and self.description is not None and self._is_loaded(self.current.text):
            self.selected.emit(self.description.addresses.parse(f"pos{position}.loss"))

    def _is_loaded(self, text: str) -> bool:
        """Whether it is the very document of the graph, whose scalars can be selected."""
        return self.snapshot is not None and self.snapshot.moment.document == text

    def _show_current(self) -> None:
        """The current probe in detail."""
        probe, description = self.current, self.description
        latest = None if probe is None else probe.latest
        has_numbers = latest is not None and latest.numbers is not None
        self.sections.setVisible(has_numbers)
        self.heading.setVisible(latest is not None)
        self.empty.setVisible(not has_numbers)
        self.note.setVisible(False)
        self.side.show_probe(probe)
        if latest is None or probe is None:
            waiting = "" if probe is None else f"{quoted(probe.text)} has not been asked yet."
            self.empty.set_sentence(_NO_SESSION if description is None else waiting or _NO_PROBE)
            return
        self.heading.say(headline(latest, self._is_loaded(latest.text)))
        self.heading.setToolTip(heading_tip(latest))
        if latest.numbers is None:
            self.empty.set_sentence(latest.reason or "")
            return
        self.sections.show_probed(latest, probe.pinned)
        if probe.pinned is not None:
            self.note.say(comparison(latest, probe.pinned))
            self.note.setVisible(True)

    def _lay_out(self) -> None:
        detail = QWidget()
        rows = QVBoxLayout(detail)
        rows.setContentsMargins(0, 6, 0, 0)
        rows.setSpacing(4)
        text = QVBoxLayout()
        text.setContentsMargins(8, 0, 8, 0)
        text.addWidget(self.heading)
        text.addWidget(self.note)
        rows.addLayout(text)
        rows.addWidget(self.sections, 1)
        rows.addWidget(self.empty, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.side)
        self.split.addWidget(detail)
        self.split.setStretchFactor(1, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.split)
        self.setFocusProxy(self.field.edit)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(690), theme.scaled(390))

    def _share_out(self) -> None:
        """Widths of list and detail, until they are changed by hand."""
        if not self._is_shared_by_hand:
            left = min(current_theme().scaled(_LIST), round(self.width() * _LIST_SHARE))
            self.split.setSizes([left, max(self.width() - left, 1)])

    def _keep_shares(self) -> None:
        self._is_shared_by_hand = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._share_out()
