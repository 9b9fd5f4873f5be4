"""What is painted between the axes of the history plot, in pixels, a few calls a frame."""

from __future__ import annotations

from math import isfinite, isnan

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from microgpt.program.program import Floats
from microgpt_studio.panels.history_curve import HistoryCurve
from microgpt_studio.panels.history_frame import Frame
from microgpt_studio.theme import Palette
from microgpt_studio.widgets.bins import Bins

Indices = npt.NDArray[np.intp]

_OUTSIDE = 8.0  # pixels beyond the area, where an infinity lies
_HATCHED_FROM = 8.0  # pixels of a gap
_DOTS_FROM = 5.0  # pixels between two updates, from which on each has a dot


class TracePainter:
    """Paints one frame with a painter that is clipped to its area."""

    def __init__(self, painter: QPainter, frame: Frame, palette: Palette) -> None:
        self._painter, self._frame, self._area, self._palette = painter, frame, frame.area, palette

    def draw(self, curve: HistoryCurve, bins: Bins, now: int, crosshair: int | None) -> None:
        """What is not known, the zero line, the values in view, the present update, and the crosshair."""
        self._draw_unknown(curve, bins)
        self._draw_zero()
        self._draw_values(curve, bins)
        self._draw_infinite(curve, bins)
        self._draw_now(curve, now)
        if crosshair is not None:
            self._draw_crosshair(curve, crosshair)

    def _xs(self, curve: HistoryCurve, indices: Floats) -> Floats:
        return self._frame.x(curve.first + indices + 1.0)

    def _draw_unknown(self, curve: HistoryCurve, bins: Bins) -> None:
        """Hatch the bins without a value, and the updates that were not looked at yet."""
        hatching = QBrush(QColor(self._palette.hatch), Qt.BrushStyle.BDiagPattern)
        begins, ends = _runs(np.isnan(bins.low))
        # A narrow gap is seen as well when it is left open; hatching would only hide its neighbours.
        spacing = self._frame.x(1.0) - self._frame.x(0.0)
        wide = (bins.stops[ends - 1] - bins.starts[begins]) * spacing >= _HATCHED_FROM
        begins, ends = begins[wide], ends[wide]
        lefts = self._xs(curve, bins.starts[begins] - 0.5).tolist()
        rights = self._xs(curve, bins.stops[ends - 1] - 0.5).tolist()
        if curve.last < curve.end:
            lefts.append(float(self._frame.x(curve.last + 0.5)))
            rights.append(float(self._frame.x(curve.end + 0.5)))
        for left, right in zip(lefts, rights, strict=True):
            self._painter.fillRect(QRectF(left, self._area.top(), right - left, self._area.height()), hatching)

    def _draw_zero(self) -> None:
        axis = self._frame.axis
        if self._frame.ticks and axis.low <= 0.0 <= axis.high:
            y = round(self._frame.y(0.0)) + 0.5
            self._painter.setPen(QPen(QColor(self._palette.faint), 1.0))
            self._painter.drawLine(QLineF(self._area.left(), y, self._area.right(), y))

    def _draw_values(self, curve: HistoryCurve, bins: Bins) -> None:
        xs = self._xs(curve, bins.middles)
        lows, highs = self._visible(bins.low), self._visible(bins.high)
        begins, ends = _runs(~np.isnan(bins.low))
        color = QColor(self._palette.text)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if bins.width > 1:
            # One line over smallest and largest of every bin in turn: it shows each peak, and is a curve where
            # neighbours are alike.
            self._painter.setPen(QPen(color, 1.0))
            ys = np.column_stack([lows, highs])
            ys[1::2] = ys[1::2, ::-1]
            xs, ys = np.repeat(xs, 2), ys.ravel()
            begins, ends = 2 * begins, 2 * ends
        else:
            self._painter.setPen(QPen(color, 1.25))
            ys = lows
        points = list(map(QPointF, xs.tolist(), ys.tolist()))
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            self._painter.drawPolyline(QPolygonF(points[begin:end]))
        self._draw_dots(points, bins, begins, ends)

    def _draw_dots(self, points: list[QPointF], bins: Bins, begins: Indices, ends: Indices) -> None:
        """A dot for every value where there is room, and else at the ends of the bins that stand alone."""
        a_bin = 1 if bins.width == 1 else 2  # points
        alone = begins[ends - begins == a_bin]
        spacing = self._frame.x(1.0) - self._frame.x(0.0)
        if bins.width == 1 and spacing >= _DOTS_FROM:
            shown = [point for point in points if not isnan(point.y())]
        else:
            shown = [points[i + k] for i in alone.tolist() for k in range(a_bin)]
        pen = QPen(QColor(self._palette.text), 3.0 if bins.width == 1 else 2.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        self._painter.setPen(pen)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.drawPoints(shown)

    def _draw_infinite(self, curve: HistoryCurve, bins: Bins) -> None:
        """A mark at the edge that an infinity lies beyond."""
        marks = [(bins.high == np.inf, self._area.top()), (bins.low == -np.inf, self._area.bottom() - 4.0)]
        for here, top in marks:
            for x in self._xs(curve, bins.middles[here]).tolist():
                self._painter.fillRect(QRectF(x - 1.5, top, 3.0, 4.0), QColor(self._palette.nonfinite))

    def _draw_now(self, curve: HistoryCurve, update: int) -> None:
        x = round(self._frame.x(float(update))) + 0.5
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._painter.setPen(QPen(QColor(self._palette.accent), 1.0))
        self._painter.drawLine(QLineF(x, self._area.top(), x, self._area.bottom()))
        value = curve.at(update)
        if isfinite(value):
            self._dot(QPointF(x, self._frame.y(value)), self._palette.accent, self._palette.accent)

    def _draw_crosshair(self, curve: HistoryCurve, update: int) -> None:
        x = round(self._frame.x(float(update))) + 0.5
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._painter.setPen(QPen(QColor(self._palette.muted), 1.0))
        lines = [QLineF(x, self._area.top(), x, self._area.bottom())]
        value = curve.at(update)
        if isfinite(value):
            y = self._frame.y(value)
            lines.append(QLineF(self._area.left(), round(y) + 0.5, self._area.right(), round(y) + 0.5))
        self._painter.drawLines(lines)
        if isfinite(value):
            self._dot(QPointF(x, y), self._palette.text, self._palette.surface)

    def _visible(self, values: Floats) -> Floats:
        """Lines of values; those off the axis, infinities too, lie just outside the area."""
        return np.clip(self._frame.ys(values), self._area.top() - _OUTSIDE, self._area.bottom() + _OUTSIDE)

    def _dot(self, at: QPointF, color: str, fill: str) -> None:
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(QPen(QColor(color), 1.5))
        self._painter.setBrush(QColor(fill))
        self._painter.drawEllipse(at, 3.0, 3.0)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)


def _runs(here: npt.NDArray[np.bool_]) -> tuple[Indices, Indices]:
    """Where runs of True begin, and one past their ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], here, [False]]).astype(np.int8)))
    return edges[::2], edges[1::2]
