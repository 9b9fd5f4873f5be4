"""The map's painter: puts cells, lines, numbers and labels upon each other; the cells are kept while they stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from microgpt_studio.debugger.binding import Binding
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.graph import margins as labels
from microgpt_studio.panels.graph import strokes
from microgpt_studio.panels.graph.attention_curves import draw_attention
from microgpt_studio.panels.graph.breakpoint_marks import BreakpointMarks
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.cell_numbers import draw_mean_loss, draw_numbers
from microgpt_studio.panels.graph.chain import draw_chain
from microgpt_studio.panels.graph.frame import Frame
from microgpt_studio.panels.graph.headers import draw_headers
from microgpt_studio.panels.graph.heads import head_of
from microgpt_studio.panels.graph.inside import Boxes
from microgpt_studio.panels.graph.inside_edges import InnerEdges, draw_derivatives, edge_strokes, inner_edges
from microgpt_studio.panels.graph.inside_figures import BoxTexts, draw_figures
from microgpt_studio.panels.graph.inside_painter import Opened, opened_layers, port_strokes
from microgpt_studio.panels.graph.links import Links, draw_links
from microgpt_studio.panels.graph.lit import Lit
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.margins import ColumnTexts, Margins, draw_matrix_names
from microgpt_studio.panels.graph.overlay import Streams, draw_column_frame, streams
from microgpt_studio.panels.graph.picture import Picture, shown_token
from microgpt_studio.panels.graph.raster import Layer, paint
from microgpt_studio.panels.graph.strokes import Stroke
from microgpt_studio.panels.graph.vector import MOST_BOXES, cover_around, draw_layer
from microgpt_studio.panels.graph.watch_marks import draw_watch_marks
from microgpt_studio.theme import Palette, current_theme
from microgpt_studio.theme.colormaps import Colors
from microgpt_studio.widgets.cells import draw_outline
from microgpt_studio.widgets.line_path import polygon_path

_PICTURE_RATIO = 2.0  # pixels a pixel, where a picture stands among vectors
_CURSOR_WIDTH, _CURSOR_HEIGHT = 6.0, 3.0  # pixels, at least


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands out, by scalar."""

    hovered: int | None
    selected: int | None
    position: int | None  # of the selected scalar
    links: tuple[tuple[Links, str], ...]  # lines to neighbours, and their colour
    lit: Lit | None  # what another panel wants to be seen
    breakpoints: BreakpointMarks


