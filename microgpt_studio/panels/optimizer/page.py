"""A page of the Optimizer: what the panel knows of each. Like a panel it shows snapshots and owns no truth."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Tensor
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot


class Page(QWidget):
    """The base of all pages. It remembers session, parameter and snapshot for its subclass."""

    wishes_changed = Signal()  # `inquiries` would answer something else now
    selected = Signal(object)  # id of a parameter (int)
    sought = Signal(object)  # an update (int) to go to

    def __init__(self, corner: QWidget | None = None, parent: QWidget | None = None) -> None:
        """`corner` is what the panel shows above its tabs while the page is in front."""
        super().__init__(parent)
        self.corner = corner
        self.description: Description | None = None
        self.parameter: int | None = None
        self.snapshot: Snapshot | None = None

    @property
    def matrix(self) -> Tensor | None:
        """The matrix of the selected parameter."""
        if self.parameter is None or self.description is None:
            return None
        program = self.description.program
        return program.tensors[int(program.tensor[self.parameter])]

    def inquiries(self) -> Iterable[Inquiry[object]]:
        """What this page asks of every moment while it is in front."""
        return ()

    def show_session(self, description: Description) -> None:
        """A new session. Subclasses call this first."""
        self.description, self.parameter, self.snapshot = description, None, None
        self.refresh()

    def show_parameter(self, parameter: int | None) -> None:
        """The selected parameter; None where what is selected is none."""
        if parameter != self.parameter:
            self.parameter = parameter
            if self.isVisible():  # else `show_text` comes before it is seen
                self.refresh()

    def show_picture(self, snapshot: Snapshot) -> None:
        """Numbers to be seen, up to 30 times a second, while the page is in front."""
        self.snapshot = snapshot

    def show_text(self, snapshot: Snapshot) -> None:
        """Numbers to be read, less often, while the page is in front."""
        self.snapshot = snapshot
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
