"""The tiles: every figure with its name, value, mark and a small curve, painted by one widget."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from microgpt_studio.debugger.health_ranges import Mark
from microgpt_studio.panels.health.arrangement import Arrangement, Box, arrange
from microgpt_studio.panels.health.curve import Frame, draw_band, draw_dot, draw_history
from microgpt_studio.panels.health.readings import GROUPS, Reading, Readings
from microgpt_studio.panels.health.vertical import Vertical
from microgpt_studio.panels.health.words import SIGNS, hover, mark_text, value_text
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.number_text import short

_PADDING = 4.0
_VALUE = "0.001234"  # every tile has room for it beside its label
_WORD_FROM = 10.0  # pixels of a curve's height at text scale 1, from which on a mark has its word beside its sign
_UNKNOWN = 4  # figures that the hatching beside a dash is wide
_RANGE_FROM = 3.6  # lines of text that a tile is high, from which on its range is written
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Tiles(ThemedWidget):
    """Shows Readings. Click or arrows make a tile the current one; Return selects a scalar of it; Escape leaves it."""

    current_changed = Signal(object)  # int or None
    pointed = Signal(object)  # the tile under the pointer: int or None
    activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.readings: Readings | None = None
        self.current: int | None = None
        self.under: int | None = None
        self._longest = ""  # label
        self._arranged: tuple[object, Arrangement] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Health figures")

    def show_readings(self, readings: Readings | None) -> None:
        """Show these."""
        before = self._counts
        self.readings = readings
        labels = () if readings is None else [reading.label for reading in readings.all]
        self._longest = max(labels, key=len, default="")
        if self._counts != before:
            self.set_current(None)
            self.fit_width()
        self.update()

    def set_current(self, tile: int | None) -> None:
        """Make it the one whose details are shown."""
        if tile != self.current:
            before, self.current = self.current, tile
            self._repaint(before, tile)
            self.current_changed.emit(tile)

    @property
    def _counts(self) -> tuple[int, ...]:
        return () if self.readings is None else tuple(len(group) for group in self.readings.groups)

    @property
    def arrangement(self) -> Arrangement:
        """Where the tiles lie."""
        parent = self.parentWidget()
        room = self.width() if parent is None else parent.width()
        theme = current_theme()
        key = self._counts, room, self.height(), theme.text_scale, self._longest
        if self._arranged is None or self._arranged[0] != key:
            words, numbers = metrics_of(theme.text_font(SMALL)), metrics_of(theme.number_font(SMALL))
            least = words.horizontalAdvance(self._longest) + numbers.horizontalAdvance(_VALUE) + 2.5 * _PADDING
            made = arrange(self._counts, room - 1.0, self.height(), theme.text_scale, ceil(least))
            self._arranged = key, made
        return self._arranged[1]

    def fit_width(self) -> None:
        """Ask for the width that all tiles need."""
        self.setMinimumWidth(round(self.arrangement.width))

    def box(self, tile: int) -> QRectF:
        """Where a tile lies."""
        return _rect(self.arrangement.tiles[tile])

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(600), theme.scaled(130))

    def theme_changed(self) -> None:
        if hasattr(self, "_arranged"):
            self.fit_width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_width()

    def paintEvent(self, event: QPaintEvent) -> None:
        readings = self.readings
        if readings is None:
            return
        theme, arrangement = current_theme(), self.arrangement
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        metrics = metrics_of(painter.font())
        left = max(self.visibleRegion().boundingRect().left(), 0) + 1.0
        for (name, _), box in zip(GROUPS, arrangement.headers, strict=True):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, box.width)
            last = box.x + box.width - metrics.horizontalAdvance(text) - 1.0  # a name stays in sight with its tiles
            painter.drawText(QPointF(max(box.x + 1.0, min(left, last)), metrics.ascent()), text)
        seen = QRectF(event.rect())
        for number, (reading, box) in enumerate(zip(readings.all, arrangement.tiles, strict=True)):
            if seen.intersects(_rect(box)):
                self._paint_tile(painter, number, reading, readings, theme)

    def _paint_tile(self, painter: QPainter, number: int, reading: Reading, readings: Readings, theme: Theme) -> None:
        rect, palette = self.box(number), theme.palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(rect, QColor(palette.raised if number == self.under else palette.surface))
        words, numbers = theme.text_font(SMALL), theme.number_font(SMALL)
        metrics, figures = metrics_of(words), metrics_of(numbers)
        value = value_text(reading)
        wide, line = figures.horizontalAdvance(value), round(figures.height())
        baseline = rect.top() + figures.ascent()
        painter.setFont(words)
        painter.setPen(QColor(palette.muted))
        room = rect.width() - wide - 2.5 * _PADDING
        label = metrics.elidedText(reading.label, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QPointF(rect.left() + _PADDING, baseline), label)
        at = rect.right() - _PADDING - wide
        if not reading.is_known:
            left = at - _UNKNOWN * figures.horizontalAdvance("0")
            draw_hatching(painter, QRectF(left, rect.top() + 3.0, at - left - 2.0, line - 5.0), palette)
        painter.setFont(numbers)
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(at, baseline), value)
        strip = rect.adjusted(_PADDING, line - 1.0, -_PADDING, -2.0)
        mark = mark_text(reading) if strip.height() >= theme.scaled(_WORD_FROM) else SIGNS[reading.mark]
        if mark:
            painter.setFont(words)
            painter.setPen(QColor(palette.nonfinite if reading.mark is Mark.NONFINITE else palette.warning))
            across = metrics.horizontalAdvance(mark)
            painter.drawText(QPointF(strip.right() - across, strip.center().y() + metrics.capHeight() / 2), mark)
            strip.setRight(strip.right() - across - _PADDING)
        if rect.height() >= _RANGE_FROM * line:
            strip = self._paint_range(painter, strip, reading, theme)
        self._paint_curve(painter, strip, reading, readings, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        chosen = number == self.current
        painter.setPen(QPen(QColor(palette.accent if chosen else palette.border), 2.0 if chosen else 1.0))
        painter.drawRect(rect.adjusted(1.0, 1.0, -1.0, -1.0) if chosen else rect.adjusted(0.0, 0.0, -1.0, -1.0))

    def _paint_range(self, painter: QPainter, strip: QRectF, reading: Reading, theme: Theme) -> QRectF:
        """Write smallest and largest of the history below it; returns what is left for the curve."""
        numbers = theme.number_font(SMALL)
        metrics = metrics_of(numbers)
        extremes = reading.extremes
        if extremes is not None:
            text = f"{short(extremes[0], 3)} … {short(extremes[1], 3)}"
            if metrics.horizontalAdvance(text) <= strip.width():
                painter.setFont(numbers)
                painter.setPen(QColor(theme.palette.faint))
                painter.drawText(QPointF(strip.left(), strip.bottom() - metrics.descent()), text)
        return strip.adjusted(0.0, 2.0, 0.0, -round(metrics.height()))

    def _paint_curve(
        self, painter: QPainter, strip: QRectF, reading: Reading, readings: Readings, theme: Theme
    ) -> None:
        palette, history = theme.palette, readings.history
        if not reading.is_known and not len(reading.past):
            draw_hatching(painter, strip, palette)
            return
        if strip.width() <= 0 or strip.height() <= 0:
            return
        frame = Frame(strip, Vertical.of(reading, fitted=False), history.first, readings.last)
        draw_band(painter, frame, reading, palette)
        draw_history(painter, frame, reading, history, palette)
        draw_dot(painter, frame, reading, palette)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.arrangement.at(event.position().x(), event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(None)

    def _point(self, tile: int | None) -> None:
        if tile != self.under:
            before, self.under = self.under, tile
            self._repaint(before, tile)
            self.pointed.emit(tile)

    def _repaint(self, *tiles: int | None) -> None:
        """These alone: all of them take ten milliseconds."""
        count = sum(self._counts)
        for tile in tiles:
            if tile is not None and tile < count:
                self.update(self.box(tile).toAlignedRect())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            tile = self.arrangement.at(event.position().x(), event.position().y())
            self.set_current(tile)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        tile = self.arrangement.at(event.position().x(), event.position().y())
        if tile is not None and event.button() is Qt.MouseButton.LeftButton:
            self.activated.emit(tile)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, count = Qt.Key(event.key()), sum(self._counts)
        if count and key in _ARROWS:
            step = _ARROWS[key]
            self.set_current(0 if self.current is None else self.arrangement.beside(self.current, *step))
        elif count and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.set_current(0 if key == Qt.Key.Key_Home else count - 1)
        elif self.current is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit(self.current)
        elif self.current is not None and key == Qt.Key.Key_Escape:
            self.set_current(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tile = self.arrangement.at(event.pos().x(), event.pos().y())
            text = "" if tile is None or self.readings is None else hover(self.readings, self.readings.all[tile])
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


def _rect(box: Box) -> QRectF:
    """On whole pixels."""
    left, top = round(box.x), round(box.y)
    return QRectF(left, top, round(box.x + box.width) - left, round(box.y + box.height) - top)
