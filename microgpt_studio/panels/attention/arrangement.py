"""Where the heads of the Attention panel lie: as large as they can be, titles in the blank above the diagonal.

All heads have the same rows and columns, so the characters stand once: left of each line of heads, and above the first.
"""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRectF

from microgpt_studio.widgets.grid import Grid
from microgpt_studio.widgets.mosaic_layout import MARGIN, Layout, Placed, Type

WORD, FIGURE = 7, 4  # characters of a label at most: "diffuse", "0.62"
_GAP = 8.0
_MARGIN_RIGHT = 4.0
_MARGIN_Y = 4.0
_SMALLEST = 3  # pixels of a cell; when even those do not fit, there is something to scroll
_LARGEST = 48
_LONGEST = 3.0  # a cell may be so many times as wide as high, or as high as wide


def arrange(
    n_layer: int, n_head: int, rows: int, room: int, name: int, type_: Type, width: float, height: float
) -> Layout:
    """Heads of `rows` rows and columns, laid out for `room` of them so that places do not jump.

    `name` is the number of characters of a head's name.
    """
    count = n_layer * n_head
    lengths = [n_head * layers for layers in range(1, n_layer + 1)]
    lengths += [length for length in range(n_head - 1, 0, -1) if n_head % length == 0]
    titles = _Titles(room, name, type_)
    sides = {length: _sides(length, ceil(count / length), room, titles, width, height) for length in lengths}
    length = max(lengths, key=lambda each: _worth(*sides[each]))
    side_x, side_y = (max(side, _SMALLEST) for side in sides[length])
    above = titles.above(side_x, side_y)
    left, top = MARGIN + _labels(type_), _MARGIN_Y + type_.label + above
    placed = []
    for index in range(count):
        line, place = divmod(index, length)
        x = left + place * (room * side_x + _GAP)
        y = top + line * (room * side_y + _GAP + above)
        placed.append(
            Placed(
                index,
                Grid(x, y, side_x, side_y, rows, rows),
                titles.box(x, y, side_x, side_y, 0.0 if line else type_.label),
                (),
                type_.advance + 3.0 if place == 0 else 0.0,
                0.0 if line else type_.label,
            )
        )
    right = left + length * (room * side_x + _GAP) - _GAP + _MARGIN_RIGHT
    bottom = top + ceil(count / length) * (room * side_y + _GAP + above) - _GAP - above + _MARGIN_Y
    return Layout(tuple(placed), (), right, bottom, min(side_x, side_y))


def alone(index: int, rows: int, type_: Type, width: float, height: float) -> Layout:
    """One head, under its title; labels are thinned rather than the cells made to scroll."""
    left, top = MARGIN + _labels(type_), _MARGIN_Y + type_.line + 4.0 + type_.label
    side_x = _whole((width - left - _MARGIN_RIGHT) / rows, 11 * type_.advance)
    side_y = _whole((height - top - _MARGIN_Y) / rows, 3 * type_.line)
    side_x, side_y = max(min(side_x, _LONGEST * side_y), _SMALLEST), max(min(side_y, _LONGEST * side_x), _SMALLEST)
    grid = Grid(left, top, side_x, side_y, rows, rows)
    title = QRectF(MARGIN, _MARGIN_Y, max(width - 2 * MARGIN, 1.0), type_.line)
    placed = Placed(index, grid, title, (), type_.advance + 3.0, type_.label)
    right, bottom = grid.rect.right() + _MARGIN_RIGHT, grid.rect.bottom() + _MARGIN_Y
    return Layout((placed,), (), right, bottom, min(side_x, side_y))


class _Titles:
    """Where titles stand: name and label beside the diagonal, on two lines or three; or above; or the name alone."""

    def __init__(self, room: int, name: int, type_: Type) -> None:
        self.type = type_
        self._room = room
        self._whole = name + 1 + WORD + 1 + FIGURE
        self._shapes = ((2, max(name, WORD + 1 + FIGURE)), (3, max(name, WORD)))
        self._bare = (1, name)

    def above(self, side_x: float, side_y: float) -> float:
        """Pixels above each head for its title; 0 where it stands beside the diagonal."""
        return 0.0 if self._beside(side_x, side_y) else self.type.line + 2.0

    def box(self, x: float, y: float, side_x: float, side_y: float, label: float) -> QRectF:
        """The title of a head whose cells begin at (x, y), above them the labels of the columns."""
        width = self._width(side_x)
        found = self._beside(side_x, side_y)
        if found is None:
            return QRectF(x, y - label - self.above(side_x, side_y), width, self.type.line)
        lines, left = found
        return QRectF(x + left, y + 1.0, width - left, lines * self.type.line)

    def _width(self, side_x: float) -> float:
        return self._room * side_x + _GAP - 2.0

    def _beside(self, side_x: float, side_y: float) -> tuple[int, float] | None:
        """How many lines a title takes beside the diagonal, and where they begin; None: it stands above."""
        width = self._width(side_x)
        shapes = self._shapes if self._whole * self.type.advance <= width else (*self._shapes, self._bare)
        for lines, characters in shapes if min(side_x, side_y) > 0 else ():
            last = ceil((lines * self.type.line + 1.0) / side_y)  # rows that the text stands beside
            left = last * side_x + 4.0
            if left + characters * self.type.advance <= width:
                return lines, left
        return None


def _sides(length: int, lines: int, room: int, titles: _Titles, width: float, height: float) -> tuple[float, float]:
    """Width and height of a cell, so many heads on each of the lines."""
    type_ = titles.type
    across = width - MARGIN - _labels(type_) - (length - 1) * _GAP - _MARGIN_RIGHT
    down = height - 2 * _MARGIN_Y - type_.label - (lines - 1) * _GAP
    x, y = _whole(across / (length * room), _LARGEST), _whole(down / (lines * room), _LARGEST)
    x, y = min(x, _LONGEST * max(y, _SMALLEST)), min(y, _LONGEST * x)
    above = titles.above(x, y)
    return (x, _whole((down - lines * above) / (lines * room), y)) if above else (x, y)


def _worth(side_x: float, side_y: float) -> tuple[bool, bool, float]:
    """The largest area; after all that fits comes what has to be scrolled, and last what has to be sideways."""
    fits = min(side_x, side_y) >= _SMALLEST
    return fits, side_x >= _SMALLEST, side_x * side_y if fits else -side_x


def _whole(side: float, largest: float) -> float:
    return float(int(max(min(side, largest), 0.0)))


def _labels(type_: Type) -> float:
    return type_.advance + 4.0
