"""The raster: fills rectangles of the map into a picture, compiled and without the interpreter's lock.

A rectangle gets the pixels whose middle it holds; at its sides it lets the ground through in proportion, so that equal
cells look equal at every zoom. What is not known is hatched, what is not finite striped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.inside import Boxes
from microgpt_studio.panels.graph.lines import Indices
from microgpt_studio.theme.colormaps import Colors


class Fill(IntEnum):
    """How a rectangle is filled."""

    HATCHED = 0  # not known
    PLAIN = 1
    STRIPED = 2  # not finite


Fills = npt.NDArray[np.uint8]

_HATCH = 5  # pixels from one line of the hatching to the next
_STRIPE = 3  # the same for what is not finite
_GAPS_FROM = 3.0  # pixels a rectangle measures before gaps part it from its neighbours
_HATCHED, _PLAIN, _STRIPED = int(Fill.HATCHED), int(Fill.PLAIN), int(Fill.STRIPED)


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """What cells are painted with."""

    pixels: Colors  # ARGB32 (C,)
    fills: Fills  # (C,)
    ground: np.uint32
    hatch: np.uint32

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(C,) the others are hatched."""
        return np.not_equal(self.fills, _HATCHED)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Boxes to be filled, one upon the other where they overlap."""

    boxes: Boxes  # B
    which: Indices  # (n,) of the boxes, these
    pixels: Colors  # (B,) ARGB32, of every box
    fills: Fills  # (B,)
    ground: np.uint32
    hatch: np.uint32


def paint(out: Colors, layer: Layer, transform: Transform) -> None:
    """Fill a layer into `out` (height, width) ARGB32."""
    t = (transform.scale_x, transform.scale_y, transform.x, transform.y)
    b = layer.boxes
    ground, hatch = layer.ground, layer.hatch
    _paint(out, b.left, b.top, b.width, b.height, layer.which, layer.pixels, layer.fills, t, ground, hatch)


def holds_middles(boxes: Boxes, which: Indices, transform: Transform) -> npt.NDArray[np.bool_]:
    """(n,) whether each of some boxes is wide enough, or lies so, that `paint` fills pixels of it."""
    left = boxes.left[which] * transform.scale_x + transform.x
    right = (boxes.left[which] + boxes.width[which]) * transform.scale_x + transform.x
    found: npt.NDArray[np.bool_] = np.ceil(np.maximum(left, 0.0) - 0.5) < np.ceil(right - 0.5)
    return found


def warm_up_raster() -> None:
    """Compile what `paint` needs, where no cache holds it."""
    one, ink = np.zeros(1), np.zeros(1, dtype=np.uint32)
    layer = Layer(Boxes(one, one, one, one), np.zeros(1, np.int32), ink, np.zeros(1, np.uint8), ink[0], ink[0])
    paint(np.zeros((1, 1), dtype=np.uint32), layer, Transform(1.0, 1.0))


@compiled
def _paint(out, left, top, width, height, which, pixels, fills, t, ground, hatch):  # type: ignore[no-untyped-def]
    """Indices are unsigned, so that none is taken for one from the end; rows are found anew where a line begins.

    Narrow rectangles side by side are put into their first row, and that is copied to the others together.
    """
    rows, columns = out.shape
    scale_x, scale_y, offset_x, offset_y = t
    moved = math.floor(offset_x + 0.5) + math.floor(offset_y + 0.5)  # patterns move with the map
    one, two = np.uint64(1), np.uint64(2)
    above, thickness = np.nan, np.nan  # of the line
    first_row, end_row = 0, 0
    start, stop, from_row, to_row = np.uint64(0), np.uint64(0), 0, 0  # of what is to be copied
    for k in range(len(which)):
        box = np.uint64(which[k])
        x0 = left[box] * scale_x + offset_x
        x1 = (left[box] + width[box]) * scale_x + offset_x
        if x1 <= 0 or x0 >= columns:
            continue
        if top[box] != above or height[box] != thickness:
            above, thickness = top[box], height[box]
            y0 = math.floor(above * scale_y + offset_y + 0.5)
            y1 = math.floor((above + thickness) * scale_y + offset_y + 0.5)
            seen = y1 > 0 and y0 < rows
            y1 = y1 - 1 if y1 - y0 >= _GAPS_FROM else y1
            first_row, end_row = max(y0, 0), min(max(y1, y0 + 1), rows) if seen else 0
        if end_row <= first_row:
            continue
        side = x1 - x0
        first, last = np.uint64(math.ceil(max(x0, 0.0) - 0.5)), np.uint64(math.ceil(min(x1, columns) - 0.5))
        color, fill = pixels[box], fills[box]
        if side < _GAPS_FROM and fill == _PLAIN:  # up to three pixels
            if last <= first:  # of cells narrower than a pixel most hold the middle of none
                continue
            if first != stop or first_row != from_row or end_row != to_row:
                _copy_down(out, start, stop, from_row, to_row)
                start, from_row, to_row = first, first_row, end_row
            row = np.uint64(first_row)
            out[row, first] = out[row, last - one] = color
            if last - first > two:
                out[row, first + one] = color
            stop = last
            continue
        _copy_down(out, start, stop, from_row, to_row)
        start = stop
        end = x1 - min(0.16 * side, 1.0) if side >= _GAPS_FROM else x1
        while last > first and last - one >= end:
            last -= one
        if last <= first:
            continue
        left_color, right_color = color, color
        if side >= _GAPS_FROM and fill != _HATCHED:
            left_color = _blend(ground, color, min(first + 1.0, end) - max(float(first), x0))
            right_color = _blend(ground, color, min(float(last), end) - max(last - 1.0, x0))
        for y in range(first_row, end_row):
            part = out[y, first:last]
            phase = moved - y - int(first)
            if fill == _HATCHED:
                part[:] = ground
                for x in range(phase % _HATCH, len(part), _HATCH):
                    part[x] = hatch
                continue
            part[:] = color
            part[0], part[-1] = left_color, right_color
            if fill == _STRIPED:
                for x in range(phase % _STRIPE, len(part), _STRIPE):
                    part[x] = ground
    _copy_down(out, start, stop, from_row, to_row)


@compiled
def _copy_down(out, start, stop, from_row, to_row):  # type: ignore[no-untyped-def]
    """Copy a row's pixels from start to stop into the rows below it."""
    for y in range(from_row + 1, to_row):
        for x in range(start, stop):
            out[y, x] = out[from_row, x]


@compiled
def _blend(ground, color, share):  # type: ignore[no-untyped-def]
    mixed = np.uint32(0xFF000000)
    part = np.uint32(math.floor(share * 256.0 + 0.5))
    for shift in (0, 8, 16):
        s = np.uint32(shift)
        above, below = (color >> s) & np.uint32(0xFF), (ground >> s) & np.uint32(0xFF)
        mixed |= ((above * part + below * (np.uint32(256) - part)) >> np.uint32(8)) << s
    return mixed
