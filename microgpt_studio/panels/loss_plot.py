"""The plot of the losses: which updates are in view, and how mouse and keyboard change that.

It knows no snapshot and writes no numbers but those at the axes.
"""

from __future__ import annotations

from math import ceil, floor

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt.program.program import Floats
from microgpt_studio.panels.loss_axes import Ends, Scale, draw_axes, plot_area
from microgpt_studio.panels.loss_curve import LossCurve, readable_range
from microgpt_studio.panels.loss_spans import RECENT, Span
from microgpt_studio.panels.loss_trace import TracePainter
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import ThemedWidget

_FEWEST = 20  # updates that can be zoomed in to
_ROOM = 8  # pixels left free after the last update, for its mark
_HEADROOM = 0.05  # of the losses in view that the vertical axis reaches over at both ends
_ZOOM = 0.8  # of the span that one key press, or one notch of the wheel, leaves
_NOTCH = 120.0  # of a wheel, in eighths of a degree


class LossPlot(ThemedWidget):
    """Losses over updates, and the way back to any of them.

    A click asks for an update, a drag for one after the other. The wheel zooms, a drag with Shift or the middle button
    pans, a double click shows the whole run again. By keyboard: left and right move the crosshair (with Shift by ten),
    Home and End to the ends, Return asks for its update, Escape takes it away, + and − zoom.
    """

    pointed = Signal(object)  # the update under the crosshair (int), or None
    span_changed = Signal(object)  # Span
    sought = Signal(object)  # an update (int) to go to

    _ready = False  # until all that follows is there

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve = LossCurve()
        self.has_begun = False  # a session
        self.now = 0  # the present update
        self.level = 0.0  # of random guessing, in nats
        self.crosshair: int | None = None  # the update under the crosshair
        self.span = Span.WHOLE
        self.bins = self.curve.bins(0, 0, 1)  # what is in view
        self.beyond = 0  # losses in view that the axis does not reach
        self._num_steps = 1
        self._updates: Ends = (0.0, 1.0)
        self._nats: Ends = (0.0, 1.0)
        self._dragged: float | None = None  # the update under the pointer when a drag began
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._ready = True

    def begin(self, num_steps: int, level: float) -> None:
        """A new session of so many updates; `level` of random guessing in nats."""
        self.has_begun = True
        self.curve.clear()
        self.now = 0
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
        scale = self._scale()
        return round(scale.update(point.x())) if scale.area.contains(point) else None

    def minimumSizeHint(self) -> QSize:
        return QSize(160, current_theme().scaled(56))

    def sizeHint(self) -> QSize:
        return QSize(640, current_theme().scaled(100))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.has_begun:
            return  # without a session there are no axes and no level to draw
        theme, scale = current_theme(), self._scale()
        painter = QPainter(self)
        draw_axes(painter, scale, theme)
        painter.setClipRect(scale.area)
        TracePainter(painter, scale, theme.palette).draw(self.curve, self.bins, self.level, self.now, self.crosshair)
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
            self._seek(event.position())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        scale = self._scale()
        if self._dragged is None and event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position())
        elif self._dragged is not None and event.buttons():
            low, high = self._updates
            moved = self._dragged - scale.update(event.position().x())
            if moved:
                self._see(low + moved, high - low)
        self.point(self._update_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._dragged = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.set_span(Span.WHOLE)

    def _seek(self, at: QPointF) -> None:
        """Ask for the update at a place; drags ask again and again."""
        update = round(self._scale().update(at.x()))
        update = min(max(update, self.curve.first_known), len(self.curve))
        if len(self.curve) and update != self.now:
            self.sought.emit(update)

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
        if key in moves and last:
            self.point(moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Equal):
            centre = min(max(float(at), self._updates[0]), self._updates[1])
            self._zoom(1 / _ZOOM if key == Qt.Key.Key_Minus else _ZOOM, centre)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.crosshair is not None:
            self.sought.emit(self.crosshair)
        elif key == Qt.Key.Key_Escape and self.crosshair is not None:
            self.point(None)
        else:
            super().keyPressEvent(event)
