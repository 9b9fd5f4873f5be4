"""Sentences of the Breakpoints panel: wrapped text that is as high as its width makes it, each in its role's colour."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QResizeEvent, QStaticText, QTextOption, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import ThemedWidget


class Role(Enum):
    """What a sentence is; the value is the sign before it, so that colour is not needed to tell."""

    NOTE = ""
    STOP = "▶ "
    ERROR = "⚠ "

    def color(self, theme: Theme) -> QColor:
        """Of its text."""
        palette = theme.palette
        return QColor({Role.NOTE: palette.muted, Role.STOP: palette.accent, Role.ERROR: palette.error}[self])


def wrapped(text: str, font: QFont, width: float) -> QStaticText:
    """Plain text ready to be painted in lines of a width, in pixels; a word that is longer is broken."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    static = QStaticText(text)
    static.setTextFormat(Qt.TextFormat.PlainText)
    static.setTextOption(option)
    static.setTextWidth(max(width, 1.0))
    static.prepare(QTransform(), font)
    return static


class Sentence(ThemedWidget):
    """A sentence; without one it is not there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._role = "", Role.NOTE
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def say(self, text: str, role: Role = Role.NOTE) -> None:
        """Show this; nothing hides it."""
        if (text, role) == (self._text, self._role):
            return
        self._text, self._role = text, role
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self._fit()
        self.update()

    def clear(self) -> None:
        """Say nothing."""
        self.say("")

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def theme_changed(self) -> None:
        self._fit()

    def _fit(self) -> None:
        if hasattr(self, "_role"):
            self.setFixedHeight(self.heightForWidth(self.width()))

    def _wrapped(self, width: int) -> QStaticText:
        return wrapped(self._role.value + self._text, current_theme().text_font(SMALL), width)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._wrapped(width).size().height()) + 2 if self._text else 0

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(64, self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(self._role.color(theme))
        painter.drawStaticText(QPointF(0.0, 1.0), self._wrapped(self.width()))
