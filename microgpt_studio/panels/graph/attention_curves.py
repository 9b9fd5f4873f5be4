"""Attention on the map: from the vectors that a position reads to its heads, as wide as the weight or the gradient.

With data in view a curve is as wide as the attention weight; with gradients in view, as the gradient that flows back
along it, to values and to keys. The widest stands for 1, or for the largest gradient of the position.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen

from microgpt_studio.debugger.flows import FlowNumbers, HeadFlows, HeadWeights, WeightNumbers
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.heads import attention_ends
from microgpt_studio.panels.graph.lines import Floats
from microgpt_studio.panels.graph.map_colors import Coloring
from microgpt_studio.panels.graph.overlay import mixed_color
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.theme import Palette
from microgpt_studio.widgets.line_path import curve_path
from microgpt_studio.widgets.number_text import short

_HAIRLINE = 1.2  # pixels; a curve up to this width is drawn one pixel wide
_COARSE, _FINE = 65, 25  # points along a curve: to find what is near the view, and to draw that
_SHADES = 64  # of the colour of a curve
_THINNEST, _WIDEST = 0.6, 5.0  # pixels, for 0 and for the most


@dataclass(frozen=True, slots=True, eq=False)
class Strands:
    """What flows between a position and those that it reads: one number a layer, head and earlier position."""

    reads: str  # "v" or "k": which vectors
    values: Floats  # (layers, heads, position + 1); nan where it is not known


def asked(coloring: Coloring, position: int) -> HeadWeights | HeadFlows:
    """What has to be asked for the curves of a position."""
    return HeadFlows(position) if coloring.shows_gradients else HeadWeights(position)


def strands(picture: Picture, position: int) -> tuple[tuple[Strands, ...], float]:
    """All curves of a position, and the number that the widest stands for; 0 where none is known."""
    numbers = picture.attention.get(asked(picture.coloring, position))
    if isinstance(numbers, WeightNumbers):
        return (Strands("v", numbers.weight), Strands("k", numbers.weight)), 1.0
    if not isinstance(numbers, FlowNumbers):
        return (), 0.0
    both = Strands("v", numbers.value_grad), Strands("k", numbers.key_grad)
    known = np.concatenate([each.values[np.isfinite(each.values)] for each in both])
    return both, float(known.max()) if len(known) else 0.0


def curves_text(picture: Picture, position: int) -> str:
    """What the width of the curves stands for."""
    _, most = strands(picture, position)
    if most == 0.0:
        return ""
    if picture.coloring.shows_gradients:
        return f"curves: |gradient| back to values and keys, widest {short(most)}"
    return "curves: attention weight, widest 1"


def draw_attention(
    painter: QPainter,
    picture: Picture,
    t: Transform,
    size: QSizeF,
    position: int,
    head: tuple[int, int] | None,
    palette: Palette,
) -> None:
    """Draw the curves of a position. Where a layer's head is chosen, the curves of the others are faint.

    Curves from keys are drawn of a chosen head, or where they carry gradients of their own. Colours are mixed
    beforehand: what is see-through costs three times as much. Hairlines of one shade are one path; each smooth curve is
    a stroke of its own, for one path of many of them costs eight times as much.
    """
    both, most = strands(picture, position)
    if most == 0.0:
        return
    shares, starts, ends, picked = [], [], [], []
    for each in both:
        chosen = np.full(each.values.shape, head is None)
        if head is not None:
            chosen[head] = True
        values = each.values
        if each.reads == "k" and not picture.coloring.shows_gradients:
            if head is None:
                continue
            values = np.where(chosen, values, np.nan)  # of the chosen head alone
        _, first, last = attention_ends(picture.layout, position, each.reads)
        shares.append(values.ravel() / most)
        starts.append(first)
        ends.append(last)
        picked.append(chosen.ravel())
    curves = np.concatenate(shares), np.concatenate(starts), np.concatenate(ends), np.concatenate(picked)
    _draw(painter, *curves, t, size, palette)


def _draw(
    painter: QPainter,
    shares: Floats,
    starts: Floats,
    ends: Floats,
    chosen: np.ndarray,
    t: Transform,
    size: QSizeF,
    palette: Palette,
) -> None:
    scale, offset = np.array([t.scale_x, t.scale_y]), np.array([t.x, t.y])
    starts, ends = starts * scale + offset, ends * scale + offset
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    seen = (high >= 0).all(axis=1) & (low <= [size.width(), size.height()]).all(axis=1) & np.isfinite(shares)
    if not seen.any():
        return
    curves, near = _seen_parts(starts[seen], ends[seen], size.width())
    curves, shares, chosen = curves[near], np.clip(shares[seen][near], 0.0, 1.0), chosen[seen][near]
    shades = np.where(chosen, np.rint(shares * _SHADES), -1).astype(int)
    widths = _THINNEST + (_WIDEST - _THINNEST) * shares
    smooth = chosen & (widths > _HAIRLINE)  # smoothing costs ten times what a hairline does
    for shade in np.unique(shades[~smooth]).tolist():  # the strongest on top
        painter.strokePath(curve_path(curves[(shades == shade) & ~smooth]), _pen(palette, shade, 1.0))
    thick = np.flatnonzero(smooth)
    thick = thick[np.argsort(shares[thick])]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for i, line in zip(thick.tolist(), _points(curves[thick]), strict=True):
        painter.setPen(_pen(palette, int(shades[i]), round(float(widths[i]), 1)))
        painter.drawPolyline(line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


@lru_cache(maxsize=1024)
def _pen(palette: Palette, shade: int, width: float) -> QPen:
    """Stronger for a larger shade, 0 … _SHADES; faint for a head that is not chosen: -1."""
    share = 0.25 if shade < 0 else 0.35 + 0.65 * shade / _SHADES
    pen = QPen(mixed_color(palette.surface, palette.accent, share), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    return pen


def _seen_parts(starts: Floats, ends: Floats, width: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Of cubic curves from starts to ends (n, 2), vertical at both, what is near a view.

    Returns the points of these parts (n, 8), and whether anything of a curve is near (n,). What is outside costs a
    stroke as much as what is seen, and deep in the map most of a curve is outside. A part of a cubic curve is one too;
    its points are the polar form of the whole at the ends of the part (de Casteljau).
    """
    (x0, y0), (x1, y1) = starts.T, ends.T
    curves = np.column_stack([x0, y0, x0, y1, x1, y0, x1, y1])
    seen = np.ones(len(curves), dtype=bool)
    cut = np.flatnonzero((np.minimum(x0, x1) < -_WIDEST) | (np.maximum(x0, x1) > width + _WIDEST))
    if len(cut):  # x goes from one end to the other, never beyond
        coarse = np.linspace(0.0, 1.0, _COARSE)
        x0, y0, x1, y1 = x0[cut], y0[cut], x1[cut], y1[cut]
        x = _cubic(x0[:, None], x0[:, None], x1[:, None], x1[:, None], coarse)
        near = (x >= -_WIDEST) & (x <= width + _WIDEST)
        first = np.maximum(near.argmax(axis=1) - 1, 0)
        last = np.minimum(_COARSE - near[:, ::-1].argmax(axis=1), _COARSE - 1)
        low, high = coarse[first], coarse[last]
        for number, (a, b, c) in enumerate(((low, low, low), (low, low, high), (low, high, high), (high, high, high))):
            curves[cut, 2 * number] = _polar(x0, x0, x1, x1, a, b, c)
            curves[cut, 2 * number + 1] = _polar(y0, y1, y0, y1, a, b, c)
        seen[cut] = near.any(axis=1)
    return curves, seen


