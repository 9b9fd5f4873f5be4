"""The legend below a whole map: what colours, hatching, lines and marks stand for; drawn as vectors and text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPen

from microgpt_studio.panels.graph.attention_curves import curves_text
from microgpt_studio.panels.graph.captions import scale_captions
from microgpt_studio.panels.graph.frame import Frame
from microgpt_studio.panels.graph.map_colors import Norm
from microgpt_studio.panels.graph.map_painter import Marks
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.raster import Fill
from microgpt_studio.panels.graph.vector import diagonals
from microgpt_studio.theme import Palette, Scale, ScaleKind, Theme
from microgpt_studio.theme.colormaps import lookup_table
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.number_text import short

MARGIN = 16.0  # around title and legend
_BAR = QSizeF(240.0, 10.0)
_SWATCH = QSizeF(20.0, 10.0)
_GAP = 8.0
_STOPS = 16  # colours along the bar, or along each half of it
_SIGN_LINES = 2
_BETWEEN = "   ·   "


class WholeLegend:
    """One scale with its figures, swatches, and what else is drawn in words. Its height depends on the theme alone."""

    def __init__(
        self, picture: Picture, frame: Frame, marks: Marks, address: Callable[[int], str], theme: Theme
    ) -> None:
        layout = picture.layout
        band = 0 if marks.selected is None else int(layout.row_of[layout.cell_of(marks.selected)])
        chosen = picture.coloring.chosen
        self._captions = scale_captions(picture, band, "" if chosen is None else address(chosen))
        self._scale = picture.scale(band)
        self._counts = picture.coloring.quantity.is_order
        self._hatched = picture.hatched_text()
        self._striped = bool((picture.ink.fills[frame.cells] == Fill.STRIPED).any())
        self._signs = _signs(picture, marks)
        self._theme = theme
        self._metrics = QFontMetricsF(theme.text_font(SMALL))

    @property
    def height(self) -> float:
        """In pixels."""
        return round(0.5 * MARGIN + (2 + _SIGN_LINES) * self._metrics.height() + 0.75 * MARGIN)

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Paint it into an area of its height."""
        room = area.width() - 2 * MARGIN
        x, top = area.left() + MARGIN, area.top() + 0.5 * MARGIN
        swatches = [("hatched", self._hatched)] if self._hatched else []
        swatches += [("striped", "not finite")] if self._striped else []
        taken = _BAR.width() + _GAP + sum(self._swatch_width(text) for _, text in swatches)
        caption = next((text for text in self._captions if self._metrics.horizontalAdvance(text) + taken <= room), "")
        middle = top + 0.5 * self._metrics.height()
        baseline = middle + (self._metrics.ascent() - self._metrics.descent()) / 2
        self._write(painter, x, baseline, caption)
        x += self._metrics.horizontalAdvance(caption) + _GAP
        bar = QRectF(QPointF(x, middle - _BAR.height() / 2), _BAR)
        self._paint_bar(painter, bar)
        x = bar.right() + 2 * _GAP
        for kind, text in swatches:
            swatch = QRectF(QPointF(x, bar.top()), _SWATCH)
            _paint_swatch(painter, swatch, self._theme.palette, is_hatched=kind == "hatched")
            self._write(painter, swatch.right() + _GAP, baseline, text)
            x += self._swatch_width(text)
        x, below = area.left() + MARGIN, baseline + 2 * self._metrics.height()
        for line in self._sign_lines(room):
            self._write(painter, x, below, line)
            below += self._metrics.height()

    def _sign_lines(self, room: float) -> list[str]:
        """The signs in as many lines as there are; what has no room is left out, from the end."""
        lines = [""]
        for sign in self._signs:
            longer = f"{lines[-1]}{_BETWEEN if lines[-1] else ''}{sign}"
            if self._metrics.horizontalAdvance(longer) <= room:
                lines[-1] = longer
            elif len(lines) < _SIGN_LINES and lines[-1]:
                lines.append(sign)
        return lines

    def _swatch_width(self, text: str) -> float:
        return _SWATCH.width() + 3 * _GAP + self._metrics.horizontalAdvance(text)

    def _write(self, painter: QPainter, x: float, baseline: float, text: str) -> None:
        if text:
            painter.setFont(self._theme.text_font(SMALL))
            painter.setPen(QColor(self._theme.palette.muted))
            painter.drawText(QPointF(x, baseline), text)

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        table = lookup_table(self._scale.kind, self._theme.palette)
        table = table[1:] if self._scale.kind is ScaleKind.SIGNED else table
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        stops = 2 * _STOPS if self._scale.kind is ScaleKind.SIGNED else _STOPS
        for stop in range(stops + 1):
            index = round(stop / stops * (len(table) - 1))
            gradient.setColorAt(stop / stops, QColor.fromRgb(int(table[index])))
        painter.fillRect(bar, gradient)
        painter.setFont(self._theme.number_font(SMALL))
        painter.setPen(QColor(self._theme.palette.text))
        metrics = QFontMetricsF(painter.font())
        for place, text in _ticks(self._scale, counts=self._counts):
            x = bar.left() + place * (bar.width() - metrics.horizontalAdvance(text))
            painter.drawText(QPointF(x, bar.bottom() + 1.0 + metrics.ascent()), text)


def _ticks(scale: Scale, *, counts: bool) -> list[tuple[float, str]]:
    """(place 0 … 1 along the bar, number)."""
    if counts:
        return [(0.0, "0"), (1.0, f"{scale.limit:,.0f}")]
    if scale.kind is ScaleKind.UNSIGNED:
        return [(0.0, "0"), *([(1.0, short(scale.limit))] if scale.limit else [])]
    ends = [(0.0, short(-scale.limit)), (1.0, f"+{short(scale.limit)}")] if scale.limit else []
    return [(0.5, "0"), *ends]


def _paint_swatch(painter: QPainter, box: QRectF, palette: Palette, *, is_hatched: bool) -> None:
    painter.fillRect(box, QColor(palette.surface if is_hatched else palette.nonfinite))
    painter.setPen(QPen(QColor(palette.hatch if is_hatched else palette.surface), 1.0))
    painter.drawLines(list(diagonals(box)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def _signs(picture: Picture, marks: Marks) -> list[str]:
    """What else is drawn, the most important first."""
    signs = []
    if picture.coloring.norm is Norm.ROW and not picture.coloring.quantity.is_order:
        signs.append("± the ends of each row's colours")
    if picture.coloring.is_logarithmic:
        signs.append("colours are logarithmic, linear below a thousandth of the limit")
    if marks.position is not None:
        text = curves_text(picture, marks.position)
        signs += [text] if text else []
    if marks.selected is not None:
        signs.append("lines with dots: what the selected scalar is made from; dashed: what uses it")
    if marks.lit is not None:
        signs.append("dashed outline: lit by another panel")
    return signs
