"""The raster: pictures of all cells in the window, one scan line of cells at a time, in numpy alone.

The work grows with the window's pixels, not with the elements of the program. A cell gets the pixels whose middle it
holds; at its sides it lets the ground through in proportion, so that equal cells look equal at every zoom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.map_layout import MapLayout, Pattern
from microgpt_studio.theme.colormaps import Colors

Flags = npt.NDArray[np.bool_]

_HATCH = 5  # pixels from one line of the hatching to the next
_STRIPE = 3  # the same for what is not finite
_GAPS_FROM = 3.0  # pixels a cell measures before gaps part it from its neighbours


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """What the cells are painted with."""

    pixels: Colors  # ARGB32 (E,)
    known: Flags  # (E,) the others are hatched
    strange: Flags  # (E,) NaN and infinities, striped
    ground: np.uint32
    hatch: np.uint32


def paint_cells(layout: MapLayout, ink: Ink, transform: Transform, out: Colors, positions: int) -> None:
    """Fill `out` (height, width) ARGB32 with the cells of the first `positions` columns."""
    height, width = out.shape
    out.fill(ink.ground)
    limit = min(width, int(positions * layout.pitch * transform.scale_x + transform.x))  # a gap ends every column
    if limit <= 0:
        return
    out = out[:, :limit]
    tops = np.rint(layout.line_top * transform.scale_y + transform.y).astype(int)
    bottoms = np.rint(layout.line_bottom * transform.scale_y + transform.y).astype(int)
    bottoms[:-1] -= (bottoms[:-1] >= tops[1:]) & (bottoms[:-1] - tops[:-1] >= _GAPS_FROM)  # between lines of a row
    bottoms = np.maximum(bottoms, tops + 1)
    seen = (bottoms > 0) & (tops < height)
    for pattern in layout.patterns:
        here = seen[pattern.lines]
        if not here.any():
            continue
        slots, cover = _across(pattern, transform, limit)
        inside = slots >= 0
        elements = pattern.elements[here][:, slots]  # (lines, width)
        strips = ink.pixels[elements]
        _blend(strips, cover, ink.ground)
        unknown = inside & ~ink.known[elements]
        strange = inside & ink.strange[elements] & ~unknown
        strips[unknown] = ink.ground
        for i, line in enumerate(pattern.lines[here].tolist()):
            top, bottom = max(tops[line], 0), min(bottoms[line], height)
            strip = out[top:bottom]
            strip[:] = strips[i]
            if unknown[i].any():
                _hatch(strip, unknown[i] & (cover > 0.5), ink.hatch, _HATCH, top, transform)
            if strange[i].any():
                _hatch(strip, strange[i], ink.ground, _STRIPE, top, transform)


def _across(pattern: Pattern, t: Transform, width: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """For each pixel of a line the slot of the cell there, -1 for none, and how much of the pixel it covers."""
    middle = np.arange(width) + 0.5
    slots = np.searchsorted(pattern.left, (middle - t.x) / t.scale_x, side="right") - 1
    left = pattern.left[slots] * t.scale_x + t.x
    right = pattern.right[slots] * t.scale_x + t.x
    slots[(middle >= right) | (middle < left)] = -1
    side = right - left
    gap = np.where(side >= _GAPS_FROM, np.minimum(0.16 * side, 1.0), 0.0)
    cover = np.minimum(middle + 0.5, right - gap) - np.maximum(middle - 0.5, left)
    cover = np.where(side < _GAPS_FROM, 1.0, np.clip(cover, 0.0, 1.0))
    return slots, np.where(slots < 0, 0.0, cover)


def _blend(strips: Colors, cover: npt.NDArray[np.float64], ground: np.uint32) -> None:
    """Mix the ground into the columns of (lines, width) pixels that are not covered whole, in place."""
    strips[:, cover == 0.0] = ground
    edge = np.flatnonzero((cover > 0.0) & (cover < 1.0))
    share = np.rint(cover[edge] * 256).astype(np.uint32)
    mixed = np.full((len(strips), len(edge)), 0xFF000000, dtype=np.uint32)
    for shift in (0, 8, 16):
        above = strips[:, edge] >> shift & 0xFF
        mixed |= (above * share + (ground >> shift & 0xFF) * (256 - share) >> 8) << shift
    strips[:, edge] = mixed


def _hatch(strip: Colors, flags: Flags, color: np.uint32, period: int, top: int, t: Transform) -> None:
    """Draw diagonals over the flagged columns of (height, width) pixels; they move with the map."""
    columns = np.flatnonzero(flags)
    phase = columns - round(t.x) + top - round(t.y)
    for row in range(min(period, len(strip))):
        strip[row::period, columns[(phase + row) % period == 0]] = color
