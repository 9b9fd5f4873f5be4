"""Numbers in cells: what a cell holds and its index, written into every cell of the window that has the room."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter

from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.frame import Frame
from microgpt_studio.panels.graph.inside import HEADER
from microgpt_studio.panels.graph.lines import Floats, Indices
from microgpt_studio.panels.graph.map_colors import Quantity
from microgpt_studio.panels.graph.map_layout import ROW_GAP
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.texts import Texts
from microgpt_studio.theme import Theme
from microgpt_studio.theme.colormaps import is_light
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import fitted, short

_FACES = ((12, 80.0), (11, 60.0), (10, 44.0))  # size, and the width of a cell from which it is used
_INDEX_FACE = 9
_PADDING = 3.0

Name = Callable[[int], str]


def draw_numbers(painter: QPainter, picture: Picture, frame: Frame, theme: Theme, name: Name) -> int:
    """Write into all cells that have the room; returns into how many. Of an open cell the header is what there is.

    `name` tells the index of a cell in its tensor.
    """
    layout, transform = picture.layout, frame.transform
    narrowest = _FACES[-1][1] * theme.text_scale
    if layout.keep("widest", layout.width.max) * transform.scale_x < narrowest:
        return 0
    roomy = layout.width[frame.cells] * transform.scale_x >= narrowest
    cells, openness = frame.cells[roomy], frame.openness[roomy]
    height = layout.height[cells] * transform.scale_y * (1 - (1 - HEADER) * openness)
    index_face = Texts(theme.number_font(_INDEX_FACE))
    written = 0
    previous = np.inf
    for face, narrow in _FACES:
        texts = Texts(theme.number_font(face))
        widths = layout.width[cells] * transform.scale_x / theme.text_scale
        here = (widths >= narrow) & (widths < previous) & (height >= texts.height)
        previous = narrow
        known = picture.ink.known[cells]
        light = is_light(picture.ink.pixels[cells])
        for ink, group in (
            (theme.palette.ink_on_light, here & light & known),
            (theme.palette.ink_on_dark, here & ~light & known),
            (theme.palette.muted, here & ~known),
        ):
            _write(cells[group], height[group], openness[group], picture, transform, texts, index_face, name)
            color = QColor(ink)
            texts.paint(painter, color)
            color.setAlphaF(0.75)
            index_face.paint(painter, color)
        written += int(here.sum())
    return written


def draw_mean_loss(painter: QPainter, picture: Picture, t: Transform, theme: Theme) -> None:
    """The loss of the document as a number beside its cell, in the next column, unless the cell itself shows it."""
    mean = picture.mean_loss()
    row = picture.layout.rows[-1]
    if mean is None:
        return
    loss = short(mean)
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
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
    cells: Indices,
    heights: Floats,
    openness: Floats,
    picture: Picture,
    t: Transform,
    texts: Texts,
    index_face: Texts,
    name: Name,
) -> None:
    layout = picture.layout
    left = (layout.left[cells] * t.scale_x + t.x).tolist()
    top = (layout.top[cells] * t.scale_y + t.y).tolist()
    width = (layout.width[cells] * t.scale_x).tolist()
    known, is_rank = picture.ink.known[cells].tolist(), picture.coloring.quantity.is_order
    values = picture.shown.values[cells].tolist()
    for i, (cell, height, share) in enumerate(zip(cells.tolist(), heights.tolist(), openness.tolist(), strict=True)):
        roomy = height >= texts.height + index_face.height + 2.0 and share < 1
        label = name(cell) if roomy else ""
        if label and len(label) * index_face.advance + 2 * _PADDING <= width[i]:
            index_face.add(label, left[i] + _PADDING, top[i] + 1.0 + index_face.ascent)
        if known[i]:
            room = int((width[i] - 2 * _PADDING) / texts.advance)
            rank = f"{values[i]:.0f}" if is_rank else ""  # every digit counts
            text = rank if rank and len(rank) <= room else fitted(values[i], room)
            space = height - texts.height - (index_face.height * (1 - share) if roomy else 0.0)
            baseline = top[i] + height - space / 2 - (texts.height - texts.ascent)
            texts.add(text, left[i] + (width[i] - len(text) * texts.advance) / 2, baseline)
