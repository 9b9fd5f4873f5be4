"""Paints the data or the grad of a drawing's nodes: a colour for each, and a number where there is room for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from microgpt.program.program import Floats
from microgpt_studio.debugger.snapshot import Reach, Reaches
from microgpt_studio.panels.neighbourhood.camera import READABLE
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.panels.neighbourhood.hatching import draw_hatch_lines
from microgpt_studio.panels.neighbourhood.measures import node_font
from microgpt_studio.theme import Palette, Scale, Theme
from microgpt_studio.theme.colormaps import Colors, colors, is_light
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.number_text import fitted, short

NAMED = 0.3  # zoom from which an address, in larger letters, can be read
_NUMBERED = 0.42  # zoom from which there is room for numbers in larger letters
_LETTERS = 9.5  # pixels of those letters, as long as they fit
_TALLEST = 0.72  # of a row


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One quantity of all nodes."""

    side: int  # 0: left, 1: right
    word: str
    values: Floats  # (n,)
    reach: Reaches  # (n,)
    scale: Scale


def larger_letters(height: float, zoom: float, theme: Theme) -> int:
    """The size, at text scale 1, of letters that can be read at a zoom at which the usual ones cannot."""
    return max(1, int(min(_LETTERS / zoom, _TALLEST * (height / 2) / theme.text_scale)))


def draw_cells(
    painter: QPainter, drawing: Drawing, figures: Figures, nodes: list[int], cells: Cells, theme: Theme, zoom: float
) -> None:
    """Paint one quantity of some nodes."""
    palette = theme.palette
    known = cells.reach == Reach.KNOWN
    argb: Colors = colors(np.where(known, cells.values, 0.0), cells.scale, palette)
    fills, is_known = argb.tolist(), known.tolist()
    inset = 0.5 * drawing.measures.padding
    boxes = {}
    for node in nodes:
        left, right = _cells_of(drawing, node, zoom)
        box = right.adjusted(0.5, 0.0, -inset, -inset) if cells.side else left.adjusted(inset, 0.0, -0.5, -inset)
        boxes[node] = box
        if is_known[node]:
            painter.fillRect(box, QColor.fromRgba(fills[node]))
    if zoom < READABLE:
        draw_hatch_lines(painter, [box for node, box in boxes.items() if not is_known[node]], palette)
    inks = _inks(argb, palette)
    if zoom >= READABLE:
        _draw_words(painter, drawing, figures, boxes, cells, theme, inks)
    elif zoom >= _NUMBERED:
        _draw_numbers(painter, drawing, boxes, cells, theme, inks, zoom)


def _draw_words(
    painter: QPainter,
    drawing: Drawing,
    figures: Figures,
    boxes: dict[int, QRectF],
    cells: Cells,
    theme: Theme,
    inks: list[QColor],
) -> None:
    """What it is, and four digits, or why there is no number."""
    measures, inset = drawing.measures, 0.5 * drawing.measures.padding
    states, there, values = cells.reach.tolist(), figures.nodes_there.tolist(), cells.values.tolist()
    muted = QColor(theme.palette.muted)
    hatched = []
    painter.setFont(node_font(theme))
    for node, box in boxes.items():
        state, number = states[node], short(values[node])
        text = number if state == Reach.KNOWN else _missing(state, number) if there[node] else "not here"
        baseline = box.center().y() + (2 * measures.ascent - measures.line) / 2
        if state != Reach.KNOWN:  # beside the words
            width = (len(cells.word) + 1 + len(text)) * measures.advance
            hatched.append(box.adjusted(inset + width + inset, 0.0, 0.0, 0.0))
        painter.setPen(inks[node] if state == Reach.KNOWN else muted)
        painter.drawText(QPointF(box.left() + inset, baseline), f"{cells.word} {text}")
    draw_hatch_lines(painter, hatched, theme.palette)


def _draw_numbers(
    painter: QPainter,
    drawing: Drawing,
    boxes: dict[int, QRectF],
    cells: Cells,
    theme: Theme,
    inks: list[QColor],
    zoom: float,
) -> None:
    """As many digits as there is room for, in larger letters."""
    size = larger_letters(drawing.measures.height, zoom, theme)
    painter.setFont(theme.number_font(size))
    advance = drawing.measures.advance * size / SMALL
    states, values = cells.reach.tolist(), cells.values.tolist()
    for node, box in boxes.items():
        if states[node] == Reach.KNOWN:
            text = fitted(values[node], int(box.width() / advance))
            painter.setPen(inks[node])
            x = box.center().x() - len(text) * advance / 2
            painter.drawText(QPointF(x, box.center().y() + 0.36 * size * theme.text_scale), text)


def _inks(argb: Colors, palette: Palette) -> list[QColor]:
    """(n,) dark upon light and light upon dark."""
    dark, light = QColor(palette.ink_on_light), QColor(palette.ink_on_dark)
    return [dark if is_bright else light for is_bright in is_light(argb).tolist()]


def _cells_of(drawing: Drawing, node: int, zoom: float) -> tuple[QRectF, QRectF]:
    """Where data and grad stand: in the last row, in the lower half, or, where no address can be read, in all of it."""
    rect = drawing.rects[node]
    if zoom >= READABLE:
        return drawing.measures.cells(rect)
    top = rect.center().y() if zoom >= NAMED else rect.top() + 0.5 * drawing.measures.padding
    left = QRectF(rect.left(), top, rect.width() / 2, rect.bottom() - top)
    return left, left.translated(left.width(), 0.0)


def _missing(state: int, number: str) -> str:
    if state == Reach.PARTIAL:
        return number + "…"
    return "none" if state == Reach.OUTSIDE else "not yet"
