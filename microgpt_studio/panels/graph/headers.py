"""Headers of open cells: left the address, right what the expression is made of; the number stays in the middle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QColor, QPainter

from microgpt.program.program import Ids, Operation, Program
from microgpt_studio.panels.graph.frame import Frame
from microgpt_studio.panels.graph.inside import HEADER
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.texts import Texts
from microgpt_studio.theme import Theme
from microgpt_studio.theme.colormaps import is_light

_FACE = 11
_PADDING = 6.0
_NUMBER = 14  # characters that the number in the middle takes


def draw_headers(
    painter: QPainter, picture: Picture, frame: Frame, theme: Theme, address: Callable[[int], str]
) -> None:
    """Write into the headers that have the room."""
    if not frame.open_cells:
        return
    layout, t = picture.layout, frame.transform
    texts = Texts(theme.number_font(_FACE))
    cells = frame.cells[frame.openness >= 1]
    cells = cells[HEADER * layout.height[cells] * t.scale_y >= texts.height]
    light, known = is_light(picture.ink.pixels[cells]), picture.ink.known[cells]
    inks = theme.palette.ink_on_dark, theme.palette.ink_on_light, theme.palette.text  # the last upon a hatching
    for ink, group in zip(inks, (cells[known & ~light], cells[known & light], cells[~known]), strict=True):
        for cell in group.tolist():
            left, top, width, height = layout.rect_of(cell)
            x, side = left * t.scale_x + t.x, width * t.scale_x
            baseline = top * t.scale_y + t.y + (HEADER * height * t.scale_y - texts.height) / 2 + texts.ascent
            room = int((side / 2 - _PADDING) / texts.advance) - _NUMBER // 2
            name = _fitting(address(int(layout.expressions.scalar[cell])), room)
            texts.add(name, x + _PADDING, baseline)
            made_of = composition(frame.members(cell), layout.program)
            if len(made_of) <= room:
                texts.add(made_of, x + side - _PADDING - len(made_of) * texts.advance, baseline)
        color = QColor(ink)
        color.setAlphaF(0.85)
        texts.paint(painter, color)


def composition(members: Ids, program: Program) -> str:
    """How many operations of which kind an expression of these scalars has: "16 mul · 16 sum"."""
    counts = np.bincount(program.operation[members], minlength=len(Operation))
    return " · ".join(f"{counts[operation]} {operation.name.lower()}" for operation in Operation if counts[operation])


def _fitting(text: str, room: int) -> str:
    """As much of an address as there is room for: its end says most."""
    while "." in text and len(text) > room:
        text = text.split(".", 1)[1]
    return text if len(text) <= room else ""
