"""What is painted over the axes of the loss plot, in pixels, a few calls a frame."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from microgpt.program.program import Floats
from microgpt_studio.panels.loss_curve import Bins, LossCurve
from microgpt_studio.theme import Palette, current_theme

_OUTSIDE = 8.0  # pixels


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What there is to paint."""

    curve: LossCurve
    bins: Bins  # of the updates in view
    level: float  # of random guessing, in nats
    cursor: int | None  # the update under the crosshair


class LossTrace(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """All that is painted over the axes, in pixels, a few calls a frame."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None

    def show_picture(self, picture: Picture) -> None:
        """Paint this, and what is in view of it."""
        self._picture = picture
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(self.viewRect())

    def paint(self, painter: QPainter, *_: Any) -> None:
        if self._picture is None:
            return
        to_pixels = painter.worldTransform()
        painter.resetTransform()
        scale = (to_pixels.m11(), to_pixels.dx(), to_pixels.m22(), to_pixels.dy())
        area = to_pixels.mapRect(self.boundingRect())
        _Pencil(painter, area, scale, current_theme().palette).draw(self._picture)


class _Pencil:
    """One frame of the plot: `area` in pixels, `scale` from updates and nats to them."""

    def __init__(
        self, painter: QPainter, area: QRectF, scale: tuple[float, float, float, float], palette: Palette
    ) -> None:
        self._painter, self._area, self._scale, self._palette = painter, area, scale, palette

    def draw(self, picture: Picture) -> None:
        self._unknown(picture.curve)
        self._losses(picture.bins)
        self._line(picture.bins)
        self._level(picture.level)
        self._now(picture.curve)
        if picture.cursor is not None:
            self._crosshair(picture.curve, picture.cursor)

    def _x(self, update: float) -> float:
        return self._scale[0] * update + self._scale[1]

    def _y(self, nats: float) -> float:
        return self._scale[2] * nats + self._scale[3]

    def _points(self, updates: Floats, nats: Floats) -> Any:
        """Points in pixels of what is known; what is off the scale, an infinity too, lies just outside the area."""
        x, dx, y, dy = self._scale
        here = ~np.isnan(nats)
        if not here.any():
            return QPolygonF()  # which pyqtgraph cannot make of empty arrays
        down = np.clip(nats[here] * y + dy, self._area.top() - _OUTSIDE, self._area.bottom() + _OUTSIDE)
        return pg.functions.arrayToQPolygonF(updates[here] * x + dx, down)

    def _unknown(self, curve: LossCurve) -> None:
        if curve.first_known:
            box = QRectF(self._area)
            box.setRight(self._x(curve.first_known + 0.5))
            self._painter.fillRect(box, QBrush(QColor(self._palette.hatch), Qt.BrushStyle.BDiagPattern))

    def _level(self, level: float) -> None:
        pen = QPen(QColor(self._palette.muted), 1.0)
        pen.setDashPattern([6.0, 4.0])
        y = round(self._y(level)) + 0.5
        self._painter.setPen(pen)
        self._painter.drawLine(QLineF(self._area.left(), y, self._area.right(), y))

    def _losses(self, bins: Bins) -> None:
        if bins.width > 1:
            pen = QPen(QColor(self._palette.hatch), max(1.0, bins.width * self._scale[0]))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            self._painter.setPen(pen)
            low = self._points(bins.updates, bins.low)
            high = self._points(bins.updates, bins.high)
            self._painter.drawLines([QLineF(a, b) for a, b in zip(low, high, strict=True)])
            return
        pen = QPen(QColor(self._palette.faint), 2.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(pen)
        self._painter.drawPoints(self._points(bins.updates, bins.low))

    def _line(self, bins: Bins) -> None:
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        # Two thin lines take a fiftieth of the time of a thick one, and look the same.
        points = self._points(bins.last, bins.smoothed)
        self._painter.setPen(QPen(QColor(self._palette.text), 1.0))
        self._painter.drawPolyline(points)
        self._painter.drawPolyline(points.translated(0.0, 0.75))

    def _now(self, curve: LossCurve) -> None:
        update = len(curve)
        x = round(self._x(update)) + 0.5
        self._painter.setPen(QPen(QColor(self._palette.accent), 1.0))
        self._painter.drawLine(QLineF(x, self._area.top(), x, self._area.bottom()))
        if update and isfinite(curve.losses[-1]):
            self._dot(QPointF(x, self._y(float(curve.losses[-1]))), self._palette.accent, self._palette.accent)

    def _crosshair(self, curve: LossCurve, update: int) -> None:
        x = round(self._x(update)) + 0.5
        self._painter.setPen(QPen(QColor(self._palette.muted), 1.0))
        lines = [QLineF(x, self._area.top(), x, self._area.bottom())]
        loss, smoothed = float(curve.losses[update - 1]), float(curve.smoothed[update - 1])
        if isfinite(loss):
            y = self._y(loss)
            lines.append(QLineF(self._area.left(), y, self._area.right(), y))
        self._painter.drawLines(lines)
        for nats, fill in ((loss, self._palette.surface), (smoothed, self._palette.text)):
            if isfinite(nats):
                self._dot(QPointF(x, self._y(nats)), self._palette.text, fill)

    def _dot(self, at: QPointF, color: str, fill: str) -> None:
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(QPen(QColor(color), 1.5))
        self._painter.setBrush(QColor(fill))
        self._painter.drawEllipse(at, 3.0, 3.0)
