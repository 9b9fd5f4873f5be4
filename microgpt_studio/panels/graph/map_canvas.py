"""The canvas of the map: one widget that paints what of the graph is in the window, and asks for what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.binding import Binding
from microgpt_studio.debugger.cell_numbers import CellNumbers
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.graph.attention_curves import asked
from microgpt_studio.panels.graph.breakpoint_marks import BreakpointMarks
from microgpt_studio.panels.graph.camera import Camera
from microgpt_studio.panels.graph.chain_asking import ChainAsking
from microgpt_studio.panels.graph.frame import Frame, outline
from microgpt_studio.panels.graph.inside import Inside
from microgpt_studio.panels.graph.levels import Levels
from microgpt_studio.panels.graph.links import Links
from microgpt_studio.panels.graph.lit import Lit
from microgpt_studio.panels.graph.map_colors import Coloring, Limits
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.map_painter import MapPainter, Marks
from microgpt_studio.panels.graph.margins import Margins
from microgpt_studio.panels.graph.minimap import Minimap, Sight
from microgpt_studio.panels.graph.nearby import Nearby
from microgpt_studio.panels.graph.overlay import mixed_color
from microgpt_studio.panels.graph.picture import Picture
from microgpt_studio.panels.graph.pointing import Pointed, pointed_at
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.themed import ThemedWidget

_NONE = np.empty(0, dtype=np.int32)


class MapCanvas(ThemedWidget):
    """The map of one session, as the camera sees it. It owns no truth, and knows neither mouse nor keys."""

    hovered = Signal(object)  # id of a scalar (int), or None
    views_changed = Signal()  # another part of the map is seen, or the ways back and forward lead elsewhere
    wishes_changed = Signal()  # `inquiries` would answer something else now

    def __init__(self, description: Description, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("map of the graph")
        self.description = description
        self.layout_of_map = MapLayout(description.program, description.expressions)
        self.inside = Inside(self.layout_of_map)
        self.camera = Camera()
        self.levels = Levels(self.camera, self.inside)
        self.limits = Limits(self.layout_of_map)
        self._coloring = Coloring()
        self._snapshot: Snapshot | None = None
        self._columns = 0
        self._selection: int | None = None
        self._hovered: Pointed | None = None
        self._picture: Picture | None = None
        self._frame: tuple[object, Frame] | None = None
        self._nearby = Nearby(self.inside, self.camera)
        self._chain = ChainAsking()
        self._lit: Lit | None = None
        self.breakpoints = BreakpointMarks(description, self.layout_of_map)
        self._binding = Binding(description.program)
        self._painter = MapPainter(description, self._binding)
        self.minimap = Minimap(self.levels, self.breakpoints, self)
        self.minimap.moved.connect(self._moved)
        self.minimap.entered.connect(self._forget_pointer)
        links = partial(Links.of, layout=self.layout_of_map, binding=self._binding)
        self._links_of = lru_cache(maxsize=2)(links)  # of what is pointed at and what is selected
        self._margins_of = lru_cache(maxsize=1)(partial(Margins.of, self.layout_of_map))

    @property
    def picture(self) -> Picture | None:
        """What is shown; None before the first snapshot."""
        if self._picture is None and self._snapshot is not None:
            palette = current_theme().palette
            self._picture = Picture.of(
                self.layout_of_map,
                self._snapshot,
                self._coloring,
                self.limits,
                palette,
                self._chain.paths(self._snapshot, self._selection),
            )
        return self._picture

    @property
    def frame(self) -> Frame | None:
        """What of the map is in the window; None before the first snapshot."""
        picture = self.picture
        if picture is None:
            return None
        size, theme = self._look().size(), current_theme()
        known = _NONE if picture.inside is None else picture.inside.cells
        key = self.camera.transform, size, picture.positions, theme.text_scale, known.tobytes()
        if self._frame is None or self._frame[0] != key:
            self._frame = key, Frame.of(self.inside, *key[:4], known)
        return self._frame[1]

    @property
    def coloring(self) -> Coloring:
        """What is coloured, and how."""
        return self._coloring

    @property
    def columns(self) -> int:
        """For how many positions there is room when everything fits."""
        return self._columns

    @property
    def hovered_scalar(self) -> int | None:
        """The scalar under the pointer; at a port the operand that enters there."""
        return None if self._hovered is None else self._hovered.scalar

    @property
    def selected_scalar(self) -> int | None:
        """The scalar that is marked, if the document has it."""
        if self._selection is None or self._snapshot is None:
            return None
        cell = self.layout_of_map.cell_of(self._selection)
        return self._selection if self.layout_of_map.is_shown(cell, self._snapshot.moment.positions) else None

    @property
    def lit_cells(self) -> tuple[int, ...]:
        """The cells that are outlined, ascending."""
        return () if self._lit is None else tuple(self._lit.cells.tolist())

    @property
    def selected_position(self) -> int | None:
        """The column that is framed."""
        scalar = self.selected_scalar
        if scalar is None:
            return None
        position = int(self.layout_of_map.position_of[self.layout_of_map.cell_of(scalar)])
        return position if position >= 0 else None

    def inquiries(self) -> Iterator[Inquiry[object]]:
        """What the map asks of every moment: numbers of cells, and of what is inside them where that is near."""
        yield CellNumbers()
        yield self._coloring.inquiry
        if self._nearby.inquiry is not None:
            yield self._nearby.inquiry
            more = self._coloring.inside(self._nearby.inquiry.cells)
            if more is not None:
                yield more
        if self._selection is not None:
            position = int(self.layout_of_map.position_of[self.layout_of_map.cell_of(self._selection)])
            if position >= 0:
                yield asked(self._coloring, position)
        yield from self._chain.inquiries(self._selection)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show these numbers. While training runs, columns are added but not taken away: the map keeps still."""
        self._snapshot, self._picture = snapshot, None
        self.breakpoints.show(snapshot)
        positions = snapshot.moment.positions
        self._columns = max(positions, self._columns) if snapshot.pace.running else positions
        self.camera.set_extent(*self.layout_of_map.extent(self._columns))
        hovered = self.hovered_scalar
        if hovered is not None and not self.layout_of_map.is_shown(self.layout_of_map.cell_of(hovered), positions):
            self._hover(None)
        self._ask_for_inside()
        self._show_minimap()
        self.update()

    def show_lit(self, scalars: Ids) -> None:
        """Outline the cells of scalars; none where there are none."""
        self._lit = Lit(self.layout_of_map, scalars) if len(scalars) else None
        self._show_minimap()
        self.update()

    def set_coloring(self, coloring: Coloring) -> None:
        """Colour another quantity, or in another way."""
        if coloring != self._coloring:
            before, self._coloring = set(self.inquiries()), coloring
            self.recolor()
            if set(self.inquiries()) != before:
                self.wishes_changed.emit()

    def set_locked(self, locked: bool) -> None:
        """Keep the scale of now for all updates that follow, or not any more."""
        self.limits.set_locked(locked)
        self.recolor()

    @property
    def draws_chain(self) -> bool:
        """Whether the strongest chain from the selected scalar to the loss is drawn."""
        return self._chain.wanted

    def draw_chain(self, drawn: bool) -> None:
        """Draw the strongest chain from the selected scalar to the loss, or no longer."""
        if drawn != self._chain.wanted:
            self._chain.wanted = drawn
            self.recolor()
            self.wishes_changed.emit()

    def recolor(self) -> None:
        """Colour the same numbers anew."""
        self._picture = None
        self._show_minimap()
        self.update()

    def set_minimap(self, wanted: bool) -> None:
        """Show the whole map in miniature while only a part of it is seen, or never."""
        self.minimap.set_wanted(wanted)
        self._show_minimap()

    def window_of_map(self) -> QRectF:
        """The part of the widget in which the map is seen, without the labels."""
        return self._margins().window(self.width(), self.height())

    def cell_rect(self, cell: int) -> QRectF:
        """Where a cell is, in the widget's pixels."""
        window = self._look()
        return outline(self.camera.transform, self.layout_of_map.rect_of(cell)).translated(window.topLeft())

    def box_rect(self, scalar: int) -> QRectF:
        """Where a scalar's box is, whether its cell is open or not, in the widget's pixels."""
        window = self._look()
        return outline(self.camera.transform, self.inside.box(scalar)).translated(window.topLeft())

    def pointed_at(self, point: QPointF) -> Pointed | None:
        """What is under a point of the widget."""
        window, picture, frame = self._look(), self.picture, self.frame
        if picture is None or frame is None or not window.contains(point):
            return None
        inside = point - window.topLeft()
        at = self.camera.transform.to_map(inside.x(), inside.y())
        return pointed_at(frame, at, self._binding, picture.moment.tokens)

    def theme_changed(self) -> None:
        self._picture = None
        if hasattr(self, "minimap"):  # the base tells of the first theme before there is one
            self._show_minimap()

    def _marks(self, picture: Picture) -> Marks:
        palette, tokens = current_theme().palette, picture.moment.tokens
        hovered, selected = self.hovered_scalar, self.selected_scalar
        marked = [(selected, mixed_color(palette.surface, palette.accent, 0.6).name()), (hovered, palette.muted)]
        if selected == hovered:
            marked.pop()
        links = tuple((self._links_of(scalar, tokens=tokens), color) for scalar, color in marked if scalar is not None)
        return Marks(hovered, selected, self.selected_position, links, self._lit, self.breakpoints)

    def _margins(self) -> Margins:
        return self._margins_of(self._coloring, current_theme(), self.width())

    def _look(self) -> QRectF:
        """Let the camera know how large the map's window is, and return it."""
        window = self.window_of_map()
        self.camera.set_window(window.width(), window.height(), current_theme().text_scale)
        return window

    def _moved(self) -> None:
        """Another part of the map is seen."""
        self._ask_for_inside()
        self._show_minimap()
        self.views_changed.emit()
        self.update()

    def _ask_for_inside(self) -> None:
        self._look()
        if self._snapshot is not None and self._nearby.look(self._snapshot.moment.positions):
            self.wishes_changed.emit()

    def _show_minimap(self) -> None:
        """Let the minimap know what is seen; where it is not needed, nothing is computed for it."""
        window = self._look()
        picture = self.picture if self.minimap.is_needed else None
        if picture is not None and self._snapshot is not None:
            self.minimap.show_picture(picture, running=self._snapshot.pace.running)
        extent = self.layout_of_map.extent(self._columns)
        self.minimap.follow(Sight(window, extent, self.selected_scalar, self._lit))

    def _forget_pointer(self) -> None:
        """The pointer is over the map no more."""
        self._hover(None)

    def _hover(self, pointed: Pointed | None) -> None:
        if pointed != self._hovered:
            self._hovered = pointed
            self.hovered.emit(self.hovered_scalar)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(760, 440)

    def minimumSizeHint(self) -> QSize:
        scale = current_theme().text_scale
        return QSize(round(240 * scale), round(104 * scale))

    def paintEvent(self, _event: QPaintEvent) -> None:
        picture, frame = self.picture, self.frame
        if picture is not None and frame is not None:
            painter = QPainter(self)
            self._painter.paint(painter, picture, frame, self._margins(), QRectF(self.rect()), self._marks(picture))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ask_for_inside()
        self._show_minimap()
