"""The message bar: one sentence above the panels, with progress and a way to give up, or to close. It never blocks.

It lies over the panels, below the tool bar: would it push them down, docks would not be as large afterwards as before.
"""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMainWindow, QProgressBar, QPushButton, QWidget

from microgpt_studio.debugger.events import Phase, Preparing, Searching
from microgpt_studio.theme.application import current_theme


class Task(Enum):
    """What is going on and can be given up, by the button or the Escape key."""

    SEARCH = auto()
    PREPARATION = auto()


_EVERYWHERE = Qt.ShortcutContext.ApplicationShortcut  # in floating docks too; dialogs keep their own Escape
_SOON = 200  # milliseconds; what is done sooner shows no progress
_LONG_ENOUGH = 10_000  # milliseconds, to read a sentence that nothing depends on


class MessageBar(QFrame):
    """Says one thing at a time, in a window and below one of its tool bars."""

    cancelled = Signal(object)  # Task: what is shown

    def __init__(self, window: QMainWindow, tool_bar: QWidget) -> None:
        super().__init__(window)
        self._tool_bar = tool_bar
        self._is_error = False
        self._filled: tuple[str, bool, Task | None] | None = None  # beside the sentence
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(200)
        self._close = QPushButton("Close")
        self._close.clicked.connect(self._close_or_cancel)
        self._task: Task | None = None
        self._is_cancelled = False  # what is shown, but it goes on for a moment
        self._preparing: Preparing | None = None
        self._note = ""
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window, None, None, _EVERYWHERE)
        self._escape.setEnabled(False)
        self._escape.activated.connect(self._close_or_cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 8, 0)  # one line covers the panels' titles, and nothing below them
        layout.addWidget(self._label, 1)
        layout.addWidget(self._progress)
        layout.addWidget(self._close)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SOON)
        self._delay.timeout.connect(self._appear)
        self._departure = QTimer(self)
        self._departure.setSingleShot(True)
        self._departure.setInterval(_LONG_ENOUGH)
        self._departure.timeout.connect(self.clear_message)
        window.installEventFilter(self)
        tool_bar.installEventFilter(self)
        self.setAutoFillBackground(True)
        self.hide()

    @property
    def sentence(self) -> str:
        """What is being said; nothing where the bar is not there."""
        return self._label.text() if self.isVisible() else ""

    @property
    def details(self) -> str:
        """What can be read about it by resting on the sentence."""
        return self._label.toolTip()

    def say(self, sentence: str, details: str = "", *, error: bool = True) -> None:
        """A sentence that stays until it is closed or another comes; one that is no error goes by itself."""
        self._delay.stop()
        self._note = ""
        self._fill(sentence, details, is_error=error, task=None)
        self._appear()
        if not error:
            self._departure.start()

    def note(self, sentence: str) -> None:
        """A sentence that stands beside the progress of a preparation, and stays when that is over."""
        self._note = sentence

    def show_progress(self, preparing: Preparing) -> None:
        """How far a preparation has come, as soon as it takes its time; `cancelled` gives it up."""
        self._preparing = preparing
        note = f"{self._note.rstrip('.')}. " if self._note else ""
        words = _words(preparing, is_cancelled=self._is_cancelled)
        self._fill(f"{note}{words}", "", is_error=bool(note), task=Task.PREPARATION)
        is_known = preparing.phase is Phase.RECORDING  # nobody knows how far compiling has come
        self._progress.setRange(0, preparing.expected if is_known else 0)
        self._progress.setValue(preparing.scalars if is_known else 0)
        if self.isVisible():
            self._place()
        elif not self._delay.isActive():
            self._delay.start()

    def end_progress(self) -> None:
        """The preparation is over: only what was noted meanwhile is still said."""
        note = self._note
        self.clear_message()
        if note:
            self.say(note)

    def show_search(self, searching: Searching) -> None:
        """How far a search of the past has come; `cancelled` gives it up."""
        how_far = f"update {searching.done:,} of {searching.total:,}"
        self._fill(f"{searching.what}: {how_far}", "", is_error=False, task=Task.SEARCH)
        self._progress.setRange(0, searching.total)
        self._progress.setValue(searching.done)
        self._appear()

    def end_search(self) -> None:
        """The search is over: nothing more is said of it."""
        if self._task is Task.SEARCH:
            self.clear_message()

    def retract(self, sentence: str) -> None:
        """Say no longer what is no longer so."""
        if self._label.text() == sentence:
            self.clear_message()

    def clear_message(self) -> None:
        """Nothing to say."""
        self._delay.stop()
        self._departure.stop()
        self._note = ""
        self._filled = None
        self._set_task(None)
        self.hide()

    def _fill(self, sentence: str, details: str, *, is_error: bool, task: Task | None) -> None:
        self._label.setText(sentence)
        self._departure.stop()
        if (details, is_error, task) != self._filled:  # many calls for each report of progress would slow recording
            self._filled = details, is_error, task
            self._label.setToolTip(details)
            self._is_error = is_error
            self._set_task(task)
            self._dress()

    def _set_task(self, task: Task | None) -> None:
        self._is_cancelled = self._is_cancelled and task is self._task
        self._task = task
        self._progress.setVisible(task is not None)
        self._close.setText("Close" if task is None else "Cancel")
        self._close.setToolTip("" if task is None else "Esc")
        self._close.setEnabled(not self._is_cancelled)
        self._escape.setEnabled(task is not None)

    def _dress(self) -> None:
        palette = current_theme().palette
        edge = palette.error if self._is_error else palette.muted
        sheet = (
            f"MessageBar {{ background: {palette.raised}; border: none; border-left: 4px solid {edge}; "
            f"border-bottom: 1px solid {palette.border}; }} "
            "MessageBar QPushButton { padding: 0 8px; min-height: 0; margin: 1px; }"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)

    def _close_or_cancel(self) -> None:
        task = self._task
        if self._is_cancelled:
            return
        if task is Task.PREPARATION and self._preparing is not None:  # it is over only when that is told
            self._is_cancelled = True
            self._close.setEnabled(False)
            self.show_progress(self._preparing)
        else:
            self.clear_message()
        if task is not None:
            self.cancelled.emit(task)

    def _appear(self) -> None:
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        width = self.window().width()
        self.setFixedSize(width, self.heightForWidth(width))  # or each sentence would have all docks laid out anew
        self.move(0, self._tool_bar.geometry().bottom() + 1)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)


def _words(preparing: Preparing, *, is_cancelled: bool) -> str:
    if preparing.phase is Phase.RECORDING:
        how_far = "cancelled" if is_cancelled else f"{preparing.scalars:,} of {preparing.expected:,} scalars"
    elif is_cancelled:
        how_far = "cancelled as soon as they are ready; nothing interrupts that"
    else:
        how_far = "a few seconds, the first time only"
    return f"{preparing.phase}: {how_far}"
