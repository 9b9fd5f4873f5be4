"""The message bar: one sentence above the panels, with progress or a close button. It never blocks.

`MessageStrip` is its place in the window: a tool bar that is there while there is something to say.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QToolBar, QWidget

from microgpt_studio.theme.application import current_theme

_SOON = 200  # milliseconds; what is done sooner shows no progress, for all panels would move down and up again


class MessageStrip(QToolBar):
    """Comes with a message, and with progress that takes its time; goes when it is closed or cleared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Messages", parent)
        self.setObjectName("messages")
        self.setMovable(False)
        self.toggleViewAction().setVisible(False)
        self.bar = MessageBar()
        self.addWidget(self.bar)
        self.bar.closed.connect(self.clear_message)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SOON)
        self._delay.timeout.connect(self.show)
        self.hide()

    def say(self, sentence: str, details: str = "", *, error: bool = True) -> None:
        """A sentence that stays until it is closed or another comes."""
        self._delay.stop()
        self.bar.say(sentence, details, error=error)
        self.show()

    def progress(self, sentence: str, done: int, total: int) -> None:
        """A sentence with a bar."""
        self.bar.progress(sentence, done, total)
        if not self._delay.isActive():
            self._delay.start()

    def clear_message(self) -> None:
        """Nothing to say."""
        self._delay.stop()
        self.hide()


class MessageBar(QFrame):
    """Says one thing at a time."""

    closed = Signal()  # the person has read it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(200)
        self._close = QPushButton("Close")
        self._close.clicked.connect(self.closed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 4, 8, 4)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._progress)
        layout.addWidget(self._close)

    @property
    def sentence(self) -> str:
        """What was said last."""
        return self._label.text()

    def say(self, sentence: str, details: str = "", *, error: bool = True) -> None:
        """A sentence that stays until it is closed or another comes."""
        self._show(sentence, current_theme().palette.error if error else current_theme().palette.border)
        self._label.setToolTip(details)
        self._progress.hide()
        self._close.show()

    def progress(self, sentence: str, done: int, total: int) -> None:
        """A sentence with a bar; 0 of 0 for no known end."""
        self._show(sentence, current_theme().palette.border)
        self._label.setToolTip("")
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._progress.show()
        self._close.hide()

    def _show(self, sentence: str, edge: str) -> None:
        self.setStyleSheet(f"MessageBar {{ border: none; border-left: 4px solid {edge}; }}")
        self._label.setText(sentence)
