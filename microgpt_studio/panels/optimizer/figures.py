"""Figures of some numbers: least, largest and norm, with as many digits as there is room for."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.debugger.matrix_statistics import Statistics
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import DIGITS, full, short
from microgpt_studio.widgets.themed import ThemedWidget

_WORD, _PAIR = 4.0, 10.0  # pixels between word and figure, and between two pairs
_FEWEST = 2  # digits


class Figures(ThemedWidget):
    """In one line where there is room, else the norm in a second one; there is always room for two."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Statistics | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_figures(self, found: Statistics | None) -> None:
        """Of what is known; None, or nothing known, for none."""
        found = None if found is None or not found.known else found
        if found != self._found:
            self._found = found
            self.setToolTip(self.text)
            self.setAccessibleName(self.text.replace("\n", ", "))
            self.update()

    @property
    def text(self) -> str:
        """All of it, with every digit."""
        found = self._found
        if found is None:
            return ""
        lines = [f"min {full(found.low)}", f"max {full(found.high)}", f"norm {full(found.norm)}"]
        if found.known < found.count:
            lines.append(f"of the {found.known} of {found.count} that are known")
        return "\n".join(lines)

    def _pairs(self, digits: int) -> list[tuple[str, str]]:
        found = self._found
        if found is None:
            return []
        numbers = (("min", found.low), ("max", found.high), ("norm", found.norm))
        return [(word, short(number, digits)) for word, number in numbers]

    def sizeHint(self) -> QSize:
        return QSize(100, 2 * round(metrics_of(current_theme().number_font(SMALL)).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        pairs = self._pairs(DIGITS)
        rows = [pairs]
        if _width(pairs, theme) > self.width():
            digits = next((d for d in range(DIGITS, _FEWEST, -1) if self._fits(d, theme)), _FEWEST)
            pairs = self._pairs(digits)
            rows = [pairs[:2], pairs[2:]]
        painter = QPainter(self)
        words, numbers = theme.text_font(SMALL), theme.number_font(SMALL)
        metrics = metrics_of(numbers)
        for row, line in enumerate(rows):
            x, baseline = 0.0, row * metrics.height() + metrics.ascent()
            for word, figure in line:
                for text, font, color, gap in (
                    (word, words, theme.palette.muted, _WORD),
                    (figure, numbers, theme.palette.text, _PAIR),
                ):
                    painter.setFont(font)
                    painter.setPen(QColor(color))
                    painter.drawText(QPointF(x, baseline), text)
                    x += metrics_of(font).horizontalAdvance(text) + gap

    def _fits(self, digits: int, theme: Theme) -> bool:
        return _width(self._pairs(digits)[:2], theme) <= self.width()


def _width(pairs: list[tuple[str, str]], theme: Theme) -> float:
    words, numbers = metrics_of(theme.text_font(SMALL)), metrics_of(theme.number_font(SMALL))
    texts = sum(words.horizontalAdvance(word) + numbers.horizontalAdvance(figure) for word, figure in pairs)
    return texts + _WORD * len(pairs) + _PAIR * max(len(pairs) - 1, 0)
