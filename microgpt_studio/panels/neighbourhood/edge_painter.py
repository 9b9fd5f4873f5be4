"""Paints the edges of a drawing: curves as wide and as strong as the contribution along them, with their numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.panels.neighbourhood.measures import node_font
from microgpt_studio.theme import Palette, Theme
from microgpt_studio.widgets.number_text import short

_THINNEST, _WIDEST = 1.0, 4.0  # pixels, for no contribution and the largest number of the scale
_STEPS = 48  # colours on either side of 0
_ARROW = 6.0
_HAIRLINE = 1.6  # pixels; what is not wider is drawn one pixel wide, which takes a tenth of the time
_MANY = 500  # curves in view, of which smooth ones would take too long
_HALO = 0.85  # how much the ground behind words covers

_Kind = tuple[int, bool, bool, bool]  # step from 0, whether it is known, in this document, stressed


def draw_edges(
    painter: QPainter,
    drawing: Drawing,
    figures: Figures,
    theme: Theme,
    seen: QRectF,
    pixel: float,
    near: frozenset[int],
    *,
    labelled: bool,
) -> None:
    """Paint what is in `seen`, in the drawing's coordinates; `pixel` is a pixel's size there. `near` is stressed."""
    visible = drawing.edges_in(seen)
    smooth = len(visible) <= _MANY
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shares = np.nan_to_num(figures.grad_scale.positions(figures.numbers.contribution))
    steps = np.rint(np.sign(shares) * np.sqrt(np.abs(shares)) * _STEPS).astype(np.int64).tolist()
    known = (figures.numbers.contribution_reach == Reach.KNOWN).tolist()
    there = figures.edges_there.tolist()
    pens: dict[_Kind, QPen] = {}
    arrows: dict[_Kind, QPainterPath] = {}
    for edge in sorted(visible, key=near.__contains__) if near else visible:
        kind = (steps[edge] if known[edge] else 0, known[edge], there[edge], edge in near)
        pen = pens.get(kind)
        if pen is None:
            pen = pens[kind] = _pen(theme.palette, kind, pixel)
        painter.setPen(pen)
        part = drawing.part_of_edge(edge, seen)
        if part is None:
            painter.drawPath(drawing.edges[edge])
        else:
            painter.drawPolyline(part)
        if labelled:
            _add_arrow(arrows.setdefault(kind, QPainterPath()), *drawing.heads[edge], _ARROW + pen.widthF())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for kind, arrow in arrows.items():
        painter.fillPath(arrow, pens[kind].color())


def draw_labels(
    painter: QPainter,
    drawing: Drawing,
    figures: Figures,
    theme: Theme,
    seen: QRectF,
    near: frozenset[int],
    stressed: int | None,
) -> None:
    """Local derivative above each curve, contribution below it; of the edges `near` the stressed node in any case."""
    palette, measures = theme.palette, drawing.measures
    painter.setFont(node_font(theme))
    ground = QColor(palette.surface)
    ground.setAlphaF(_HALO)
    there = figures.edges_there.tolist()
    places = list(drawing.labels)
    for edge in near:
        if places[edge] is None:
            places[edge] = drawing.label_at(edge, tail=int(drawing.neighbourhood.consumer[edge]) == stressed)
    texts = [
        (label, edge_words(figures, edge))
        for edge, label in enumerate(places)
        if label is not None and there[edge] and label.intersects(seen)
    ]
    for label, words in texts:
        width = max(map(len, words)) * measures.advance
        painter.fillRect(QRectF(label.left() - 1.0, label.top() + 1.0, width + 2.0, label.height() - 2.0), ground)
    for row, color in ((0, palette.muted), (1, palette.text)):
        painter.setPen(QColor(color))
        for label, words in texts:
            baseline = label.top() + row * measures.line + measures.ascent
            painter.drawText(QPointF(label.left(), baseline), words[row])


def edge_words(figures: Figures, edge: int) -> tuple[str, str]:
    """The local derivative and the contribution in four digits; nothing where they are not known."""
    numbers = figures.numbers
    derivative = short(float(numbers.derivative[edge])) if numbers.derivative_reach[edge] == Reach.KNOWN else ""
    contribution = short(float(numbers.contribution[edge])) if numbers.contribution_reach[edge] == Reach.KNOWN else ""
    return f"∂ {derivative}" if derivative else "", f"∂·g {contribution}" if contribution else ""


def _pen(palette: Palette, kind: _Kind, pixel: float) -> QPen:
    step, known, there, near = kind
    way = abs(step) / _STEPS  # the root of the share: small contributions are told from none
    if known:
        base, full = QColor(palette.hatch), QColor(palette.positive if step > 0 else palette.negative)
        mixed = min(1.0, way + (0.25 if near and step else 0.0))
        channels = ((base.redF(), full.redF()), (base.greenF(), full.greenF()), (base.blueF(), full.blueF()))
        color = QColor.fromRgbF(*(a + (b - a) * mixed for a, b in channels))
    else:
        color = QColor(palette.muted if near else palette.hatch)
    width = _THINNEST + (_WIDEST - _THINNEST) * way**2
    thin = width < max(_HAIRLINE, pixel)
    pen = QPen(color, 1.0 if thin else width)
    pen.setCosmetic(thin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    if not known:
        pen.setDashPattern([2.0, 3.0] if there else [1.0, 5.0])
    return pen


def _add_arrow(path: QPainterPath, end: QPointF, way: QPointF, length: float) -> None:
    aside = QPointF(-way.y(), way.x()) * (0.4 * length)
    back = end - way * length
    path.moveTo(end)
    path.lineTo(back + aside)
    path.lineTo(back - aside)
    path.closeSubpath()