class MapPainter:
    """Paints pictures of one session."""

    def __init__(self, description: Description, binding: Binding) -> None:
        self.description = description
        self._pixels: Colors = np.zeros((0, 0), dtype=np.uint32)
        self._shown: tuple[Picture, Frame] | None = None  # by _pixels
        self._opened: Opened | None = None
        self._edges: InnerEdges | None = None
        self._streams = Streams(np.empty((0, 4)), np.empty((0, 3, 2)))
        self._said: BoxTexts | None = None
        self._headers: ColumnTexts | None = None
        self._binding = binding
        self.as_vectors = False  # rectangles instead of pixels, for a file that can be enlarged
        self.too_many = False  # so that the cells were pixels all the same, when last painted as vectors

    def paint(
        self, painter: QPainter, picture: Picture, frame: Frame, margins: Margins, area: QRectF, marks: Marks
    ) -> None:
        """Paint the map and its margins into `area`, which begins at (0, 0)."""
        theme, layout, t = current_theme(), picture.layout, frame.transform
        window = margins.window(area.width(), area.height())
        columns = QRectF(window.x(), 0.0, window.width(), area.height())
        self._paint_map(painter, picture, frame, window, marks)
        if self.as_vectors:
            cover_around(painter, area, window, theme.palette.surface)
            self._paint_column_frame(painter, layout, t, columns, marks.position)
            cover_around(painter, area, columns, theme.palette.surface)
        if self._headers is None or self._headers.picture is not picture or self._headers.theme != theme:
            tokens = [shown_token(self.description, token) for token in picture.moment.tokens]
            self._headers = ColumnTexts(picture, tokens, theme)
        labels.draw_columns(painter, self._headers, t, window, marks.position)
        bands = [int(layout.row_of[layout.cell_of(s)]) for s in (marks.selected, marks.hovered) if s is not None]
        labels.draw_rows(painter, picture, t, window, margins, theme, [b for b in bands if b < len(layout.rows)])
        labels.draw_spans(painter, layout, t, window, theme)
        labels.draw_losses_label(painter, window, margins, theme)
        marks.breakpoints.paint_at_labels(painter, t, window, theme.palette)
        if not self.as_vectors:
            self._paint_column_frame(painter, layout, t, columns, marks.position)

    @staticmethod
    def _paint_column_frame(
        painter: QPainter, layout: MapLayout, t: Transform, columns: QRectF, position: int | None
    ) -> None:
        if position is not None:
            painter.save()
            painter.setClipRect(columns)
            moved = Transform(t.scale_x, t.scale_y, t.x + columns.x(), t.y)
            draw_column_frame(painter, layout, moved, columns, position, current_theme().palette.accent)
            painter.restore()

    def _paint_map(self, painter: QPainter, picture: Picture, frame: Frame, window: QRectF, marks: Marks) -> None:
        theme, layout, t, size = current_theme(), picture.layout, frame.transform, frame.size
        palette = theme.palette
        painter.save()
        painter.setClipRect(window)
        painter.translate(window.topLeft())
        if self.as_vectors:
            self._draw_cells(painter, picture, frame)
        else:
            ratio = painter.device().devicePixelRatioF()
            painter.drawImage(QPointF(0.0, 0.0), self._cells(picture, frame, ratio))
        painter.fillPath(polygon_path(self._streams.arrowheads), QColor(palette.faint))
        if marks.position is not None:
            head = None if marks.selected is None else head_of(layout, layout.cell_of(marks.selected))
            draw_attention(painter, picture, t, size, marks.position, head, palette)
        draw_matrix_names(painter, layout, t, QRectF(QPointF(0.0, 0.0), size), theme)
        draw_numbers(painter, picture, frame, theme, self._index_text)
        draw_headers(painter, picture, frame, theme, self.description.addresses.format)
        if self._opened is not None and self._edges is not None:
            draw_derivatives(painter, self._edges, self._opened, picture, theme)
            if self._said is None or self._said.picture is not picture:
                self._said = BoxTexts(picture, self.description.addresses.format)
            draw_figures(painter, self._opened, self._said, theme)
        draw_mean_loss(painter, picture, t, theme)
        for links, color in marks.links:
            draw_links(painter, links, frame, color, palette)
        if picture.paths is not None:
            draw_chain(painter, picture.paths, frame, theme)
        if marks.lit is not None:
            marks.lit.paint(painter, t, size, picture.positions, palette)
        self._draw_cursor(painter, picture, frame, palette)
        for scalar, color in ((marks.hovered, palette.muted), (marks.selected, palette.accent)):
            place = None if scalar is None else frame.place_of(scalar)
            if place is not None:
                draw_outline(painter, place, color, palette)
        draw_watch_marks(painter, picture.watched, frame.place_of, theme.text_scale, palette)
        here = QRectF(QPointF(0.0, 0.0), size)
        marks.breakpoints.paint(painter, frame.place_of, here, theme.text_scale, palette)
        painter.restore()

    def _draw_cursor(self, painter: QPainter, picture: Picture, frame: Frame, palette: Palette) -> None:
        """A bar below the place of the scalar on which the next operation works."""
        cursor = picture.moment.cursor
        box = None if cursor.scalar is None or not cursor.done else frame.place_of(cursor.scalar)
        if box is not None:
            width = max(box.width(), _CURSOR_WIDTH)
            left = box.center().x() - width / 2
            painter.fillRect(QRectF(left, box.bottom(), width, _CURSOR_HEIGHT), QColor(palette.accent))

    def _cells(self, picture: Picture, frame: Frame, ratio: float) -> QImage:
        """The cells in the window, and what is inside them, painted when anything about them changed."""
        width, height = max(round(frame.size.width() * ratio), 1), max(round(frame.size.height() * ratio), 1)
        if self._pixels.shape != (height, width):
            self._pixels, self._shown = np.empty((height, width), dtype=np.uint32), None
        if self._shown is None or self._shown[0] is not picture or self._shown[1] is not frame:
            self._pixels.fill(picture.ink.ground)
            for layer in self._layers(picture, frame):
                paint(self._pixels, layer, frame.transform.times(ratio))
            for stroke in self._strokes(picture, frame):
                strokes.put(self._pixels, stroke, ratio)
            self._shown = picture, frame
        image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        return image

    def _draw_cells(self, painter: QPainter, picture: Picture, frame: Frame) -> None:
        """The same as rectangles and lines, unless they are so many that only a picture will do."""
        layers = self._layers(picture, frame)
        self.too_many = sum(len(layer.which) for layer in layers) > MOST_BOXES
        if self.too_many:
            painter.drawImage(QRectF(QPointF(0.0, 0.0), frame.size), self._cells(picture, frame, _PICTURE_RATIO))
            return
        for layer in layers:
            draw_layer(painter, layer, frame.transform, frame.size)
        for stroke in self._strokes(picture, frame):
            strokes.draw(painter, stroke)

    def _layers(self, picture: Picture, frame: Frame) -> tuple[Layer, ...]:
        ink, layout, cells = picture.ink, picture.layout, frame.cells
        boxes = Boxes(layout.left, layout.top, layout.width, layout.height)
        whole = Layer(boxes, cells, ink.pixels, ink.fills, ink.ground, ink.hatch)
        self._opened = Opened.of(frame, picture, self._binding) if len(frame.scalars) else None
        self._edges = None if self._opened is None else inner_edges(self._opened)
        return (whole,) if self._opened is None else (whole, *opened_layers(self._opened, picture))

    def _strokes(self, picture: Picture, frame: Frame) -> tuple[Stroke, ...]:
        """The lines inside the open cells that `_layers` has found, and those of the residual streams."""
        palette = picture.palette
        self._streams = streams(picture.layout, frame.transform, frame.size, picture.positions)
        lines = Stroke(self._streams.lines, palette.faint)
        if self._opened is None or self._edges is None:
            return (lines,)
        return lines, *edge_strokes(self._edges, palette), *port_strokes(self._opened, palette)

    def _index_text(self, cell: int) -> str:
        """The index in the tensor; with its character where it stands for a token."""
        expressions = self.description.expressions
        tensor = self.description.program.tensors[expressions.tensor[cell]]
        if tensor.shape == () or cell >= expressions.num_elements:
            return ""
        index = cell - tensor.first_element
        if tensor.stage in ("logit", "prob"):
            return f"[{index}] {shown_token(self.description, index)}"
        if len(tensor.shape) > 1:
            return "[{},{}]".format(*divmod(index, tensor.shape[1]))
        return f"[{index}]"
