"""The legend of a colour scale: what colour stands for what number, and what hatching means."""

from math import ceil

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import Scale, ScaleKind, Theme, current_theme
from microgpt_studio.theme.colormaps import lookup_table
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.number_text import short
from microgpt_studio.widgets.themed import ThemedWidget

_BAR_HEIGHT = 8
_GAP = 8
_NARROWEST_BAR = 96
_WIDEST_BAR = 240
_STEP = 48  # pixels by which the wanted width grows: a figure with a digit more seldom changes the layout

Tick = tuple[float, str]  # place 0 … 1 along the bar, figures


class ColorScale(ThemedWidget):
    """The name of a quantity, a bar of colours, and the numbers at its ends and, if signed, its centre."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = Scale(ScaleKind.SIGNED, 0.0)
        self._quantity = ""
        self._hatched = ""
        self._whole = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_scale(self, scale: Scale, *, whole: bool = False) -> None:
        """Show this scale; `whole`: it counts, and its end has all its digits."""
        if (scale, whole) != (self._scale, self._whole):
            self._scale, self._whole = scale, whole
            self._changed()

    def set_quantity(self, name: str) -> None:
        """Name, and unit if it has one, of what is coloured: "grad", "loss / nats"."""
        if name != self._quantity:
            self._quantity = name
            self._changed()

    def set_words(self, quantity: str, hatched: str) -> None:
        """Both of them at once: the name of what is coloured, and what a hatched cell means."""
        if (quantity, hatched) != (self._quantity, self._hatched):
            self._quantity, self._hatched = quantity, hatched
            self._changed()

    def width_with(self, quantity: str, hatched: str) -> int:
        """Pixels that it would want with other words; nothing is changed."""
        theme = current_theme()
        left, right = self._side_widths(theme, quantity, hatched)
        return round(left + max(_NARROWEST_BAR, round(self._ticks_width(theme))) + right)

    def set_hatched_text(self, text: str) -> None:
        """What a hatched cell means, e.g. "not computed"; empty for no swatch."""
        if text != self._hatched:
            self._hatched = text
            self._changed()

    @property
    def scale(self) -> Scale:
        """The scale shown."""
        return self._scale

    @property
    def whole(self) -> bool:
        """Whether it counts."""
        return self._whole

    def _changed(self) -> None:
        said = f"{self._caption()}: {', '.join(text for _, text in self._ticks())}"
        self.setAccessibleName(said + (f"; hatched: {self._hatched}" if self._hatched else ""))
        self.tell_layout()
        self.update()

    def _caption(self) -> str:
        return self._caption_of(self._quantity)

    def _caption_of(self, quantity: str) -> str:
        return " · ".join(filter(None, (quantity, "symlog" if self._scale.symlog else "")))

    def _ticks(self) -> list[Tick]:
        return ticks_of(self._scale, whole=self._whole)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        width = self.width_with(self._quantity, self._hatched)
        return QSize(width, round(_BAR_HEIGHT + 2 + metrics_of(theme.number_font(SMALL)).height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        palette = theme.palette
        painter = QPainter(self)
        left, right = self._side_widths(theme, self._quantity, self._hatched)
        bar = QRectF(left, 2.0, min(max(self.width() - left - right, 1.0), theme.scaled(_WIDEST_BAR)), _BAR_HEIGHT)

        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(palette.muted))
        metrics = metrics_of(painter.font())
        baseline = bar.center().y() + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(0.0, baseline), self._caption())
        if self._hatched:
            swatch = QRectF(bar.right() + 2 * _GAP, bar.y(), 2 * _BAR_HEIGHT, _BAR_HEIGHT)
            painter.drawText(QPointF(swatch.right() + _GAP / 2, baseline), self._hatched)
            draw_hatching(painter, swatch, palette)
            painter.setPen(QColor(palette.hatch))
            painter.drawRect(swatch)

        table = lookup_table(self._scale.kind, palette)
        strip = np.ascontiguousarray(table[None, 1:] if self._scale.kind is ScaleKind.SIGNED else table[None])
        image = QImage(
            strip.data,
            strip.shape[1],
            1,
            4 * strip.shape[1],
            QImage.Format.Format_RGB32,
        )
        painter.drawImage(bar, image)
        self._draw_ticks(painter, bar, theme)

    def _draw_ticks(self, painter: QPainter, bar: QRectF, theme: Theme) -> None:
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.text))
        metrics = metrics_of(painter.font())
        baseline = bar.bottom() + 1.0 + metrics.ascent()
        for place, text in self._ticks():
            x = bar.left() + place * bar.width() - place * metrics.horizontalAdvance(text)
            painter.drawText(QPointF(x, baseline), text)

    def _ticks_width(self, theme: Theme) -> float:
        metrics = metrics_of(theme.number_font(SMALL))
        width = sum(metrics.horizontalAdvance(text) + _GAP for _, text in self._ticks())
        return theme.scaled(_STEP) * ceil(width / theme.scaled(_STEP))

    def _side_widths(self, theme: Theme, quantity: str, hatched: str) -> tuple[float, float]:
        """Pixels left of the bar (name) and right of it (swatch)."""
        metrics = metrics_of(theme.text_font(SMALL))
        caption = self._caption_of(quantity)
        left = metrics.horizontalAdvance(caption) + _GAP if caption else 0.0
        return left, metrics.horizontalAdvance(hatched) + 2.5 * _GAP + 2 * _BAR_HEIGHT if hatched else 0.0


def ticks_of(scale: Scale, *, whole: bool = False) -> list[Tick]:
    """The figures at the ends of a scale and, if it is signed, at its centre; `whole`: of a count, with all digits."""
    if whole:
        return [(0.0, "0"), (1.0, f"{scale.limit:,.0f}")]
    if scale.limit == 0.0:
        return [(0.5 if scale.kind is ScaleKind.SIGNED else 0.0, "0")]
    if scale.kind is ScaleKind.UNSIGNED:
        return [(0.0, "0"), (1.0, short(scale.limit))]
    return [(0.0, short(-scale.limit)), (0.5, "0"), (1.0, "+" + short(scale.limit))]
