"""The matrix's footer: what is seen, what is pointed at, and how many edges a colour stands for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from microgpt_studio.panels.matrix.density import density_colors
from microgpt_studio.panels.matrix.strength import Coloring, Strength
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.color_scale import ColorScale
from microgpt_studio.widgets.themed import ThemedWidget

_PADDING = 8
_BAR_WIDTH, _BAR_HEIGHT = 168.0, 8.0
_CAPTION = "edges in a dot"


class Lines(ThemedWidget):
    """Two lines of small text; of each the longest of its wordings that fits, elided where none does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Sequence[str]] = [("",), ("",)]
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def texts(self) -> tuple[str, str]:
        """The longest wordings."""
        return self._lines[0][0], self._lines[1][0]

    def say(self, seen: Sequence[str], pointed_at: Sequence[str]) -> None:
        """Show these, the longest wording of each first."""
        lines = [seen or ("",), pointed_at or ("",)]
        if lines != self._lines:
            self._lines = lines
            self.setToolTip("\n".join(filter(None, self.texts)))
            self.setAccessibleName(" ".join(self.texts))
            self.update()

    def sizeHint(self) -> QSize:
        height = sum(QFontMetricsF(font).height() for font in _fonts())
        return QSize(current_theme().scaled(320), round(height) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = current_theme().palette
        painter = QPainter(self)
        y = 0.0
        for wordings, font, color in zip(self._lines, _fonts(), (palette.muted, palette.text), strict=True):
            metrics = QFontMetricsF(font)
            painter.setFont(font)
            painter.setPen(QColor(color))
            text = next((text for text in wordings if metrics.horizontalAdvance(text) <= self.width()), wordings[-1])
            text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, self.width())
            painter.drawText(QPointF(0.0, y + metrics.ascent()), text)
            y += metrics.height() + 2.0


class Legend(ThemedWidget):
    """A logarithmic bar of colours from one edge to the most that a dot can stand for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit = 2
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._name()

    @property
    def limit(self) -> int:
        """The count at the bar's end."""
        return self._limit

    def set_limit(self, limit: int) -> None:
        """Show the colours of 1 … limit edges."""
        if limit != self._limit:
            self._limit = limit
            self._name()
            self.update()

    def ticks(self) -> list[int]:
        """The counts that are written: powers of ten, and the end where there is room for it."""
        tens = [10**k for k in range(len(str(self._limit)))]
        return [n for n in tens if n * 3 <= self._limit or n == 1] + [self._limit]

    def _name(self) -> None:
        self.setAccessibleName(f"{_CAPTION}, logarithmic: {', '.join(f'{n:,}' for n in self.ticks())}")
        self.setToolTip("The more edges a dot stands for, the stronger its colour, on a logarithmic scale")

    def sizeHint(self) -> QSize:
        theme = current_theme()
        caption = QFontMetricsF(theme.text_font(SMALL)).horizontalAdvance(_CAPTION)
        height = _BAR_HEIGHT + 4 + QFontMetricsF(theme.number_font(SMALL)).height()
        return QSize(round(caption + _PADDING + theme.scaled(_BAR_WIDTH)), round(height))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QColor(theme.palette.muted))
        left = metrics.horizontalAdvance(_CAPTION) + _PADDING
        bar = QRectF(left, 3.0, self.width() - left, _BAR_HEIGHT)
        painter.drawText(QPointF(0.0, bar.center().y() + (metrics.ascent() - metrics.descent()) / 2), _CAPTION)
        colors = density_colors(self._limit, theme.palette)
        counts = np.rint(self._limit ** np.linspace(0.0, 1.0, max(round(bar.width()), 2))).astype(np.intp)
        strip = np.ascontiguousarray(colors[counts])
        image = QImage(strip.data, len(strip), 1, 4 * len(strip), QImage.Format.Format_RGB32)
        painter.drawImage(bar, image)
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.text))
        numbers = QFontMetricsF(painter.font())
        for tick in self.ticks():
            place, text = np.log(tick) / np.log(self._limit), f"{tick:,}"
            x = bar.left() + place * (bar.width() - numbers.horizontalAdvance(text))
            painter.drawText(QPointF(x, bar.bottom() + 1.0 + numbers.ascent()), text)


class Footer(QWidget):
    """The lines at the left, the legend at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = Lines(self)
        self.legend = Legend(self)
        self.scale = ColorScale(self)
        self.scale.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(_PADDING, 4, _PADDING, 4)
        row.setSpacing(2 * _PADDING)
        row.addWidget(self.lines, 1)
        row.addWidget(self.legend)
        row.addWidget(self.scale)

    def show_count(self, limit: int) -> None:
        """The colours stand for so many edges at most."""
        self.legend.set_limit(limit)
        self._show_legend(self.legend)

    def show_strength(self, strength: Strength, coloring: Coloring) -> None:
        """The colours stand for the size of a number."""
        self.scale.set_quantity(f"{coloring.value}, largest in a dot")
        self.scale.set_scale(strength.scale)
        self.scale.set_hatched_text(strength.hatched_text)
        self._show_legend(self.scale)

    def _show_legend(self, shown: QWidget) -> None:
        for legend in (self.legend, self.scale):
            legend.setVisible(legend is shown)


def _fonts() -> tuple[QFont, QFont]:
    theme = current_theme()
    return theme.text_font(SMALL), theme.number_font(SMALL)
