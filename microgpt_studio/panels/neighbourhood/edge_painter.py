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
_ARROW = 7.0
_MANY = 500  # curves in view, of which smooth ones would take too long
_HALO = 0.85  # how much the ground behind words covers


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
    visible = [edge for edge, bounds in enumerate(drawing.bounds) if _touches(bounds, seen)]
    smooth = len(visible) <= _MANY
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shares = np.nan_to_num(figures.grad_scale.positions(figures.numbers.contribution))
    known = (figures.numbers.contribution_reach == Reach.KNOWN).tolist()
    there = figures.edges_there.tolist()
    arrows: dict[int, QPainterPath] = {}
    for edge in sorted(visible, key=near.__contains__):
        share = float(shares[edge]) if known[edge] else 0.0
        color = _color(theme.palette, share, known=known[edge], near=edge in near)
        pen = QPen(color, max(_THINNEST + (_WIDEST - _THINNEST) * abs(share), pixel))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if not known[edge]:
            pen.setDashPattern([2.0, 3.0] if there[edge] else [1.0, 5.0])
        painter.setPen(pen)
        painter.drawPath(drawing.edges[edge])
        if labelled:
            arrow = arrows.setdefault(color.rgba(), QPainterPath())
            _add_arrow(arrow, *drawing.heads[edge], _ARROW + 1.5 * abs(share))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for rgba, arrow in arrows.items():
        painter.fillPath(arrow, QColor.fromRgba(rgba))


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


def _color(palette: Palette, share: float, *, known: bool, near: bool) -> QColor:
    if not known:
        return QColor(palette.hatch if not near else palette.muted)
    base, full = QColor(palette.hatch), QColor(palette.positive if share > 0 else palette.negative)
    way = min(1.0, abs(share) ** 0.5 + (0.25 if near else 0.0)) if share else 0.0
    channels = ((base.redF(), full.redF()), (base.greenF(), full.greenF()), (base.blueF(), full.blueF()))
    return QColor.fromRgbF(*(a + (b - a) * way for a, b in channels))


def _touches(bounds: QRectF, seen: QRectF) -> bool:
    """As QRectF.intersects, but a straight line has bounds without a height."""
    return (
        bounds.left() <= seen.right()
        and bounds.right() >= seen.left()
        and bounds.top() <= seen.bottom()
        and bounds.bottom() >= seen.top()
    )


def _add_arrow(path: QPainterPath, end: QPointF, way: QPointF, length: float) -> None:
    aside = QPointF(-way.y(), way.x()) * (0.4 * length)
    back = end - way * length
    path.moveTo(end)
    path.lineTo(back + aside)
    path.lineTo(back - aside)
    path.closeSubpath()
