"""The strongest chain on the map: the path to the loss with the largest product of local derivatives, with its numbers.

A run of links within one cell that is not open is one stop; the figure beside a line is what lies between two stops.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt_studio.debugger.paths import Paths
from microgpt_studio.panels.graph.frame import Frame, between
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import short

_ROOM = 34.0  # pixels of a line from which its figure is written
_WIDTH = 2.0
_STOP = 2.0  # pixels: the radius of the dot at the end of a line


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the chain passes, and the product of the local derivatives since the last stop."""

    scalar: int
    factor: float | None  # None at the first


def stops(paths: Paths, frame: Frame) -> tuple[Stop, ...]:
    """The chain as the frame shows it, from the scalar to the loss; the factors multiply to the chain's product."""
    found: list[Stop] = []
    layout, factor = frame.layout, 1.0
    for i, link in enumerate(paths.chain):
        factor *= 1.0 if link.derivative is None else link.derivative
        last = i + 1 == len(paths.chain)
        cell = layout.cell_of(link.scalar)
        leaves = last or layout.cell_of(paths.chain[i + 1].scalar) != cell
        if i == 0 or leaves or frame.openness_of(cell) > 0:
            found.append(Stop(link.scalar, factor if i else None))
            factor = 1.0
    return tuple(found)


def draw_chain(painter: QPainter, paths: Paths, frame: Frame, theme: Theme) -> None:
    """Draw the chain as far as it is in sight."""
    window = QRectF(QPointF(0.0, 0.0), frame.size)
    near = window.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
    places = [(stop, frame.place_of(stop.scalar)) for stop in stops(paths, frame)]
    boxes = [(stop, place) for stop, place in places if place is not None]
    every = [(between(a, b), stop.factor) for (_, a), (stop, b) in pairwise(boxes)]
    lines = [(line, factor) for line, factor in every if near.intersects(_around(line))]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((theme.palette.surface, _WIDTH + 2.0), (theme.palette.accent, _WIDTH)):
        painter.setPen(QPen(QColor(color), width))
        painter.drawLines([line for line, _ in lines])
    painter.setBrush(QColor(theme.palette.accent))
    for line, _ in lines:
        for end in (line.p1(), line.p2()):
            painter.drawEllipse(end, _STOP, _STOP)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(theme.palette.accent), 1.0))
    painter.drawRects([place for _, place in boxes if near.intersects(place)])
    _write(painter, lines, window, theme)


def _around(line: QLineF) -> QRectF:
    return QRectF(line.p1(), line.p2()).normalized().adjusted(-1.0, -1.0, 1.0, 1.0)


def _write(painter: QPainter, lines: list[tuple[QLineF, float | None]], window: QRectF, theme: Theme) -> None:
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
    taken: list[QRectF] = []
    for line, factor in lines:
        if factor is None or line.length() < _ROOM:
            continue
        text = f"×{factor:g}" if factor in (0.0, 1.0, -1.0) else f"×{short(factor)}"
        middle = line.center()
        box = QRectF(middle.x() + 5.0, middle.y() - metrics.height() / 2, metrics.horizontalAdvance(text) + 6.0, 0.0)
        box.setHeight(metrics.height())
        if not window.contains(box) or any(box.intersects(other) for other in taken):
            continue
        taken.append(box)
        painter.fillRect(box, QColor(theme.palette.surface))
        painter.setPen(QColor(theme.palette.accent))
        painter.drawText(QPointF(box.left() + 3.0, box.top() + metrics.ascent()), text)
