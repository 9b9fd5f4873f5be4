"""What the forms between the rows of an inspector's page have in common."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import use_number_font

_WIDTH = 84  # pixels at text scale 1
_OWN_KEYS = frozenset(
    {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right}
)


class SheetForm(QWidget):
    """Fields and buttons. What they leave of a key does not move the cursor of the sheet, or follow its link."""

    resized = Signal()  # it takes another height than before

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _OWN_KEYS:
            super().keyPressEvent(event)


class NumberEdit(QLineEdit):
    """A short line for a number; the escape key empties it."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        use_number_font(self)
        self.setToolTip(tip)
        self.setAccessibleName(name)
        self.setAccessibleDescription(tip)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.textEdited.emit("")
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(current_theme().scaled(_WIDTH), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(_WIDTH // 2), super().minimumSizeHint().height())