def _points(curves: Floats) -> list[list[QPointF]]:
    """Points along cubic curves (n, 8): as a line of them a smooth stroke is fastest."""
    t = np.linspace(0.0, 1.0, _FINE)
    at = curves.reshape(-1, 4, 2, 1)
    lines = _cubic(at[:, 0], at[:, 1], at[:, 2], at[:, 3], t)  # (n, 2, _FINE)
    return [list(map(QPointF, *line)) for line in lines.tolist()]


def _polar(p0: Floats, p1: Floats, p2: Floats, p3: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    """The polar form of one coordinate of Bézier curves (n,) at three parameters each (n,)."""
    q0, q1, q2 = ((1 - a) * p + a * q for p, q in ((p0, p1), (p1, p2), (p2, p3)))
    r0, r1 = (1 - b) * q0 + b * q1, (1 - b) * q1 + b * q2
    return (1 - c) * r0 + c * r1


def _cubic(p0: Floats, p1: Floats, p2: Floats, p3: Floats, t: Floats) -> Floats:
    """Coordinates of Bézier curves (…, 1) at the parameters t (m,): (…, m)."""
    u = 1.0 - t
    return p0 * u**3 + 3.0 * p1 * u**2 * t + 3.0 * p2 * u * t**2 + p3 * t**3
