"""The matrix painter: the dots, the figures in large cells, the marks and the rulers, in a few calls a frame."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from microgpt_studio.debugger.edges import EdgeFigures, Edges
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.matrix import marks as marking
from microgpt_studio.panels.matrix.bands import Bands
from microgpt_studio.panels.matrix.camera import Span
from microgpt_studio.panels.matrix.density import Density
from microgpt_studio.panels.matrix.marks import Marks, cell
from microgpt_studio.panels.matrix.ruler_painter import draw_across, draw_down
from microgpt_studio.panels.matrix.rulers import Margins, Ruler
from microgpt_studio.panels.matrix.strength import Coloring, Strength
from microgpt_studio.theme import Palette, Theme, current_theme
from microgpt_studio.theme.colormaps import is_light
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.number_text import fitted

_FIGURE_CHARACTERS = 8  # of a cell's width from which there are figures in it


class MatrixPainter:
    """Paints one document's matrix, and keeps the dots until something about them changes."""

    def __init__(self) -> None:
        self.density: Density | None = None  # of the last picture
        self.across: Ruler | None = None
        self.down: Ruler | None = None
        self._shown: object = None
        self._pixels = np.empty((0, 0), dtype=np.uint32)

    def paint(
        self,
        painter: QPainter,
        edges: Edges,
        bands: Bands,
        x: Span,
        y: Span,
        margins: Margins,
        marks: Marks,
        figures: EdgeFigures | None,
        coloring: Coloring,
        strength: Strength | None,
    ) -> None:
        """Paint all of a widget, whose matrix is seen through the window of the two spans."""
        theme = current_theme()
        ratio = painter.device().devicePixelRatioF()
        window = QRectF(0.0, 0.0, x.pixels, y.pixels)
        self.prepare(edges, bands, x, y, ratio, strength)
        assert self.density is not None and self.across is not None and self.down is not None, "just made"
        painter.translate(margins.left, margins.top)
        painter.save()
        painter.setClipRect(window)
        painter.drawImage(QPointF(0.0, 0.0), self._image(ratio))
        if figures is not None:
            self._draw_figures(painter, edges, figures, coloring, x, y, ratio)
        marking.draw(painter, marks, x, y, edges.num_parameters, theme.palette)
        painter.restore()
        draw_across(painter, self.across, margins, theme)
        draw_down(painter, self.down, margins, theme)
        marking.draw_on_rulers(painter, marks, x, y, edges.num_parameters, theme.palette)
        _draw_corner(painter, margins, theme)

    def prepare(self, edges: Edges, bands: Bands, x: Span, y: Span, ratio: float, strength: Strength | None) -> None:
        """Count and colour what the spans show, with `ratio` pixels of the screen a pixel, unless that is done."""
        theme = current_theme()
        key = edges, bands, x, y, ratio, theme, strength
        if self._shown == key:
            return
        self._shown = key
        width, height = max(round(x.pixels * ratio), 1), max(round(y.pixels * ratio), 1)
        if self._pixels.shape != (height, width):
            self._pixels = np.empty((height, width), dtype=np.uint32)
        self.across, self.down = Ruler.across(bands, x, theme), Ruler.down(bands, y, theme)
        wide, high = (Span(span.first, span.scale * ratio, span.pixels * ratio) for span in (x, y))
        self.density = Density.of(edges, wide, high)
        lines_x, lines_y = self.across.lines(width, ratio), self.down.lines(height, ratio)
        palette = theme.palette
        inks = (
            self.density.inks(palette)
            if strength is None
            else strength.inks(edges, self.density.tiles, self.density.counts, palette)
        )
        self.density.paint(inks, lines_x, lines_y, palette, self._pixels)

    def _draw_figures(
        self, painter: QPainter, edges: Edges, figures: EdgeFigures, coloring: Coloring, x: Span, y: Span, ratio: float
    ) -> None:
        """A number in the cell of each edge, hatching where it is not known; two edges of one pair have the same."""
        theme = current_theme()
        painter.setFont(theme.number_font(SMALL))
        metrics = metrics_of(painter.font())
        advance, middle = metrics.horizontalAdvance("0"), (metrics.ascent() - metrics.descent()) / 2
        width = int((x.scale - 6.0) / advance)
        strength = Strength.of(figures, coloring)
        stop = figures.start + len(strength.reach)
        window = QRectF(0.0, 0.0, x.pixels - 1.0, y.pixels - 1.0)
        for consumer in range(max(int(y.first), figures.start), min(int(np.ceil(y.last)), stop)):
            k = consumer - figures.start
            for operand in dict.fromkeys(edges.operands(consumer)):
                box = cell((operand, consumer), x, y).intersected(window)
                if box.isEmpty():
                    continue
                side = edges.operands(consumer).index(operand)
                if strength.reach[k] != Reach.KNOWN:
                    draw_hatching(painter, box.adjusted(0.0, 0.0, -1.0, -1.0), theme.palette)
                    continue
                text = fitted(float(strength.values[side, k]), width)
                ground = self._pixels[int(box.center().y() * ratio), int(box.center().x() * ratio)]
                painter.setPen(QColor(_ink(int(ground), theme.palette)))
                at = cell((operand, consumer), x, y).center()
                painter.drawText(QPointF(at.x() - len(text) * advance / 2, at.y() + middle), text)

    def _image(self, ratio: float) -> QImage:
        height, width = self._pixels.shape
        image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        return image


def shows_figures(x: Span, y: Span, theme: Theme) -> bool:
    """Whether cells are large enough for a figure."""
    metrics = metrics_of(theme.number_font(SMALL))
    return x.scale >= _FIGURE_CHARACTERS * metrics.horizontalAdvance("0") and y.scale >= metrics.height()


def _ink(ground: int, palette: Palette) -> str:
    """What is read upon a colour."""
    return palette.ink_on_light if is_light(np.array([ground], dtype=np.uint32))[0] else palette.ink_on_dark


def _draw_corner(painter: QPainter, margins: Margins, theme: Theme) -> None:
    """What the axes are."""
    painter.setFont(theme.text_font(SMALL))
    painter.setPen(QColor(theme.palette.muted))
    metrics = metrics_of(painter.font())
    for line, text in enumerate(("operand →", "consumer ↓")):
        x = -8.0 - metrics.horizontalAdvance(text)
        painter.drawText(QPointF(x, -margins.top + line * margins.strip + metrics.ascent() + 1.0), text)
