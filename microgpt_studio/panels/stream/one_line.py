"""One line of small text of which the end is left out where there is no room; it never changes the layout."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import ThemedWidget


class OneLine(ThemedWidget):
    """Shows a text; hovering tells all of it."""

    def __init__(self, parent: QWidget | None = None, *, alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft):
        super().__init__(parent)
        self.text = ""
        self._alignment = alignment | Qt.AlignmentFlag.AlignVCenter
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        """Show this."""
        if text != self.text:
            self.text = text
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.update()

    def sizeHint(self) -> QSize:
        height = QFontMetricsF(current_theme().text_font(SMALL)).height()
        return QSize(1, round(height) + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        text = QFontMetricsF(painter.font()).elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(self.rect()), self._alignment, text)
