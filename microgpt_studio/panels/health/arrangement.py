"""Where the tiles lie: a group is a block of columns under its name, filled from top to bottom, all tiles alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

LOWEST = 21.0  # pixels of a tile at text scale 1
COMFORTABLE = 27.0  # where not all are in sight anyway
GOOD_HEIGHT = 40.0  # from which on more width is worth more than more height
WIDEST = 220.0
TALLEST = 120.0
HEADER = 15.0  # pixels of a group's name
GAP = 2.0  # between tiles
BETWEEN = 10.0  # between groups


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All tiles in a room of some height; it may be wider than the room."""

    headers: tuple[Box, ...]  # a group
    tiles: tuple[Box, ...]
    rows: int
    width: float

    def at(self, x: float, y: float) -> int | None:
        """The tile at a point."""
        for number, box in enumerate(self.tiles):
            if box.x <= x < box.x + box.width and box.y <= y < box.y + box.height:
                return number
        return None

    def beside(self, tile: int, columns: int, rows: int) -> int:
        """The tile some columns or rows further, or the same where there is none."""
        here = self.tiles[tile]
        others = [number for number in range(len(self.tiles)) if number != tile]
        if rows:
            ahead = [n for n in others if self.tiles[n].x == here.x and (self.tiles[n].y - here.y) * rows > 0]
            return min(ahead, key=lambda n: abs(self.tiles[n].y - here.y), default=tile)
        ahead = [n for n in others if (self.tiles[n].x - here.x) * columns > 0]
        return min(ahead, key=lambda n: (abs(self.tiles[n].x - here.x), abs(self.tiles[n].y - here.y)), default=tile)


def arrange(counts: Sequence[int], width: float, height: float, scale: float, narrowest: float) -> Arrangement:
    """Tiles of groups with so many members: as many rows as make them largest, all in sight where that can be.

    `narrowest` is how wide a tile is at least, in pixels.
    """
    header, lowest = HEADER * scale, LOWEST * scale
    most_rows = max(1, int((height - header + GAP) // (lowest + GAP)))
    rows = max(1, int((height - header + GAP) // (COMFORTABLE * scale + GAP)))
    best = -1.0
    for candidate in range(1, min(most_rows, max([*counts, 1])) + 1):
        wide, tall = _size(counts, candidate, width, height - header)
        fit = min(wide / narrowest, tall / (GOOD_HEIGHT * scale))
        if wide >= narrowest and fit > best:
            rows, best = candidate, fit
    wide, tall = _size(counts, rows, width, height - header)
    wide = min(max(wide, narrowest), max(WIDEST * scale, narrowest))
    tall = min(max(tall, lowest), TALLEST * scale)
    headers, tiles, x = [], [], 0.0
    for count in counts:
        columns = ceil(count / rows)
        headers.append(Box(x, 0.0, columns * (wide + GAP) - GAP, header))
        for member in range(count):
            column, row = divmod(member, rows)
            tiles.append(Box(x + column * (wide + GAP), header + row * (tall + GAP), wide, tall))
        x += columns * (wide + GAP) - GAP + BETWEEN
    return Arrangement(tuple(headers), tuple(tiles), rows, max(x - BETWEEN, 0.0))


def _size(counts: Sequence[int], rows: int, width: float, height: float) -> tuple[float, float]:
    """Of a tile, where all of them just fit."""
    columns = sum(ceil(count / rows) for count in counts)
    gaps = (columns - len(counts)) * GAP + (len(counts) - 1) * BETWEEN
    return (width - gaps) / max(columns, 1), (height + GAP) / rows - GAP
