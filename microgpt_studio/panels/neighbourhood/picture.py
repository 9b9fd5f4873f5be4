"""Paints a drawing: in the window's view, or whole, with title and legend, on any painter."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from microgpt_studio.panels.neighbourhood.camera import READABLE
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.edge_painter import draw_edges, draw_labels
from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.panels.neighbourhood.node_painter import Marks, draw_nodes
from microgpt_studio.theme import Theme

_ARROWS = 0.25  # zoom from which arrows can be seen


def paint_drawing(
    painter: QPainter, drawing: Drawing, figures: Figures, theme: Theme, seen: QRectF, zoom: float, marks: Marks
) -> None:
    """Paint what is in `seen`, in the drawing's coordinates, of which the painter makes `zoom` pixels each."""
    stressed = marks.hovered if marks.hovered is not None else marks.cursor
    near = frozenset(drawing.edges_of(stressed) if stressed is not None else ())
    if marks.hovered_edge is not None:
        near |= {marks.hovered_edge}
    draw_edges(painter, drawing, figures, theme, seen, 1.0 / zoom, near, labelled=zoom >= _ARROWS)
    draw_nodes(painter, drawing, figures, theme, seen, zoom, marks)
    if zoom >= READABLE:
        draw_labels(painter, drawing, figures, theme, seen, near, stressed)
