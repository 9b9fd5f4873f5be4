"""Paints the nodes of a drawing: boxes with address, operation, data and grad, as much of it as there is room for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt.program.program import Floats
from microgpt_studio.debugger.neighbourhood_words import operation_words
from microgpt_studio.debugger.snapshot import Reach, Reaches
from microgpt_studio.panels.neighbourhood.camera import READABLE
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.panels.neighbourhood.hatching import draw_hatch_lines
from microgpt_studio.panels.neighbourhood.measures import node_font
from microgpt_studio.theme import Palette, Scale, Theme
from microgpt_studio.theme.colormaps import Colors, colors, is_light
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.number_text import short

_ROUND = 4.0
_NAMED = 0.3  # zoom from which an address, in larger letters, can be read
_STACK = 3.0  # how far the box behind a Σ looks out


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One quantity of all nodes."""

    side: int  # 0: left, 1: right
    word: str
    values: Floats  # (n,)
    reach: Reaches  # (n,)
    scale: Scale


@dataclass(frozen=True, slots=True)
class Marks:
    """Nodes, and an edge, that are pointed at."""

    cursor: int | None = None  # of the keyboard
    hovered: int | None = None
    hovered_edge: int | None = None


def draw_nodes(
    painter: QPainter, drawing: Drawing, figures: Figures, theme: Theme, seen: QRectF, zoom: float, marks: Marks
) -> None:
    """Paint the nodes in `seen`, in the drawing's coordinates."""
    nodes = drawing.nodes_in(seen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    _draw_boxes(painter, drawing, figures, theme.palette, nodes, 1.0 / zoom)
    numbers = figures.numbers
    quantities = (
        ("data", numbers.data, numbers.data_reach, figures.data_scale),
        ("grad", numbers.grad, numbers.grad_reach, figures.grad_scale),
    )
    for side, (word, values, reach, scale) in enumerate(quantities):
        cells = Cells(side, word, values, reach, scale)
        _draw_cells(painter, drawing, figures, nodes, cells, theme, zoom)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if zoom >= READABLE:
        _draw_words(painter, drawing, figures, theme, nodes)
    elif zoom >= _NAMED:
        _draw_names(painter, drawing, theme, nodes, zoom)
    _draw_outlines(painter, drawing, theme.palette, marks, 1.0 / zoom)


def _draw_boxes(
    painter: QPainter, drawing: Drawing, figures: Figures, palette: Palette, nodes: list[int], pixel: float
) -> None:
    border = QPen(QColor(palette.hatch), max(1.0, pixel))
    painter.setPen(border)
    painter.setBrush(QColor(palette.raised))
    rects = [drawing.rects[node] for node in nodes]
    if pixel > 1.0 / _NAMED:  # rounded corners would not be seen
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawRects(rects)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    else:
        behind = [
            drawing.rects[node].translated(_STACK, _STACK) for node in nodes if drawing.neighbourhood.folded[node]
        ]
        for rect in (*behind, *rects):
            painter.drawRoundedRect(rect, _ROUND, _ROUND)
    draw_hatch_lines(painter, [drawing.rects[node] for node in nodes if not figures.nodes_there[node]], palette)


def _draw_cells(
    painter: QPainter,
    drawing: Drawing,
    figures: Figures,
    nodes: list[int],
    cells: Cells,
    theme: Theme,
    zoom: float,
) -> None:
    palette, measures = theme.palette, drawing.measures
    known = cells.reach == Reach.KNOWN
    argb: Colors = colors(np.where(known, cells.values, 0.0), cells.scale, palette)
    light = is_light(argb).tolist()
    fills, states, there = argb.tolist(), cells.reach.tolist(), figures.nodes_there.tolist()
    inset = 0.5 * measures.padding
    boxes = {}
    for node in nodes:
        left, right = _cells_of(drawing, node, zoom)
        box = right.adjusted(0.5, 0.0, -inset, -inset) if cells.side else left.adjusted(inset, 0.0, -0.5, -inset)
        boxes[node] = box
        if states[node] == Reach.KNOWN:
            painter.fillRect(box, QColor.fromRgba(fills[node]))
    draw_hatch_lines(painter, [box for node, box in boxes.items() if states[node] != Reach.KNOWN], palette)
    if zoom < READABLE:
        return
    painter.setFont(node_font(theme))
    for node, box in boxes.items():
        state = states[node]
        number = short(float(cells.values[node]))
        text = number if state == Reach.KNOWN else _missing(state, number) if there[node] else "not here"
        baseline = box.center().y() + (measures.ascent - (measures.line - measures.ascent)) / 2
        width = (len(cells.word) + 1 + len(text)) * measures.advance
        if state != Reach.KNOWN:
            painter.fillRect(QRectF(box.left(), box.top(), width + inset + 2.0, box.height()), QColor(palette.raised))
            painter.setPen(QColor(palette.muted))
        else:
            painter.setPen(QColor(palette.ink_on_light if light[node] else palette.ink_on_dark))
        painter.drawText(QPointF(box.left() + inset, baseline), f"{cells.word} {text}")


def _cells_of(drawing: Drawing, node: int, zoom: float) -> tuple[QRectF, QRectF]:
    """Where colours stand for data and grad: where no address can be read, in all of the box."""
    if zoom >= _NAMED:
        return drawing.measures.cells(drawing.rects[node])
    rect = drawing.rects[node].adjusted(0.0, 0.5 * drawing.measures.padding, 0.0, 0.0)
    left = QRectF(rect.left(), rect.top(), rect.width() / 2, rect.height())
    return left, left.translated(left.width(), 0.0)


def _missing(state: int, number: str) -> str:
    if state == Reach.PARTIAL:
        return number + "…"
    return "none" if state == Reach.OUTSIDE else "not yet"


def _draw_words(painter: QPainter, drawing: Drawing, figures: Figures, theme: Theme, nodes: list[int]) -> None:
    """Address; operation, with what is not drawn at the right."""
    palette, measures, neighbourhood = theme.palette, drawing.measures, drawing.neighbourhood
    inset = measures.padding
    painter.setFont(node_font(theme, bold=True))
    painter.setPen(QColor(palette.text))
    for node in nodes:
        rect = drawing.rects[node]
        painter.drawText(
            QPointF(rect.left() + inset, rect.top() + 0.5 * inset + measures.ascent), drawing.addresses[node]
        )
    painter.setFont(node_font(theme))
    for node in nodes:
        rect = drawing.rects[node]
        baseline = rect.top() + 0.75 * inset + measures.line + measures.ascent
        x = rect.left() + inset
        words = drawing.sums[node]
        if words:
            button = measures.sum_button(rect, words)
            painter.setPen(QPen(QColor(palette.hatch), 1.0))
            painter.drawRoundedRect(button, _ROUND / 2, _ROUND / 2)
            words += " +" if neighbourhood.folded[node] else " −"
        else:
            words = operation_words(neighbourhood, figures.numbers, node)
        painter.setPen(QColor(palette.text if drawing.sums[node] else palette.muted))
        painter.drawText(QPointF(x, baseline), words)
        left = left_out(figures, node)
        if left:
            painter.setPen(QColor(palette.muted))
            painter.drawText(QPointF(rect.right() - inset - len(left) * measures.advance, baseline), left)


def left_out(figures: Figures, node: int) -> str:
    """How many edges of a node are not drawn: "‹2 16›"."""
    operands, consumers = int(figures.operands_left[node]), int(figures.consumers_left[node])
    return " ".join(filter(None, (f"‹{operands}" if operands else "", f"{consumers}›" if consumers else "")))


def _draw_names(painter: QPainter, drawing: Drawing, theme: Theme, nodes: list[int], zoom: float) -> None:
    """Addresses in larger letters, over the rows of the operations."""
    measures = drawing.measures
    size = min(9.5 / zoom, 1.9 * SMALL)
    font = theme.number_font(round(size))
    painter.setFont(font)
    painter.setPen(QColor(theme.palette.text))
    advance = measures.advance * round(size) / SMALL
    for node in nodes:
        rect = drawing.rects[node]
        room = int((rect.width() - measures.padding) / advance)
        text = shortened(drawing.addresses[node], room)
        middle = (rect.top() + measures.cells(rect)[0].top()) / 2
        painter.drawText(QPointF(rect.left() + 0.5 * measures.padding, middle + 0.36 * size * theme.text_scale), text)


def shortened(address: str, room: int) -> str:
    """An address in so many characters: without the middle of its path, then without the beginning."""
    first, *rest = address.split(".")
    shorter = [address]
    for start in range(1, len(rest)):
        shorter.append(f"{first}…{'.'.join(rest[start:])}")
    shorter += [".".join(rest[start:]) for start in range(len(rest))]
    return next((text for text in shorter if len(text) <= room), f"…{address[len(address) - room + 1 :]}")


def _draw_outlines(painter: QPainter, drawing: Drawing, palette: Palette, marks: Marks, pixel: float) -> None:
    if marks.hovered is not None:
        painter.setPen(QPen(QColor(palette.text), max(1.0, pixel)))
        painter.drawRoundedRect(drawing.rects[marks.hovered], _ROUND, _ROUND)
    width = max(2.0, 2.0 * pixel)
    painter.setPen(QPen(QColor(palette.accent), width))
    painter.drawRoundedRect(drawing.rects[drawing.neighbourhood.focus], _ROUND, _ROUND)
    if marks.cursor is not None and marks.cursor != drawing.neighbourhood.focus:
        painter.setPen(QPen(QColor(palette.accent), width, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(drawing.rects[marks.cursor], _ROUND, _ROUND)
