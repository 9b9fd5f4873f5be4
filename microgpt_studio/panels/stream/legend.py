"""The title of a block with its legend at the right: what is coloured, the colours, and the numbers at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from microgpt_studio.theme import Scale, ScaleKind, Theme
from microgpt_studio.theme.colormaps import lookup_table
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.number_text import short

_BAR = 64.0  # pixels at text scale 1
_HEIGHT = 8.0
_GAP = 5.0
_BETWEEN = 20.0  # pixels between title and legend, at least


@dataclass(frozen=True, slots=True)
class Legend:
    """A scale, and what it is the scale of; `hatched` says what hatching means, where there is some."""

    quantity: str
    scale: Scale
    hatched: str = ""

    @property
    def ticks(self) -> tuple[str, ...]:
        """The numbers at the ends of the bar, and between them the one in its middle where that is not the half."""
        limit = self.scale.limit
        if not limit:
            return ("0",)
        if self.scale.kind is ScaleKind.SIGNED:
            return short(-limit), "0", "+" + short(limit)
        middle = (f"{self.scale.value_at(0.5):.1g}",) if self.scale.symlog else ()
        return ("0", *middle, short(limit))

    def width(self, theme: Theme) -> float:
        """Pixels that it takes."""
        text, number = metrics_of(theme.text_font(SMALL)), metrics_of(theme.number_font(SMALL))
        width = theme.scaled(_BAR) + sum(number.horizontalAdvance(tick) + 2 * _GAP for tick in self.ticks) - 2 * _GAP
        width += text.horizontalAdvance(self.quantity) + 2 * _GAP if self.quantity else 0.0
        return width + (text.horizontalAdvance(self.hatched) + 5 * _GAP + _HEIGHT if self.hatched else 0.0)

    def draw(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        """Paint it at the right end of a line."""
        palette = theme.palette
        text, number = metrics_of(theme.text_font(SMALL)), metrics_of(theme.number_font(SMALL))
        middle = box.center().y()
        baseline = middle + (text.ascent() - text.descent()) / 2
        x = box.right() - self.width(theme)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(palette.muted))
        if self.hatched:
            swatch = QRectF(x, middle - _HEIGHT / 2, 2 * _HEIGHT, _HEIGHT)
            draw_hatching(painter, swatch, palette)
            painter.setPen(QColor(palette.hatch))
            painter.drawRect(swatch)
            painter.setPen(QColor(palette.muted))
            painter.drawText(QPointF(swatch.right() + _GAP, baseline), self.hatched)
            x = swatch.right() + text.horizontalAdvance(self.hatched) + 3 * _GAP
        if self.quantity:
            painter.drawText(QPointF(x, baseline), self.quantity)
            x += text.horizontalAdvance(self.quantity) + 2 * _GAP
        table = lookup_table(self.scale.kind, palette)
        strip = np.ascontiguousarray(table[None, 1:] if self.scale.kind is ScaleKind.SIGNED else table[None])
        image = QImage(strip.data, strip.shape[1], 1, 4 * strip.shape[1], QImage.Format.Format_RGB32)
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(palette.text))
        pieces = max(len(self.ticks) - 1, 1)
        for i, tick in enumerate(self.ticks):
            painter.drawText(QPointF(x, baseline), tick)
            x += number.horizontalAdvance(tick) + _GAP
            if i < pieces:
                bar = QRectF(x, middle - _HEIGHT / 2, theme.scaled(_BAR) / pieces, _HEIGHT)
                share = image.width() / pieces
                painter.drawImage(bar, image, QRectF(i * share, 0.0, share, 1.0))
                x = bar.right() + _GAP


def draw_title(painter: QPainter, box: QRectF, wordings: Sequence[str], legend: Legend, theme: Theme) -> None:
    """Paint the longest wording that fits at the left of the legend; where none does, the legend gives up its words."""
    metrics = metrics_of(theme.text_font(SMALL))
    widths = [metrics.horizontalAdvance(words) for words in wordings]
    if widths[-1] > box.width() - legend.width(theme) - _BETWEEN:
        legend = replace(legend, quantity="")
    room = box.width() - legend.width(theme) - _BETWEEN
    text = next((words for words, width in zip(wordings, widths, strict=True) if width <= room), wordings[-1])
    legend.draw(painter, box, theme)
    painter.setFont(theme.text_font(SMALL))
    painter.setPen(QColor(theme.palette.text))
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room, 0.0))
    baseline = box.center().y() + (metrics.ascent() - metrics.descent()) / 2
    painter.drawText(QPointF(box.left(), baseline), text)
