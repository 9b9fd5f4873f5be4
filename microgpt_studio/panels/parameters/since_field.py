"""The update from which a change is measured: typed, or one that is at hand: the beginning, this one, a bookmark."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSpinBox, QToolButton, QWidget

from microgpt.program.program import Floats
from microgpt_studio.debugger.execution import Place
from microgpt_studio.widgets.whole_number import LARGEST


class SinceField(QWidget):
    """Starts at the beginning of the session. Nothing but a number of updates can be typed."""

    chosen = Signal(int)  # updates done

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.updates = QSpinBox()
        self.updates.setKeyboardTracking(False)
        self.updates.setAccessibleName("Change since update")
        self.updates.setToolTip("The change is measured from the parameters after this update")
        self.button = QToolButton()
        self.button.setText("…")
        self.button.setToolTip("The beginning, this update, or a bookmark")
        self.button.setAccessibleName("Choose an update")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.button)
        self.button.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.updates)
        row.addWidget(self.button)
        self._first = self._now = 0
        self._bookmarks: tuple[int, ...] = ()
        self.updates.valueChanged.connect(self.chosen)
        self.menu.aboutToShow.connect(self.fill)
        self.menu.triggered.connect(self._take)

    def begin(self, num_steps: int) -> None:
        """A new session: from its beginning. Emits nothing."""
        blocked = self.updates.blockSignals(True)
        self.updates.setRange(0, min(num_steps, LARGEST))
        self.updates.setValue(0)
        self.updates.blockSignals(blocked)

    @property
    def value(self) -> int:
        return self.updates.value()

    def show_moment(self, step: int, bookmarks: Iterable[Place], losses: Floats) -> None:
        """What the menu offers. What was done before the session began, and has no loss, cannot be chosen."""
        unseen = np.isnan(losses)
        self._first = len(losses) if unseen.all() else int(unseen.argmin())
        if self._first != self.updates.minimum():
            self.updates.setMinimum(self._first)
        self._now = step
        self._bookmarks = tuple(sorted({place.updates + (place.done > 0) for place in bookmarks}))

    def fill(self) -> None:
        """Write the menu."""
        self.menu.clear()
        self._offer(f"the beginning ({self._first})", self._first)
        self._offer(f"this moment ({self._now})", self._now)
        if self._bookmarks:
            self.menu.addSection("Bookmarks")
        for updates in self._bookmarks:
            self._offer(f"update {updates}", updates)

    def _offer(self, text: str, updates: int) -> None:
        self.menu.addAction(text).setData(updates)

    def _take(self, action: QAction) -> None:
        self.updates.setValue(int(action.data()))
