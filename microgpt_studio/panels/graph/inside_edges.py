"""Edges inside open cells: how they run from boxes and ports to the scalars that use them, and what they carry.

An edge between neighbours is straight. One that has to pass a box runs in the gap beside the column, and a running sum
that goes on in the next band runs below its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QColor, QPainter

from microgpt.program.program import Ids
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.graph.inside import Boxes, Flags
from microgpt_studio.panels.graph.inside_kernels import GAP_Y, MOST_PIECES, route
from microgpt_studio.panels.graph.inside_painter import Opened
from microgpt_studio.panels.graph.lines import Floats
from microgpt_studio.panels.graph.overlay import mixed_color
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.strokes import Stroke
from microgpt_studio.panels.graph.texts import Texts
from microgpt_studio.theme import Palette, Theme
from microgpt_studio.widgets.number_text import short

EDGES_FROM = 14.0  # pixels of a box's width
_SMALLEST = 9  # of the figures along edges


@dataclass(frozen=True, slots=True, eq=False)
class InnerEdges:
    """Edges that lead to the scalars of open cells, (n,) each; and the straight pieces of which they are made, (m,)."""

    consumer: Ids
    operand: Ids
    second: Flags  # it is the consumer's second operand
    label_x: Floats  # pixels: where the figure begins
    label_y: Floats  # pixels: the baseline of the figure, in the middle of its room
    label_room: Floats  # pixels across; 0: none
    share: Floats  # how open the cell is
    pieces: Floats  # (m, 4) pixels: from x, y to x, y
    piece_share: Floats  # (m,)


def inner_edges(opened: Opened) -> InnerEdges:
    """All edges that lead to the scalars of open cells."""
    groups = [_from_boxes(opened, second=False), _from_boxes(opened, second=True), _from_ports(opened)]
    t = opened.frame.transform
    scale, offset = np.array([t.scale_x, t.scale_y]), np.array([t.x, t.y])

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(group, name) for group in groups])

    label = np.column_stack([joined("label_x"), joined("label_y")]) * scale + offset
    pieces = joined("pieces").reshape(-1, 2) * scale + offset
    return InnerEdges(
        joined("consumer"),
        joined("operand"),
        joined("second"),
        label[:, 0],
        label[:, 1],
        joined("label_room") * t.scale_x,
        joined("share"),
        pieces.reshape(-1, 4),
        joined("piece_share"),
    )


def _from_boxes(opened: Opened, *, second: bool) -> InnerEdges:
    """Edges between scalars of the same cell, in map units."""
    expressions, count = opened.frame.layout.expressions, len(opened.scalars)
    operand = opened.second if second else opened.first
    own = (opened.box_width[:count] >= EDGES_FROM * opened.frame.text_scale) & (operand >= 0)
    own[own] = expressions.cell[operand[own]] == expressions.cell[opened.scalars[own]]
    users, sources = opened.scalars[own], operand[own]
    along = (expressions.level[sources] == expressions.level[users]) & (sources != users)
    start, end = opened.frame.inside.boxes(sources), opened.boxes[own]
    return _routed(opened, users, sources, np.full(len(users), second), opened.share[:count][own], start, end, along)


def _from_ports(opened: Opened) -> InnerEdges:
    """Edges from ports to scalars, in map units."""
    size, ports = len(opened.scalars), opened.ports
    near = np.flatnonzero(opened.box_width[size:] >= EDGES_FROM * opened.frame.text_scale)
    users, share = ports.scalar[near], opened.share[size:][near]
    start, end, along = ports.boxes[near], opened.frame.inside.boxes(users), np.zeros(len(near), dtype=np.bool_)
    return _routed(opened, users, opened.operands[near], ports.second[near], share, start, end, along)


def _routed(
    opened: Opened,
    users: Ids,
    operands: Ids,
    second: Flags,
    share: Floats,
    start: Boxes,
    end: Boxes,
    along: Flags,
) -> InnerEdges:
    inside, cells, count = opened.frame.inside, opened.frame.layout.expressions.cell[users], len(users)
    label_x, label_y, room = np.empty((3, count))
    pieces, piece_share = np.empty((MOST_PIECES * count, 4)), np.empty(MOST_PIECES * count)
    slots = inside.slot_width, inside.slot_height
    found = route(
        cells, slots, start.sides, end.sides, second, along, share, label_x, label_y, room, pieces, piece_share
    )
    return InnerEdges(
        users, operands, second, label_x, label_y, room, share, pieces[:found].reshape(-1, 4), piece_share[:found]
    )


def edge_strokes(edges: InnerEdges, palette: Palette) -> tuple[Stroke, Stroke]:
    """The lines of edges: faint in cells that are only a little open, and of the others."""
    little = edges.piece_share <= 0.5
    color = mixed_color(palette.surface, palette.faint, 0.5).name()
    return Stroke(edges.pieces[little & (edges.piece_share > 0)], color), Stroke(edges.pieces[~little], palette.faint)


def local_derivatives(picture: Picture, consumers: Ids, second: Flags) -> tuple[Floats, Flags]:
    """(n,) d(consumer) / d(operand) of edges, and where it is known."""
    inside = picture.inside
    if inside is None:
        return np.zeros(len(consumers)), np.zeros(len(consumers), dtype=np.bool_)
    places, derivatives = inside.places(consumers), inside.derivatives
    reach = np.where(second, derivatives.second_reach[places], derivatives.first_reach[places])
    return np.where(second, derivatives.second[places], derivatives.first[places]), np.equal(reach, Reach.KNOWN)


def draw_derivatives(painter: QPainter, edges: InnerEdges, opened: Opened, picture: Picture, theme: Theme) -> None:
    """Write the local derivative beside each edge that has the room."""
    texts = Texts(theme.number_font(_SMALLEST))
    size, inside = opened.frame.size, opened.frame.inside
    gaps = GAP_Y * inside.slot_height[opened.frame.layout.expressions.cell[edges.consumer]]
    roomy = (edges.share >= 1) & (gaps * opened.frame.transform.scale_y >= 0.8 * texts.height)
    roomy &= (edges.label_room >= texts.advance) & (edges.label_x > -edges.label_room) & (edges.label_y > 0)
    roomy &= (edges.label_x < size.width()) & (edges.label_y < size.height() + texts.height)
    here = np.flatnonzero(roomy)
    numbers, known = local_derivatives(picture, edges.consumer[here], edges.second[here])
    here, numbers = here[known], numbers[known]
    rooms = np.maximum((edges.label_room[here] - 4.0) / texts.advance, 1.0)
    down = texts.ascent - texts.height / 2
    places = zip(
        numbers.tolist(), rooms.tolist(), edges.label_x[here].tolist(), edges.label_y[here].tolist(), strict=True
    )
    for number, room, x, y in places:
        text = f"{number:g}" if number in (0.0, 1.0, -1.0) else short(number)
        if len(text) <= room:
            texts.add(text, x + 3.0, y + down)
    texts.paint(painter, QColor(theme.palette.muted))
