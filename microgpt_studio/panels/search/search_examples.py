"""What may be searched for, as examples to be clicked: the Search panel shows them while its line is empty."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import AddressLink, ThemedWidget

EXAMPLES = {
    "q0": "element 0 of every query",
    "pos1 head0 weight": "attention weights",
    "l0 wq 0 1": "a parameter",
    "mlp op:relu": "one kind of operation",
    "attn |grad|>0.01": "numbers compared",
    "top:10 by:update": "the largest steps of Adam",
    "nonfinite": "nan and infinities",
}


class ExamplesPage(QWidget):
    """Lines of the search, and what each finds."""

    activated = Signal(object)  # the line (str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 8, 8, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, (line, note) in enumerate(EXAMPLES.items()):
            link = AddressLink(line)
            link.activated.connect(self.activated)
            link.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            link.setToolTip(f"Search for {line}")
            grid.addWidget(link, row, 0)
            grid.addWidget(_Note(note), row, 1)
        grid.setRowStretch(len(EXAMPLES), 1)


class _Note(ThemedWidget):
    """Small words in one line."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setToolTip(text)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(current_theme().text_font(SMALL))
        return QSize(round(metrics.horizontalAdvance(self._text)) + 2, round(metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, self.width() + 1.0)
        painter.drawText(QPointF(0.0, (self.height() + metrics.ascent() - metrics.descent()) / 2), text)
