"""Where the matrices of a mosaic lie: the largest cells, equal for all, with which they fit. Arithmetic, no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import ceil

from PySide6.QtCore import QPointF, QRectF

from microgpt_studio.widgets.grid import Grid

BRACKET = 4.0  # pixels that the marks of groups of rows or columns take beside the cells
MARGIN = 8.0  # left of everything
_MARGIN_RIGHT = 4.0
_MARGIN_Y = 4.0
_GAP = 6.0  # between neighbouring matrices
_LARGEST_SIDE = 48
_SIDE_TITLE_GAP = 4.0


@dataclass(frozen=True, slots=True)
class Tile:
    """One matrix: what it is called and what its rows and columns are. Its numbers are kept elsewhere."""

    name: str  # as the title says it: "attn_wq"
    rows: int
    cols: int
    row_labels: tuple[str, ...]
    col_labels: tuple[str, ...]
    shape: str = ""  # second word of the title: "16×16"
    full_name: str = ""  # when it stands alone: "layer0.attn_wq"
    words: bool = False  # row labels are more than running numbers: characters
    axes: str = ""  # when it stands alone: what rows and columns are
    row_group: int = 0  # rows that belong together, a head's; 0: none
    col_group: int = 0
    causal: bool = False  # cells with col > row do not exist
    room: int = 0  # rows and columns to lay out for at least, so that places do not jump when it grows and shrinks

    @property
    def size(self) -> tuple[int, ...]:
        """All that decides how much room it takes."""
        labels = max(map(len, self.row_labels), default=0), max(map(len, self.col_labels), default=0)
        marks = self.words, bool(self.row_group), bool(self.col_group)
        return (self.rows, self.cols, self.room, len(self.name), len(self.shape), *labels, *marks)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place for a tile."""

    tile: int
    side_title: bool = False  # the title stands at the right of the cells instead of above
    row_labels: bool = True  # False: those of the left neighbour serve


@dataclass(frozen=True, slots=True)
class Stack:
    """Blocks beside each other, or below each other, perhaps under a heading."""

    blocks: tuple[Block, ...]
    vertical: bool = False
    heading: str = ""
    aligned: bool = False  # the cells of neighbours begin at the same height, or one below another


Block = Leaf | Stack


