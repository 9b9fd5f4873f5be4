"""The plot of the losses with the marks above it: which updates are in view, how mouse and keyboard change that.

It knows no snapshot and writes no numbers but those at the axes.
"""

from __future__ import annotations

from html import escape
from math import ceil, floor

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from microgpt.program.program import Floats
from microgpt_studio.panels.loss_axes import Ends, Scale, draw_axes, plot_area
from microgpt_studio.panels.loss_curve import LossCurve, readable_range
from microgpt_studio.panels.loss_lane import Lane, LanePainter
from microgpt_studio.panels.loss_marks import Goal, Marks
from microgpt_studio.panels.loss_spans import RECENT, Span
from microgpt_studio.panels.loss_trace import TracePainter
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import ThemedWidget

_FEWEST = 20  # updates that can be zoomed in to
_ROOM = 8  # pixels left free after the last update, for its mark
_HEADROOM = 0.05  # of the losses in view that the vertical axis reaches over at both ends
_ZOOM = 0.8  # of the span that one key press, or one notch of the wheel, leaves
HOW_TO = (
    "Drag to go through the updates, click a mark to go to it, right click for more.\n"
    "B: bookmark the present moment, or take its bookmark away\n"
    "Ctrl+Left, Ctrl+Right: the mark before, the mark after\n"
    "Left, Right, Home, End: crosshair; Return: go there\n"
    "+, −: zoom; Page Up, Page Down: move by a screen"
)
_NOTCH = 120.0  # of a wheel, in eighths of a degree


