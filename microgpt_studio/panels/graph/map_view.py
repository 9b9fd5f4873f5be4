"""The map view: one widget that paints the whole graph, zooms and pans over it, and tells what is pointed at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.graph.breakpoint_marks import BreakpointMarks
from microgpt_studio.panels.graph.camera import Camera
from microgpt_studio.panels.graph.lit import Lit
from microgpt_studio.panels.graph.map_colors import Limits
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.map_painter import MapPainter, Marks
from microgpt_studio.panels.graph.margins import Margins
from microgpt_studio.panels.graph.overlay import outline
from microgpt_studio.panels.graph.picture import Coloring, Picture, number_text
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.themed import ThemedWidget

_DRAG = 4.0  # pixels that the pointer moves before a press becomes a drag
_WHEEL = 1.0015  # enlargement a degree of eight
_KEY_ZOOM = 1.4
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MapView(ThemedWidget):
    """The map of one session. It owns no truth: it shows the snapshots it is given, and tells selections."""

    selected = Signal(object)  # id of a scalar (int), by click or keyboard
    hovered = Signal(object)  # index of an element (int), or None

    def __init__(self, description: Description, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("map of the graph")
        self.description = description
        self.layout_of_map = MapLayout(description.program)
        self.camera = Camera()
        self.limits = Limits(self.layout_of_map)
        self._coloring = Coloring()
        self._snapshot: Snapshot | None = None
        self._columns = 0
        self._selection: int | None = None
        self._hovered: int | None = None
        self._picture: Picture | None = None
        self._lit: Lit | None = None
        self.breakpoints = BreakpointMarks(description, self.layout_of_map)
        self._painter = MapPainter(description)
        self._pressed: QPointF | None = None
        self._dragging = False
        self._clicked: int | None = None  # the scalar that a click has just selected

    @property
    def picture(self) -> Picture | None:
        """What is shown; None before the first snapshot."""
        if self._picture is None and self._snapshot is not None:
            palette = current_theme().palette
            self._picture = Picture.of(self.layout_of_map, self._snapshot, self._coloring, self.limits, palette)
        return self._picture

    @property
    def coloring(self) -> Coloring:
        """What is coloured, and how."""
        return self._coloring

    @property
    def columns(self) -> int:
        """For how many positions there is room when everything fits."""
        return self._columns

    @property
    def hovered_element(self) -> int | None:
        """The element under the pointer."""
        return self._hovered

    @property
    def selected_element(self) -> int | None:
        """The element that is marked: the selected scalar, or the one it belongs to, if the document has it."""
        if self._selection is None or self._snapshot is None:
            return None
        element = self.layout_of_map.element_of(self._selection)
        shown = element is not None and self.layout_of_map.is_shown(element, self._snapshot.moment.positions)
        return element if shown else None

    @property
    def lit_elements(self) -> tuple[int, ...]:
        """The elements that are outlined, ascending."""
        return () if self._lit is None else tuple(self._lit.elements.tolist())

    @property
    def selected_position(self) -> int | None:
        """The column that is framed."""
        element = self.selected_element
        position = -1 if element is None else int(self.layout_of_map.position_of[element])
        return position if position >= 0 else None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show these numbers. While training runs, columns are added but not taken away: the map keeps still."""
        self._snapshot, self._picture = snapshot, None
        self.breakpoints.show(snapshot)
        positions = snapshot.moment.positions
        self._columns = max(positions, self._columns) if snapshot.pace.running else positions
        self.camera.set_extent(*self.layout_of_map.extent(self._columns))
        if self._hovered is not None and not self.layout_of_map.is_shown(self._hovered, positions):
            self._hover(None)
        self.update()

    def show_selection(self, scalar: int | None) -> None:
        """Mark a scalar, and move the map where it is not in sight."""
        self._selection = scalar
        element = self.selected_element
        rect = None if element is None else self.layout_of_map.rect_of(element)
        if rect is not None and scalar != self._clicked:  # what was clicked is in sight, and must not move away
            self._look()
            self.camera.reveal(*rect)
        self._clicked = None
        self.update()

    def show_lit(self, scalars: Ids) -> None:
        """Outline the cells of scalars; none where there are none."""
        lit = Lit(self.layout_of_map, scalars) if len(scalars) else None
        self._lit = lit if lit is not None and len(lit.elements) else None
        self.update()

    def set_coloring(self, coloring: Coloring) -> None:
        """Colour another quantity, or in another way."""
        if coloring != self._coloring:
            self._coloring = coloring
            self.recolor()

    def set_locked(self, locked: bool) -> None:
        """Keep the scale of now for all updates that follow, or not any more."""
        self.limits.set_locked(locked)
        self.recolor()

    def recolor(self) -> None:
        """Colour the same numbers anew."""
        self._picture = None
        self.update()

    def fit(self) -> None:
        """Show the whole document."""
        self.camera.fit()
        self.update()

    def zoom_in(self) -> None:
        self._zoom_by_key(_KEY_ZOOM)

    def zoom_out(self) -> None:
        self._zoom_by_key(1 / _KEY_ZOOM)

    def window_of_map(self) -> QRectF:
        """Where the map is seen, in the widget's pixels."""
        return self._margins().window(self.width(), self.height())

    def cell_rect(self, element: int) -> QRectF:
        """Where an element's cell is, in the widget's pixels; empty for a parameter."""
        rect = self.layout_of_map.rect_of(element)
        window = self._look()
        return QRectF() if rect is None else outline(self.camera.transform, rect).translated(window.topLeft())

    def element_at(self, point: QPointF) -> int | None:
        """The element whose cell is under a point of the widget."""
        window = self._look()
        if self._snapshot is None or not window.contains(point):
            return None
        inside = point - window.topLeft()
        element = self.layout_of_map.cell_at(*self.camera.transform.to_map(inside.x(), inside.y()))
        if element is None or not self.layout_of_map.is_shown(element, self._snapshot.moment.positions):
            return None
        return element

    def describe(self, element: int) -> str:
        """Address, data and grad of an element in full, one a line; then the breakpoints that are there."""
        picture = self.picture
        assert picture is not None, "what is pointed at has been painted"
        return "\n".join(
            (
                self._address(element),
                f"data {number_text(picture.data, element)}",
                f"grad {number_text(picture.grad, element)}",
                *self.breakpoints.sentences(element),
            )
        )

    def describe_label(self, point: QPointF) -> str:
        """The breakpoints at the label of the row that is left of the map at a point of the widget."""
        window = self._look()
        inside = point - window.topLeft()
        row = self.layout_of_map.row_at(self.camera.transform.to_map(0.0, inside.y())[1])
        beside = inside.x() < 0 and 0 <= inside.y() <= window.height()
        return "\n".join(self.breakpoints.row_sentences(row)) if beside and row is not None else ""

    def copy_text(self) -> str | None:
        """The full number of the selected cell, if it is known."""
        element, picture = self.selected_element, self.picture
        if element is None or picture is None or not picture.ink.known[element]:
            return None
        return number_text(picture.shown, element)

    def theme_changed(self) -> None:
        self._picture = None

    def _address(self, element: int) -> str:
        return self.description.addresses.format(int(self.description.program.element_ids[element]))

    def _margins(self) -> Margins:
        return Margins.of(self.layout_of_map, self._coloring.norm, current_theme(), self.width())

    def _look(self) -> QRectF:
        """Let the camera know how large the map's window is, and return it."""
        window = self.window_of_map()
        self.camera.set_window(window.width(), window.height(), current_theme().text_scale)
        return window

    def _zoom_by_key(self, factor: float) -> None:
        window = self._look()
        element = self.selected_element
        at = QRectF(0, 0, window.width(), window.height()).center()
        if element is not None:
            cell = self.cell_rect(element)
            at = cell.center() - window.topLeft() if window.intersects(cell) else at
        self.camera.zoom(factor, at.x(), at.y())
        self.update()

    def _hover(self, element: int | None) -> None:
        if element != self._hovered:
            self._hovered = element
            self.hovered.emit(element)
            self.update()

    def _select(self, element: int) -> None:
        self.selected.emit(int(self.description.program.element_ids[element]))

    def _step(self, across: int, down: int) -> None:
        """Select the neighbour of the selected cell, or the first cell of all."""
        if self._snapshot is None:
            return
        positions = self._snapshot.moment.positions
        element = self.selected_element
        if element is None:
            self._select(int(self.layout_of_map.elements_of(self.layout_of_map.rows[0])[0]))
        else:
            self._select(self.layout_of_map.neighbour(element, across, down, positions))

    def sizeHint(self) -> QSize:
        return QSize(760, 440)

    def minimumSizeHint(self) -> QSize:
        scale = current_theme().text_scale
        return QSize(round(240 * scale), round(104 * scale))

    def paintEvent(self, _event: QPaintEvent) -> None:
        picture = self.picture
        if picture is not None:
            self._look()
            marks = Marks(self._hovered, self.selected_element, self.selected_position, self._lit, self.breakpoints)
            area = QRectF(self.rect())
            painter = QPainter(self)
            self._painter.paint(painter, picture, self.camera.transform, self._margins(), area, marks)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed, self._dragging = event.position(), False
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._hover(self.element_at(event.position()))
            return
        moved = event.position() - self._pressed
        if self._dragging or moved.manhattanLength() >= _DRAG:
            self._dragging = True
            self.setCursor(QCursor(Qt.CursorShape.ClosedHandCursor))
            self.camera.pan(moved.x(), moved.y())
            self._pressed = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed is None:
            super().mouseReleaseEvent(event)
            return
        self.unsetCursor()
        element = None if self._dragging else self.element_at(event.position())
        self._pressed, self._dragging = None, False
        if element is not None:
            self._clicked = int(self.description.program.element_ids[element])
            self._select(element)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A column, or a stage of one, fills the window."""
        if self._snapshot is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        layout, window = self.layout_of_map, self._look()
        inside = event.position() - window.topLeft()
        x, y = self.camera.transform.to_map(inside.x(), inside.y())
        column = int(x // layout.pitch)
        middle: float | None = None
        if inside.x() < 0:
            column = self.selected_position or max(int(self.camera.transform.to_map(0.0, 0.0)[0] // layout.pitch), 0)
        if inside.y() >= 0:
            row = layout.row_at(y)
            if row is None:
                return
            middle = (layout.rows[row].top + layout.rows[row].bottom) / 2
        if 0 <= column < self._snapshot.moment.positions:
            self.camera.show_column(column * layout.pitch, layout.pitch, middle)
            self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hover(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        inside = event.position() - self._look().topLeft()
        self.camera.zoom(_WHEEL ** event.angleDelta().y(), inside.x(), inside.y())
        self._hover(self.element_at(event.position()))
        self.update()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._step(*_ARROWS[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_out()
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home) or (key == Qt.Key.Key_Escape and not self.camera.fitted):
            self.fit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            point = event.pos().toPointF()
            element = self.element_at(point)
            text = self.describe_label(point) if element is None else self.describe(element)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)
