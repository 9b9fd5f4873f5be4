"""The strength of edges: the largest local derivative, or contribution, of those in each tile, and its colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.program import Floats
from microgpt_studio.debugger.edges import Counts, EdgeFigures, Edges, Tiles
from microgpt_studio.debugger.snapshot import Reach, Reaches
from microgpt_studio.panels.matrix.density import FAINTEST
from microgpt_studio.theme import Palette
from microgpt_studio.theme.colormaps import Colors, argb, sequential

_UNKNOWN = -1.0
DECADES = 6  # of the scale, below the limit


class Coloring(Enum):
    """What the colour of a dot tells."""

    COUNT = "edges"
    DERIVATIVE = "largest |derivative|"
    CONTRIBUTION = "largest |contribution|"


@dataclass(frozen=True, slots=True, eq=False)
class Strength:
    """The numbers of all edges of a document at one moment, ready to be coloured."""

    values: Floats  # (2, L) of the edges to first and to second operands
    reach: Reaches  # (L,)
    limit: float  # the largest finite absolute value that is known; 0 where there is none

    @classmethod
    def of(cls, figures: EdgeFigures, coloring: Coloring) -> Strength:
        """Contributions, or else local derivatives."""
        if coloring is Coloring.CONTRIBUTION:
            values, reach = figures.contributions, figures.contribution_reach
        else:
            values, reach = figures.derivatives, figures.derivative_reach
        sizes = np.abs(values[:, reach == Reach.KNOWN])
        return cls(values, reach, float(sizes.max(initial=0.0, where=np.isfinite(sizes))))

    @property
    def hatched_text(self) -> str:
        """What the colour of dots without a number means; empty where all have one."""
        words = {Reach.NOT_COMPUTED: "not computed", Reach.PARTIAL: "partial", Reach.OUTSIDE: "outside the graph"}
        there = set(np.unique(self.reach).tolist())
        return ", ".join(word for reach, word in words.items() if reach in there)

    def largest(self, edges: Edges, tiles: Tiles) -> Floats:
        """(rows, columns) each tile's largest absolute value; inf where one is not finite, -1 where none is known."""
        out = np.full((tiles.rows, tiles.columns), _UNKNOWN)
        start = max(tiles.top << tiles.shift_y, edges.num_parameters)
        stop = min((tiles.top + tiles.rows) << tiles.shift_y, edges.num_scalars)
        known = self.reach == Reach.KNOWN
        keep_largest(
            edges.first,
            edges.second,
            self.values,
            known,
            start,
            stop,
            tiles.left,
            tiles.top,
            tiles.shift_x,
            tiles.shift_y,
            out,
        )
        return out

    def inks(self, edges: Edges, tiles: Tiles, counts: Counts, palette: Palette) -> tuple[Counts, Colors]:
        """For each tile an index, 0 for an empty one, and the ARGB32 of each index."""
        filled = counts > 0
        index = np.zeros(counts.shape, dtype=np.int32)
        index[filled] = np.arange(1, int(filled.sum()) + 1)
        values: npt.NDArray[np.float64] = self.largest(edges, tiles)[filled]
        inks = strength_colors(palette)[np.rint(255 * self.places(values)).astype(np.intp)]
        inks = np.where(np.isinf(values), argb(palette.nonfinite), inks)
        inks = np.where(values == _UNKNOWN, argb(palette.hatch), inks)
        return index, np.concatenate([[argb(palette.surface)], inks]).astype(np.uint32)

    def places(self, values: Floats) -> Floats:
        """Places 0 … 1 of absolute values on a logarithmic scale; what is smaller than its beginning, as 0, is at 0."""
        if self.limit == 0.0:
            return np.zeros_like(values)
        with np.errstate(divide="ignore"):
            decades = np.log10(np.maximum(values, 0.0) / self.limit)
        return np.clip(1.0 + decades / DECADES, 0.0, 1.0)


@lru_cache(maxsize=8)
def strength_colors(palette: Palette) -> Colors:
    """(256,) ARGB32 of the places on the scale. The first is seen upon the ground: there is an edge."""
    steps = np.rint(np.linspace(FAINTEST, 255, 256)).astype(np.intp)
    table: Colors = sequential(palette)[steps]
    table.flags.writeable = False
    return table


@compiled
def keep_largest(first, second, values, known, start, stop, left, top, shift_x, shift_y, out):  # type: ignore[no-untyped-def]
    """Keep the largest absolute value of the known edges of consumers start ≤ place < stop in the tiles they lie in."""
    columns = out.shape[1]
    for consumer in range(start, stop):
        if not known[consumer]:
            continue
        row = (consumer >> shift_y) - top
        for side in range(2):
            place = first[consumer] if side == 0 else second[consumer]
            column = (place >> shift_x) - left
            if place < 0 or column < 0 or column >= columns:
                continue
            value = abs(values[side, consumer])
            if not np.isfinite(value):
                value = np.inf
            out[row, column] = max(out[row, column], value)
