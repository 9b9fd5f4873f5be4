"""One line of small text of which the end is left out where there is no room."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.themed import ThemedWidget


class OneLine(ThemedWidget):
    """Shows a text; hovering tells all of it. A heading is bold; what is not is muted.

    One that `asks` wants room for all of it; one that does not never changes the layout, whatever it says.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        asks: bool = False,
        heading: bool = False,
        size: int = SMALL,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        """`size` in pixels at text scale 1; `side` at which the text stands."""
        super().__init__(parent)
        self.text = ""
        self._asks, self._heading, self._size = asks, heading, size
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
                self.tell_layout()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = metrics_of(self._font())
        width = ceil(metrics.horizontalAdvance(self.text)) + 2 if self._asks else 1
        return QSize(width, round(metrics.height()) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = current_theme().palette
        painter = QPainter(self)
        painter.setFont(self._font())
        painter.setPen(QColor(palette.text if self._heading else palette.muted))
        room = QRectF(self.contentsRect())
        text = metrics_of(painter.font()).elidedText(self.text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, self._alignment, text)

    def _font(self) -> QFont:
        return current_theme().text_font(self._size, bold=self._heading)
