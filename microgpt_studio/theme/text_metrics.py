"""Text that is measured and laid out once, since a picture asks for the same widths and draws the same words again."""

from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTransform

from microgpt_studio.theme.fonts import load_fonts

_KEPT = 8192  # texts of each font that are remembered
_AT_ONCE = 12  # texts that are laid out at a time: a picture of hundreds of new ones is not held up by it


class TextMetrics(QFontMetricsF):
    """The metrics of a font in device-independent pixels; a width that was asked for lately is not measured again."""

    def __init__(self, font: QFont) -> None:
        super().__init__(font)
        self._width = lru_cache(_KEPT)(super().horizontalAdvance)
        self._elided = lru_cache(_KEPT)(super().elidedText)
        self._font = QFont(font)
        self._ascent = self.ascent()
        self._kept: dict[str, QStaticText | None] = {}  # None: drawn once so far

    def horizontalAdvance(self, text: str) -> float:  # type: ignore[override]  # noqa: N802 - Qt's name
        return self._width(text)

    def elidedText(self, text: str, mode: Qt.TextElideMode, width: float) -> str:  # type: ignore[override]  # noqa: N802
        return self._elided(text, mode, width)

    def draw(self, painter: QPainter, texts: Iterable[tuple[float, float, str]]) -> None:
        """Paint texts, each from an x and a baseline on, in this font, which `painter` has been given.

        A text that comes again is laid out and kept. To draw that takes less than half the time, and to keep it more
        than to draw it once, as it is with the numbers of a picture that is seen for one update only.
        """
        kept, ascent, more = self._kept, self._ascent, _AT_ONCE
        for x, baseline, text in texts:
            layout = kept.get(text)
            if layout is None:
                if text not in kept or not more:
                    if len(kept) >= _KEPT:
                        kept.clear()
                    kept[text] = None
                    painter.drawText(QPointF(x, baseline), text)
                    continue
                more -= 1
                layout = kept[text] = self._lay_out(text)
            painter.drawStaticText(QPointF(x, baseline - ascent), layout)

    def _lay_out(self, text: str) -> QStaticText:
        layout = QStaticText(text)
        layout.setTextFormat(Qt.TextFormat.PlainText)
        layout.prepare(QTransform(), self._font)
        return layout


_known: dict[tuple[str, int, float, bool, bool], TextMetrics] = {}


def metrics_of(font: QFont) -> TextMetrics:
    """The metrics of a font; one object for all fonts that look the same. Needs a QGuiApplication."""
    look = font.family(), font.pixelSize(), font.pointSizeF(), font.bold(), font.italic()
    known = _known.get(look)
    if known is None:
        load_fonts()
        known = _known[look] = TextMetrics(font)
    return known
