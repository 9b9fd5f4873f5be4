"""The axes of the loss plot: small quiet figures, and what they count where they meet."""

from __future__ import annotations

from math import ceil, floor, log10

import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsWidget, QStyleOptionGraphicsItem, QWidget

from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL

OVERHANG = 8  # pixels that the figures at an axis may reach beyond its end
_CORNER = "update"  # the label of the horizontal axis, where the axes meet
_CORNER_GAP = 10


class Axis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis of small quiet figures; one of updates has no ticks between them."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=-4)
        self.enableAutoSIPrefix(False)
        self.setStyle(hideOverlappingLabels=OVERHANG)

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802
        spacing: list[tuple[float, float]] = super().tickSpacing(low, high, size)[:2]
        if self.orientation == "bottom":
            spacing = [(step, offset) for step, offset in spacing if step >= 1.0]
        return spacing

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        decimals = 0 if self.orientation == "bottom" else max(1, -floor(log10(spacing)))
        return [f"{value * scale:.{decimals}f}" for value in values]

    def dress(self, theme: Theme) -> None:
        """Take colours and size of text from the theme."""
        font = theme.number_font(SMALL)
        metrics = QFontMetricsF(font)
        if self.orientation == "bottom":
            self.setHeight(ceil(metrics.height()) + 2)
        else:
            label = QFontMetricsF(theme.text_font(SMALL))
            corner = ceil(label.horizontalAdvance(_CORNER)) + _CORNER_GAP
            self.setWidth(max(ceil(metrics.horizontalAdvance("00.0") + label.height()) + 8, corner))
        self.setStyle(tickFont=font, tickTextOffset=4 if self.orientation == "left" else 2)
        self.setPen(QColor(theme.palette.border))
        self.setTextPen(QColor(theme.palette.muted))


class Corner(QGraphicsWidget):
    """Where the axes meet: the label of the horizontal one."""

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        theme = current_theme()
        font = theme.text_font(SMALL)
        ascent = QFontMetricsF(theme.number_font(SMALL)).ascent()
        painter.setFont(font)
        painter.setPen(QColor(theme.palette.muted))
        x = self.rect().width() - QFontMetricsF(font).horizontalAdvance(_CORNER) - _CORNER_GAP
        painter.drawText(QPointF(x, 3.0 + ascent), _CORNER)
