"""Paints a drawing: in the window's view, or whole, with title and legend, on any painter."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter

from microgpt_studio.panels.neighbourhood.camera import READABLE
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.edge_painter import draw_edges, draw_labels
from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.panels.neighbourhood.footer import SIGNS
from microgpt_studio.panels.neighbourhood.node_painter import Marks, draw_nodes
from microgpt_studio.theme import Scale, Theme
from microgpt_studio.theme.colormaps import ZERO, lookup_table
from microgpt_studio.theme.fonts import BODY, SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import short

_ARROWS = 0.25  # zoom from which arrows can be seen
_MARGIN = 24.0  # around a whole picture, and between its parts
_BAR = QSizeF(200.0, 10.0)
_STOPS = 16  # colours along each half of a legend's bar


def paint_drawing(
    painter: QPainter, drawing: Drawing, figures: Figures, theme: Theme, seen: QRectF, zoom: float, marks: Marks
) -> None:
    """Paint what is in `seen`, in the drawing's coordinates, of which the painter makes `zoom` pixels each."""
    stressed = marks.hovered if marks.hovered is not None else marks.cursor
    near = frozenset(drawing.edges_of(stressed) if stressed is not None else ())
    if marks.hovered_edge is not None:
        near |= {marks.hovered_edge}
    draw_edges(painter, drawing, figures, theme, seen, 1.0 / zoom, near, labelled=zoom >= _ARROWS)
    draw_nodes(painter, drawing, figures, theme, seen, zoom, marks)
    if zoom >= READABLE:
        draw_labels(painter, drawing, figures, theme, seen, near, stressed)


class WholePicture:
    """All of a drawing at zoom 1, below a title, above a legend. Its text is painted as text."""

    def __init__(self, drawing: Drawing, figures: Figures, theme: Theme, title: str, subtitle: str) -> None:
        self._drawing, self._figures, self._theme = drawing, figures, theme
        self._title, self._subtitle = title, subtitle
        self._line = metrics_of(theme.text_font(BODY)).height()

    @property
    def size(self) -> QSizeF:
        """In pixels."""
        words = metrics_of(self._theme.text_font(BODY, bold=True)).horizontalAdvance(self._title)
        small = metrics_of(self._theme.text_font(SMALL))
        words = max(words, *map(small.horizontalAdvance, (self._subtitle, SIGNS[0])), 2 * _BAR.width() + 2 * _MARGIN)
        width = max(self._drawing.size.width(), words)
        return QSizeF(width + 2 * _MARGIN, self._top + self._drawing.size.height() + 5 * self._line + 2 * _MARGIN)

    @property
    def _top(self) -> float:
        return _MARGIN + 2 * self._line + _MARGIN

    def paint(self, painter: QPainter) -> None:
        """Paint all of it, its upper left corner at the painter's origin."""
        theme, palette, size = self._theme, self._theme.palette, self.size
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(QPointF(0.0, 0.0), size), QColor(palette.surface))
        painter.setPen(QColor(palette.text))
        painter.setFont(theme.text_font(BODY, bold=True))
        painter.drawText(QPointF(_MARGIN, _MARGIN + self._line), self._title)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(palette.muted))
        painter.drawText(QPointF(_MARGIN, _MARGIN + 2 * self._line), self._subtitle)
        corner = QPointF((size.width() - self._drawing.size.width()) / 2, self._top)
        painter.save()
        painter.translate(corner)
        everything = QRectF(QPointF(-_MARGIN, -_MARGIN), size)
        paint_drawing(painter, self._drawing, self._figures, theme, everything, 1.0, Marks())
        painter.restore()
        below = self._top + self._drawing.size.height() + _MARGIN
        self._paint_legend(painter, below)

    def _paint_legend(self, painter: QPainter, top: float) -> None:
        painter.setFont(self._theme.text_font(SMALL))
        painter.setPen(QColor(self._theme.palette.muted))
        painter.drawText(QPointF(_MARGIN, top + self._line), SIGNS[0])
        scales = (("data", self._figures.data_scale), ("grad and contributions", self._figures.grad_scale))
        for column, (name, scale) in enumerate(scales):
            self._paint_bar(painter, _MARGIN + column * (_BAR.width() + _MARGIN), top + 1.5 * self._line, name, scale)

    def _paint_bar(self, painter: QPainter, x: float, top: float, name: str, scale: Scale) -> None:
        palette = self._theme.palette
        painter.setFont(self._theme.text_font(SMALL))
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(x, top + self._line), name)
        bar = QRectF(QPointF(x, top + 1.4 * self._line), _BAR)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        table = lookup_table(scale.kind, palette).tolist()
        for step in range(-_STOPS, _STOPS + 1):
            index = ZERO + round(step / _STOPS * (ZERO - 1))
            gradient.setColorAt((step + _STOPS) / (2 * _STOPS), QColor.fromRgba(table[index]))
        painter.fillRect(bar, gradient)
        painter.setFont(self._theme.number_font(SMALL))
        metrics = metrics_of(painter.font())
        ends = ((0.0, short(-scale.limit)), (0.5, "0"), (1.0, f"+{short(scale.limit)}"))
        for share, text in ends if scale.limit else ends[1:2]:
            left = bar.left() + share * (bar.width() - metrics.horizontalAdvance(text))
            painter.drawText(QPointF(left, bar.bottom() + metrics.height()), text)
        painter.setBrush(Qt.BrushStyle.NoBrush)
