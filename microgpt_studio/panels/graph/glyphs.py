"""Glyphs: many short texts in one face, painted with one call. It shapes nothing: one character is one glyph."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont


class Glyphs:
    """Collects texts in a monospaced face; `paint` draws them all in one colour and forgets them."""

    def __init__(self, font: QFont) -> None:
        metrics = QFontMetricsF(font)
        self.advance = metrics.horizontalAdvance("0")
        self.ascent, self.height = metrics.ascent(), metrics.height()
        self._raw = QRawFont.fromFont(font)
        self._known: dict[str, int] = {}
        self._texts: dict[str, list[int]] = {}
        self._glyphs: list[int] = []
        self._places: list[QPointF] = []

    def can_write(self, text: str) -> bool:
        """Whether the face has all of the characters."""
        return all(map(self._glyph, text))

    def add(self, text: str, x: float, baseline: float) -> None:
        """Put a text's beginning at (x, baseline), in pixels."""
        glyphs = self._texts.get(text)
        if glyphs is None:
            glyphs = self._texts[text] = [self._glyph(character) for character in text]
        advance = self.advance
        self._glyphs += glyphs
        self._places += [QPointF(x + i * advance, baseline) for i in range(len(glyphs))]

    def paint(self, painter: QPainter, color: QColor) -> None:
        if not self._glyphs:
            return
        run = QGlyphRun()
        run.setRawFont(self._raw)
        run.setGlyphIndexes(self._glyphs)
        run.setPositions(self._places)
        painter.setPen(color)
        painter.drawGlyphRun(QPointF(0.0, 0.0), run)
        self._glyphs, self._places = [], []

    def _glyph(self, character: str) -> int:
        if character not in self._known:
            indices = self._raw.glyphIndexesForString(character)
            self._known[character] = indices[0] if len(indices) == 1 else 0
        return self._known[character]
