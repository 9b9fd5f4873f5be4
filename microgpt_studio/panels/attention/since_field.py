"""Since when the attention weights have changed: until a moment is chosen, since the earliest bookmark."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from microgpt_studio.debugger.execution import Place
from microgpt_studio.widgets.since_field import SinceField

_MEANING = (
    "Change since this update: the present document's weights, compared with\n"
    "those that the parameters after this update give"
)


class WeightsSince(SinceField):
    """Until an update is chosen: the earliest bookmark, or the beginning."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_MEANING, "what is used now", parent)
        self._is_chosen = False

    def begin(self, num_steps: int) -> None:
        super().begin(num_steps)
        self._is_chosen = False

    def show_moment(self, used: int, bookmarks: Iterable[Place]) -> bool:
        """What the menu offers; whether the moment to compare with is another one now. Emits nothing.

        The present document's weights come from the parameters after `used` updates.
        """
        self.show_offers(used, bookmarks)
        before = self.value
        if not self._is_chosen and self.bookmarks:
            with QSignalBlocker(self.updates):
                self.updates.setValue(self.bookmarks[0])
        return self.value != before

    def show_first(self, first: int) -> bool:
        """The earliest moment that there is; whether the one to compare with is another one now. Emits nothing."""
        before = self.value
        with QSignalBlocker(self.updates):
            self.updates.setMinimum(first)
        return self.value != before

    def _take_offer(self, action: QAction) -> None:
        self._is_chosen = True  # it may be the one that stands there
        super()._take_offer(action)

    def _take(self, updates: int) -> None:
        self._is_chosen = True
        super()._take(updates)
