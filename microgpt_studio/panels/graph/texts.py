"""Texts: many short texts in one monospaced face, collected and then painted in one colour."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QPainter

from microgpt_studio.theme.text_metrics import metrics_of


class Texts:
    """Collects texts; `paint` draws them all and forgets them."""

    def __init__(self, font: QFont) -> None:
        self._metrics = metrics = metrics_of(font)
        self.advance = metrics.horizontalAdvance("0")
        self.ascent, self.height = metrics.ascent(), metrics.height()
        self._font = font
        self._texts: list[tuple[float, float, str]] = []

    def add(self, text: str, x: float, baseline: float) -> None:
        """Put a text's beginning at (x, baseline), in pixels."""
        self._texts.append((x, baseline, text))

    def paint(self, painter: QPainter, color: QColor) -> None:
        if not self._texts:
            return
        painter.setFont(self._font)
        painter.setPen(color)
        self._metrics.draw(painter, self._texts)
        self._texts = []
