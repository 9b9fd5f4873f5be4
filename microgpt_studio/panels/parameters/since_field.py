"""Since when the parameters have changed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Floats
from microgpt_studio.debugger.execution import Place
from microgpt_studio.widgets.since_field import SinceField


class ParametersSince(SinceField):
    """Starts at the beginning of the session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("The change is measured from the parameters after this update", "this moment", parent)

    def show_moment(self, step: int, bookmarks: Iterable[Place], losses: Floats) -> None:
        """What the menu offers. What was done before the session began, and has no loss, cannot be chosen."""
        unseen = np.isnan(losses)
        first = len(losses) if unseen.all() else int(unseen.argmin())
        if first != self.updates.minimum():
            self.updates.setMinimum(first)
        self.show_offers(step, bookmarks)
