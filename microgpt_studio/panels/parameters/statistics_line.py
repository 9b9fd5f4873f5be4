"""One line of statistics: of which matrix, and its figures, with fewer digits where there is little room."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.debugger.matrix_statistics import Statistics
from microgpt_studio.panels.parameters.words import statistics_lines, statistics_texts
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import DIGITS
from microgpt_studio.widgets.themed import ThemedWidget

_WORD, _PAIR = 4.0, 10.0  # pixels between word and figure, and between two pairs
_MARGIN = 8


class StatisticsLine(ThemedWidget):
    """Name, then min, max, norm and share of zeros; the tooltip has every digit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._figures: Statistics | None = None
        self._sums = True
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_figures(self, name: str, figures: Statistics | None, *, sums: bool) -> None:
        """Of a matrix; None: nothing. Without `sums` no norm and no zeros, which logarithms do not have."""
        if (name, figures, sums) != (self._name, self._figures, self._sums):
            self._name, self._figures, self._sums = name, figures, sums
            lines = statistics_lines(figures, sums=sums) if figures else []
            self.setToolTip("\n".join(filter(None, [name, *lines])))
            self.setAccessibleName(self.text)
            self.update()

    @property
    def text(self) -> str:
        """What it says where there is room."""
        if self._figures is None:
            return ""
        return " ".join(
            filter(None, [self._name, *(f"{word} {figure}".strip() for word, figure in self._pairs(DIGITS))])
        )

    def _pairs(self, digits: int) -> list[tuple[str, str]]:
        return [] if self._figures is None else statistics_texts(self._figures, digits, sums=self._sums)

    def sizeHint(self) -> QSize:
        height = metrics_of(current_theme().number_font(SMALL)).height()
        return QSize(200, round(height) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(8, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._figures is None:
            return
        theme = current_theme()
        words, numbers = theme.text_font(SMALL), theme.number_font(SMALL)
        room = self.width() - 2 * _MARGIN
        digits = next((d for d in range(DIGITS, 1, -1) if self._width(words, numbers, d) <= room), 2)
        painter = QPainter(self)
        metrics = metrics_of(numbers)
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        palette = theme.palette
        x = self._draw(painter, numbers, palette.text, _MARGIN, baseline, self._name) + (_PAIR if self._name else 0.0)
        for word, figure in self._pairs(digits):
            x = self._draw(painter, words, palette.muted, x, baseline, word) + (_WORD if word else 0.0)
            x = self._draw(painter, numbers, palette.text, x, baseline, figure) + _PAIR

    def _draw(self, painter: QPainter, font: QFont, color: str, x: float, baseline: float, text: str) -> float:
        painter.setFont(font)
        painter.setPen(QColor(color))
        metrics = metrics_of(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(self.width() - x, 0.0))
        painter.drawText(QPointF(x, baseline), shown)
        return x + metrics.horizontalAdvance(text)

    def _width(self, words: QFont, numbers: QFont, digits: int) -> float:
        of_words, of_numbers = metrics_of(words), metrics_of(numbers)
        pairs = self._pairs(digits)
        texts = sum(of_words.horizontalAdvance(word) + of_numbers.horizontalAdvance(figure) for word, figure in pairs)
        gaps = _PAIR * len(pairs) + _WORD * sum(bool(word) for word, _ in pairs)
        return texts + gaps + of_numbers.horizontalAdvance(self._name)
