"""Panel: what the window knows of every panel. A panel shows snapshots, tells selections, and owns no truth.

The window calls, in this order: `show_session` once a session; then `show_snapshot` for every picture (up to 30 a
second) and `show_text` for what has to be read (4 a second while training runs, at once while it stands);
`show_selection` when the one selected scalar of the window changes; `show_event` for every event. All in the window's
thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import Flag, auto
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.events import Event
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot, Wanted


class Part(Flag):
    """The parts of a snapshot that a panel needs while it is visible."""

    NONE = 0
    CELLS = auto()
    PARAMETERS = auto()
    EXPLANATION = auto()
    WATCHES = auto()


class Panel(QWidget):
    """The base of all panels. It remembers the latest session, snapshot and selection for its subclass."""

    name: ClassVar[str]  # stable, for saved layouts: "inspector"
    title: ClassVar[str]  # for people: "Inspector"
    parts: ClassVar[Part] = Part.NONE

    selected = Signal(object)  # id of a scalar (int), by click or keyboard
    lit = Signal(object)  # ids of scalars (Ids) to be lit wherever they are drawn; empty: none
    commanded = Signal(object)  # Command for the worker
    wishes_changed = Signal()  # `add_wishes` would answer something else now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)  # what is behind it is not painted anew with it
        self.description: Description | None = None
        self.snapshot: Snapshot | None = None
        self.selection: int | None = None

    def inquiries(self) -> Iterable[Inquiry[object]]:
        """What this panel asks of every moment while it is visible; `wishes_changed` tells of other ones."""
        return ()

    def add_wishes(self, wanted: Wanted) -> Wanted:
        """A request, and what this panel needs while it is visible. Subclasses with more than `parts` extend it."""
        return replace(
            wanted,
            cells=wanted.cells or Part.CELLS in self.parts,
            parameters=wanted.parameters or Part.PARAMETERS in self.parts,
            selection=self.selection if Part.EXPLANATION in self.parts else wanted.selection,
            watches=wanted.watches or Part.WATCHES in self.parts,
            inquiries=wanted.inquiries.union(self.inquiries()),
        )

    def show_session(self, description: Description) -> None:
        """A new session: everything shown before is void. Subclasses call this first."""
        self.description = description
        self.snapshot = None
        self.selection = None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """A new picture. Subclasses call this first, and read only parts that are there (not None)."""
        self.snapshot = snapshot

    def show_text(self, snapshot: Snapshot) -> None:
        """What has to be read, after show_snapshot, less often."""

    def show_selection(self, scalar: int | None) -> None:
        """The window's selected scalar. Subclasses call this first."""
        self.selection = scalar

    def show_lit(self, scalars: Ids) -> None:
        """Scalars that another panel wants to be seen."""

    def show_event(self, event: Event) -> None:
        """What happened once; most panels have no use for it."""
