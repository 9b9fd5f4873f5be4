"""What a panel shows while it has nothing to show: one calm sentence."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.themed import ThemedWidget

_WIDEST = 320  # pixels of a line at text scale 1: short lines read calmly
_PADDING = 16
_FLAGS = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


class EmptyState(ThemedWidget):
    """A sentence in the middle of the panel, wrapped to short lines."""

    def __init__(self, sentence: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_sentence(sentence)

    def set_sentence(self, sentence: str) -> None:
        """Say this: what is missing, and what would bring it."""
        if sentence != self._sentence:
            self._sentence = sentence
            self.setAccessibleName(sentence)
            self.updateGeometry()
            self.update()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._sentence

    def sizeHint(self) -> QSize:
        theme = current_theme()
        box = QRectF(0.0, 0.0, theme.scaled(_WIDEST), 1e6)
        text = metrics_of(theme.text_font()).boundingRect(box, int(_FLAGS), self._sentence)
        return QSize(round(text.width()) + 2 * _PADDING, round(text.height()) + 2 * _PADDING)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * _PADDING, 2 * _PADDING)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font())
        painter.setPen(QColor(theme.palette.muted))
        width = min(self.width() - 2 * _PADDING, theme.scaled(_WIDEST))
        box = QRectF((self.width() - width) / 2, 0.0, width, self.height())
        painter.drawText(box, int(_FLAGS), self._sentence)
