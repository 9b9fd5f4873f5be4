"""The overlay: lines upon the cells: the residual streams, and the frame of the selected position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.lines import Floats
from microgpt_studio.panels.graph.map_layout import MapLayout

_ARROW = 4.0  # pixels
_ROUND = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Streams:
    """The residual streams in the window, in pixels: their lines, and the triangles (n, 3, 2) where they are added."""

    lines: Floats
    arrowheads: Floats


def streams(layout: MapLayout, t: Transform, size: QSizeF, positions: int) -> Streams:
    """The residual stream beside each column, with an arrow where it is added, if there is room for arrows."""
    joins = [(row.top + row.bottom) / 2 for row in layout.rows if row.label == "+ residual"]
    start = next((row for row in layout.rows if row.stage == "norm" and not row.shared), None)
    edge = np.arange(positions) * (layout.pitch * t.scale_x) + layout.column_width * t.scale_x + t.x
    x = edge + (layout.stream - layout.column_width) * t.scale_x
    seen = (x >= 0) & (edge <= size.width())
    if not joins or start is None or not seen.any():
        return Streams(np.empty((0, 4)), np.empty((0, 3, 2)))
    begin = (start.top + start.bottom) / 2
    edge, x = edge[seen], x[seen]
    first, *tips = (np.full(len(x), y * t.scale_y + t.y) for y in (begin, *joins))
    lines = [(edge + 1.0, first, x, first), (x, first, x, tips[-1]), *((x, y, edge + 1.0, y) for y in tips)]
    arrow = round(min(_ARROW, (layout.stream - layout.column_width) * t.scale_x * 0.8, 0.4 * t.scale_y))
    tip, middle = np.tile(np.floor(edge) + 1.0, len(tips)), np.floor(np.concatenate(tips)) + 0.5
    corners = ((tip, middle), (tip + arrow, middle - arrow), (tip + arrow, middle + arrow))
    heads = np.stack([np.column_stack(corner) for corner in corners], axis=1)
    return Streams(
        np.concatenate([np.column_stack(line) for line in lines]),
        heads if arrow >= 2 else heads[:0],  # on whole pixels: to smooth hundreds of them takes nine times as long
    )


def draw_column_frame(
    painter: QPainter, layout: MapLayout, t: Transform, area: QRectF, position: int, color: str
) -> None:
    """A frame around the selected position, as high as `area`; `t` leads to its coordinates."""
    gap = layout.pitch - layout.stream
    left, _ = t.to_pixels(position * layout.pitch - 0.5 * gap, 0.0)
    right, _ = t.to_pixels((position + 1) * layout.pitch - 0.5 * gap, 0.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(color), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    frame = QRectF(round(left) + 0.5, area.top() + 0.5, round(right - left), area.height() - 1.0)
    painter.drawRoundedRect(frame, _ROUND, _ROUND)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


@lru_cache(maxsize=1024)
def mixed_color(ground: str, color: str, share: float) -> QColor:
    """A colour between two, as far from the ground as the share says."""
    a, b = QColor(ground), QColor(color)
    channels = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return QColor(*(round(below + (above - below) * share) for below, above in channels))
