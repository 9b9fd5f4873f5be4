"""One line of small text of which the end is left out where there is no room."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.themed import ThemedWidget


class OneLine(ThemedWidget):
    """Shows a text; hovering tells all of it. One that `asks` wants room for all of it, and writes at its right end.

    One that does not never changes the layout.
    """

    def __init__(self, parent: QWidget | None = None, *, asks: bool = False) -> None:
        super().__init__(parent)
        self.text = ""
        self._asks = asks
        side = Qt.AlignmentFlag.AlignRight if asks else Qt.AlignmentFlag.AlignLeft
        self._alignment = side | Qt.AlignmentFlag.AlignVCenter
        width = QSizePolicy.Policy.Expanding if asks else QSizePolicy.Policy.Ignored
        self.setSizePolicy(width, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        """Show this."""
        if text != self.text:
            self.text = text
            self.setAccessibleName(text)
            self.setToolTip(text)
            if self._asks:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(current_theme().text_font(SMALL))
        width = ceil(metrics.horizontalAdvance(self.text)) + 2 if self._asks else 1
        return QSize(width, round(metrics.height()) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        text = QFontMetricsF(painter.font()).elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(self.rect()), self._alignment, text)
