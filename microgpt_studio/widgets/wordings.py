"""Lines of small text that know several wordings each: the longest that fits is shown, so that nothing is cut early."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.themed import ThemedWidget

_GAP = 2.0  # pixels between lines
_NARROWEST = 40


class Wordings(ThemedWidget):
    """Of each line the longest of its wordings that fits, elided where none does; hovering tells the longest.

    `figures` says for each line whether it is written in the figures' face; `width` is wanted, in pixels at text
    scale 1, whatever the lines say: their texts change often, and the layout should not.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        figures: tuple[bool, ...] = (False, True),
        width: int = 320,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(parent)
        self._figures, self._width, self._elide = figures, width, elide
        self._lines: list[tuple[str, ...]] = [() for _ in figures]
        self._muted = [False for _ in figures]
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def texts(self) -> tuple[str, ...]:
        """The longest wording of each line, empty for none."""
        return tuple(wordings[0] if wordings else "" for wordings in self._lines)

    def say(self, line: int, *wordings: str, muted: bool = False) -> None:
        """Show this in a line, longest wording first."""
        if (wordings, muted) != (self._lines[line], self._muted[line]):
            self._lines[line], self._muted[line] = wordings, muted
            said = [text for text in self.texts if text]
            self.setToolTip("\n".join(said))
            self.setAccessibleName(" ".join(said))
            self.update()

    def sizeHint(self) -> QSize:
        heights = [metrics_of(font).height() for font in self._fonts()]
        return QSize(current_theme().scaled(self._width), round(sum(heights) + _GAP * (len(heights) - 1)))

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = current_theme().palette
        painter = QPainter(self)
        y = 0.0
        for wordings, muted, font in zip(self._lines, self._muted, self._fonts(), strict=True):
            metrics = metrics_of(font)
            fitting = (text for text in wordings if metrics.horizontalAdvance(text) <= self.width())
            text = next(fitting, wordings[-1] if wordings else "")
            painter.setFont(font)
            painter.setPen(QColor(palette.muted if muted else palette.text))
            painter.drawText(QPointF(0.0, y + metrics.ascent()), metrics.elidedText(text, self._elide, self.width()))
            y += metrics.height() + _GAP

    def _fonts(self) -> list[QFont]:
        theme = current_theme()
        return [theme.number_font(SMALL) if figures else theme.text_font(SMALL) for figures in self._figures]
