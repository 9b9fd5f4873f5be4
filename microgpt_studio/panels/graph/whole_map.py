"""The whole map: what the view shows, at its size, below a title and above a legend; on any painter, text as text."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPaintEngine, QPainter

from microgpt_studio.debugger.binding import Binding
from microgpt_studio.panels.graph.frame import Frame
from microgpt_studio.panels.graph.links import Links
from microgpt_studio.panels.graph.lit import Lit
from microgpt_studio.panels.graph.map_painter import MapPainter, Marks
from microgpt_studio.panels.graph.map_view import MapView
from microgpt_studio.panels.graph.margins import Margins
from microgpt_studio.panels.graph.overlay import mixed_color
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.vector import cover_around
from microgpt_studio.panels.graph.whole_legend import MARGIN, WholeLegend
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import BODY, SMALL
from microgpt_studio.theme.text_metrics import metrics_of

_AS_PIXELS = "cells as a picture: they are too many for vectors"


class WholeMap:
    """A copy of what a view shows at the moment when it is made: that goes on, this stays.

    What the pointer is over is not marked. `moment` tells which moment it is, the longest wording first.
    """

    def __init__(self, view: MapView, picture: Picture, frame: Frame, moment: tuple[str, ...]) -> None:
        binding, format_address = Binding(view.description.program), view.description.addresses.format
        self._picture, self._frame, self._moment = picture, frame, moment
        self._theme = current_theme()
        self._area = QRectF(QPointF(0.0, 0.0), QSizeF(view.size()))
        self._margins = Margins.of(view.layout_of_map, picture.coloring, self._theme, view.width())
        self._marks = _marks(view, picture, binding)
        self._painter = MapPainter(view.description, binding)
        has_limits = self._margins.limits > 0
        self._legend = WholeLegend(picture, frame, self._marks, format_address, self._theme, has_limits)
        selected = self._marks.selected
        self.title = f"Graph of “{picture.moment.document}” by {picture.coloring.quantity.value}"
        self.title += "" if selected is None else f" · {format_address(selected)} is selected"
        self.description = moment[0]

    @property
    def size(self) -> QSizeF:
        """In pixels: the view's, and what is above and below it; wider, where title and legend need it."""
        title = metrics_of(self._theme.text_font(BODY, bold=True)).horizontalAdvance(self.title) + 2 * MARGIN
        width = max(self._area.width(), title, self._legend.least_width)
        return QSizeF(round(width), self._top + self._area.height() + self._legend.height(width))

    @property
    def _top(self) -> float:
        title, small = metrics_of(self._theme.text_font(BODY)), metrics_of(self._theme.text_font(SMALL))
        return round(0.75 * MARGIN + title.height() + small.height() + 0.5 * MARGIN)

    def paint(self, painter: QPainter) -> None:
        """Paint all of it, its upper left corner at the painter's origin."""
        size, surface = self.size, self._theme.palette.surface
        engine = painter.paintEngine()
        as_vectors = engine is not None and engine.type() is not QPaintEngine.Type.Raster
        beyond = MARGIN if as_vectors else 0.0  # pages may be a little larger
        page = QRectF(QPointF(0.0, 0.0), size).adjusted(-beyond, -beyond, beyond, beyond)
        painter.fillRect(page, QColor(surface))
        painter.save()
        painter.translate(0.0, self._top)
        painter.setClipRect(self._area)
        self._painter.as_vectors = as_vectors
        self._painter.paint(painter, self._picture, self._frame, self._margins, self._area, self._marks)
        painter.restore()
        # Where clipping means nothing, lines of the map may have been drawn around it.
        map_area = self._area.translated(0.0, self._top)
        cover_around(painter, page, map_area, surface)
        below = QRectF(0.0, map_area.bottom(), size.width(), size.height() - map_area.bottom())
        self._paint_title(painter)
        self._legend.paint(painter, below)

    def _paint_title(self, painter: QPainter) -> None:
        theme, room = self._theme, self.size.width() - 2 * MARGIN
        bold, small = theme.text_font(BODY, bold=True), theme.text_font(SMALL)
        metrics = metrics_of(small)
        baseline = 0.75 * MARGIN + metrics_of(bold).ascent()
        painter.setFont(bold)
        painter.setPen(QColor(theme.palette.text))
        painter.drawText(QPointF(MARGIN, baseline), self.title)
        pixels = f" · {_AS_PIXELS}" if self._painter.as_vectors and self._painter.too_many else ""
        wordings = [moment + pixels for moment in self._moment]
        text = next((each for each in wordings if metrics.horizontalAdvance(each) <= room), wordings[-1])
        painter.setFont(small)
        painter.setPen(QColor(theme.palette.muted))
        painter.drawText(QPointF(MARGIN, baseline + metrics.height() + 1.0), text)


def _marks(view: MapView, picture: Picture, binding: Binding) -> Marks:
    """What the view marks, but for what is pointed at."""
    palette, layout, selected = picture.palette, view.layout_of_map, view.selected_scalar
    links = []
    if selected is not None:
        color = mixed_color(palette.surface, palette.accent, 0.6).name()
        links.append((Links.of(selected, layout, binding, picture.moment.tokens), color))
    lit = layout.expressions.scalar[list(view.lit_cells)]
    return Marks(
        hovered=None,
        selected=selected,
        position=view.selected_position,
        links=tuple(links),
        lit=Lit(layout, lit) if len(lit) else None,
        breakpoints=view.breakpoints,
    )
