"""Figures inside open cells: the names and the numbers of boxes and ports, data above and grad below."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.graph.inside_painter import Opened, body_color
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.raster import Fill
from microgpt_studio.panels.graph.texts import Texts
from microgpt_studio.theme import Theme
from microgpt_studio.theme.colormaps import is_light
from microgpt_studio.widgets.number_text import fitted

_FACES = ((11, 92.0, 3), (10, 62.0, 3), (9, 46.0, 1))  # size, and for what width of a box and how many lines of it
_PADDING = 7.0  # pixels, the bar of a parameter among them
_SPARE = 1.0  # pixels of a box's height beyond its lines, so that they keep clear of its frame
_MISSING = {Reach.PARTIAL: "partial", Reach.OUTSIDE: "outside", Reach.NOT_COMPUTED: "–"}


class BoxTexts:
    """What boxes say of one picture. It is kept: while the map moves the same boxes say the same."""

    def __init__(self, picture: Picture, name: Callable[[int], str]) -> None:
        """`name` tells the address of a scalar."""
        self.picture = picture
        self._name = name
        self._said: dict[tuple[int, int, int], tuple[str, ...]] = {}

    def lines(self, scalars: list[int], counts: list[int], rooms: list[int]) -> list[tuple[str, ...]]:
        """What boxes with room for so many lines of so many characters say: data; data and grad; the name first."""
        keys = list(zip(scalars, counts, rooms, strict=True))
        new = list({key: None for key in keys if key not in self._said})
        if new:
            self._say(new)
        return [self._said[key] for key in keys]

    def _say(self, keys: list[tuple[int, int, int]]) -> None:
        numbers = self.picture.inside
        if numbers is None or not len(numbers.ids):
            self._said.update(dict.fromkeys(keys, ()))
            return
        scalars = np.array([scalar for scalar, _, _ in keys])
        places = np.minimum(np.searchsorted(numbers.ids, scalars), len(numbers.ids) - 1)
        there = (numbers.ids[places] == scalars).tolist()
        arrays = numbers.data, numbers.data_reach, numbers.grad, numbers.grad_reach
        for key, is_there, data, data_reach, grad, grad_reach in zip(
            keys, there, *(array[places].tolist() for array in arrays), strict=True
        ):
            scalar, count, room = key
            said = [_number(data, data_reach, room)] if is_there else []
            if said and count >= 2:
                said.append(_number(grad, grad_reach, room))
            if said and count >= 3:
                said.insert(0, _shortened(self._name(scalar), room))
            self._said[key] = tuple(said)


def room_for(lines: int, theme: Theme) -> tuple[float, float]:
    """How wide and how high a box with so many lines is at least."""
    face, narrow, _ = _FACES[-1]
    return narrow * theme.text_scale, _height(lines, Texts(theme.number_font(face)))


def _height(lines: int, texts: Texts) -> float:
    """How high a box with so many lines is at least; a single one may touch its frame."""
    return texts.height + (lines - 1) * texts.line_height + (_SPARE if lines > 1 else 0.0)


def draw_figures(painter: QPainter, opened: Opened, said: BoxTexts, theme: Theme) -> int:
    """Write into all boxes that have the room; returns into how many."""
    boxes, t, size = opened.all_boxes, opened.frame.transform, opened.frame.size
    left, top = boxes.left * t.scale_x + t.x, boxes.top * t.scale_y + t.y
    right, bottom = left + opened.box_width, top + opened.box_height
    seen = (opened.share >= 1) & (left < size.width()) & (right > 0) & (top < size.height()) & (bottom > 0)
    scalars = np.concatenate([opened.scalars, opened.operands])
    light, hatched = is_light(opened.pixels), opened.fills == Fill.HATCHED
    palette = theme.palette
    ground = QColor.fromRgb(int(body_color(palette)))
    # In the middle of what is seen of a box: one may be wider than the window.
    centers = (np.maximum(left, 0.0) + np.minimum(right, size.width())) / 2
    written = 0
    for face, narrow, least in _FACES:
        texts = Texts(theme.number_font(face))
        width = opened.box_width / theme.text_scale
        here = seen & (width >= narrow) & (opened.box_height >= _height(least, texts))
        seen &= ~here
        two, three = (opened.box_height >= _height(lines, texts) for lines in (2, 3))
        counts = 1 + two.astype(int) + three.astype(int)
        rooms = ((opened.box_width - _PADDING) / texts.advance).astype(int)
        middles = (top + bottom) / 2
        for ink, group in (
            (palette.ink_on_light, here & light & ~hatched),
            (palette.ink_on_dark, here & ~light & ~hatched),
            (palette.text, here & hatched),
        ):
            chosen = np.flatnonzero(group)
            written += len(chosen)
            columns = (column[chosen].tolist() for column in (scalars, counts, rooms))
            places = (column[chosen].tolist() for column in (left, right, centers, middles))
            for lines, start, end, center, middle in zip(said.lines(*columns), *places, strict=True):
                if lines:
                    half = max(map(len, lines)) * texts.advance / 2
                    x = min(max(center, start + half), end - half)
                    height = (len(lines) - 1) * texts.line_height + texts.height
                    if ink == palette.text:  # a hatching goes through figures: they get a ground of their own
                        painter.fillRect(QRectF(x - half, middle - height / 2, 2 * half, height), ground)
                    texts.add_block(lines, x, middle - height / 2 + texts.ascent)
            texts.paint(painter, QColor(ink))
    return written


def _number(value: float, reach: int, room: int) -> str:
    return fitted(value, room) if reach == Reach.KNOWN else _MISSING[Reach(reach)]


def _shortened(text: str, room: int) -> str:
    """As much of an address as there is room for: its end says most."""
    for separator in (".", "_"):
        while separator in text and len(text) > room:
            text = text.split(separator, 1)[1]
    return text if len(text) <= room else ""
