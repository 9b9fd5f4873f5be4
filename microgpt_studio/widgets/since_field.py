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
    """Starts at the beginning of the session. Nothing but a number of updates can be typed."""

    chosen = Signal(int)  # updates done

    def __init__(self, meaning: str, now: str, parent: QWidget | None = None) -> None:
        """`meaning` is what is compared, for the tool tip; `now` is what the menu calls the present."""
        super().__init__(parent)
        self._now_text = now
        self.updates = QSpinBox()
        self.updates.setKeyboardTracking(False)
        self.updates.setAccessibleName("Change since update")
        self.updates.setToolTip(meaning)
        self.button = QToolButton()
        self.button.setText("…")
        self.button.setToolTip(f"The beginning, {now}, or a bookmark")
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
        self.bookmarks: tuple[int, ...] = ()  # updates done
        self.updates.valueChanged.connect(self._take)
        self.menu.aboutToShow.connect(self.fill)
        self.menu.triggered.connect(self._take_offer)

    @property
    def value(self) -> int:
        """Updates done at the moment to compare with."""
        return self.updates.value()

    def begin(self, num_steps: int) -> None:
        """A new session: from its beginning. Emits nothing."""
        self.bookmarks = ()
        with QSignalBlocker(self.updates):
            self.updates.setRange(0, min(num_steps, LARGEST))
            self.updates.setValue(0)
        self._dress()

    def show_offers(self, now: int, bookmarks: Iterable[Place]) -> None:
        """What the menu offers: the present, as updates done, and the bookmarks; one within an update means its end."""
        self._now = now
        self.bookmarks = tuple(sorted({place.updates + (place.done > 0) for place in bookmarks}))

    def fill(self) -> None:
        """Write the menu."""
        self.menu.clear()
        first = self.updates.minimum()
        self._offer(f"the beginning (update {first})", first)
        self._offer(f"{self._now_text} (update {self._now})", self._now)
        if self.bookmarks:
            self.menu.addSection("Bookmarks")
        for updates in self.bookmarks:
            self._offer(f"update {updates}", updates)

    def _offer(self, text: str, updates: int) -> None:
        self.menu.addAction(text).setData(updates)

    def _take_offer(self, action: QAction) -> None:
        self.updates.setValue(int(action.data()))

    def _take(self, updates: int) -> None:
        self.chosen.emit(updates)

    def _dress(self) -> None:
        """No wider than the number needs."""
        metrics = QFontMetrics(self.updates.font())
        digits = len(str(self.updates.maximum()))
        self.updates.setMaximumWidth(metrics.horizontalAdvance("0") * digits + current_theme().scaled(44))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange) and hasattr(self, "updates"):
            self._dress()
