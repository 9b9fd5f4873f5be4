"""Numbers in cells: what a cell holds and its index, written into every cell of the window that has the room."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.glyphs import Glyphs
from microgpt_studio.panels.graph.map_colors import Quantity
from microgpt_studio.panels.graph.map_layout import ROW_GAP, Indices, MapLayout
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.theme import Theme
from microgpt_studio.theme.colormaps import is_light
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.number_text import fitted, short

_FACES = ((12, 80.0), (11, 60.0), (10, 44.0))  # size, and the width of a cell from which it is used
_INDEX_FACE = 9
_PADDING = 3.0

IndexText = Callable[[int], str]


def visible_elements(layout: MapLayout, transform: Transform, size: QSizeF, positions: int) -> Indices:
    """Elements whose cells are at least in part in a window of this size in pixels."""
    left, top = transform.to_map(0.0, 0.0)
    right, bottom = transform.to_map(size.width(), size.height())
    found: list[npt.NDArray[np.int32]] = []
    for pattern in layout.patterns:
        first = int(np.searchsorted(pattern.right, left, side="right"))
        last = int(np.searchsorted(pattern.left, min(right, positions * layout.pitch), side="left"))
        lines = (layout.line_bottom[pattern.lines] > top) & (layout.line_top[pattern.lines] < bottom)
        found.append(pattern.elements[lines, first:last].ravel())
    return np.concatenate(found)


def draw_numbers(
    painter: QPainter, picture: Picture, transform: Transform, size: QSizeF, theme: Theme, index_text: IndexText
) -> int:
    """Write into all cells that have the room; returns into how many."""
    layout = picture.layout
    narrowest = _FACES[-1][1] * theme.text_scale
    if layout.width.max() * transform.scale_x < narrowest:
        return 0
    elements = visible_elements(layout, transform, size, picture.positions)
    elements = elements[layout.width[elements] * transform.scale_x >= narrowest]
    index_face = Glyphs(theme.number_font(_INDEX_FACE))
    written = 0
    previous = np.inf
    for face, narrow in _FACES:
        glyphs = Glyphs(theme.number_font(face))
        widths = layout.width[elements] * transform.scale_x / theme.text_scale
        here = elements[(widths >= narrow) & (widths < previous)]
        here = here[layout.height[here] * transform.scale_y >= glyphs.height]
        previous = narrow
        light = is_light(picture.ink.pixels[here])
        for ink, group in (
            (theme.palette.ink_on_light, here[light & picture.ink.known[here]]),
            (theme.palette.ink_on_dark, here[~light & picture.ink.known[here]]),
            (theme.palette.muted, here[~picture.ink.known[here]]),
        ):
            _write(group, picture, transform, glyphs, index_face, index_text)
            color = QColor(ink)
            glyphs.paint(painter, color)
            color.setAlphaF(0.75)
            index_face.paint(painter, color)
        written += len(here)
    return written


def draw_mean_loss(painter: QPainter, picture: Picture, t: Transform, theme: Theme) -> None:
    """The loss of the document as a number beside its cell, in the next column, unless the cell itself shows it."""
    mean = picture.mean_loss()
    row = picture.layout.rows[-1]
    if mean is None:
        return
    loss = short(mean)
    painter.setFont(theme.number_font(SMALL))
    metrics = QFontMetricsF(painter.font())
    if (row.bottom - row.top + ROW_GAP) * t.scale_y < 0.95 * painter.font().pixelSize():
        return
    if picture.coloring.quantity is Quantity.DATA and (row.bottom - row.top) * t.scale_y >= metrics.height() + 2.0:
        return
    if metrics.horizontalAdvance(loss) + 8.0 > picture.layout.pitch * t.scale_x:
        return
    x, y = t.to_pixels(picture.layout.pitch, (row.top + row.bottom) / 2)
    painter.setPen(QColor(theme.palette.text))
    painter.drawText(QPointF(x, y + (metrics.ascent() - metrics.descent()) / 2), loss)


def _write(
    elements: Indices,
    picture: Picture,
    t: Transform,
    glyphs: Glyphs,
    index_face: Glyphs,
    index_text: IndexText,
) -> None:
    layout = picture.layout
    left = (layout.left[elements] * t.scale_x + t.x).tolist()
    top = (layout.top[elements] * t.scale_y + t.y).tolist()
    width = (layout.width[elements] * t.scale_x).tolist()
    height = (layout.height[elements] * t.scale_y).tolist()
    known = picture.ink.known[elements].tolist()
    values = picture.shown.values[elements].tolist()
    for i, element in enumerate(elements.tolist()):
        roomy = height[i] >= glyphs.height + index_face.height + 2.0
        if roomy:
            label = index_text(element)
            if len(label) * index_face.advance + 2 * _PADDING <= width[i] and index_face.can_write(label):
                index_face.add(label, left[i] + _PADDING, top[i] + 1.0 + index_face.ascent)
        if known[i]:
            text = fitted(values[i], int((width[i] - _PADDING) / glyphs.advance))
            space = height[i] - glyphs.height - (index_face.height if roomy else 0.0)
            baseline = top[i] + height[i] - space / 2 - (glyphs.height - glyphs.ascent)
            glyphs.add(text, left[i] + (width[i] - len(text) * glyphs.advance) / 2, baseline)
