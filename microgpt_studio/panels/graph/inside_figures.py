"""Figures inside open cells: the names and the numbers of boxes and ports, data above and grad below."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QColor, QPainter

from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.graph.glyphs import Glyphs
from microgpt_studio.panels.graph.inside_painter import Opened
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.raster import Fill
from microgpt_studio.theme import Theme
from microgpt_studio.theme.colormaps import is_light
from microgpt_studio.widgets.number_text import fitted

_FACES = ((11, 92.0), (10, 62.0), (9, 46.0))  # size, and the width of a box from which it is used
_PADDING = 3.0

Name = Callable[[int], str]


def draw_figures(painter: QPainter, opened: Opened, picture: Picture, theme: Theme, name: Name) -> int:
    """Write into all boxes that have the room: what it is, its data, its grad; returns into how many."""
    scalars = np.concatenate([opened.scalars, opened.operands])
    boxes, t = opened.all_boxes, opened.frame.transform
    left = boxes.left * t.scale_x + t.x
    top = boxes.top * t.scale_y + t.y
    light = is_light(opened.pixels)
    hatched = opened.fills == Fill.HATCHED
    written, previous = 0, np.inf
    for size, narrow in _FACES:
        glyphs = Glyphs(theme.number_font(size))
        width = opened.box_width / theme.text_scale
        here = (width >= narrow) & (width < previous) & (opened.box_height >= glyphs.height) & (opened.share >= 1)
        here &= (left < opened.frame.size.width()) & (top < opened.frame.size.height())
        here &= (left + opened.box_width > 0) & (top + opened.box_height > 0)
        previous = narrow
        palette = theme.palette
        for ink, group in (
            (palette.ink_on_light, here & light & ~hatched),
            (palette.ink_on_dark, here & ~light & ~hatched),
            (palette.text, here & hatched),
        ):
            chosen = np.flatnonzero(group)
            for box in chosen.tolist():
                lines = _lines(picture, int(scalars[box]), name, opened.box_height[box] / glyphs.height)
                room = int((opened.box_width[box] - _PADDING) / glyphs.advance)
                space = (opened.box_height[box] - len(lines) * glyphs.height) / 2
                baseline = top[box] + space + glyphs.ascent
                for line in lines:
                    text = line if isinstance(line, str) else fitted(line, room)
                    if isinstance(line, str):
                        text = _shortened(text, room)
                    x = left[box] + (opened.box_width[box] - len(text) * glyphs.advance) / 2
                    if text and glyphs.can_write(text):
                        glyphs.add(text, x, baseline)
                    baseline += glyphs.height
            glyphs.paint(painter, QColor(ink))
            written += len(chosen)
    return written


def _lines(picture: Picture, scalar: int, name: Name, room: float) -> list[str | float]:
    """What a box says, in as many lines as it has room for."""
    numbers = picture.scalars
    if numbers is None:
        return []
    data = _said(numbers.data, numbers.data_reach, scalar)
    grad = _said(numbers.grad, numbers.grad_reach, scalar)
    if room < 2:
        return [data]
    return [data, grad] if room < 3 else [name(scalar), data, grad]


def _said(values: np.ndarray, reach: np.ndarray, scalar: int) -> str | float:
    there = Reach(int(reach[scalar]))
    if there is Reach.KNOWN:
        return float(values[scalar])
    return {Reach.PARTIAL: "partial", Reach.OUTSIDE: "outside"}.get(there, "–")


def _shortened(text: str, room: int) -> str:
    """As much of an address as there is room for: its end says most."""
    if len(text) <= room:
        return text
    while "." in text and len(text) > room:
        text = text.split(".", 1)[1]
    return text if len(text) <= room else ""
