"""The view of a neighbourhood: one widget that paints it, zooms and pans over it, and tells what is pointed at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from microgpt_studio.panels.neighbourhood.camera import Camera
from microgpt_studio.panels.neighbourhood.drawing import Drawing
from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.panels.neighbourhood.node_painter import Marks
from microgpt_studio.panels.neighbourhood.picture import paint_drawing
from microgpt_studio.panels.neighbourhood.words import describe_edge, describe_node, edge_wordings, node_wordings
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.drag import Drag
from microgpt_studio.widgets.themed import ThemedWidget

_WHEEL = 1.0015  # enlargement a degree of eight
_KEY_ZOOM = 1.4
_EDGE_REACH = 5.0  # pixels from an edge within which it is pointed at
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class NeighbourhoodView(ThemedWidget):
    """Shows a drawing with the figures of a moment. It owns no truth, and tells what is clicked."""

    chosen = Signal(object)  # the scalar of a node (int), by click or keyboard
    toggled = Signal(int)  # a node whose long sum is to be opened or folded
    pointed = Signal()  # something else is pointed at, or under the keyboard's cursor
    restyled = Signal()  # theme or text size have changed
    went_back = Signal()
    went_forward = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("neighbourhood of the selected scalar")
        self.camera = Camera()
        self.drawing: Drawing | None = None
        self.figures: Figures | None = None
        self.cursor_node: int | None = None  # of the keyboard
        self.hovered: int | None = None
        self.hovered_edge: int | None = None
        self._has_begun = False  # the camera looks at this drawing
        self._drag = Drag(self)

    def show_drawing(self, drawing: Drawing, figures: Figures, anchor: int | None) -> None:
        """Another picture. The node of the scalar `anchor` keeps its place in the window; None begins anew."""
        old, self.drawing, self.figures = self.drawing, drawing, figures
        self.hovered = self.hovered_edge = None
        self.cursor_node = None
        before = None if old is None or anchor is None else old.index.get(anchor)
        now = None if anchor is None else drawing.index.get(anchor)
        if old is None or before is None or now is None or not self._has_begun:
            self._begin()
        elif self.camera.is_fitted and self.camera.can_fit(drawing.size, self._window()):
            self.fit()
        else:
            shift = old.rects[before].center() - drawing.rects[now].center()
            self.camera.pan(shift * self.camera.zoom)
        self.pointed.emit()
        self.update()

    def show_figures(self, figures: Figures) -> None:
        """Other numbers of the same picture."""
        self.figures = figures
        self.update()

    def clear(self) -> None:
        """Nothing to show."""
        self.drawing = self.figures = None
        self.hovered = self.hovered_edge = self.cursor_node = None
        self.pointed.emit()
        self.update()

    def fit(self) -> None:
        """All of it."""
        if self.drawing is not None:
            self.camera.fit(self.drawing.size, self._window())
            self.update()

    def zoom_in(self) -> None:
        self._zoom(_KEY_ZOOM)

    def zoom_out(self) -> None:
        self._zoom(1 / _KEY_ZOOM)

    def node_rect(self, node: int) -> QRectF:
        """Where a node is, in the widget's pixels."""
        assert self.drawing is not None
        return self.camera.to_pixels(self.drawing.rects[node])

    def sum_button_rect(self, node: int) -> QRectF:
        """Where its long sum is opened and folded, in the widget's pixels."""
        assert self.drawing is not None
        button = self.drawing.measures.sum_button(self.drawing.rects[node], self.drawing.sums[node])
        return self.camera.to_pixels(button)

    @property
    def pointed_node(self) -> int | None:
        """The node under the pointer, or under the keyboard's cursor, or the selected one."""
        if self.hovered is not None:
            return self.hovered
        if self.cursor_node is not None or self.drawing is None:
            return self.cursor_node
        return self.drawing.neighbourhood.focus

    def description(self) -> str:
        """What is pointed at, with every digit; one fact a line."""
        if self.drawing is None or self.figures is None:
            return ""
        if self.hovered_edge is not None:
            return describe_edge(self.drawing, self.figures, self.hovered_edge)
        node = self.pointed_node
        return "" if node is None else describe_node(self.drawing, self.figures, node)

    def wordings(self) -> tuple[str, ...]:
        """What pointer or keyboard point at, in one line, longest wording first; none where they point at nothing."""
        if self.drawing is None or self.figures is None:
            return ()
        if self.hovered_edge is not None:
            return edge_wordings(self.drawing, self.figures, self.hovered_edge)
        node = self.hovered if self.hovered is not None else self.cursor_node
        return () if node is None else node_wordings(self.drawing, self.figures, node)

    def theme_changed(self) -> None:
        if hasattr(self, "_drag"):  # the base tells of the first theme before there is one
            self.restyled.emit()

    def _window(self) -> QSizeF:
        return QSizeF(self.size())

    def _begin(self) -> None:
        self._has_begun = self.drawing is not None and self.isVisible()
        if self.drawing is not None and self._has_begun:
            focus = self.drawing.rects[self.drawing.neighbourhood.focus]
            self.camera.begin(self.drawing.size, self._window(), focus)

    def _zoom(self, factor: float) -> None:
        if self.drawing is not None:
            middle = QPointF(self.width() / 2, self.height() / 2)
            node = self.cursor_node if self.cursor_node is not None else self.drawing.neighbourhood.focus
            rect = self.node_rect(node)
            self.camera.zoom_at(factor, rect.center() if QRectF(self.rect()).contains(rect.center()) else middle)
            self.update()

    def _point(self, pixel: QPointF | None) -> None:
        node = edge = None
        if self.drawing is not None and pixel is not None:
            at = self.camera.to_drawing(pixel)
            node = self.drawing.node_at(at.x(), at.y())
            if node is None:
                edge = self.drawing.edge_at(at.x(), at.y(), _EDGE_REACH / self.camera.zoom)
        if (node, edge) != (self.hovered, self.hovered_edge):
            self.hovered, self.hovered_edge = node, edge
            if node is None:
                self.unsetCursor()
            else:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.pointed.emit()
            self.update()

    def _click(self, pixel: QPointF) -> None:
        if self.drawing is None:
            return
        at = self.camera.to_drawing(pixel)
        node = self.drawing.node_at(at.x(), at.y())
        if node is None:
            return
        is_focus = node == self.drawing.neighbourhood.focus
        if self.drawing.sums[node] and (is_focus or self.drawing.is_sum_button(node, at.x(), at.y())):
            self.toggled.emit(node)
        else:
            self.cursor_node = None
            self.chosen.emit(int(self.drawing.neighbourhood.scalars[node]))

    def _step(self, across: int, down: int) -> None:
        if self.drawing is None:
            return
        node = self.cursor_node if self.cursor_node is not None else self.drawing.neighbourhood.focus
        self.cursor_node = self.drawing.beside(node, across, down)
        self.camera.reveal(self.drawing.rects[self.cursor_node], self._window())
        self.pointed.emit()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(760, 440)

    def minimumSizeHint(self) -> QSize:
        scale = current_theme().text_scale
        return QSize(round(240 * scale), round(104 * scale))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.drawing is None or self.figures is None:
            return
        if not self._has_begun:
            self._begin()
        painter = QPainter(self)
        marks = Marks(self.cursor_node if self.hasFocus() else None, self.hovered, self.hovered_edge)
        painter.translate(self.camera.offset)
        painter.scale(self.camera.zoom, self.camera.zoom)
        seen = QRectF(self.camera.to_drawing(QPointF(0.0, 0.0)), self._window() / self.camera.zoom)
        paint_drawing(painter, self.drawing, self.figures, current_theme(), seen, self.camera.zoom, marks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.camera.is_fitted or not self._has_begun:
            self._begin()
        else:
            change = event.size() - event.oldSize()
            self.camera.pan(QPointF(change.width() / 2, change.height() / 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag.press(event.position())
        elif event.button() is Qt.MouseButton.BackButton:
            self.went_back.emit()
        elif event.button() is Qt.MouseButton.ForwardButton:
            self.went_forward.emit()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._drag.is_pressed:
            self._point(event.position())
        elif moved := self._drag.move(event.position()):
            self.camera.pan(moved)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or not self._drag.is_pressed:
            super().mouseReleaseEvent(event)
            return
        if self._drag.release():
            self._click(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The first click may have brought another picture: the second one was not meant for it."""
        event.accept()

    def leaveEvent(self, _event: QEvent) -> None:
        self._point(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.drawing is not None:
            self.camera.zoom_at(_WHEEL ** event.angleDelta().y(), event.position())
            self._point(event.position())
            self.update()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == Qt.KeyboardModifier.AltModifier and key is Qt.Key.Key_Left:
            self.went_back.emit()
        elif modifiers == Qt.KeyboardModifier.AltModifier and key is Qt.Key.Key_Right:
            self.went_forward.emit()
        elif key in _ARROWS and not modifiers:
            self._step(*_ARROWS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.drawing is not None and self.cursor_node is not None:
            self.chosen.emit(int(self.drawing.neighbourhood.scalars[self.cursor_node]))
        elif key is Qt.Key.Key_Space and self.drawing is not None:
            node = self.cursor_node if self.cursor_node is not None else self.drawing.neighbourhood.focus
            self.toggled.emit(node)
        elif key is Qt.Key.Key_Backspace:
            self.went_back.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.zoom_out()
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home) or (key is Qt.Key.Key_Escape and not self.camera.is_fitted):
            self.fit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            there = self.hovered is not None or self.hovered_edge is not None
            QToolTip.showText(QPoint(event.globalPos()), self.description() if there else "", self)
            return True
        return super().event(event)
