"""Paints the nodes of a drawing: boxes with address, operation, data and grad, as much of it as there is room for."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt_studio.debugger.neighbourhood_words import operation_words
from microgpt_studio.panels.neighbourhood.camera import READABLE
from microgpt_studio.panels.neighbourhood.cell_painter import NAMED, Cells, draw_cells, larger_letters
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.panels.neighbourhood.hatching import draw_hatch_lines
from microgpt_studio.panels.neighbourhood.measures import node_font
from microgpt_studio.theme import Palette, Theme
from microgpt_studio.theme.fonts import SMALL

_ROUND = 4.0
_STACK = 3.0  # how far the box behind a Σ looks out


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
        draw_cells(painter, drawing, figures, nodes, cells, theme, zoom)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if zoom >= READABLE:
        _draw_words(painter, drawing, figures, theme, nodes)
    elif zoom >= NAMED:
        _draw_names(painter, drawing, theme, nodes, zoom)
    _draw_outlines(painter, drawing, theme.palette, marks, 1.0 / zoom)


def _draw_boxes(
    painter: QPainter, drawing: Drawing, figures: Figures, palette: Palette, nodes: list[int], pixel: float
) -> None:
    border = QPen(QColor(palette.hatch), max(1.0, pixel))
    painter.setPen(border)
    painter.setBrush(QColor(palette.raised))
    rects = [drawing.rects[node] for node in nodes]
    if pixel > 1.0 / NAMED:  # rounded corners would not be seen
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
    """Addresses in larger letters, in the upper half."""
    measures = drawing.measures
    size = larger_letters(measures.height, zoom, theme)
    painter.setFont(theme.number_font(size))
    painter.setPen(QColor(theme.palette.text))
    advance = measures.advance * size / SMALL
    for node in nodes:
        rect = drawing.rects[node]
        room = int((rect.width() - measures.padding) / advance)
        text = shortened(drawing.addresses[node], room)
        middle = (rect.top() + rect.center().y()) / 2
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
