"""Small text that wraps: what is so, or why something cannot be."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.themed import ThemedWidget

_FLAGS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
_WIDEST = 1e6  # pixels
_TALLEST = 1e4
_NARROWEST = 80  # pixels at text scale 1


class Sentence(ThemedWidget):
    """Wants to stand in one line, takes as many as it needs; an error has its own colour and a sign."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._error = "", False
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, text: str, *, error: bool = False) -> None:
        """Show this."""
        text = f"⚠ {text}" if error else text
        if (text, error) != (self._text, self._error):
            self._text, self._error = text, error
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    @property
    def text(self) -> str:
        """What it says, with the sign."""
        return self._text

    @property
    def is_error(self) -> bool:
        """Whether it is shown as an error."""
        return self._error

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return ceil(self._box(max(width, 1)).height()) + 2

    def sizeHint(self) -> QSize:
        width = ceil(self._box(_WIDEST).width()) + 2
        return QSize(max(width, self.minimumSizeHint().width()), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(_NARROWEST), self.heightForWidth(round(_WIDEST)))

    def _box(self, width: float) -> QRectF:
        metrics = metrics_of(current_theme().text_font(SMALL))
        return metrics.boundingRect(QRectF(0.0, 0.0, width, _TALLEST), int(_FLAGS), self._text or " ")

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.error if self._error else theme.palette.muted))
        painter.drawText(QRectF(self.rect()), int(_FLAGS), self._text)
