"""The strength of edges: the largest local derivative, or contribution, of those in each tile, and its colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.program import Floats
from microgpt_studio.debugger.edges import Counts, EdgeFigures, Edges, Tiles
from microgpt_studio.debugger.snapshot import Reach, Reaches
from microgpt_studio.theme import Palette, Scale, ScaleKind
from microgpt_studio.theme.colormaps import Colors, argb, colors

_UNKNOWN = -1.0


class Coloring(Enum):
    """What the colour of a dot tells."""

    COUNT = "edges"
    DERIVATIVE = "|local derivative|"
    CONTRIBUTION = "|contribution|"


@dataclass(frozen=True, slots=True, eq=False)
class Strength:
    """The numbers of all edges of a document at one moment, ready to be coloured."""

    values: Floats  # (2, L) of the edges to first and to second operands
    reach: Reaches  # (L,)
    scale: Scale  # of their absolute values; its limit is the largest finite one that is known

    @classmethod
    def of(cls, figures: EdgeFigures, coloring: Coloring) -> Strength:
        """Contributions, or else local derivatives."""
        if coloring is Coloring.CONTRIBUTION:
            values, reach = figures.contributions, figures.contribution_reach
        else:
            values, reach = figures.derivatives, figures.derivative_reach
        return cls(values, reach, Scale.fit(values[:, reach == Reach.KNOWN], ScaleKind.UNSIGNED, symlog=True))

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
        inks = np.where(values == _UNKNOWN, argb(palette.hatch), colors(values, self.scale, palette))
        return index, np.concatenate([[argb(palette.surface)], inks]).astype(np.uint32)


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
