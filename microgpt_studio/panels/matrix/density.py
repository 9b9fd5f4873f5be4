"""The density: how many edges lie in each tile of what is seen, and the picture of it.

Tiles are a power of two of places wide and high and begin at multiples of it, so that panning does not make them
flicker, and every count is exact. The nearest tiles are single pairs of an operand and a consumer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt_studio.debugger.edges import Counts, Edges, Tiles
from microgpt_studio.panels.matrix.camera import Span
from microgpt_studio.theme import Palette
from microgpt_studio.theme.colormaps import Colors, sequential

Pixels = npt.NDArray[np.int32]

_SMALLEST = 1.5  # pixels of a tile's side at least
_GAP_FROM = 4  # pixels of a tile's side from which a gap parts it from the next
FAINTEST, _PLAINEST = 84, 164  # steps of the colour map's 256 for a single edge where a dot may be of many, or two
_MANY = 256  # edges in a dot


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """The counts of one view."""

    tiles: Tiles
    counts: Counts  # (rows, columns)
    columns: Pixels  # (columns + 1,) where tiles begin and the last one ends
    rows: Pixels  # (rows + 1,)

    @classmethod
    def of(cls, edges: Edges, x: Span, y: Span) -> Density:
        """What a window onto two spans shows; `x` are operands, `y` consumers."""
        shift_x, shift_y = _shift(x), _shift(y)
        left, columns = _tiles(x, shift_x, edges.num_scalars)
        top, rows = _tiles(y, shift_y, edges.num_scalars)
        tiles = Tiles(shift_x, shift_y, left, top, columns, rows)
        return cls(tiles, edges.counts(tiles), _pixels(x, left, columns, shift_x), _pixels(y, top, rows, shift_y))

    @property
    def limit(self) -> int:
        """Edges at most in a tile: two of each of its consumers. It depends on the zoom alone."""
        return 2 << self.tiles.shift_y

    @property
    def is_single(self) -> bool:
        """Whether each tile is one pair of an operand and a consumer."""
        return self.tiles.shift_x == 0 and self.tiles.shift_y == 0

    def count_at(self, operand: int, consumer: int) -> int:
        """How many edges the dot at two places stands for, 0 where it is not in sight."""
        tiles = self.tiles
        row, column = (consumer >> tiles.shift_y) - tiles.top, (operand >> tiles.shift_x) - tiles.left
        inside = 0 <= row < tiles.rows and 0 <= column < tiles.columns
        return int(self.counts[row, column]) if inside else 0

    def inks(self, palette: Palette) -> tuple[Counts, Colors]:
        """For each tile an index, 0 for an empty one, and the ARGB32 of each index: the counts and their colours."""
        return self.counts, density_colors(self.limit, palette)

    def paint(self, inks: tuple[Counts, Colors], lines_x: Lines, lines_y: Lines, palette: Palette, out: Colors) -> None:
        """Fill `out` (height, width) ARGB32 with tiles in these inks; lines between bands lie below them."""
        index, colors = inks
        paint_tiles(index, self.columns, self.rows, colors, lines_x, lines_y, ground_colors(palette), _GAP_FROM, out)


Lines = npt.NDArray[np.uint8]  # of each pixel of an axis: 0, 1 where a line between bands is, 2 for a stronger one


@lru_cache(maxsize=64)
def density_colors(limit: int, palette: Palette) -> Colors:
    """(limit + 1,) ARGB32 of a count, logarithmic from 1 to the limit (2 or more); that of 0 is never seen."""
    share = np.log(np.maximum(np.arange(limit + 1), 1)) / np.log(limit)
    first = FAINTEST + (_PLAINEST - FAINTEST) * max(1.0 - np.log(limit / 2) / np.log(_MANY / 2), 0.0)
    steps = np.rint(first + share * (255 - first)).astype(np.intp)
    colors: Colors = sequential(palette)[steps]
    colors.flags.writeable = False
    return colors


@lru_cache(maxsize=8)
def ground_colors(palette: Palette) -> Colors:
    """(3,) ARGB32 of the ground, a line and a stronger line."""
    surface, border = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (palette.surface, palette.border))
    mixed = [surface, (surface + border) // 2, border]
    colors = np.array([0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in mixed], dtype=np.uint32)
    colors.flags.writeable = False
    return colors


def _shift(span: Span) -> int:
    shift = 0
    while span.scale * (1 << shift) < _SMALLEST:
        shift += 1
    return shift


def _tiles(span: Span, shift: int, num_scalars: int) -> tuple[int, int]:
    """The first tile in a span, and how many there are."""
    first = max(int(span.first), 0) >> shift
    last = max(min(int(np.ceil(span.last)), num_scalars) - 1, 0) >> shift
    return first, max(last - first + 1, 1)


def _pixels(span: Span, first: int, count: int, shift: int) -> Pixels:
    places = np.arange(first, first + count + 1, dtype=np.float64) * (1 << shift)
    return np.rint((places - span.first) * span.scale).astype(np.int32)


@compiled
def paint_tiles(index, columns, rows, colors, lines_x, lines_y, grounds, gap_from, out):  # type: ignore[no-untyped-def]
    """Fill `out` (height, width) with the ground and its lines, and upon it the tiles whose index is not 0."""
    height, width = out.shape
    for y in range(height):
        for x in range(width):
            out[y, x] = grounds[max(lines_x[x], lines_y[y])]
    for i in range(index.shape[0]):
        top, bottom = max(rows[i], 0), min(rows[i + 1], height)
        if rows[i + 1] - rows[i] >= gap_from:
            bottom = min(rows[i + 1] - 1, height)
        for j in range(index.shape[1]):
            if index[i, j] == 0:
                continue
            left, right = max(columns[j], 0), min(columns[j + 1], width)
            if columns[j + 1] - columns[j] >= gap_from:
                right = min(columns[j + 1] - 1, width)
            color = colors[index[i, j]]
            for y in range(top, bottom):
                for x in range(left, right):
                    out[y, x] = color
