"""The update from which a change is measured: typed, or one at hand: the beginning, now, a bookmark."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSpinBox, QToolButton, QWidget

from microgpt_studio.debugger.execution import Place
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.whole_number import LARGEST


class SinceField(QWidget):
    """Nothing but a number of updates can be typed. Until one is chosen: the earliest bookmark, or the beginning."""

    chosen = Signal(int)  # updates done

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.updates = QSpinBox()
        self.updates.setKeyboardTracking(False)
        self.updates.setAccessibleName("Change since update")
        self.updates.setToolTip(
            "Change since this update: the present document's weights, compared with\n"
            "those that the parameters after this update give"
        )
        self.button = QToolButton()
        self.button.setText("…")
        self.button.setToolTip("The beginning, the parameters used now, or a bookmark")
        self.button.setAccessibleName("Choose an update")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.button)
        self.button.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.updates)
        row.addWidget(self.button)
        self._dress()
        self._now = 0
        self._bookmarks: tuple[int, ...] = ()
        self._is_chosen = False
        self.updates.valueChanged.connect(self._take)
        self.menu.aboutToShow.connect(self.fill)
        self.menu.triggered.connect(self._take_offer)

    def _dress(self) -> None:
        """No wider than the number needs."""
        metrics = QFontMetrics(self.updates.font())
        digits = len(str(self.updates.maximum()))
        self.updates.setMaximumWidth(metrics.horizontalAdvance("0") * digits + current_theme().scaled(44))

    def begin(self, num_steps: int) -> None:
        """A new session: nothing is chosen. Emits nothing."""
        self._is_chosen, self._bookmarks = False, ()
        with QSignalBlocker(self.updates):
            self.updates.setRange(0, min(num_steps, LARGEST))
            self.updates.setValue(0)
        self._dress()

    @property
    def value(self) -> int:
        """Updates done at the moment to compare with."""
        return self.updates.value()

    def show_moment(self, used: int, bookmarks: Iterable[Place]) -> bool:
        """What the menu offers; whether the moment to compare with is another one now. Emits nothing.

        The present document's weights come from the parameters after `used` updates.
        """
        self._now = used
        self._bookmarks = tuple(sorted({place.updates + (place.done > 0) for place in bookmarks}))
        before = self.value
        if not self._is_chosen and self._bookmarks:
            with QSignalBlocker(self.updates):
                self.updates.setValue(self._bookmarks[0])
        return self.value != before

    def show_first(self, first: int) -> bool:
        """The earliest moment that there is; whether the one to compare with is another one now. Emits nothing."""
        before = self.value
        with QSignalBlocker(self.updates):
            self.updates.setMinimum(first)
        return self.value != before

    def fill(self) -> None:
        """Write the menu."""
        self.menu.clear()
        first = self.updates.minimum()
        self._offer(f"the beginning (update {first})", first)
        self._offer(f"what is used now (update {self._now})", self._now)
        if self._bookmarks:
            self.menu.addSection("Bookmarks")
        for updates in self._bookmarks:
            self._offer(f"update {updates}", updates)

    def _offer(self, text: str, updates: int) -> None:
        self.menu.addAction(text).setData(updates)

    def _take_offer(self, action: QAction) -> None:
        self._is_chosen = True
        self.updates.setValue(int(action.data()))

    def _take(self, updates: int) -> None:
        self._is_chosen = True
        self.chosen.emit(updates)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange) and hasattr(self, "updates"):
            self._dress()
