"""Figures inside open cells: the names and the numbers of boxes and ports, data above and grad below."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QColor, QPainter

from microgpt_studio.debugger.snapshot import Reach, Reaches
from microgpt_studio.panels.graph.inside_painter import Opened
from microgpt_studio.panels.graph.lines import Floats
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.raster import Fill
from microgpt_studio.panels.graph.texts import Texts
from microgpt_studio.theme import Theme
from microgpt_studio.theme.colormaps import is_light
from microgpt_studio.widgets.number_text import fitted

_FACES = ((11, 92.0), (10, 62.0), (9, 46.0))  # size, and the width of a box from which it is used
_PADDING = 7.0  # pixels, the bar of a parameter among them
_MISSING = {Reach.PARTIAL: "partial", Reach.OUTSIDE: "outside", Reach.NOT_COMPUTED: "–"}


class BoxTexts:
    """What boxes say of one picture. It is kept: while the map moves the same boxes say the same."""

    def __init__(self, picture: Picture, name: Callable[[int], str]) -> None:
        """`name` tells the address of a scalar."""
        self.picture = picture
        self._name = name
        self._said: dict[tuple[int, int, int], tuple[str, ...]] = {}

    def lines(self, scalar: int, count: int, room: int) -> tuple[str, ...]:
        """The text of a box that has room for so many lines of so many characters: data; data and grad; name first."""
        key = scalar, count, room
        if key not in self._said:
            self._said[key] = self._lines(scalar, count, room)
        return self._said[key]

    def _lines(self, scalar: int, count: int, room: int) -> tuple[str, ...]:
        numbers = self.picture.inside
        place = None if numbers is None else numbers.place(scalar)
        if numbers is None or place is None:
            return ()
        data = _number(numbers.data, numbers.data_reach, place, room)
        if count < 2:
            return (data,)
        grad = _number(numbers.grad, numbers.grad_reach, place, room)
        return (data, grad) if count < 3 else (_shortened(self._name(scalar), room), data, grad)


def draw_figures(painter: QPainter, opened: Opened, said: BoxTexts, theme: Theme) -> int:
    """Write into all boxes that have the room; returns into how many."""
    boxes, t, size = opened.all_boxes, opened.frame.transform, opened.frame.size
    left, top = boxes.left * t.scale_x + t.x, boxes.top * t.scale_y + t.y
    right, bottom = left + opened.box_width, top + opened.box_height
    seen = (opened.share >= 1) & (left < size.width()) & (right > 0) & (top < size.height()) & (bottom > 0)
    scalars = np.concatenate([opened.scalars, opened.operands])
    light, hatched = is_light(opened.pixels), opened.fills == Fill.HATCHED
    palette = theme.palette
    written, previous = 0, np.inf
    for face, narrow in _FACES:
        texts = Texts(theme.number_font(face))
        width = opened.box_width / theme.text_scale
        here = seen & (width >= narrow) & (width < previous) & (opened.box_height >= texts.height)
        previous = narrow
        counts = np.minimum(opened.box_height / texts.height, 3).astype(int)
        rooms = ((opened.box_width - _PADDING) / texts.advance).astype(int)
        middles = (top + bottom) / 2
        for ink, group in (
            (palette.ink_on_light, here & light & ~hatched),
            (palette.ink_on_dark, here & ~light & ~hatched),
            (palette.text, here & hatched),
        ):
            chosen = np.flatnonzero(group)
            columns = (scalars, counts, rooms, (left + right) / 2, middles)
            for scalar, count, room, x, middle in zip(*(column[chosen].tolist() for column in columns), strict=True):
                lines = said.lines(scalar, count, room)
                baseline = middle - len(lines) * texts.height / 2 + texts.ascent
                for line in lines:
                    if line:
                        texts.add(line, x - len(line) * texts.advance / 2, baseline)
                    baseline += texts.height
            texts.paint(painter, QColor(ink))
            written += len(chosen)
    return written


def _number(values: Floats, reach: Reaches, place: int, room: int) -> str:
    there = Reach(int(reach[place]))
    return fitted(float(values[place]), room) if there is Reach.KNOWN else _MISSING[there]


def _shortened(text: str, room: int) -> str:
    """As much of an address as there is room for: its end says most."""
    for separator in (".", "_"):
        while separator in text and len(text) > room:
            text = text.split(separator, 1)[1]
    return text if len(text) <= room else ""
