"""What is inside open cells: boxes of scalars and ports, the edges between them, and their numbers.

The boxes are filled into the picture of the cells; edges and figures are painted upon it. An edge carries the local
derivative, a box its data above and its grad below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt.program.program import Ids
from microgpt_studio.debugger.binding import bound_first
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.graph.frame import Frame
from microgpt_studio.panels.graph.inside import Boxes, Flags, Ports
from microgpt_studio.panels.graph.lines import Floats
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.raster import Fill, Fills, paint
from microgpt_studio.theme.colormaps import Colors, argb

EDGES_FROM = 14.0  # pixels of a box's width


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """Everything inside the open cells of a frame: boxes of scalars first, then of ports. S scalars, Q ports."""

    frame: Frame
    scalars: Ids  # (S,)
    boxes: Boxes  # (S,)
    ports: Ports  # (Q,)
    operands: Ids  # (Q,) what enters at each port
    first: Ids  # (S,) first operands; -1: none
    second: Ids  # (S,)
    share: Floats  # (S + Q,) how open the cell is
    box_width: Floats  # (S + Q,) pixels
    box_height: Floats  # (S + Q,) pixels
    pixels: Colors  # (S + Q,) ARGB32
    fills: Fills  # (S + Q,)

    @classmethod
    def of(cls, frame: Frame, picture: Picture) -> Opened:
        """What a frame has to show of a picture's numbers."""
        program, expressions, inside = frame.layout.program, frame.layout.expressions, frame.inside
        scalars, t = frame.scalars, frame.transform
        all_first = bound_first(program, picture.moment.tokens)
        boxes, ports = inside.boxes(scalars), inside.ports(scalars)
        operands = np.where(ports.second, program.second[ports.scalar], all_first[ports.scalar]).astype(np.int32)
        users = np.concatenate([scalars, ports.scalar])
        cells = expressions.cell[users]
        share = inside.openness(cells, t.scale_x, t.scale_y, frame.text_scale)
        pixels, fills = picture.inner_ink(np.concatenate([scalars, operands]))
        return cls(
            frame,
            scalars,
            boxes,
            ports,
            operands,
            all_first[scalars],
            program.second[scalars],
            share,
            np.concatenate([boxes.width, ports.boxes.width]) * t.scale_x,
            np.concatenate([boxes.height, ports.boxes.height]) * t.scale_y,
            pixels,
            fills,
        )

    @property
    def all_boxes(self) -> Boxes:
        """(S + Q,)"""
        a, b = self.boxes, self.ports.boxes
        return Boxes(
            np.concatenate([a.left, b.left]),
            np.concatenate([a.top, b.top]),
            np.concatenate([a.width, b.width]),
            np.concatenate([a.height, b.height]),
        )


def fill_opened(out: Colors, opened: Opened, picture: Picture, body: np.uint32) -> None:
    """Fill bodies, headers and boxes of the open cells into a picture in device pixels."""
    frame, ink = opened.frame, picture.ink
    scale = out.shape[1] / max(frame.size.width(), 1.0)
    t = frame.transform.times(scale)
    which = np.flatnonzero(frame.openness > 0)
    if not len(which):
        return
    cells, share = frame.cells[which], frame.openness[which]
    index = np.arange(len(cells), dtype=np.int32)
    layout = frame.layout
    whole = Boxes(layout.left[cells], layout.top[cells], layout.width[cells], layout.height[cells])
    plain = np.full(len(cells), Fill.PLAIN, dtype=np.uint8)
    colors = np.where(ink.known[cells], ink.pixels[cells], ink.ground).astype(np.uint32)
    paint(out, whole, index, mixed(colors, body, share), plain, t, ink.ground, ink.hatch)
    paint(out, frame.inside.headers(cells), index, ink.pixels[cells], ink.fills[cells], t, ink.ground, ink.hatch)
    index = np.arange(len(opened.share), dtype=np.int32)
    owners = layout.expressions.cell[np.concatenate([opened.scalars, opened.ports.scalar])]
    below = mixed(np.where(ink.known[owners], ink.pixels[owners], ink.ground).astype(np.uint32), body, opened.share)
    pixels = mixed(below, opened.pixels, opened.share)
    fills = np.where((opened.fills == Fill.HATCHED) & (opened.share < 1), Fill.PLAIN, opened.fills).astype(np.uint8)
    pixels = np.where((fills == Fill.PLAIN) & (opened.fills == Fill.HATCHED), below, pixels).astype(np.uint32)
    paint(out, opened.all_boxes, index, pixels, fills, t, body, ink.hatch)


@dataclass(frozen=True, slots=True, eq=False)
class InnerEdges:
    """Edges inside open cells, in pixels: (n,) each. An edge leads from an operand's box, or a port, to a scalar's."""

    consumer: Ids
    operand: Ids
    second: Flags  # it is the consumer's second operand
    start: Floats  # (n, 2)
    end: Floats  # (n, 2)
    share: Floats


