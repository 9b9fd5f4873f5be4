"""One line below the heads: what rows, columns and blanks are, or what the row that is pointed at adds up to."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget

_MARGIN = 8
AXES = "rows: query, columns: key"
BLANK = "later: excluded"
TIP = (
    "Rows are queries, columns are the keys they look at.\n"
    "A position cannot look at later ones: those scores and weights do not exist. Blank is not 0."
)


class Footer(ThemedWidget):
    """The key to the axes, until there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._text = ""
        self.say("", "")

    def say(self, text: str, tip: str) -> None:
        """Say this instead of the key; the key where it is empty."""
        self._text = text
        self.setAccessibleName(text or f"{AXES}; {BLANK}")
        self.setToolTip(tip or TIP)
        self.update()

    @property
    def text(self) -> str:
        """What is said; empty while the key is shown."""
        return self._text

    def sizeHint(self) -> QSize:
        metrics = metrics_of(current_theme().text_font(SMALL))
        text = metrics.horizontalAdvance(AXES + BLANK)
        return QSize(ceil(text + metrics.height() + 4 * _MARGIN), ceil(metrics.height() + 6.0))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        palette = theme.palette
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        metrics = metrics_of(painter.font())
        side = round(metrics.capHeight() + 2.0)
        baseline = round((self.height() + metrics.capHeight()) / 2) - 2.0
        if self._text:
            painter.setPen(QColor(palette.text))
            text = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, self.width() - 2 * _MARGIN)
            painter.drawText(QPointF(_MARGIN, baseline), text)
            return
        box = QRectF(_MARGIN + 0.5, baseline - side + 1.5, side, side)
        painter.setPen(QPen(QColor(palette.border), 1.0))
        painter.drawRect(box)
        painter.setPen(QPen(QColor(palette.faint), 1.0))
        painter.drawPolyline([box.bottomLeft(), box.topLeft(), box.bottomRight(), box.bottomLeft()])
        painter.setPen(QColor(palette.muted))
        x = box.right() + 5.0
        painter.drawText(QPointF(x, baseline), BLANK)
        x += metrics.horizontalAdvance(BLANK) + 2 * _MARGIN
        if x + metrics.horizontalAdvance(AXES) <= self.width():
            painter.drawText(QPointF(x, baseline), AXES)
