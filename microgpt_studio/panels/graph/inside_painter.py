"""What is inside open cells: the boxes of its scalars, and the ports at which operands enter.

The boxes are filled into the picture of the cells, and edges upon them; figures are painted by others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.program import Ids
from microgpt_studio.debugger.binding import Binding
from microgpt_studio.panels.graph.frame import Frame
from microgpt_studio.panels.graph.inside import Boxes, Ports
from microgpt_studio.panels.graph.lines import Floats
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.raster import Fill, Fills, Layer
from microgpt_studio.panels.graph.strokes import Stroke
from microgpt_studio.theme import Palette
from microgpt_studio.theme.colormaps import Colors, argb
from microgpt_studio.widgets.line_path import outlines

_FRAMES_FROM = 14.0  # pixels of a port's width
_BAR = 3.0  # pixels
_BODY = 0.12  # from the surface to the colour of borders


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
    def of(cls, frame: Frame, picture: Picture, binding: Binding) -> Opened:
        """What a frame has to show of a picture's numbers."""
        program, expressions, inside = frame.layout.program, frame.layout.expressions, frame.inside
        scalars, t = frame.scalars, frame.transform
        boxes, ports = inside.boxes(scalars), inside.ports(scalars)
        first = binding.first_of(ports.scalar, picture.moment.tokens)
        operands = np.where(ports.second, program.second[ports.scalar], first).astype(np.int32)
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
            binding.first_of(scalars, picture.moment.tokens),
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


def opened_layers(opened: Opened, picture: Picture) -> tuple[Layer, ...]:
    """Bodies, headers and boxes of the open cells, to be filled one after the other upon the cells."""
    frame, ink, body = opened.frame, picture.ink, body_color(picture.palette)
    layout = frame.layout
    which = np.flatnonzero(frame.openness > 0)
    cells, share = frame.cells[which], frame.openness[which]
    index = np.arange(len(cells), dtype=np.int32)
    whole = Boxes(layout.left[cells], layout.top[cells], layout.width[cells], layout.height[cells])
    colors = np.where(ink.known[cells], ink.pixels[cells], ink.ground).astype(np.uint32)
    plain = np.full(len(cells), Fill.PLAIN, dtype=np.uint8)
    bodies = Layer(whole, index, mixed(colors, body, share), plain, ink.ground, ink.hatch)
    headers = Layer(frame.inside.headers(cells), index, ink.pixels[cells], ink.fills[cells], ink.ground, ink.hatch)
    owners = layout.expressions.cell[np.concatenate([opened.scalars, opened.ports.scalar])]
    below = mixed(np.where(ink.known[owners], ink.pixels[owners], ink.ground).astype(np.uint32), body, opened.share)
    hidden = (opened.fills == Fill.HATCHED) & (opened.share < 1)  # a hatching cannot be half seen
    pixels = np.where(hidden, below, mixed(below, opened.pixels, opened.share)).astype(np.uint32)
    fills = np.where(hidden, Fill.PLAIN, opened.fills).astype(np.uint8)
    index = np.arange(len(opened.share), dtype=np.int32)
    return bodies, headers, Layer(opened.all_boxes, index, pixels, fills, body, ink.hatch)


def port_strokes(opened: Opened, palette: Palette) -> tuple[Stroke, Stroke]:
    """Frames of the ports, for what stands there is somewhere else; and bars at the left of those of parameters."""
    size, t, ports = len(opened.scalars), opened.frame.transform, opened.ports.boxes
    near = np.flatnonzero((opened.box_width[size:] >= _FRAMES_FROM) & (opened.share[size:] >= 0.5))
    rects = np.column_stack(
        [
            np.rint(ports.left[near] * t.scale_x + t.x) + 0.5,
            np.rint(ports.top[near] * t.scale_y + t.y) + 0.5,
            np.rint(ports.width[near] * t.scale_x) - 1.0,
            np.rint(ports.height[near] * t.scale_y) - 1.0,
        ]
    )
    bars = rects[opened.operands[near] < opened.frame.layout.program.num_parameters]
    x, top, bottom = bars[:, 0] - 0.5 + _BAR / 2, bars[:, 1] - 0.5, bars[:, 1] + bars[:, 3] + 0.5
    return (
        Stroke(outlines(rects), palette.faint),
        Stroke(np.column_stack([x, top, x, bottom]), palette.text, _BAR),
    )


def mixed(below: Colors | np.uint32, above: Colors | np.uint32, share: Floats) -> Colors:
    """ARGB32 between two colours: `share` of the one above."""
    a, b = np.asarray(below, dtype=np.uint32), np.asarray(above, dtype=np.uint32)
    part = np.rint(share * 256).astype(np.uint32)
    out = np.full(np.broadcast_shapes(a.shape, b.shape, part.shape), 0xFF000000, dtype=np.uint32)
    for shift in (0, 8, 16):
        out |= ((b >> shift & 0xFF) * part + (a >> shift & 0xFF) * (256 - part) >> 8) << shift
    return out


def body_color(palette: Palette) -> np.uint32:
    """What the boxes of an open cell stand upon."""
    share = np.array([_BODY])
    return np.uint32(mixed(argb(palette.surface), argb(palette.border), share)[0])