def inner_edges(opened: Opened) -> InnerEdges:
    """All edges that lead to the scalars of open cells."""
    frame, expressions = opened.frame, opened.frame.layout.expressions
    t, size = frame.transform, len(opened.scalars)
    ports = opened.ports
    wide = opened.box_width[:size] >= EDGES_FROM * frame.text_scale
    consumers, operands, seconds, starts, ends, shares = [], [], [], [], [], []
    boxes = opened.boxes
    for second, operand in enumerate((opened.first, opened.second)):
        own = wide & (operand >= 0)
        own[own] = expressions.cell[operand[own]] == expressions.cell[opened.scalars[own]]
        here = np.flatnonzero(own)
        source = frame.inside.boxes(operand[here])
        level = expressions.level[operand[here]] == expressions.level[opened.scalars[here]]
        same_band = np.abs(source.top - boxes.top[here]) < 0.5 * boxes.height[here]
        along = level & same_band
        middle = source.left + source.width / 2
        start_x = np.where(along, source.left + source.width, middle)
        start_y = np.where(along, source.top + source.height / 2, source.top + source.height)
        end_x = np.where(along, boxes.left[here], boxes.left[here] + boxes.width[here] / 2)
        end_y = np.where(along, boxes.top[here] + boxes.height[here] / 2, boxes.top[here])
        consumers.append(opened.scalars[here])
        operands.append(operand[here])
        seconds.append(np.full(len(here), bool(second)))
        starts.append(np.column_stack([start_x, start_y]))
        ends.append(np.column_stack([end_x, end_y]))
        shares.append(opened.share[:size][here])
    near = np.flatnonzero(opened.box_width[size:] >= EDGES_FROM * frame.text_scale)
    users = ports.scalar[near]
    target, port = frame.inside.boxes(users), ports.boxes
    rows = np.where(ports.second[near], expressions.second_port[users], expressions.first_port[users])
    across = 0.12 + 0.76 * (rows + 0.5) / np.maximum(expressions.ports[expressions.cell[users]], 1)  # side by side
    x = port.left[near] + across * port.width[near]
    consumers.append(users)
    operands.append(opened.operands[near])
    seconds.append(ports.second[near])
    starts.append(np.column_stack([x, port.top[near] + port.height[near]]))
    ends.append(np.column_stack([x, target.top]))
    shares.append(opened.share[size:][near])
    scale, offset = np.array([t.scale_x, t.scale_y]), np.array([t.x, t.y])
    return InnerEdges(
        np.concatenate(consumers),
        np.concatenate(operands),
        np.concatenate(seconds),
        np.concatenate(starts) * scale + offset,
        np.concatenate(ends) * scale + offset,
        np.concatenate(shares),
    )


def local_derivative(picture: Picture, consumer: int, *, second: bool) -> float | None:
    """d(consumer) / d(operand) where it is known."""
    derivatives = picture.derivatives
    if derivatives is None:
        return None
    values, reach = (
        (derivatives.second, derivatives.second_reach) if second else (derivatives.first, derivatives.first_reach)
    )
    return float(values[consumer]) if reach[consumer] == Reach.KNOWN else None


def draw_inner_edges(painter: QPainter, edges: InnerEdges, color: str) -> None:
    """Draw the edges; those of cells that are only a little open are faint."""
    for low, high in ((0.0, 0.5), (0.5, 1.0)):
        here = np.flatnonzero((edges.share > low) & (edges.share <= high))
        if not len(here):
            continue
        ink = QColor(color)
        ink.setAlphaF(0.5 * (low + high) if high < 1 else 1.0)
        painter.setPen(QPen(ink, 1.0))
        ends = np.column_stack([edges.start[here], edges.end[here]]).tolist()
        painter.drawLines([QLineF(QPointF(a, b), QPointF(c, d)) for a, b, c, d in ends])


def mixed(below: Colors | np.uint32, above: Colors | np.uint32, share: Floats) -> Colors:
    """ARGB32 between two colours: `share` of the one above."""
    a, b = np.asarray(below, dtype=np.uint32), np.asarray(above, dtype=np.uint32)
    part = np.rint(share * 256).astype(np.uint32)
    out = np.full(np.broadcast_shapes(a.shape, b.shape, part.shape), 0xFF000000, dtype=np.uint32)
    for shift in (0, 8, 16):
        out |= ((b >> shift & 0xFF) * part + (a >> shift & 0xFF) * (256 - part) >> 8) << shift
    return out


def body_color(raised: str) -> np.uint32:
    """What the boxes of an open cell stand upon."""
    return argb(raised)
