"""The status of the History panel: how far a replay or a search has come, with a way to end it, or what is shown."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget, use_text_font
from microgpt_studio.widgets.sentence import Sentence


class Status(QWidget):
    """A sentence; a thin bar before it while something is under way; a button after it where one can act."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = Bar()
        self.sentence = Sentence()
        self.button = QToolButton()
        self.button.setText("Cancel")
        use_text_font(self.button, SMALL)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.bar)
        row.addWidget(self.sentence)
        row.addWidget(self.button)
        row.addStretch(1)
        beside = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        beside.setHeightForWidth(True)
        self.sentence.setSizePolicy(beside)
        self._widest = ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.button.clicked.connect(self.pressed)
        self.show_status("")

    def begin(self, num_steps: int) -> None:
        """Leave room for the progress of a session's updates, so that nothing moves when it comes and goes."""
        self._widest = f"{num_steps:,} of {num_steps:,} updates"
        self.updateGeometry()

    def show_status(
        self,
        text: str,
        *,
        error: bool = False,
        progress: float | None = None,
        action: str = "",
        meaning: str = "",
    ) -> None:
        """Say this; `progress` from 0 to 1 fills the bar, `action` names the button and `meaning` explains it."""
        self.sentence.say(text, error=error)
        self.bar.setVisible(progress is not None)
        self.bar.set_progress(progress or 0.0)
        self.button.setVisible(bool(action))
        self.button.setText(action or self.button.text())  # an empty one would be lower
        self.button.setToolTip(meaning)
        self.button.setAccessibleName(meaning or action)

    @property
    def text(self) -> str:
        """What it says."""
        return self.sentence.text

    def sizeHint(self) -> QSize:
        theme, hint, button = current_theme(), super().sizeHint(), self.button.sizeHint()
        words = metrics_of(theme.text_font(SMALL)).horizontalAdvance(self._widest)
        return QSize(max(hint.width(), self.bar.sizeHint().width() + round(words) + button.width() + 24), hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.button.sizeHint().height())

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        assert layout is not None
        return max(layout.heightForWidth(width), self.button.sizeHint().height())


class Bar(ThemedWidget):
    """A thin bar that fills from the left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_progress(self, progress: float) -> None:
        """From 0 to 1."""
        progress = min(max(progress, 0.0), 1.0)
        if progress != self.progress:
            self.progress = progress
            self.setAccessibleName(f"{progress:.0%}")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(current_theme().scaled(40), 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = current_theme().palette
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(palette.border))
        painter.fillRect(QRectF(0.0, 0.0, self.progress * self.width(), self.height()), QColor(palette.text))