class Detail(IntEnum):
    """Which labels take room."""

    BARE = 0
    WORDS = 1  # rows with words
    ROWS = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class Type:
    """Sizes of the monospaced face, in pixels, and the room that the words of a note behind each title may take."""

    line: float  # height of a line of a title
    label: float  # height of a label
    advance: float  # width of a character
    note: tuple[int, ...] = ()  # characters of each word

    def width(self, texts: Sequence[str]) -> float:
        """Of the longest text; 0 for none."""
        return max(map(len, texts), default=0) * self.advance


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a tile lies. `lines` says which words of its title stand on which line: 0 name, 1 shape, then the note."""

    tile: int
    grid: Grid
    title: QRectF
    lines: tuple[tuple[int, ...], ...]
    row_labels: float  # pixels left of the cells for labels; 0: none are drawn
    col_labels: float


@dataclass(frozen=True, slots=True)
class Heading:
    """A word above a group, with a hairline to its right."""

    text: str
    box: QRectF


@dataclass(frozen=True, slots=True)
class Layout:
    """All places. It is larger than the room when even the smallest cells do not fit."""

    placed: tuple[Placed, ...]
    headings: tuple[Heading, ...]
    width: float
    height: float
    side: float  # of a cell

    def tile_at(self, point: QPointF) -> tuple[Placed, int, int] | None:
        """The tile, row and column under a point."""
        for placed in self.placed:
            cell = placed.grid.at(point)
            if cell is not None:
                return placed, *cell
        return None

    def title_at(self, point: QPointF) -> Placed | None:
        """The tile whose title is under a point."""
        return next((placed for placed in self.placed if placed.title.contains(point)), None)


@dataclass(frozen=True, slots=True)
class Wish:
    """What matters to who shows the tiles."""

    smallest: int = 2  # pixels of a cell; when even those do not fit, there is something to scroll
    detail: Detail = Detail.BARE  # labels that are worth smaller cells
    widest: float = 1.0  # a cell may be so many times as wide as high, where there is room


def arrange(
    candidates: Sequence[Block], tiles: Sequence[Tile], type_: Type, wish: Wish, width: float, height: float
) -> Layout:
    """The layout with the largest cells, then the most labels; the earlier candidate among equals.

    When none fits: the one with the least to scroll.
    """
    placer = _Placer(tiles, type_)
    area = sum(max(tile.rows, tile.room) * max(tile.cols, tile.room) for tile in tiles)
    largest = min(_LARGEST_SIDE, int((max(width * height, 0.0) / area) ** 0.5))
    for side in range(largest, wish.smallest - 1, -1):
        if not any(_fits(placer.layout(c, side, side, wish.detail), width, height) for c in candidates):
            continue
        for detail in reversed(Detail):
            for candidate in candidates:
                layout = placer.layout(candidate, side, side, detail)
                if _fits(layout, width, height):
                    return _widened(placer, candidate, layout, detail, width, wish.widest)
    side, detail = wish.smallest, max(wish.detail, Detail.WORDS)
    layouts = [placer.layout(candidate, side, side, detail) for candidate in candidates]
    return min(layouts, key=lambda layout: (max(0.0, layout.width - width), layout.height))


def _widened(placer: _Placer, candidate: Block, layout: Layout, detail: Detail, width: float, widest: float) -> Layout:
    side = round(layout.side)
    for wide in range(int(side * widest), side, -1):
        wider = placer.layout(candidate, wide, side, detail)
        if wider.width <= width:
            return wider
    return layout


def enlarge(tile: Tile, index: int, type_: Type, width: float, height: float) -> Layout:
    """One tile alone, each row and column with its label; cells grow into the room until they hold a number."""
    group = type_.label + BRACKET
    left = type_.width(tile.row_labels) + 4.0 + (group if tile.row_group else 0.0)
    top, below = type_.line + 4.0 + type_.label, group if tile.col_group else 0.0
    room_x, room_y = width - 2 * MARGIN - left, height - 3 * _MARGIN_Y - top - below
    narrowest = max(type_.width(tile.col_labels) + 4.0, type_.label)
    cell_width = int(min(max(narrowest, room_x / tile.cols), 11 * type_.advance))
    cell_height = int(min(max(type_.label, room_y / tile.rows), max(2 * type_.line, cell_width)))
    if tile.causal:
        cell_width = min(cell_width, max(2 * cell_height, int(narrowest)))
    grid = Grid(MARGIN + left, _MARGIN_Y + top, cell_width, cell_height, tile.rows, tile.cols)
    title = QRectF(MARGIN, _MARGIN_Y, max(width - 2 * MARGIN, 1.0), type_.line)
    line = tuple(range(3 + len(type_.note)))  # name, shape, note, axes
    placed = Placed(index, grid, title, (line,), type_.width(tile.row_labels) + 4.0, type_.label)
    return Layout(
        (placed,),
        (),
        grid.rect.right() + MARGIN,
        grid.rect.bottom() + below + 2 * _MARGIN_Y,
        min(cell_width, cell_height),
    )


def _fits(layout: Layout, width: float, height: float) -> bool:
    return layout.width <= width and layout.height <= height


class _Placer:
    """Places blocks of tiles."""

    def __init__(self, tiles: Sequence[Tile], type_: Type) -> None:
        self.tiles = tiles
        self.type = type_
        self.row_labels = [type_.width(tile.row_labels) + 3.0 for tile in tiles]
        self.cols = [max(tile.cols, tile.room) for tile in tiles]
        self.rows = [max(tile.rows, tile.room) for tile in tiles]
        self._begin(1, 1, Detail.BARE)

    def layout(self, block: Block, cell_width: int, cell_height: int, detail: Detail) -> Layout:
        """A block with cells of this size."""
        self._begin(cell_width, cell_height, detail)
        width, height = self._place(block, MARGIN, _MARGIN_Y, 0)
        total = width + MARGIN + _MARGIN_RIGHT, height + 3 * _MARGIN_Y
        return Layout(tuple(self.placed), tuple(self.headings), *total, min(cell_width, cell_height))

    def _begin(self, cell_width: int, cell_height: int, detail: Detail) -> None:
        self.cell_width, self.cell_height, self.detail = cell_width, cell_height, detail
        self.placed: list[Placed] = []
        self.headings: list[Heading] = []
        self.lefts: dict[int, float] = {}  # of tiles that are aligned with wider labels

    def _place(self, block: Block, x: float, y: float, lines: int) -> tuple[float, float]:
        """Place a block at (x, y), leaving room for so many lines of title; returns its width and height."""
        if isinstance(block, Leaf):
            return self._leaf(block, x, y, lines)
        self._align(block)
        if block.aligned and not block.vertical:
            lines = max(lines, *map(self._lines, block.blocks))
        top = self.type.line + 2.0 if block.heading else 0.0
        along, across = (top, 0.0) if block.vertical else (0.0, 0.0)
        for number, child in enumerate(block.blocks):
            along += _GAP if number else 0.0
            if block.vertical:
                width, height = self._place(child, x, y + along, 0 if number else lines)
                along, across = along + height, max(across, width)
            else:
                width, height = self._place(child, x + along, y + top, lines if block.aligned else 0)
                along, across = along + width, max(across, height)
        width, height = (across, along) if block.vertical else (along, across + top)
        if block.heading:
            self.headings.append(Heading(block.heading, QRectF(x, y, width, self.type.line)))
        return width, height

    def _align(self, block: Stack) -> None:
        """Let the cells of tiles that stand one below another begin at the same place."""
        if block.aligned and block.vertical:
            leaves = [child for child in block.blocks if isinstance(child, Leaf)]
            left = max(map(self._left, leaves), default=0.0)
            self.lefts.update({leaf.tile: left for leaf in leaves})

    def _lines(self, block: Block) -> int:
        """Lines of title of a block's first tile."""
        while isinstance(block, Stack):
            self._align(block)
            block = block.blocks[0]
        return len(self._title(block))

    def _title(self, leaf: Leaf) -> tuple[tuple[int, ...], ...]:
        tile, type_ = self.tiles[leaf.tile], self.type
        words = [len(tile.name), len(tile.shape), *type_.note]
        width = self._left(leaf) + self.cols[leaf.tile] * self.cell_width + _GAP - type_.advance
        return _wrapped(words, 0.0 if leaf.side_title else width / type_.advance)

    def _row_labels(self, leaf: Leaf) -> float:
        tile = self.tiles[leaf.tile]
        labelled = leaf.row_labels and self.detail >= (Detail.WORDS if tile.words else Detail.ROWS)
        return self.row_labels[leaf.tile] if labelled else 0.0

    def _left(self, leaf: Leaf) -> float:
        own = self._row_labels(leaf) + (BRACKET if self.tiles[leaf.tile].row_group else 0.0)
        return max(own, self.lefts.get(leaf.tile, 0.0))

    def _leaf(self, leaf: Leaf, x: float, y: float, at_least: int) -> tuple[float, float]:
        tile, type_ = self.tiles[leaf.tile], self.type
        col_labels = type_.label if self.detail is Detail.ALL else 0.0
        left = self._left(leaf)
        cells_width, cells_height = self.cols[leaf.tile] * self.cell_width, self.rows[leaf.tile] * self.cell_height
        top, below = col_labels, BRACKET if tile.col_group else 0.0
        words = [len(tile.name), len(tile.shape), *type_.note]
        lines = self._title(leaf)
        text_width = max(sum(words[w] for w in line) + len(line) - 1 for line in lines) * type_.advance
        text_height = len(lines) * type_.line
        if leaf.side_title:
            title = QRectF(x + left + cells_width + _SIDE_TITLE_GAP, y + top, text_width, text_height)
            width, height = title.right() - x, top + max(cells_height + below, text_height)
        else:
            title = QRectF(x, y, text_width, text_height)
            top += max(len(lines), at_least) * type_.line + 2.0
            width, height = max(left + cells_width, text_width), top + cells_height + below
        grid = Grid(round(x + left), round(y + top), self.cell_width, self.cell_height, tile.rows, tile.cols)
        self.placed.append(Placed(leaf.tile, grid, title, lines, self._row_labels(leaf), col_labels))
        return float(ceil(width)), float(ceil(height))


def _wrapped(words: Sequence[int], room: float) -> tuple[tuple[int, ...], ...]:
    """Indices of words of so many characters on lines of `room` characters, a space between two; empty ones nowhere."""
    lines: list[list[int]] = []
    used = 0.0
    for index, length in enumerate(words):
        if not length:
            continue
        if lines and used + 1 + length <= room:
            lines[-1].append(index)
            used += 1 + length
        else:
            lines.append([index])
            used = length
    return tuple(map(tuple, lines))
