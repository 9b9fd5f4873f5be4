"""Page: what the panel knows of each of its pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot


class Page(QWidget):
    """Shows snapshots while it is in front; one of its matrices may be enlarged."""

    title: ClassVar[str]

    selected = Signal(object)  # id of a parameter (int)
    enlarged_changed = Signal()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        """What it asks of every moment while it is in front."""
        return ()

    def show_session(self, description: Description) -> None:
        """A new session: everything shown before is void."""
        raise NotImplementedError

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """A picture, which has parameters."""

    def show_text(self, snapshot: Snapshot) -> None:
        """What has to be read, after show_snapshot, less often."""

    def show_selection(self, scalar: int | None) -> None:
        """The window's selected scalar."""

    @property
    def enlarged(self) -> int | None:
        """Index of the matrix that is shown alone."""
        raise NotImplementedError

    def enlarge(self, matrix: int | None) -> None:
        """Show one matrix alone, or all."""
        raise NotImplementedError
