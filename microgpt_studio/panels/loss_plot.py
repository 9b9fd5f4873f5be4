"""The plot of the losses: which updates are in view, and how mouse and keyboard change that.

It knows no snapshot and writes no numbers but those at the axes.
"""

from __future__ import annotations

from math import ceil, floor

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Floats
from microgpt_studio.panels.loss_axes import OVERHANG, Axis, Corner
from microgpt_studio.panels.loss_curve import LossCurve, readable_range
from microgpt_studio.panels.loss_spans import RECENT, Span
from microgpt_studio.panels.loss_trace import LossTrace, Picture
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL

_FEWEST = 20  # updates that can be zoomed in to
_ROOM = 8  # pixels left free after the last update, for its mark
_HEADROOM = 0.05  # of the losses in view that the vertical axis reaches over at both ends
_LABELS = ("loss / nats", "nats")
_EDGE = 4  # pixels left free at both ends of a label
_ZOOM = 0.8  # of the span that one key press leaves
_THEME_EVENTS = {QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange}


class LossPlot(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Losses over updates. The wheel zooms, a drag pans, a double click shows the whole run again.

    By keyboard: left and right move the crosshair (with Shift by ten), Home and End to the ends, + and − zoom,
    Escape takes the crosshair away.
    """

    pointed = Signal(object)  # the update under the crosshair (int), or None
    span_changed = Signal(object)  # Span

    _trace: LossTrace | None = None  # until the plot is put together

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, useOpenGL=False, background=None)
        self.curve = LossCurve()
        self.level = 0.0  # of random guessing, in nats
        self.cursor: int | None = None  # the update under the crosshair
        self.span = Span.WHOLE
        self.bins = self.curve.bins(0, 0, 1)  # what is in view
        self.beyond = 0  # losses in view that the axis does not reach
        self._num_steps = 1
        self._label: tuple[str, dict[str, str]] = ("", {})

        self._view = pg.ViewBox(enableMenu=False, defaultPadding=0.0)
        self._view.setMouseEnabled(x=True, y=False)
        self._view.disableAutoRange()
        self._axes = Axis("bottom"), Axis("left")
        for axis in self._axes:
            axis.linkToView(self._view)
        layout = self.centralLayout
        layout.setContentsMargins(0.0, 4.0, OVERHANG, 0.0)
        layout.setSpacing(0.0)
        layout.addItem(self._axes[1], 0, 0)
        layout.addItem(self._view, 0, 1)
        layout.addItem(self._axes[0], 1, 1)
        self._corner = Corner()
        layout.addItem(self._corner, 1, 0)
        self._trace = LossTrace()
        self._view.addItem(self._trace, ignoreBounds=True)
        self._view.sigRangeChangedManually.connect(self._take_own_span)
        self._view.sigXRangeChanged.connect(self._look)
        self._view.sigResized.connect(self._take_room)
        self._dress()

    def begin(self, num_steps: int, level: float) -> None:
        """A new session of so many updates; `level` of random guessing in nats."""
        self.curve.clear()
        self._num_steps, self.level = num_steps, level
        self._view.setLimits(xMin=0.0, xMax=2.0 * num_steps, minXRange=min(_FEWEST, num_steps))
        self.point(None)
        self.set_span(Span.WHOLE)

    def show_losses(self, losses: Floats) -> None:
        """(n,) the loss of every update so far, in nats, nan where it is not known."""
        if losses is self.curve.losses:
            return
        self.curve.show(losses)
        if self.cursor is not None and self.cursor > len(self.curve):
            self.point(None)
        self._follow()
        self._look()

    def set_span(self, span: Span) -> None:
        """Choose the updates in view; Span.OWN leaves them as they are."""
        self._follow_as(span)
        self._look()

    def point(self, update: int | None) -> None:
        """Put the crosshair on an update, or take it away."""
        known = update is not None and 1 <= update <= len(self.curve)
        update = update if known else None
        if update != self.cursor:
            self.cursor = update
            self._paint()
            self.pointed.emit(update)

    @property
    def in_view(self) -> tuple[float, float]:
        """First and last update in view, fractions included."""
        low, high = self._view.viewRange()[0]
        return float(low), float(high)

    @property
    def nats_in_view(self) -> tuple[float, float]:
        """Lower and upper end of the vertical axis."""
        low, high = self._view.viewRange()[1]
        return float(low), float(high)

    def _follow_as(self, span: Span) -> None:
        changed, self.span = span is not self.span, span
        self._follow()
        if changed:
            self.span_changed.emit(span)

    def _follow(self) -> None:
        if self.span is not Span.OWN:
            whole = self.span is Span.WHOLE
            shown = self._num_steps if whole else min(RECENT, self._num_steps)
            last = max(len(self.curve), shown)
            room = shown * _ROOM / max(self._view.width() - _ROOM, _ROOM)
            self._view.setXRange(last - shown, last + room)

    def _take_room(self, *_: object) -> None:
        self._follow()
        self._look()

    def _take_own_span(self, *_: object) -> None:
        self._follow_as(Span.OWN)

    def _look(self, *_: object) -> None:
        """See what is in view, and let the vertical axis reach over it."""
        low, high = self.in_view
        first, stop = floor(low) - 1, ceil(high)
        self.bins = self.curve.bins(first, stop, max(int(self._view.width()), 100))
        bottom, top = readable_range(self.bins, self.level)
        self.beyond = self.curve.beyond(first, stop, bottom, top)
        headroom = (top - bottom) * _HEADROOM
        self._view.setYRange(bottom - headroom, top + headroom)
        self._paint()

    def _paint(self) -> None:
        if self._trace is not None:
            self._trace.show_picture(Picture(self.curve, self.bins, self.level, self.cursor))

    def _dress(self) -> None:
        theme = current_theme()
        for axis in self._axes:
            axis.dress(theme)
        self._corner.setMaximumHeight(self._axes[0].height())
        self.setBackground(QColor(theme.palette.surface))
        self._label_axis()
        self.viewport().update()

    def _label_axis(self) -> None:
        """The long label of the vertical axis, or the short one where the plot is too low for it."""
        font = current_theme().text_font(SMALL)
        room = self.height() - self._axes[0].height() - 2 * _EDGE
        long = QFontMetricsF(font).horizontalAdvance(_LABELS[0]) <= room
        label = _LABELS[0] if long else _LABELS[1]
        style = {"color": current_theme().palette.muted, "font-size": f"{font.pixelSize()}px"}
        if (label, style) != self._label:
            self._label = label, style
            self._axes[1].setLabel(label, **style)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self._trace is not None and event.type() in _THEME_EVENTS:
            self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._trace is not None:
            self._label_axis()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        inside = self._view.sceneBoundingRect().contains(event.position())
        update = round(self._view.mapSceneToView(event.position()).x()) if inside else None
        self.point(update)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.set_span(Span.WHOLE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.curve)
        at = last if self.cursor is None else self.cursor
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
            self._zoom(1 / _ZOOM if key == Qt.Key.Key_Minus else _ZOOM)
        elif key == Qt.Key.Key_Escape and self.cursor is not None:
            self.point(None)
        else:
            super().keyPressEvent(event)

    def _zoom(self, factor: float) -> None:
        low, high = self.in_view
        centre = min(max(float(self.cursor or len(self.curve)), low), high)
        self._follow_as(Span.OWN)
        self._view.scaleBy((factor, None), center=(centre, 0.0))
