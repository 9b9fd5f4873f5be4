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
        self.line_height = metrics.line_height  # from line to line in a block
        self._font = font
        self._texts: list[tuple[float, float, str]] = []
        self._blocks: list[tuple[float, float, tuple[str, ...]]] = []

    def add(self, text: str, x: float, baseline: float) -> None:
        """Put a text's beginning at (x, baseline), in pixels."""
        self._texts.append((x, baseline, text))

    def add_block(self, lines: tuple[str, ...], middle: float, baseline: float) -> None:
        """Put lines above one another, their middles at an x, the first upon a baseline, in pixels."""
        self._blocks.append((middle, baseline, lines))

    def paint(self, painter: QPainter, color: QColor) -> None:
        if not self._texts and not self._blocks:
            return
        painter.setFont(self._font)
        painter.setPen(color)
        self._metrics.draw(painter, self._texts)
        self._metrics.draw_blocks(painter, self._blocks)
        self._texts, self._blocks = [], []
