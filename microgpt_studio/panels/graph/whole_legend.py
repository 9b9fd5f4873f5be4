"""The legend below a whole map: what colours, hatching, lines and marks stand for; drawn as vectors and text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen

from microgpt_studio.panels.graph.attention_curves import curves_text
from microgpt_studio.panels.graph.captions import inside_note, scale_captions
from microgpt_studio.panels.graph.frame import HIT_FROM, Frame
from microgpt_studio.panels.graph.map_colors import Norm
from microgpt_studio.panels.graph.map_painter import Marks
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.raster import Fill
from microgpt_studio.panels.graph.vector import diagonals
from microgpt_studio.theme import Palette, ScaleKind, Theme
from microgpt_studio.theme.colormaps import lookup_table
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.color_scale import ticks_of

MARGIN = 16.0  # around title and legend
_BAR = QSizeF(240.0, 10.0)  # at text scale 1
_SWATCH = QSizeF(20.0, 10.0)
_GAP = 8.0
_FALLBACK = 1.12  # how much wider than ours the face is with which a file may be shown elsewhere
_STOPS = 16  # colours along the bar, or along each half of it
_BETWEEN = "   ·   "


class WholeLegend:
    """One scale with its figures, swatches, and what else is drawn in words."""

    def __init__(
        self,
        picture: Picture,
        frame: Frame,
        marks: Marks,
        address: Callable[[int], str],
        theme: Theme,
        limits: bool,
    ) -> None:
        """`limits`: whether the ends of the rows' scales stand beside the rows."""
        chosen = picture.coloring.chosen
        band = _band(picture, frame, marks)
        self._captions = scale_captions(picture, band, "" if chosen is None else address(chosen))
        self._scale = picture.scale(band)
        self._counts = picture.coloring.quantity.is_order
        hatched = picture.hatched_text()
        self._swatches = [(Fill.HATCHED, hatched)] if hatched else []
        if (picture.ink.fills[frame.cells] == Fill.STRIPED).any():
            self._swatches.append((Fill.STRIPED, "nan or infinite"))
        self._signs = _signs(picture, frame, marks, limits=limits)
        self._theme = theme
        self._bar = QSizeF(_BAR.width() * theme.text_scale, _BAR.height())
        self._metrics = metrics_of(theme.text_font(SMALL))

    @property
    def least_width(self) -> float:
        """Of a picture that holds it: in pixels."""
        words = [*self._signs, *self._captions[-1:]]
        return max(self._scale_width(self._captions[-1]), *map(self._metrics.horizontalAdvance, words)) + 2 * MARGIN

    def height(self, width: float) -> float:
        """Of a picture of some width: in pixels."""
        lines = 2 + len(self._sign_lines(width - 2 * MARGIN))
        return round(0.5 * MARGIN + lines * self._metrics.height() + _GAP / 2 + 0.75 * MARGIN)

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Paint it into an area of its height."""
        room = area.width() - 2 * MARGIN
        x, top = area.left() + MARGIN, area.top() + 0.5 * MARGIN
        fitting = (text for text in self._captions if self._scale_width(text) <= room)
        caption = next(fitting, self._captions[-1])
        middle = top + 0.5 * self._metrics.height()
        baseline = middle + (self._metrics.ascent() - self._metrics.descent()) / 2
        self._write(painter, x, baseline, caption)
        x += _FALLBACK * self._metrics.horizontalAdvance(caption) + _GAP
        bar = QRectF(QPointF(x, middle - self._bar.height() / 2), self._bar)
        self._paint_bar(painter, bar)
        x = bar.right() + 2 * _GAP
        for fill, text in self._swatches:
            swatch = QRectF(QPointF(x, bar.top()), _SWATCH)
            _paint_swatch(painter, swatch, self._theme.palette, fill)
            self._write(painter, swatch.right() + _GAP, baseline, text)
            x += self._swatch_width(text)
        below = baseline + 2 * self._metrics.height() + _GAP / 2
        for line in self._sign_lines(room):
            self._write(painter, area.left() + MARGIN, below, line)
            below += self._metrics.height()

    def _sign_lines(self, room: float) -> list[str]:
        lines: list[str] = []
        for sign in self._signs:
            longer = f"{lines[-1]}{_BETWEEN}{sign}" if lines else sign
            if lines and self._metrics.horizontalAdvance(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(sign)
        return lines

    def _scale_width(self, caption: str) -> float:
        """Of caption, bar and swatches."""
        bar = _FALLBACK * self._metrics.horizontalAdvance(caption) + 3 * _GAP + self._bar.width()
        return bar + sum(self._swatch_width(text) for _, text in self._swatches)

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
        metrics = metrics_of(painter.font())
        for place, text in ticks_of(self._scale, whole=self._counts):
            x = bar.left() + place * (bar.width() - metrics.horizontalAdvance(text))
            painter.drawText(QPointF(x, bar.bottom() + 1.0 + metrics.ascent()), text)


def _paint_swatch(painter: QPainter, box: QRectF, palette: Palette, fill: Fill) -> None:
    ground, lines = palette.surface, palette.hatch
    if fill is Fill.STRIPED:
        ground, lines = palette.nonfinite, palette.surface
    painter.fillRect(box, QColor(ground))
    painter.setPen(QPen(QColor(lines), 1.0))
    painter.drawLines(list(diagonals(box)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def _band(picture: Picture, frame: Frame, marks: Marks) -> int:
    """Whose scale is shown: the selected scalar's row or matrix, or else the first row that is in sight."""
    layout = picture.layout
    if marks.selected is not None:
        return int(layout.row_of[layout.cell_of(marks.selected)])
    bands = layout.row_of[frame.cells]
    return int(bands.min()) if len(bands) else 0


def _signs(picture: Picture, frame: Frame, marks: Marks, *, limits: bool) -> list[str]:
    """What else is drawn, in words."""
    coloring, signs = picture.coloring, []
    if coloring.norm is Norm.ROW and not coloring.quantity.is_order:
        signs.append(f"each row has a scale of its own{', ends at the ± beside it' if limits else ''}")
    if coloring.is_logarithmic:
        signs.append("colours are logarithmic, linear below a thousandth of the limit")
    if (frame.openness >= HIT_FROM).any():
        signs.append("in a box: address, data, grad; beside a line: local derivative; a bar: a parameter")
        signs += [note] if (note := inside_note(picture)) else []
    elif marks.position is not None and (text := curves_text(picture, marks.position)):
        signs.append(text)
    if marks.selected is not None:
        signs.append("lines with dots: what the selected scalar is made from; dashed lines: what uses it")
    if picture.paths is not None:
        signs.append("thick line: the strongest chain to the loss")
    if marks.lit is not None:
        signs.append("dashed outline: what another panel points at")
    return signs
