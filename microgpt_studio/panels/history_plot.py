"""The plot of a history: which updates are in view, and how mouse and keyboard change that.

It knows no snapshot and writes no numbers but those at the axes.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.panels.history_curve import HistoryCurve
from microgpt_studio.panels.history_frame import Frame, draw_axes
from microgpt_studio.panels.history_trace import TracePainter
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import ThemedWidget
from microgpt_studio.widgets.axis import Axis
from microgpt_studio.widgets.bins import Bins, binned

_FEWEST = 20  # updates that can be zoomed in to
_ROOM = 8  # pixels left free after the last update, for its mark
_ZOOM = 0.8  # of the span that one key press, or one notch of the wheel, leaves
_NOTCH = 120.0  # of a wheel, in eighths of a degree


class HistoryPlot(ThemedWidget):
    """Values over updates, and the way back to any of them.

    A click asks for an update, a drag for one after the other. The wheel zooms, a drag with Shift or the middle button
    pans, a double click shows all updates again. By keyboard: left and right move the crosshair (with Shift by ten),
    Home and End to the ends, Return asks for its update, Escape takes it away, + and − zoom.
    """

    pointed = Signal(object)  # the update under the crosshair (int), or None
    regrouped = Signal()  # another number of updates is put together for a pixel
    sought = Signal(object)  # an update (int) to go to

    _ready = False  # until all that follows is there

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve = HistoryCurve()
        self.now = 0  # the present update
        self.crosshair: int | None = None  # the update under the crosshair
        self.symlog = False
        self.is_whole = True  # all updates are in view
        self.bins: Bins = binned(np.empty(0), 0, 0, 1)  # what is in view
        self.axis: Axis | None = None  # where nothing in view is known
        self._num_steps = 1  # of the session
        self._low, self._high = 0.0, 1.0
        self._dragged: float | None = None  # the update under the pointer when a pan began
        self._asked: int | None = None  # the update that was last asked for
        self._asked_at = 0  # what the present one was then
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._ready = True

    def begin(self, num_steps: int) -> None:
        """A new session of so many updates."""
        self._num_steps, self.now, self._asked = num_steps, 0, None
        self.show_curve(HistoryCurve())
        self.show_whole()

    def show_curve(self, curve: HistoryCurve) -> None:
        """These are the values now."""
        self.curve = curve
        if self.crosshair is not None and not curve.first < self.crosshair <= curve.last:
            self.point(None)
        self._follow()

    def show_now(self, update: int) -> None:
        """The present update."""
        if update != self.now:
            self.now = update
            self.update()

    def set_symlog(self, on: bool) -> None:
        """Whether the vertical axis is symmetric-logarithmic."""
        if on != self.symlog:
            self.symlog = on
            self._follow()

    def show_whole(self) -> None:
        """Bring all updates into view, those to come as well."""
        self.is_whole = True
        self._follow()

    def point(self, update: int | None) -> None:
        """Put the crosshair on an update that was looked at, or take it away."""
        known = update is not None and self.curve.first < update <= self.curve.last
        update = update if known else None
        if update != self.crosshair:
            self.crosshair = update
            self.update()
            self.pointed.emit(update)

    @property
    def in_view(self) -> tuple[float, float]:
        """First and last update in view, fractions included."""
        return self._low, self._high

    @property
    def frame(self) -> Frame:
        """Where all of it lies."""
        return Frame.fit(self.width(), self.height(), current_theme(), low=self._low, high=self._high, axis=self.axis)

    def theme_changed(self) -> None:
        if self._ready:
            self._follow()

    def _whole_end(self) -> int:
        """Where a view of all updates ends: a round number, so that it stands still while updates are done."""
        done = max(self.curve.end - self.curve.first, _FEWEST)
        power = int(10 ** (len(str(done)) - 1))
        shown = next(base * power for base in (1, 2, 5, 10) if base * power >= done)
        return max(min(self.curve.first + shown, self._num_steps), self.curve.end, self.curve.first + 1)

    def _with_room(self, last: float, shown: float) -> float:
        """Where the view ends so that the mark of update `last` has room, with `shown` updates before it."""
        return last + shown * _ROOM / max(self.width() - 10 * _ROOM, _ROOM)

    def _follow(self) -> None:
        """Bring what is to be in view into view, and let the vertical axis reach over it."""
        curve = self.curve
        if self.is_whole:
            end = self._whole_end()
            self._low, self._high = float(curve.first), self._with_room(end, end - curve.first)
        first, stop = floor(self._low) - 1 - curve.first, ceil(self._high) - curve.first
        width = self.bins.width
        self.bins = binned(curve.values, first, stop, max(self.width() - 80, 100))
        ends = np.concatenate([self.bins.low, self.bins.high])
        self.axis = Axis.over(ends, symlog=self.symlog) if np.isfinite(ends).any() else None
        self.update()
        if self.bins.width != width:
            self.regrouped.emit()

    def _see(self, low: float, width: float) -> None:
        """Bring `width` updates from `low` on into view, as far as there are such."""
        first, end = self.curve.first, self._whole_end()
        end_room = self._with_room(end, end - first)
        width = min(max(width, min(_FEWEST, end - first)), end_room - first)
        low = min(max(low, first), end_room - width)
        self._low, self._high = low, low + width
        self.is_whole = False
        self._follow()

    def _zoom(self, factor: float, update: float) -> None:
        """Show `factor` times as many updates; the one given stays where it is."""
        width = (self._high - self._low) * factor
        self._see(update - (update - self._low) * factor, width)

    def _reveal(self, update: int) -> None:
        """Pan so far that an update is in view."""
        if not self._low <= update <= self._high:
            self._see(update - (self._high - self._low) / 2, self._high - self._low)

    def _update_at(self, point: QPointF) -> int | None:
        frame = self.frame
        return round(frame.update_at(point.x())) if frame.area.contains(point) else None

    def _seek(self, update: int) -> None:
        """Ask for an update, as near as there is one; drags ask again and again, never twice for the same."""
        update = min(max(update, self.curve.first), self.curve.end)
        if self.curve.end > self.curve.first and update != (self.now if self._asked is None else self._asked):
            self._asked, self._asked_at = update, self.now
            self.sought.emit(update)

    def _forget_asked(self) -> None:
        """Allow the last update to be asked for again, where training has moved since."""
        if self._asked is not None and self.now != self._asked_at:
            self._asked = None

    def minimumSizeHint(self) -> QSize:
        return QSize(160, current_theme().scaled(44))

    def sizeHint(self) -> QSize:
        return QSize(640, current_theme().scaled(90))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, frame = current_theme(), self.frame
        painter = QPainter(self)
        draw_axes(painter, frame, theme)
        painter.setClipRect(frame.area)
        TracePainter(painter, frame, theme.palette).draw(self.curve, self.bins, self.now, self.crosshair)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(theme.palette.faint), 1.0))
            painter.drawRect(frame.area.adjusted(0.0, 0.0, -1.0, -1.0))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._follow()

    def wheelEvent(self, event: QWheelEvent) -> None:
        frame, x = self.frame, event.position().x()
        notches = event.angleDelta().y() / _NOTCH
        if notches and x >= frame.area.left():
            self._zoom(_ZOOM**notches, frame.update_at(x))
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        update = self.frame.update_at(event.position().x())
        if event.button() is Qt.MouseButton.MiddleButton or (event.button() is Qt.MouseButton.LeftButton and shifted):
            self._dragged = update
        elif event.button() is Qt.MouseButton.LeftButton:
            self._forget_asked()
            self._seek(round(update))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        update = self.frame.update_at(event.position().x())
        if self._dragged is not None and event.buttons():
            moved = self._dragged - update
            if moved:
                self._see(self._low + moved, self._high - self._low)
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(round(update))
        self.point(self._update_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._dragged = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.show_whole()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        first, last = self.curve.first + 1, self.curve.last
        at = min(max(self.now, first), last) if self.crosshair is None else self.crosshair
        by = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        moves = {
            Qt.Key.Key_Left: max(at - by, first),
            Qt.Key.Key_Right: min(at + by, last),
            Qt.Key.Key_Home: first,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in moves and last >= first:
            self.point(moves[key])
            self._reveal(moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Equal):
            self._zoom(1 / _ZOOM if key == Qt.Key.Key_Minus else _ZOOM, min(max(float(at), self._low), self._high))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.crosshair is not None:
            self._forget_asked()
            self._seek(self.crosshair)
        elif key == Qt.Key.Key_Escape and self.crosshair is not None:
            self.point(None)
        else:
            super().keyPressEvent(event)
