"""The matrix view: one widget that paints all edges, zooms and pans over them, and tells what is pointed at."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.edges import EdgeFigures, Edges
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.matrix.bands import Bands, Level
from microgpt_studio.panels.matrix.camera import Camera
from microgpt_studio.panels.matrix.density import Density
from microgpt_studio.panels.matrix.marks import Edge, Marks, edges_of
from microgpt_studio.panels.matrix.matrix_painter import MatrixPainter, shows_figures
from microgpt_studio.panels.matrix.opening import leave_band, open_band
from microgpt_studio.panels.matrix.pointed import bands_text, ruler_text
from microgpt_studio.panels.matrix.rulers import Margins, Ruler
from microgpt_studio.panels.matrix.strength import Coloring, Strength
from microgpt_studio.panels.matrix.tip import Tip
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.drag import Drag
from microgpt_studio.widgets.themed import ThemedWidget

_WHEEL = 1.0025  # enlargement an eighth of a degree
_KEY_ZOOM = 1.6
_KEY_PAN = 0.15  # of the window
_NEAR = 7.0  # pixels between the pointer and an edge that it points to, at most
_CLOSEST = 112.0, 26.0  # pixels of a cell in the nearest view, at text scale 1
_ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class MatrixView(ThemedWidget):
    """The matrix of one session. It owns no truth: it shows the edges it is given, and tells selections."""

    selected = Signal(object)  # id of a scalar (int), by click
    hovered = Signal(object)  # Edge, or None
    looked = Signal()  # another part is seen

    def __init__(self, description: Description, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("matrix of all edges")
        self.description = description
        self.camera = Camera()
        self.edges: Edges | None = None
        self.bands: Bands | None = None
        self._bands_by_length: dict[int, Bands] = {}  # of documents with so many scalars
        self.coloring = Coloring.COUNT
        self.strength: Strength | None = None  # what is coloured, where it is not the count, as soon as it has come
        self.marks = Marks()
        self._figures: EdgeFigures | None = None
        self._selection: int | None = None
        self._marked_for: tuple[Edges, int | None] | None = None  # selected_edges of the marks
        self._lit: Ids = np.empty(0, dtype=np.int32)
        self._painter = MatrixPainter()
        self._drag = Drag(self)
        self._tip = Tip(self)
        self._pointer: QPointF | None = None  # where it is, while it is over the widget
        self._clicked: int | None = None  # the scalar that a click has just selected

    @property
    def density(self) -> Density | None:
        """The counts of what is seen; None before there are edges."""
        self._prepare()
        return self._painter.density

    @property
    def rulers(self) -> tuple[Ruler, Ruler] | None:
        """The names above and at the left of what is seen; None before there are edges."""
        self._prepare()
        across, down = self._painter.across, self._painter.down
        return None if across is None or down is None else (across, down)

    def show_edges(self, edges: Edges, cursor: int | None, *, running: bool) -> None:
        """Show a document's edges. While training runs, the axes grow but do not shrink: places keep still."""
        if edges is not self.edges:
            longest = max(edges.num_scalars, self.camera.y.high) if running else edges.num_scalars
            self.edges = edges
            self.bands = Bands(self.description, edges, self._bands_by_length.get(edges.num_scalars))
            self._bands_by_length[edges.num_scalars] = self.bands
            self.camera.x.set_range(0, longest)
            self.camera.y.set_range(edges.num_parameters, longest)
            self._figures = self.strength = None
            self._hover(None)
        elif not running:
            self.camera.x.set_range(0, edges.num_scalars)
            self.camera.y.set_range(edges.num_parameters, edges.num_scalars)
        place = None if cursor is None else edges.place_of(cursor)
        self.marks = replace(self.marks, cursor=place)
        self._mark()
        self.update()

    def show_figures(self, figures: EdgeFigures | None) -> None:
        """Numbers of edges of this moment; None where there are none yet."""
        if figures is not self._figures:
            self._figures = figures
            self.update()

    def set_coloring(self, coloring: Coloring) -> None:
        """Colour another number; until it has come, dots are coloured by their edges."""
        if coloring is not self.coloring:
            self.coloring, self.strength = coloring, None
            self._moved()

    def show_strength(self, figures: EdgeFigures | None) -> None:
        """The numbers of all edges of this moment, to be coloured; None where there are none yet."""
        there = figures is not None and self.edges is not None and figures.tokens == self.edges.tokens
        self.strength = Strength.of(figures, self.coloring) if there and figures is not None else None
        self.update()

    def show_selection(self, scalar: int | None) -> None:
        """Mark a scalar, and pan to it where it is not in sight."""
        self._selection = scalar
        self._mark()
        place = self.marks.selected
        if place is not None and scalar != self._clicked:
            self._reveal(place)
        self._clicked = None
        self.update()

    def show_lit(self, scalars: Ids) -> None:
        """Mark these scalars on the axes."""
        self._lit = scalars
        self._mark()
        self.update()

    def fit(self) -> None:
        """Show the whole matrix."""
        self.camera.fit()
        self._moved()

    def zoom_in(self) -> None:
        self._zoom_by_key(_KEY_ZOOM)

    def zoom_out(self) -> None:
        self._zoom_by_key(1 / _KEY_ZOOM)

    def leave(self) -> None:
        """One level out: to the bands around what is seen, or to the whole matrix."""
        self._look()
        for axis in (self.camera.x, self.camera.y):
            if self.bands is None or not leave_band(axis, self.bands):
                axis.fit()
        self._moved()

    def open_at(self, point: QPointF) -> None:
        """One level in: to the bands of the operand and the consumer at a point of the widget."""
        inside = self._inside(point)
        if self.bands is None or (inside.x() < 0 and inside.y() < 0):
            return
        if inside.x() >= 0:
            open_band(self.camera.x, self.bands, inside.x())
        if inside.y() >= 0:
            open_band(self.camera.y, self.bands, inside.y())
        self._moved()

    def edge_at(self, point: QPointF) -> Edge | None:
        """The edge that a point of the widget is on, or nearly."""
        inside = self._inside(point)
        if self.edges is None or inside.x() < 0 or inside.y() < 0:
            return None
        x, y = self.camera.x.span, self.camera.y.span
        return self.edges.nearest(x.to_place(inside.x()), y.to_place(inside.y()), x.scale, y.scale, _NEAR)

    def point_of(self, edge: Edge) -> QPointF:
        """Where the middle of an edge's square is in the widget."""
        self._look()
        margins = Margins.of(current_theme())
        x, y = self.camera.x.span, self.camera.y.span
        return QPointF(x.to_pixel(edge[0] + 0.5) + margins.left, y.to_pixel(edge[1] + 0.5) + margins.top)

    def figured_consumers(self) -> tuple[int, int] | None:
        """The consumers in sight whose edges have room for figures, with some beside them; None: they have none."""
        self._look()
        x, y = self.camera.x.span, self.camera.y.span
        if self.edges is None or not shows_figures(x, y, current_theme()):
            return None
        step = 64
        return int(y.first) // step * step, (int(y.last) // step + 1) * step

    def count_at(self, edge: Edge) -> int:
        """How many edges the dot of an edge stands for, 0 where it is not in sight."""
        return 0 if self.density is None else self.density.count_at(*edge)

    def describe(self, point: QPointF) -> str:
        """What is at a point of the widget, which is pointed at from now on.

        Upon a ruler the whole name of its band, or of a layer's block; upon the matrix the edge, as it was said.
        """
        inside, bands, rulers = self._inside(point), self.bands, self.rulers
        if bands is None or rulers is None or (inside.x() < 0 and inside.y() < 0):
            return ""
        if inside.x() >= 0 and inside.y() >= 0:
            self._hover(self.edge_at(point))
            return self._nothing_at(inside) if self.marks.hovered is None else self._tip.said
        upper = inside.y() < 0
        axis, ruler = (self.camera.x, rulers[0]) if upper else (self.camera.y, rulers[1])
        pixel, beside = (inside.x(), -inside.y()) if upper else (inside.y(), -inside.x())
        place = int(axis.span.to_place(pixel))
        if not axis.low <= place < bands.num_places:
            return ""
        return ruler_text(ruler.named_at(bands, place, beside, Margins.of(current_theme())))

    def where(self, operand: int, consumer: int) -> str:
        """The bands of two places in sight, as fine as the rulers show them, but blocks at least."""
        bands, rulers = self.bands, self.rulers
        assert bands is not None and rulers is not None, "there are edges"
        across, down = (max(ruler.level, Level.BLOCK) for ruler in rulers)
        return bands_text(bands.at(across, operand), bands.at(down, consumer))

    def say(self, text: str) -> None:
        """Words about the edge that is pointed at, for its tool tip."""
        self._tip.say(text, self.marks.hovered)

    def _nothing_at(self, inside: QPointF) -> str:
        """Where a point of the window is that is not near an edge; nothing behind the end of the matrix."""
        x, y = self.camera.x.span, self.camera.y.span
        operand, consumer = int(x.to_place(inside.x())), int(y.to_place(inside.y()))
        there = self.bands is not None and max(operand, consumer) < self.bands.num_places
        return f"{self.where(operand, consumer)}\nno edge here" if there else ""

    def _mark(self) -> None:
        edges = self.edges
        if edges is None:
            return
        selected = None if self._selection is None else edges.place_of(self._selection)
        if selected != self.marks.selected or (edges, selected) != self._marked_for:
            self._marked_for = edges, selected
            around = Marks().selected_edges if selected is None else edges_of(edges, selected)
            self.marks = replace(self.marks, selected=selected, selected_edges=around)
        self.marks = replace(self.marks, lit=edges.places_of(self._lit))

    def _reveal(self, place: int) -> None:
        """Pan so that the row of a scalar is in sight with its first operand, or a parameter with its first use."""
        self._look()
        edges = self.marks.selected_edges
        operand, consumer = edges[0].tolist() if len(edges) else (place, place)
        self.camera.x.reveal(operand)
        self.camera.y.reveal(consumer)
        self._moved()

    def _inside(self, point: QPointF) -> QPointF:
        """A point of the widget, from the window's corner."""
        self._look()
        margins = Margins.of(current_theme())
        return point - QPointF(margins.left, margins.top)

    def _look(self) -> Margins:
        """Let the camera know how large the window is."""
        theme = current_theme()
        margins = Margins.of(theme)
        window = margins.window(self.width(), self.height())
        for axis, pixels, closest in zip(
            (self.camera.x, self.camera.y), (window.width(), window.height()), _CLOSEST, strict=True
        ):
            axis.set_window(pixels, closest * theme.text_scale)
        return margins

    def _prepare(self) -> None:
        self._look()
        if self.edges is not None and self.bands is not None:
            x, y = self.camera.x.span, self.camera.y.span
            self._painter.prepare(self.edges, self.bands, x, y, self.devicePixelRatioF(), self.strength)

    def _moved(self) -> None:
        self._hover(None if self._pointer is None else self.edge_at(self._pointer))  # something else is there now
        self.update()
        self.looked.emit()

    def _zoom_by_key(self, factor: float) -> None:
        self._look()
        x, y = self.camera.x.span, self.camera.y.span
        at = [x.pixels / 2, y.pixels / 2]
        if len(self.marks.selected_edges):
            operand, consumer = self.marks.selected_edges[0].tolist()
            mark = x.to_pixel(operand + 0.5), y.to_pixel(consumer + 0.5)
            if 0 <= mark[0] <= x.pixels and 0 <= mark[1] <= y.pixels:
                at = [*mark]
        self.camera.zoom(factor, *at)
        self._moved()

    def _hover(self, edge: Edge | None) -> None:
        if edge != self.marks.hovered:
            self.marks = replace(self.marks, hovered=edge)
            self.hovered.emit(edge)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(760, 440)

    def minimumSizeHint(self) -> QSize:
        scale = current_theme().text_scale
        return QSize(round(240 * scale), round(120 * scale))

    def paintEvent(self, _event: QPaintEvent) -> None:
        margins = self._look()
        if self.edges is not None and self.bands is not None:
            painter = QPainter(self)
            x, y = self.camera.x.span, self.camera.y.span
            figures = self._figures if shows_figures(x, y, current_theme()) else None
            self._painter.paint(
                painter, self.edges, self.bands, x, y, margins, self.marks, figures, self.coloring, self.strength
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag.press(event.position())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if not self._drag.is_pressed:
            self._hover(self.edge_at(event.position()))
        elif moved := self._drag.move(event.position()):
            self.camera.pan(moved.x(), moved.y())
            self._moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or not self._drag.is_pressed:
            super().mouseReleaseEvent(event)
            return
        edge = self.edge_at(event.position()) if self._drag.release() else None
        if edge is not None and self.edges is not None:
            place = edge[0] if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else edge[1]
            self._clicked = self.edges.id_of(place)
            self.selected.emit(self._clicked)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.open_at(event.position())

    def leaveEvent(self, _event: QEvent) -> None:
        self._pointer = None
        self._hover(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._pointer = event.position()
        inside = self._inside(event.position())
        delta, keys = event.angleDelta(), event.modifiers()
        along_x = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        along_y = bool(keys & Qt.KeyboardModifier.ControlModifier)
        turned = delta.y() or delta.x()  # with some modifiers the wheel turns sideways
        self.camera.zoom(
            math.pow(_WHEEL, turned),
            max(inside.x(), 0.0),
            max(inside.y(), 0.0),
            across=along_x or not along_y,
            down=along_y or not along_x,
        )
        self._moved()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._look()
            across, down = _ARROWS[key]
            x, y = self.camera.x.span, self.camera.y.span
            self.camera.pan(across * _KEY_PAN * x.pixels, down * _KEY_PAN * y.pixels)
            self._moved()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_out()
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.fit()
        elif key == Qt.Key.Key_Escape and not self.camera.is_whole:
            self.leave()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.describe(event.pos().toPointF())
            self._tip.show(event.globalPos(), text, self.marks.hovered)
            return True
        return super().event(event)
