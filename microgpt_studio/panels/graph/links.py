"""Links: lines from a scalar to the cells that it is made from, and to those that use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt.program.program import Ids
from microgpt_studio.debugger.binding import Binding
from microgpt_studio.panels.graph.frame import HIT_FROM, Frame
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.theme import Palette

_DOT = 3.0  # pixels: the end of a line at what a scalar is made from
_DOTS_FROM = 9.0  # pixels of a place's width; nearer to one another they would hide the cells
_DASHES = [4.0, 3.0]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Of one scalar of a document. Where it is an element, its whole expression counts."""

    scalar: int
    operands: Ids  # (n,) ids outside of its cell, ascending
    consumers: Ids  # (m,) cells that use it, by what stands for them, ascending

    @classmethod
    def of(cls, scalar: int, layout: MapLayout, binding: Binding, tokens: tuple[int, ...]) -> Links:
        program, expressions = layout.program, layout.expressions
        cell = layout.cell_of(scalar)
        whole = expressions.scalar[cell] == scalar
        members = expressions.of(cell) if whole else np.array([scalar], dtype=np.int32)
        read = np.concatenate([binding.first_of(members, tokens), program.second[members]])
        read = np.unique(read[read >= 0])
        users = np.unique(expressions.cell[binding.consumers(members, tokens)])
        if whole:
            read = read[expressions.cell[read] != cell]
            users = users[users != cell]
        return cls(scalar, read.astype(np.int32), expressions.scalar[users])


def draw_links(painter: QPainter, links: Links, frame: Frame, color: str, palette: Palette) -> None:
    """Draw lines to the operands, each with a dot at its end, and dashed ones to the consumers.

    Into a cell that is open the operands come by its ports, and inside of it edges are drawn already.
    """
    own = frame.place_of(links.scalar)
    if own is None:
        return
    window = QRectF(0.0, 0.0, frame.size.width(), frame.size.height())
    layout = frame.layout
    cell = layout.cell_of(links.scalar)
    is_open = frame.openness_of(cell) >= HIT_FROM
    elsewhere = links.consumers[layout.expressions.cell[links.consumers] != cell] if is_open else links.consumers
    operands = [] if is_open else _lines(links.operands, frame, own, window)
    consumers = _lines(elsewhere, frame, own, window)
    painter.setPen(QPen(QColor(color), 1.0))
    painter.drawLines([line for line, _ in operands])
    for line, width in operands:
        if width >= _DOTS_FROM and window.contains(line.p2()):
            painter.fillRect(QRectF(line.x2() - _DOT / 2, line.y2() - _DOT / 2, _DOT, _DOT), QColor(palette.text))
    pen = QPen(QColor(color), 1.0, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern(_DASHES)
    painter.setPen(pen)
    painter.drawLines([line for line, _ in consumers])


def _lines(scalars: Ids, frame: Frame, own: QRectF, window: QRectF) -> list[tuple[QLineF, float]]:
    """From a scalar's place to those of others, as far as they may be in sight, and how wide these are.

    A line leaves its scalar at the side that faces the other one: below or above, or else beside it.
    """
    lefts, tops, rights, bottoms = frame.places_of(scalars)
    ends = np.empty((4, len(lefts)))  # x and y of the beginning, x and y of the end
    ends[0], ends[2] = own.center().x(), (lefts + rights) / 2
    ends[1], ends[3] = own.center().y(), (tops + bottoms) / 2
    below, above = tops >= own.bottom(), bottoms <= own.top()
    above &= ~below
    ends[1, below], ends[3, below] = own.bottom(), tops[below]
    ends[1, above], ends[3, above] = own.top(), bottoms[above]
    right = ~below & ~above & (lefts >= own.right())
    left = ~below & ~above & ~right
    ends[0, right], ends[2, right] = own.right(), lefts[right]
    ends[0, left], ends[2, left] = own.left(), rights[left]
    low_x, high_x = np.minimum(ends[0], ends[2]), np.maximum(ends[0], ends[2])
    low_y, high_y = np.minimum(ends[1], ends[3]), np.maximum(ends[1], ends[3])
    seen = (low_x <= window.right()) & (high_x >= window.left()) & (low_y <= window.bottom())
    seen &= high_y >= window.top()
    return [(QLineF(*line), width) for *line, width in np.vstack([ends, rights - lefts])[:, seen].T.tolist()]
