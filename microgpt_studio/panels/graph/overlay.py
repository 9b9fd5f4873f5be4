"""The overlay: lines upon the cells: the residual streams, the selected position and its attention, outlines."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.heads import attention_ends
from microgpt_studio.panels.graph.lines import Floats
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.theme import Palette

_HAIRLINE = 1.2  # pixels; a curve up to this width is drawn one pixel wide
_COARSE, _FINE = 65, 25  # points along a curve: to find what is near the view, and to draw that
_THINNEST_CURVE, _WIDEST_CURVE = 0.6, 5.0  # pixels, for the weights 0 and 1
_ARROW = 3.5
_ROUND = 3.0


def draw_streams(painter: QPainter, layout: MapLayout, t: Transform, size: QSizeF, positions: int, color: str) -> None:
    """The residual stream beside each column, with an arrow where it is added."""
    joins = [(row.top + row.bottom) / 2 for row in layout.rows if row.label == "+ residual"]
    start = next((row for row in layout.rows if row.stage == "norm" and not row.shared), None)
    if not joins or start is None:
        return
    begin = (start.top + start.bottom) / 2
    path, heads = QPainterPath(), QPainterPath()
    arrow = min(_ARROW, (layout.stream - layout.column_width) * t.scale_x * 0.8, 0.4 * t.scale_y)
    for column in range(positions):
        edge, y = t.to_pixels(column * layout.pitch + layout.column_width, begin)
        x, bottom = t.to_pixels(column * layout.pitch + layout.stream, joins[-1])
        if x < 0 or edge > size.width():
            continue
        path.moveTo(edge + 1.0, y)
        path.lineTo(x, y)
        path.lineTo(x, bottom)
        for join in joins:
            _, y = t.to_pixels(0.0, join)
            path.moveTo(x, y)
            path.lineTo(edge + 1.0, y)
            heads.moveTo(edge + 1.0, y)
            heads.lineTo(edge + 1.0 + arrow, y - arrow)
            heads.lineTo(edge + 1.0 + arrow, y + arrow)
            heads.closeSubpath()
    painter.strokePath(path, QPen(QColor(color), 1.0))
    if arrow >= 1.5:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(heads, QColor(color))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def attention_weights(picture: Picture, position: int) -> list[tuple[int, float]]:
    """(element, weight) of all weights that a position gives, where they are known."""
    elements, _, _ = attention_ends(picture.layout, position)
    return [
        (element, float(picture.data.values[element]))
        for element in elements.tolist()
        if picture.data.reach[element] == Reach.KNOWN
    ]


def draw_attention(
    painter: QPainter,
    picture: Picture,
    t: Transform,
    size: QSizeF,
    position: int,
    head: tuple[int, int] | None,
    palette: Palette,
) -> None:
    """Curves from the values that a position reads to its heads, as wide and as strong as the weights.

    Where a layer's head is chosen, the curves of the others are faint.

    Colours are mixed beforehand, and each curve is a stroke of its own: what is see-through costs three times as
    much, one path of many curves eight times.
    """
    elements, starts, ends = attention_ends(picture.layout, position)
    weights = np.where(picture.data.reach[elements] == Reach.KNOWN, picture.data.values[elements], np.nan)
    config = picture.layout.program.config
    chosen = np.full((config.n_layer, config.n_head, position + 1), head is None)
    if head is not None:
        chosen[head] = True
    scale, offset = np.array([t.scale_x, t.scale_y]), np.array([t.x, t.y])
    starts, ends = starts * scale + offset, ends * scale + offset
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    seen = (high >= 0).all(axis=1) & (low <= [size.width(), size.height()]).all(axis=1) & np.isfinite(weights)
    order = np.flatnonzero(seen)
    order = order[np.lexsort((weights[order], chosen.ravel()[order]))]  # the strongest on top
    lines = _curves(starts[order], ends[order], size)
    for weight, strong, line in zip(weights[order].tolist(), chosen.ravel()[order].tolist(), lines, strict=True):
        share = min(max(weight, 0.0), 1.0)
        width = _THINNEST_CURVE + (_WIDEST_CURVE - _THINNEST_CURVE) * share
        color = _mixed(palette.surface, palette.accent, 0.35 + 0.65 * share if strong else 0.25)
        smooth = strong and width > _HAIRLINE  # smoothing costs ten times what a hairline does
        pen = QPen(color, width if smooth else 1.0)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        painter.setPen(pen)
        painter.drawPolyline(line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _curves(starts: Floats, ends: Floats, size: QSizeF) -> list[list[QPointF]]:
    """Cubic curves from starts to ends (n, 2), vertical at both, as points; only as much of each as is near the view.

    What is outside costs a stroke as much as what is seen, and deep in the map most of a curve is outside.
    """
    coarse = np.linspace(0.0, 1.0, _COARSE)
    x = _cubic(starts[:, :1], starts[:, :1], ends[:, :1], ends[:, :1], coarse)
    near = (x >= -_WIDEST_CURVE) & (x <= size.width() + _WIDEST_CURVE)
    first = np.maximum(near.argmax(axis=1) - 1, 0)
    last = np.minimum(_COARSE - near[:, ::-1].argmax(axis=1), _COARSE - 1)
    low, high = coarse[first][:, None], coarse[last][:, None]
    fine = low + (high - low) * np.linspace(0.0, 1.0, _FINE)
    xs = _cubic(starts[:, :1], starts[:, :1], ends[:, :1], ends[:, :1], fine)
    ys = _cubic(starts[:, 1:], ends[:, 1:], starts[:, 1:], ends[:, 1:], fine)
    return [
        [QPointF(x, y) for x, y in zip(row_x, row_y, strict=True)]
        for row_x, row_y in zip(xs.tolist(), ys.tolist(), strict=True)
    ]


def _cubic(p0: Floats, p1: Floats, p2: Floats, p3: Floats, t: Floats) -> Floats:
    """One coordinate of Bézier curves (n, 1) at the parameters t, (m,) or (n, m)."""
    u = 1.0 - t
    return p0 * u**3 + 3.0 * p1 * u**2 * t + 3.0 * p2 * u * t**2 + p3 * t**3


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


def _mixed(ground: str, color: str, share: float) -> QColor:
    a, b = QColor(ground), QColor(color)
    channels = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return QColor(*(round(below + (above - below) * share) for below, above in channels))
