"""How wide and high text is: what Qt measures, remembered, since a picture asks for the same widths every time."""

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

from microgpt_studio.theme.fonts import load_fonts

_KEPT = 8192  # texts of each font whose width is remembered


class TextMetrics(QFontMetricsF):
    """The metrics of a font in device-independent pixels; a width that was asked for lately is not measured again."""

    def __init__(self, font: QFont) -> None:
        super().__init__(font)
        self._width = lru_cache(_KEPT)(super().horizontalAdvance)
        self._elided = lru_cache(_KEPT)(super().elidedText)

    def horizontalAdvance(self, text: str) -> float:  # type: ignore[override]  # noqa: N802 - Qt's name
        return self._width(text)

    def elidedText(self, text: str, mode: Qt.TextElideMode, width: float) -> str:  # type: ignore[override]  # noqa: N802
        return self._elided(text, mode, width)


_known: dict[tuple[str, int, float, bool, bool], TextMetrics] = {}


def metrics_of(font: QFont) -> TextMetrics:
    """The metrics of a font; one object for all fonts that look the same. Needs a QGuiApplication."""
    look = font.family(), font.pixelSize(), font.pointSizeF(), font.bold(), font.italic()
    known = _known.get(look)
    if known is None:
        load_fonts()
        known = _known[look] = TextMetrics(font)
    return known
