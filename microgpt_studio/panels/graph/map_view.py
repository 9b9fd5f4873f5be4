"""The map view: the map that mouse and keys move, which tells what is pointed at and what is selected."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.graph.frame import HIT_FROM
from microgpt_studio.panels.graph.map_canvas import MapCanvas
from microgpt_studio.panels.graph.map_colors import Quantity
from microgpt_studio.panels.graph.picture import number_text
from microgpt_studio.panels.graph.pointing import neighbour
from microgpt_studio.widgets.drag import Drag

_WHEEL = 1.0015  # enlargement a degree of eight
_KEY_ZOOM = 1.4
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MapView(MapCanvas):
    """Zooms, pans and steps over the map, and tells selections."""

    selected = Signal(object)  # id of a scalar (int), by click or keyboard

    def __init__(self, description: Description, parent: QWidget | None = None) -> None:
        super().__init__(description, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._drag = Drag(self)
        self._pointer: QPointF | None = None  # where it is, while it is over the map
        self._clicked: int | None = None  # the scalar that a click has just selected

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

    def fit(self) -> None:
        """Show the whole document."""
        self.levels.fit()
        self._moved()

    def fit_selection(self) -> None:
        """Let the selected scalar fill the window with what surrounds it; every time less surrounds it."""
        scalar = self.selected_scalar
        if scalar is not None:
            self._look()
            self.levels.open(scalar)
            self._moved()

    def go_up(self) -> None:
        """One level out: out of a cell, to its column, from there to the whole document."""
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

    def describe(self, scalar: int) -> str:
        """Address, data and grad of a scalar in full, one a line; then the breakpoints that are there."""
        picture = self.picture
        assert picture is not None, "what is pointed at has been painted"
        numbers = picture.numbers_of(scalar)
        lines = [self.description.addresses.format(scalar)]
        if numbers is not None:
            (data, grad), index = numbers
            lines += [f"data {number_text(data, index)}", f"grad {number_text(grad, index)}"]
            if picture.coloring.quantity not in (Quantity.DATA, Quantity.GRAD, Quantity.MAGNITUDE):
                lines.append(f"{picture.coloring.quantity.value} {picture.shown_words(scalar)}")
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

    def _zoom_by_key(self, factor: float) -> None:
        window = self._look()
        at = QRectF(QPointF(0.0, 0.0), window.size()).center()
        scalar, frame = self.selected_scalar, self.frame
        place = None if scalar is None or frame is None else frame.place_of(scalar)
        if place is not None and QRectF(QPointF(0.0, 0.0), window.size()).intersects(place):
            at = place.center()
        self.levels.zoom(factor, at.x(), at.y())
        self._moved()

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

    def _moved(self) -> None:
        super()._moved()
        self._hover(None if self._pointer is None else self.pointed_at(self._pointer))  # something else is there now

    def _forget_pointer(self) -> None:
        self._pointer = None
        super()._forget_pointer()

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
        self._pointer = event.position()
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
        """What is pointed at fills the window: a column's row at first, then the cell, then scalars of it."""
        if self._snapshot is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        inside = event.position() - self._look().topLeft()
        if self.levels.open_at(inside.x(), inside.y(), self._snapshot.moment.positions, self.selected_position):
            self._moved()

    def leaveEvent(self, _event: QEvent) -> None:
        self._forget_pointer()

    def wheelEvent(self, event: QWheelEvent) -> None:
        inside = event.position() - self._look().topLeft()
        self._pointer = event.position()
        self.levels.zoom(_WHEEL ** event.angleDelta().y(), inside.x(), inside.y())
        self._moved()
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
