"""One line of small text without its end where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import ThemedWidget


class Line(ThemedWidget):
    """Hovering tells all of it. A heading is bold; what is not is muted."""

    def __init__(self, parent: QWidget | None = None, *, heading: bool = False) -> None:
        super().__init__(parent)
        self.text = ""
        self._heading = heading
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        """Show this."""
        if text != self.text:
            self.text = text
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(1, round(QFontMetricsF(current_theme().text_font(SMALL)).height()) + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL, bold=self._heading))
        painter.setPen(QColor(theme.palette.text if self._heading else theme.palette.muted))
        text = QFontMetricsF(painter.font()).elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
