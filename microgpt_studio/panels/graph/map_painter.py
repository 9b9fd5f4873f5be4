"""The map's painter: puts cells, lines, numbers and labels upon each other; the cells are kept while they stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.graph import margins as labels
from microgpt_studio.panels.graph.breakpoint_marks import BreakpointMarks
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.cell_numbers import draw_mean_loss, draw_numbers
from microgpt_studio.panels.graph.lit import Lit
from microgpt_studio.panels.graph.margins import Margins
from microgpt_studio.panels.graph.overlay import draw_attention, draw_column_frame, draw_streams, outline
from microgpt_studio.panels.graph.picture import Picture, shown_token
from microgpt_studio.panels.graph.raster import paint_cells
from microgpt_studio.theme import Palette, current_theme
from microgpt_studio.theme.colormaps import Colors
from microgpt_studio.widgets.cells import draw_outline

_CURSOR_WIDTH, _CURSOR_HEIGHT = 6.0, 3.0  # pixels, at least


@dataclass(frozen=True, slots=True)
class Marks:
    """Elements that stand out."""

    hovered: int | None
    selected: int | None
    position: int | None  # of the selected element
    lit: Lit | None  # what another panel wants to be seen
    breakpoints: BreakpointMarks


class MapPainter:
    """Paints pictures of one session."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self._pixels: Colors = np.zeros((0, 0), dtype=np.uint32)
        self._shown: tuple[Picture, Transform] | None = None  # by _pixels

    def paint(
        self, painter: QPainter, picture: Picture, t: Transform, margins: Margins, area: QRectF, marks: Marks
    ) -> None:
        """Paint the map and its margins into `area`, which begins at (0, 0)."""
        theme, layout = current_theme(), picture.layout
        window = margins.window(area.width(), area.height())
        self._paint_map(painter, picture, t, window, marks)
        tokens = [shown_token(self.description, token) for token in picture.moment.tokens]
        labels.draw_columns(painter, picture, t, window, theme, tokens, marks.position)
        preferred = [int(layout.row_of[e]) for e in (marks.selected, marks.hovered) if e is not None]
        labels.draw_rows(painter, picture, t, window, margins, theme, preferred)
        labels.draw_spans(painter, layout, t, window, theme)
        labels.draw_losses_label(painter, window, margins, theme)
        marks.breakpoints.paint_at_labels(painter, t, window, theme.palette)
        if marks.position is not None:
            columns = QRectF(window.x(), 0.0, window.width(), area.height())
            painter.setClipRect(columns)
            moved = Transform(t.scale_x, t.scale_y, t.x + window.x(), t.y)
            draw_column_frame(painter, layout, moved, columns, marks.position, theme.palette.accent)

    def _paint_map(self, painter: QPainter, picture: Picture, t: Transform, window: QRectF, marks: Marks) -> None:
        theme, layout = current_theme(), picture.layout
        palette, size = theme.palette, window.size()
        painter.save()
        painter.setClipRect(window)
        painter.translate(window.topLeft())
        ratio = painter.device().devicePixelRatioF()
        painter.drawImage(QPointF(0.0, 0.0), self._cells(picture, t.times(ratio), window, ratio))
        draw_streams(painter, layout, t, size, picture.positions, palette.faint)
        if marks.position is not None:
            head = None if marks.selected is None else layout.head_of(marks.selected)
            draw_attention(painter, picture, t, size, marks.position, head, palette)
        draw_numbers(painter, picture, t, size, theme, self._index_text)
        draw_mean_loss(painter, picture, t, theme)
        if marks.lit is not None:
            marks.lit.paint(painter, t, size, picture.positions, palette)
        self._draw_cursor(painter, picture, t, palette)
        for element, color in ((marks.hovered, palette.muted), (marks.selected, palette.accent)):
            rect = None if element is None else layout.rect_of(element)
            if rect is not None:
                draw_outline(painter, outline(t, rect), color, palette)
        here = QRectF(QPointF(0.0, 0.0), size)
        marks.breakpoints.paint(painter, t, here, picture.positions, theme.text_scale, palette)
        painter.restore()

    def _draw_cursor(self, painter: QPainter, picture: Picture, t: Transform, palette: Palette) -> None:
        """A bar below the cell on whose scalar the next operation works."""
        cursor = picture.moment.cursor
        element = None if cursor.scalar is None or not cursor.done else picture.layout.element_of(cursor.scalar)
        rect = None if element is None else picture.layout.rect_of(element)
        if rect is not None:
            box = outline(t, rect)
            width = max(box.width(), _CURSOR_WIDTH)
            left = box.center().x() - width / 2
            painter.fillRect(QRectF(left, box.bottom(), width, _CURSOR_HEIGHT), QColor(palette.accent))

    def _cells(self, picture: Picture, transform: Transform, window: QRectF, ratio: float) -> QImage:
        """The cells in the window, painted when anything about them changed; `transform` leads to device pixels."""
        width, height = max(round(window.width() * ratio), 1), max(round(window.height() * ratio), 1)
        if self._pixels.shape != (height, width):
            self._pixels, self._shown = np.empty((height, width), dtype=np.uint32), None
        if self._shown != (picture, transform):
            paint_cells(picture.layout, picture.ink, transform, self._pixels, picture.positions)
            self._shown = picture, transform
        image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        return image

    def _index_text(self, element: int) -> str:
        """The index in the tensor; with its character where it stands for a token."""
        program = self.description.program
        tensor = program.tensors[program.tensor[program.element_ids[element]]]
        if tensor.shape == ():
            return ""
        index = element - tensor.first_element
        if tensor.stage in ("logit", "prob"):
            return f"[{index}] {shown_token(self.description, index)}"
        return f"[{index}]"
