"""Text that is measured and laid out once, since a picture asks for the same widths and draws the same words again."""

from collections.abc import Iterable
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPaintEngine, QPainter, QStaticText, QTextOption, QTransform

from microgpt_studio.theme.fonts import load_fonts

_KEPT = 8192  # texts of each font that are remembered
_AT_ONCE = 12  # texts that are laid out at a time: a picture of hundreds of new ones is not held up by it


Text = str | tuple[str, ...]  # a line, or several
_NEXT_LINE = "\u2028"  # the one that is heeded where lines are not broken
_CENTERED = QTextOption(Qt.AlignmentFlag.AlignHCenter)
_CENTERED.setWrapMode(QTextOption.WrapMode.NoWrap)


class TextMetrics(QFontMetricsF):
    """The metrics of a font in device-independent pixels; a width that was asked for lately is not measured again."""

    def __init__(self, font: QFont) -> None:
        super().__init__(font)
        self._width = lru_cache(_KEPT)(super().horizontalAdvance)
        self._elided = lru_cache(_KEPT)(super().elidedText)
        self._font = QFont(font)
        self._ascent = self.ascent()
        self.line_height = ceil(self.height())  # Qt lays lines out on whole pixels
        self._kept: dict[Text, QStaticText | None] = {}  # None: not laid out so far

    def horizontalAdvance(self, text: str) -> float:  # type: ignore[override]  # noqa: N802 - Qt's name
        return self._width(text)

    def elidedText(self, text: str, mode: Qt.TextElideMode, width: float) -> str:  # type: ignore[override]  # noqa: N802
        return self._elided(text, mode, width)

    def draw(self, painter: QPainter, texts: Iterable[tuple[float, float, str]]) -> None:
        """Paint texts, each from an x and a baseline on, in this font, which `painter` has been given.

        A text that comes again is laid out and kept. To draw that takes less than half the time, and to keep it more
        than to draw it once, as it is with the numbers of a picture that is seen for one update only.
        """
        layouts, ascent = self._kept, self._ascent
        room = _AT_ONCE
        for x, baseline, text in texts:
            layout = layouts.get(text)
            if layout is None:
                layout = self._next(text, room)
                if layout is None:
                    painter.drawText(QPointF(x, baseline), text)
                    continue
                room -= 1
            painter.drawStaticText(QPointF(x, baseline - ascent), layout)

    def draw_blocks(self, painter: QPainter, blocks: Iterable[tuple[float, float, tuple[str, ...]]]) -> None:
        """Paint blocks of lines in the middle above one another: each about an x, the first line upon a baseline.

        A block that comes again is kept as `draw` keeps a text, and drawn in one go.
        """
        layouts, ascent, height = self._kept, self._ascent, self.line_height
        in_pixels = painter.paintEngine().type() is QPaintEngine.Type.Raster  # in a vector picture each line is a text
        room = _AT_ONCE if in_pixels else 0
        for middle, baseline, lines in blocks:
            layout = layouts.get(lines)
            if layout is None or not in_pixels:
                layout = self._next(lines, room)
                if layout is None:
                    for number, line in enumerate(lines):
                        place = QPointF(middle - self._width(line) / 2, baseline + number * height)
                        painter.drawText(place, line)
                    continue
                room -= 1
            painter.drawStaticText(QPointF(middle - layout.textWidth() / 2, baseline - ascent), layout)

    def _next(self, text: Text, room: int) -> QStaticText | None:
        """What is kept from now on of a text that was drawn before; None for a new one, or while there is no room."""
        if text in self._kept and room:
            layout = self._kept[text] = self._lay_out(text)
            return layout
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[text] = None
        return None

    def _lay_out(self, text: Text) -> QStaticText:
        lines = (text,) if isinstance(text, str) else text
        layout = QStaticText(_NEXT_LINE.join(lines))
        layout.setTextFormat(Qt.TextFormat.PlainText)
        layout.setTextWidth(max(map(self._width, lines)))
        layout.setTextOption(_CENTERED)
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
