"""The map view: one widget that paints the whole graph, zooms and pans over it, and tells what is pointed at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.binding import Binding
from microgpt_studio.debugger.cell_numbers import CellNumbers
from microgpt_studio.debugger.flows import HeadFlows
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.graph.breakpoint_marks import BreakpointMarks
from microgpt_studio.panels.graph.camera import Camera
from microgpt_studio.panels.graph.chain_asking import ChainAsking
from microgpt_studio.panels.graph.frame import HIT_FROM, Frame, outline
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
from microgpt_studio.panels.graph.picture import Picture, number_text
from microgpt_studio.panels.graph.pointing import Pointed, neighbour, pointed_at
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.drag import Drag
from microgpt_studio.widgets.themed import ThemedWidget

_WHEEL = 1.0015  # enlargement a degree of eight
_KEY_ZOOM = 1.4
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_NONE = np.empty(0, dtype=np.int32)


class MapView(ThemedWidget):
    """The map of one session. It owns no truth: it shows the snapshots it is given, and tells selections."""

    selected = Signal(object)  # id of a scalar (int), by click or keyboard
    hovered = Signal(object)  # id of a scalar (int), or None
    views_changed = Signal()  # another part of the map is seen, or the ways back and forward lead elsewhere
    wishes_changed = Signal()  # `inquiries` would answer something else now

    def __init__(self, description: Description, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
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
        self._drag = Drag(self)
        self._clicked: int | None = None  # the scalar that a click has just selected

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
        if (
            self._selection is not None
            and self.layout_of_map.position_of[self.layout_of_map.cell_of(self._selection)] >= 0
        ):
            yield HeadFlows()
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

    def show_selection(self, scalar: int | None) -> None:
        """Mark a scalar, and move the map where it is not in sight."""
        self._selection = scalar
        self._picture = None if self.draws_chain else self._picture
        shown = self.selected_scalar
        if shown is not None and scalar != self._clicked:  # what was clicked is in sight, and must not move away
            self._look()
            self.levels.reveal(shown)
            self._moved()
        self._clicked = None
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

    def fit(self) -> None:
        """Show the whole document."""
        self.levels.fit()
        self._moved()

    def fit_selection(self) -> None:
        """Let the selected scalar fill the window with what surrounds it."""
        scalar = self.selected_scalar
        if scalar is not None:
            self._look()
            self.levels.open(scalar)
            self._moved()

    def go_up(self) -> None:
        """One level out: from a cell to its column, from there to the whole document."""
        self._look()
        self.levels.go_up(self.selected_scalar)
        self._moved()

    def go_back(self) -> None:
        """To the view before."""
        self.levels.go_back()
        self._moved()

    def go_forward(self) -> None:
        """To the view after."""
        self.levels.go_forward()
        self._moved()

    def zoom_in(self) -> None:
        self._zoom_by_key(_KEY_ZOOM)

    def zoom_out(self) -> None:
        self._zoom_by_key(1 / _KEY_ZOOM)

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

    def describe(self, scalar: int) -> str:
        """Address, data and grad of a scalar in full, one a line; then the breakpoints that are there."""
        picture = self.picture
        assert picture is not None, "what is pointed at has been painted"
        numbers = picture.numbers_of(scalar)
        lines = [self.description.addresses.format(scalar)]
        if numbers is not None:
            (data, grad), index = numbers
            lines += [f"data {number_text(data, index)}", f"grad {number_text(grad, index)}"]
        return "\n".join((*lines, *self.breakpoints.sentences(scalar)))

    def describe_label(self, point: QPointF) -> str:
        """The breakpoints at the label of the row that is left of the map at a point of the widget."""
        window = self._look()
        inside = point - window.topLeft()
        row = self.layout_of_map.row_at(self.camera.transform.to_map(0.0, inside.y())[1])
        beside = inside.x() < 0 and 0 <= inside.y() <= window.height()
        return "\n".join(self.breakpoints.row_sentences(row)) if beside and row is not None else ""

    def copy_text(self) -> str | None:
        """The full number of the selected scalar, if it is known."""
        scalar, picture = self.selected_scalar, self.picture
        return None if scalar is None or picture is None else picture.shown_text(scalar)

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

    def _zoom_by_key(self, factor: float) -> None:
        window = self._look()
        at = QRectF(QPointF(0.0, 0.0), window.size()).center()
        scalar, frame = self.selected_scalar, self.frame
        place = None if scalar is None or frame is None else frame.place_of(scalar)
        if place is not None and QRectF(QPointF(0.0, 0.0), window.size()).intersects(place):
            at = place.center()
        self.levels.zoom(factor, at.x(), at.y())
        self._moved()

    def _hover(self, pointed: Pointed | None) -> None:
        if pointed != self._hovered:
            self._hovered = pointed
            self.hovered.emit(self.hovered_scalar)
            self.update()

    def _step(self, across: int, down: int) -> None:
        """Select the neighbour of what is selected, or the first cell of all."""
        frame = self.frame
        if frame is None:
            return
        scalar = self.selected_scalar
        if scalar is None:
            first = self.layout_of_map.cells_of(self.layout_of_map.rows[0])[0]
            self.selected.emit(int(self.description.expressions.scalar[first]))
        else:
            is_open = frame.openness_of(self.layout_of_map.cell_of(scalar)) >= HIT_FROM
            self.selected.emit(neighbour(self.inside, scalar, across, down, frame.positions, is_open=is_open))

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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag.press(event.position())
        elif event.button() is Qt.MouseButton.BackButton:
            self.go_back()
        elif event.button() is Qt.MouseButton.ForwardButton:
            self.go_forward()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._drag.is_pressed:
            self._hover(self.pointed_at(event.position()))
        elif moved := self._drag.move(event.position()):
            self.levels.pan(moved.x(), moved.y())
            self._moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or not self._drag.is_pressed:
            super().mouseReleaseEvent(event)
            return
        pointed = self.pointed_at(event.position()) if self._drag.release() else None
        if pointed is not None:
            self._clicked = pointed.scalar if not pointed.is_port else None  # the operand is elsewhere: go there
            self.selected.emit(pointed.scalar)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """What is pointed at fills the window: a column's row at first, then the cell, then a scalar of it."""
        if self._snapshot is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        inside = event.position() - self._look().topLeft()
        if self.levels.open_at(inside.x(), inside.y(), self._snapshot.moment.positions, self.selected_position):
            self._moved()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ask_for_inside()
        self._show_minimap()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        inside = event.position() - self._look().topLeft()
        self.levels.zoom(_WHEEL ** event.angleDelta().y(), inside.x(), inside.y())
        self._moved()
        self._hover(self.pointed_at(event.position()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, plain = Qt.Key(event.key()), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if key in _ARROWS and plain:
            self._step(*_ARROWS[key])
        elif (key is Qt.Key.Key_Left and alt) or (key is Qt.Key.Key_Backspace and plain):
            self.go_back()
        elif key is Qt.Key.Key_Right and alt:
            self.go_forward()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_out()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected_scalar is not None:
            self.fit_selection()
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.fit()
        elif key == Qt.Key.Key_Escape and not self.camera.fitted:
            self.go_up()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            point = event.pos().toPointF()
            pointed = self.pointed_at(point)
            text = self.describe_label(point) if pointed is None else self.describe(pointed.scalar)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
