"""Paints strips into their frame, a few calls a curve."""

from __future__ import annotations

from math import isfinite

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from microgpt_studio.panels.optimizer.strip_frame import GAP, SAMPLE, UPDATE, Box, StripFrame
from microgpt_studio.panels.optimizer.strips import Curve, Pen, Strips
from microgpt_studio.theme import Palette, Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.axis import round_places
from microgpt_studio.widgets.bins import binned
from microgpt_studio.widgets.number_text import short

_TICK = 4.0  # pixels, inwards
_FIGURES_APART = 24.0
_DOTS_FROM = 6.0  # pixels between two updates, from which on each has a dot
_MANY = 120  # points of a line, from which on it is a pixel wide: Qt draws such a one fifty times as fast
_OUTSIDE = 8.0  # pixels beyond the area, where an infinity lies


class StripPainter:
    """For one frame."""

    def __init__(self, painter: QPainter, frame: StripFrame, theme: Theme) -> None:
        self._painter, self._frame, self._theme, self._palette = painter, frame, theme, theme.palette

    def draw_curves(self, strips: Strips) -> None:
        """Axes and curves: what stays while the pointer moves."""
        for box in self._frame.boxes:
            self._axes(box)
            self._painter.save()
            self._painter.setClipRect(_clip(box))
            self._unknown(box, strips)
            for curve in box.strip.layers:
                self._curve(box, curve)
            self._painter.restore()

    def draw_marks(self, now: int, crosshair: int | None, reading: int | None) -> None:
        """Over them: `now` is the present update, `reading` the one whose numbers stand in the legends."""
        for box in self._frame.boxes:
            self._legend(box, reading)
            self._painter.save()
            self._painter.setClipRect(_clip(box))
            self._marks(box, now, crosshair)
            self._painter.restore()
        if self._frame.boxes:
            self._updates(crosshair)

    def _legend(self, box: Box, reading: int | None) -> None:
        theme, painter = self._theme, self._painter
        words, numbers = theme.text_font(SMALL), theme.number_font(SMALL)
        metrics = metrics_of(numbers)
        right = baseline = 0.0
        if box.strip.title:
            painter.setFont(words)
            painter.setPen(QColor(self._palette.text))
            painter.drawText(QPointF(0.0, box.legend.top() + metrics.ascent()), box.strip.title)
        for entry in box.entries:
            middle = entry.at.y() + metrics.height() / 2
            baseline = middle + (metrics.ascent() - metrics.descent()) / 2
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(curve_pen(entry.curve.pen, self._palette))
            painter.drawLine(QLineF(entry.at.x(), round(middle) + 0.5, entry.at.x() + SAMPLE, round(middle) + 0.5))
            painter.setFont(words)
            painter.setPen(QColor(self._palette.text))
            painter.drawText(QPointF(entry.at.x() + SAMPLE + GAP, baseline), entry.curve.name)
            value = float("nan") if reading is None else entry.curve.at(reading)
            text = "…" if value != value else short(value)  # noqa: PLR0124  # nan alone differs from itself
            painter.setFont(numbers)
            painter.drawText(QPointF(entry.number, baseline), text)
            right = entry.number + metrics.horizontalAdvance(text)
        painter.setFont(words)
        painter.setPen(QColor(self._palette.muted))
        unit = metrics_of(words).horizontalAdvance(box.strip.unit)
        x = box.legend.right() - unit - 2 * GAP
        if box.entries and x > right + 2 * GAP:
            painter.drawText(QPointF(x, baseline), box.strip.unit)

    def _axes(self, box: Box) -> None:
        painter, area = self._painter, box.area
        left, bottom = round(area.left()) - 0.5, round(area.bottom()) + 0.5
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(self._palette.border), 1.0))
        lines = [round(box.y(tick.value)) + 0.5 for tick in box.ticks]
        painter.drawLines(
            [QLineF(left, area.top(), left, bottom), QLineF(left, bottom, area.right(), bottom)]
            + [QLineF(left, y, left + _TICK, y) for y in lines]
        )
        painter.setFont(self._theme.number_font(SMALL))
        painter.setPen(QColor(self._palette.muted))
        metrics = metrics_of(painter.font())
        for tick, y in zip(box.ticks, lines, strict=True):
            x = left - GAP - metrics.horizontalAdvance(tick.text)
            painter.drawText(QPointF(x, y + (metrics.ascent() - metrics.descent()) / 2), tick.text)
        if box.ticks and box.axis.low <= 0.0 <= box.axis.high:
            y = round(box.y(0.0)) + 0.5
            painter.setPen(QPen(QColor(self._palette.faint), 1.0))
            painter.drawLine(QLineF(area.left(), y, area.right(), y))

    def _unknown(self, box: Box, strips: Strips) -> None:
        """Hatch the updates that are not replayed yet."""
        if strips.known >= strips.stop:
            return
        left = self._frame.x(float(strips.known))
        hatching = QBrush(QColor(self._palette.hatch), Qt.BrushStyle.BDiagPattern)
        self._painter.fillRect(QRectF(left, box.area.top(), box.area.right() - left, box.area.height()), hatching)

    def _curve(self, box: Box, curve: Curve) -> None:
        frame = self._frame
        bins = binned(curve.values, 0, len(curve.values), max(int(box.area.width()), 50))
        if not len(bins.starts):
            return
        xs = frame.xs(curve.first + bins.middles)
        lows = np.clip(box.ys(bins.low), box.area.top() - _OUTSIDE, box.area.bottom() + _OUTSIDE)
        if bins.width > 1:  # over smallest and largest of each bin in turn: no peak is lost
            highs = np.clip(box.ys(bins.high), box.area.top() - _OUTSIDE, box.area.bottom() + _OUTSIDE)
            ys = np.column_stack([lows, highs])
            ys[1::2] = ys[1::2, ::-1]
            xs, lows = np.repeat(xs, 2), ys.ravel()
        known = ~np.isnan(lows)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
        points = list(map(QPointF, xs.tolist(), lows.tolist()))
        pen = curve_pen(curve.pen, self._palette)
        if len(points) > _MANY:
            pen.setWidthF(1.0)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(pen)
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            self._painter.drawPolyline(QPolygonF(points[begin:end]))
        alone = bins.width == 1 and frame.x(1.0) - frame.x(0.0) >= _DOTS_FROM
        if alone or len(points) == 1:
            dots = QPen(pen.color(), 3.0)
            dots.setCapStyle(Qt.PenCapStyle.RoundCap)
            self._painter.setPen(dots)
            self._painter.drawPoints([point for point, here in zip(points, known.tolist(), strict=True) if here])

    def _marks(self, box: Box, now: int, crosshair: int | None) -> None:
        """The present update, and the one that is pointed at."""
        painter = self._painter
        for update, color in ((now, self._palette.accent), (crosshair, self._palette.muted)):
            if update is None or not self._frame.low <= update <= self._frame.high:
                continue
            x = round(self._frame.x(float(update))) + 0.5
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(color), 1.0))
            painter.drawLine(QLineF(x, box.area.top(), x, box.area.bottom()))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(self._palette.surface))
            for curve in box.strip.curves:
                value = curve.at(update)
                if isfinite(value):
                    painter.drawEllipse(QPointF(x, box.y(value)), 2.5, 2.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _updates(self, crosshair: int | None) -> None:
        """The figures of the bottom axis, and the update that is pointed at."""
        frame, painter, palette = self._frame, self._painter, self._palette
        numbers = self._theme.number_font(SMALL)
        metrics = metrics_of(numbers)
        most = (frame.right - frame.left) / (metrics.horizontalAdvance(f"{frame.high:.0f}") + _FIGURES_APART)
        places, _ = round_places(frame.low, frame.high, most, 1.0)
        columns = [round(frame.x(place)) + 0.5 for place in places]
        baseline = frame.bottom + 3.0 + metrics.ascent()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(palette.border), 1.0))
        painter.drawLines(
            [QLineF(x, box.area.bottom(), x, box.area.bottom() - _TICK) for box in frame.boxes for x in columns]
        )
        painter.setFont(numbers)
        painter.setPen(QColor(palette.muted))
        taken = None
        if crosshair is not None:
            text = f"{crosshair}"
            half = metrics.horizontalAdvance(text) / 2
            x = min(max(frame.x(float(crosshair)), frame.left + half), frame.right - half + 2 * GAP)
            taken = QRectF(x - half - GAP, frame.bottom + 2.0, 2 * (half + GAP), metrics.height())
            painter.setPen(QColor(palette.text))
            painter.drawText(QPointF(x - half, baseline), text)
            painter.setPen(QColor(palette.muted))
        for x, place in zip(columns, places, strict=True):
            text = f"{place:.0f}"
            half = metrics.horizontalAdvance(text) / 2
            room = QRectF(x - half - GAP, frame.bottom + 2.0, 2 * (half + GAP), metrics.height())
            if x - half >= frame.left - GAP and (taken is None or not room.intersects(taken)):
                painter.drawText(QPointF(x - half, baseline), text)
        painter.setFont(self._theme.text_font(SMALL))
        words = metrics_of(painter.font())
        painter.drawText(QPointF(frame.left - 3 * GAP - words.horizontalAdvance(UPDATE), baseline), UPDATE)


def _clip(box: Box) -> QRectF:
    """Where curves and marks may be: a mark at an end is seen whole."""
    return box.area.adjusted(-3.0, 0.0, 4.0, 0.0)


def curve_pen(pen: Pen, palette: Palette) -> QPen:
    """The pen of a curve, the same in the legend."""
    match pen:
        case Pen.MAIN:
            return QPen(QColor(palette.text), 1.25)
        case Pen.FAINT:
            return QPen(QColor(palette.negative), 1.0)
        case Pen.DASHED:
            made = QPen(QColor(palette.negative), 1.25)
            made.setDashPattern([5.0, 3.0])
        case Pen.DOTTED:
            made = QPen(QColor(palette.unsigned), 1.5)
            made.setDashPattern([1.5, 2.0])
    return made
