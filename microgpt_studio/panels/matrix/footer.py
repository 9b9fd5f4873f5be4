"""The matrix's footer: what is seen, what is pointed at, and how many edges a colour stands for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from microgpt_studio.panels.matrix.density import density_colors
from microgpt_studio.panels.matrix.strength import DECADES, Coloring, Strength, strength_colors
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.colormaps import Colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import short
from microgpt_studio.widgets.themed import ThemedWidget
from microgpt_studio.widgets.wordings import Wordings

_PADDING = 8
_BETWEEN = 12.0  # pixels between the figures of the legend
_BAR_WIDTH, _BAR_HEIGHT = 168.0, 8.0
_SWATCH = 12.0


@dataclass(frozen=True, slots=True)
class Scale:
    """What colours stand for: a bar from the least to the most, and figures below it."""

    caption: str
    ticks: tuple[tuple[float, str], ...]  # place 0 … 1 along the bar, figure
    limit: int | None  # edges at most in a dot; None where it is not their number that is coloured
    hatched: str = ""  # what dots without a number mean; empty where there are none

    @classmethod
    def of_count(cls, limit: int) -> Scale:
        """Logarithmic from one edge: powers of ten, and the end."""
        counts = [10**k for k in range(len(str(limit))) if k == 0 or 3 * 10**k <= limit] + [limit]
        places = (math.log(count) / math.log(limit) for count in counts)
        return cls("edges in a dot", tuple((place, f"{n:,}") for place, n in zip(places, counts, strict=True)), limit)

    @classmethod
    def of_strength(cls, strength: Strength, coloring: Coloring) -> Scale:
        """Logarithmic over some decades; what is smaller has the first colour."""
        limit, half = strength.limit, 10 ** (DECADES // 2)
        texts = (f"≤ {short(limit / half**2)}", short(limit / half), short(limit)) if limit else ("0",)
        ticks = tuple((i / 2, text) for i, text in enumerate(texts))
        return cls(coloring.value, ticks, None, strength.hatched_text)

    def colors(self, pixels: int) -> Colors:
        """(pixels,) ARGB32 along the bar."""
        shares = np.linspace(0.0, 1.0, pixels)
        palette = current_theme().palette
        if self.limit is None:
            return strength_colors(palette)[np.rint(255 * shares).astype(np.intp)]
        return density_colors(self.limit, palette)[np.rint(self.limit**shares).astype(np.intp)]


class Legend(ThemedWidget):
    """A scale, drawn."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = Scale.of_count(2)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip("On a logarithmic scale")

    @property
    def scale(self) -> Scale:
        """What is shown."""
        return self._scale

    def set_scale(self, scale: Scale) -> None:
        """Show this scale."""
        if scale != self._scale:
            self._scale = scale
            said = f"{scale.caption}, logarithmic: {', '.join(text for _, text in scale.ticks)}"
            self.setAccessibleName(said + (f"; without a number: {scale.hatched}" if scale.hatched else ""))
            self.tell_layout()
            self.update()

    def sizeHint(self) -> QSize:
        theme = current_theme()
        left, right = self._sides()
        height = _BAR_HEIGHT + 4 + metrics_of(theme.number_font(SMALL)).height()
        return QSize(round(left + max(theme.scaled(_BAR_WIDTH), self._figures_width()) + right), round(height))

    def _figures_width(self) -> float:
        """Pixels of a bar along which no figure touches the next, each standing at its place."""
        metrics = metrics_of(current_theme().number_font(SMALL))
        widths = [(place, metrics.horizontalAdvance(text)) for place, text in self._scale.ticks]
        needed = [
            (_BETWEEN + width + after * next_width - place * width) / (after - place)
            for (place, width), (after, next_width) in pairwise(widths)
        ]
        return max(needed, default=0.0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _sides(self) -> tuple[float, float]:
        """Pixels that the caption takes at the left of the bar, and what has no number at the right."""
        metrics = metrics_of(current_theme().text_font(SMALL))
        words = metrics.horizontalAdvance(self._scale.hatched)
        right = words + 2 * _PADDING + _SWATCH if self._scale.hatched else 0.0
        return metrics.horizontalAdvance(self._scale.caption) + _PADDING, right

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, scale = current_theme(), self._scale
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        metrics = metrics_of(painter.font())
        left, right = self._sides()
        bar = QRectF(left, 3.0, self.width() - left - right, _BAR_HEIGHT)
        baseline = bar.center().y() + (metrics.ascent() - metrics.descent()) / 2
        painter.setPen(QColor(theme.palette.muted))
        painter.drawText(QPointF(0.0, baseline), scale.caption)
        if scale.hatched:
            swatch = QRectF(bar.right() + _PADDING, bar.y(), _SWATCH, _BAR_HEIGHT)
            painter.drawText(QPointF(swatch.right() + _PADDING, baseline), scale.hatched)
            painter.fillRect(swatch, QColor(theme.palette.hatch))
        strip = np.ascontiguousarray(scale.colors(max(round(bar.width()), 2)))
        painter.drawImage(bar, QImage(strip.data, len(strip), 1, 4 * len(strip), QImage.Format.Format_RGB32))
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.text))
        numbers = metrics_of(painter.font())
        for place, text in scale.ticks:
            x = bar.left() + place * (bar.width() - numbers.horizontalAdvance(text))
            painter.drawText(QPointF(x, bar.bottom() + 1.0 + numbers.ascent()), text)


class Footer(QWidget):
    """The lines at the left, the legend at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = Wordings(self, elide=Qt.TextElideMode.ElideMiddle)  # an edge has an address at either end
        self.legend = Legend(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(_PADDING, 4, _PADDING, 4)
        row.setSpacing(2 * _PADDING)
        row.addWidget(self.lines, 1)
        row.addWidget(self.legend)
