"""The Escape key of a window and its floating docks, for something that is going on and can be given up."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDockWidget, QWidget


class EscapeKey(QObject):
    """While it is grabbed, the key means this alone, wherever the focus is; dialogs and menus keep theirs."""

    pressed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._is_grabbed = False

    def grab(self, wanted: bool) -> None:
        """Take the key, or let it go."""
        application = QCoreApplication.instance()
        if wanted == self._is_grabbed or application is None:
            return
        self._is_grabbed = wanted
        if wanted:
            application.installEventFilter(self)
        else:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not self._is_here(watched):
            return False
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape or event.modifiers():
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()  # no shortcut of a panel gets it; it comes again as a key
        else:
            self.pressed.emit()
        return True

    def _is_here(self, watched: QObject) -> bool:
        if not isinstance(watched, QWidget):
            return False
        window = watched.window()
        return window is self._window or isinstance(window, QDockWidget)