class LossPlot(ThemedWidget):
    """Losses over updates, marks above them, and the way back to any moment.

    A click asks for an update, a drag for one after the other; a click on a mark asks for its moment. The wheel zooms,
    a drag with Shift or the middle button pans, a double click shows the whole run again. By keyboard: left and right
    move the crosshair (with Shift by ten), Home and End to the ends, Return asks for its update, Escape takes it away,
    + and − zoom, Page Up and Page Down pan by a screen. B, Ctrl+Left and Ctrl+Right are left to the panel: a bookmark,
    the mark before and after the present moment.
    """

    pointed = Signal(object)  # the update under the crosshair (int), or None
    span_changed = Signal(object)  # Span
    sought = Signal(object)  # an update (int) to go to
    mark_sought = Signal(object)  # the moment of a mark (Goal) to go to
    pressed = Signal()  # by a click or a drag that begins

    _ready = False  # until all that follows is there

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve = LossCurve()
        self.has_begun = False  # a session
        self.now = 0  # the last finished update
        self.marks = Marks()
        self.level = 0.0  # of random guessing, in nats
        self.crosshair: int | None = None  # the update under the crosshair
        self.span = Span.WHOLE
        self.bins = self.curve.bins(0, 0, 1)  # what is in view
        self.beyond = 0  # losses in view that the axis does not reach
        self._num_steps = 1
        self._updates: Ends = (0.0, 1.0)
        self._nats: Ends = (0.0, 1.0)
        self._dragged: float | None = None  # the update under the pointer when a pan began
        self._sought: int | None = None  # the update that a drag has asked for
        self._held: QPointF | None = None  # where the button went down on a mark, until it is dragged off
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._ready = True

    def begin(self, num_steps: int, level: float) -> None:
        """A new session of so many updates; `level` of random guessing in nats."""
        self.has_begun = True
        self.curve.clear()
        self.now = 0
        self.marks = Marks()
        self._num_steps, self.level = num_steps, level
        self.point(None)
        self.set_span(Span.WHOLE)

    def show_losses(self, losses: Floats, now: int) -> None:
        """(n,) the loss of every update that was done, in nats, nan where it is not known; the present one is `now`."""
        if losses is self.curve.losses and now == self.now:
            return
        self.now = now
        if losses is not self.curve.losses:
            self.curve.show(losses)
        if self.crosshair is not None and self.crosshair > len(self.curve):
            self.point(None)
        self._follow()

    def show_marks(self, marks: Marks) -> None:
        """What is marked now, and where training stands."""
        self.marks = marks
        self.update()

    def reveal(self, position: float) -> None:
        """Bring a moment into view, in the middle if it is not there yet."""
        low, high = self._updates
        if not low <= position <= high:
            self._see(position - (high - low) / 2, high - low)

    def set_span(self, span: Span) -> None:
        """Choose the updates in view; Span.OWN leaves them as they are."""
        changed, self.span = span is not self.span, span
        self._follow()
        if changed:
            self.span_changed.emit(span)

    def point(self, update: int | None) -> None:
        """Put the crosshair on an update, or take it away."""
        known = update is not None and 1 <= update <= len(self.curve)
        update = update if known else None
        if update != self.crosshair:
            self.crosshair = update
            self.update()
            self.pointed.emit(update)

    @property
    def in_view(self) -> Ends:
        """First and last update in view, fractions included."""
        return self._updates

    @property
    def nats_in_view(self) -> Ends:
        """Lower and upper end of the vertical axis."""
        return self._nats

    @property
    def lane(self) -> Lane:
        """Where the marks are."""
        return Lane(self._scale(), current_theme())

    def update_at(self, point: QPointF) -> int:
        """Of the updates that were done, the nearest to a point."""
        update = round(self._scale().update(point.x()))
        return min(max(update, self.curve.first_known), len(self.curve))

    def tip(self, point: QPointF) -> str:
        """What there is to say about a point: in the lane what stands there, or how to get about."""
        lane = self.lane
        if not (self.has_begun and lane.holds(point)):
            return ""
        return lane.describe(self.marks, point) or HOW_TO

    def theme_changed(self) -> None:
        if self._ready:
            self._follow()

    def _scale(self) -> Scale:
        return Scale(plot_area(self.width(), self.height(), current_theme()), self._updates, self._nats)

    def _end(self, last: float, shown: float) -> float:
        """Where the view ends so that the mark of update `last` has room, with `shown` updates before it."""
        return last + shown * _ROOM / max(self._scale().area.width() - _ROOM, _ROOM)

    def _follow(self) -> None:
        """Let the updates in view be those of the span, and the vertical axis reach over them."""
        if self.span is not Span.OWN:
            shown = self._num_steps if self.span is Span.WHOLE else min(RECENT, self._num_steps)
            last = max(len(self.curve), shown)
            self._updates = float(last - shown), self._end(last, shown)
        low, high = self._updates
        first, stop = floor(low) - 1, ceil(high)
        self.bins = self.curve.bins(first, stop, max(int(self._scale().area.width()), 100))
        bottom, top = readable_range(self.bins, self.level)
        self.beyond = self.curve.beyond(first, stop, bottom, top)
        headroom = (top - bottom) * _HEADROOM
        self._nats = bottom - headroom, top + headroom
        self.update()

    def _see(self, low: float, width: float) -> None:
        """Bring `width` updates from `low` on into view, as far as there are such."""
        end = self._end(self._num_steps, self._num_steps)
        width = min(max(width, min(_FEWEST, self._num_steps)), end)
        low = min(max(low, 0.0), end - width)
        self._updates = low, low + width
        self.set_span(Span.OWN)

    def _zoom(self, factor: float, update: float) -> None:
        """Show `factor` times as many updates; the one given stays where it is."""
        low, high = self._updates
        width = min(max((high - low) * factor, min(_FEWEST, self._num_steps)), 2.0 * self._num_steps)
        self._see(update - (update - low) * width / (high - low), width)

    def _update_at(self, point: QPointF) -> int | None:
        lane = self.lane
        inside = lane.scale.area.contains(point) or lane.area.contains(point)
        return round(lane.scale.update(point.x())) if inside else None

    def minimumSizeHint(self) -> QSize:
        return QSize(160, current_theme().scaled(56))

    def sizeHint(self) -> QSize:
        return QSize(640, current_theme().scaled(100))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.tip(event.pos().toPointF())
            QToolTip.showText(event.globalPos(), as_rich_text(text), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.has_begun:
            return  # without a session there are no axes and no level to draw
        theme, scale = current_theme(), self._scale()
        painter = QPainter(self)
        draw_axes(painter, scale, theme)
        LanePainter(painter, self.lane, theme.palette).draw(self.marks)
        painter.setClipRect(scale.area)
        trace = TracePainter(painter, scale, theme.palette)
        trace.draw(self.curve, self.bins, self.level, self.now, self.marks.position, self.crosshair)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(theme.palette.faint), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(scale.area.adjusted(0.0, 0.0, -1.0, -1.0))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._follow()

    def wheelEvent(self, event: QWheelEvent) -> None:
        scale = self._scale()
        notches = event.angleDelta().y() / _NOTCH
        if notches and event.position().x() >= scale.area.left():
            self._zoom(_ZOOM**notches, scale.update(event.position().x()))
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() is Qt.MouseButton.MiddleButton or (event.button() is Qt.MouseButton.LeftButton and shifted):
            self._dragged = self._scale().update(event.position().x())
        elif event.button() is Qt.MouseButton.LeftButton:
            self.pressed.emit()
            self._press(event.position())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        scale = self._scale()
        if self._dragged is None and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position())
        elif self._dragged is not None and event.buttons():
            low, high = self._updates
            moved = self._dragged - scale.update(event.position().x())
            if moved:
                self._see(low + moved, high - low)
        self.point(self._update_at(event.position()))
        if not event.buttons():
            goal = self._goal_at(event.position())
            self.setCursor(Qt.CursorShape.ArrowCursor if goal is None else Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._dragged = self._held = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.set_span(Span.WHOLE)

    def _press(self, at: QPointF) -> None:
        """A mark is gone to, and not left by a hand that trembles; elsewhere a drag begins."""
        self._sought = None
        goal = self._goal_at(at)
        if goal is not None:
            self._held = at
            self.mark_sought.emit(goal)
        else:
            self._seek(at)

    def _drag(self, at: QPointF) -> None:
        if self._held is None or abs(at.x() - self._held.x()) >= QApplication.startDragDistance():
            self._held = None
            self._seek(at)

    def _seek(self, at: QPointF) -> None:
        update = self.update_at(at)
        if len(self.curve) and update != self._sought:
            self._sought = update
            self.sought.emit(update)

    def _goal_at(self, point: QPointF) -> Goal | None:
        lane = self.lane
        return lane.goal_at(self.marks, point) if lane.holds(point) else None

    def _pan(self, screens: int) -> None:
        low, high = self._updates
        moved = low + screens * (high - low)
        if min(max(moved, 0.0), self._end(self._num_steps, self._num_steps) - (high - low)) != low:
            self._see(moved, high - low)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.curve)
        at = last if self.crosshair is None else self.crosshair
        by = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        moves = {
            Qt.Key.Key_Left: max(at - by, 1),
            Qt.Key.Key_Right: min(at + by, last),
            Qt.Key.Key_Home: min(self.curve.first_known + 1, last),
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif key in moves and last:
            self.point(moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Equal):
            centre = min(max(float(at), self._updates[0]), self._updates[1])
            self._zoom(1 / _ZOOM if key == Qt.Key.Key_Minus else _ZOOM, centre)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._pan(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.crosshair is not None:
            self.sought.emit(self.crosshair)
        elif key == Qt.Key.Key_Escape and self.crosshair is not None:
            self.point(None)
        else:
            super().keyPressEvent(event)


def as_rich_text(text: str) -> str:
    """Lines of plain text for a tool tip, which would take `a <b> c` of a condition for markup."""
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>") if text else ""
