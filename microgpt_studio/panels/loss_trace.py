"""What is painted between the axes of the loss plot, in pixels, a few calls a frame."""

from __future__ import annotations

from math import isfinite, nan

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from microgpt.program.program import Floats
from microgpt_studio.panels.loss_axes import Scale
from microgpt_studio.panels.loss_curve import Bins, LossCurve
from microgpt_studio.theme import Palette

_OUTSIDE = 8.0  # pixels beyond the area, where what is off the scale lies


class TracePainter:
    """Paints one frame with a painter that is clipped to the area of the scale."""

    def __init__(self, painter: QPainter, scale: Scale, palette: Palette) -> None:
        self._painter, self._scale, self._area, self._palette = painter, scale, scale.area, palette

    def draw(
        self, curve: LossCurve, bins: Bins, level: float, now: int, position: float, crosshair: int | None
    ) -> None:
        """The losses in view, the moving average, the level of random guessing, now, and the crosshair.

        `now` is the last finished update, `position` where training stands, within the next one perhaps.
        """
        self._draw_unknown(curve)
        self._draw_losses(bins)
        self._draw_average(bins)
        self._draw_level(level)
        self._draw_now(curve, now, position)
        if crosshair is not None:
            self._draw_crosshair(curve, crosshair)

    def _points(self, updates: Floats, nats: Floats) -> list[QPointF]:
        """Points in pixels of what is known; what is off the scale, an infinity too, lies just outside the area."""
        here = ~np.isnan(nats)
        x = self._scale.x(updates[here])
        y = np.clip(self._scale.y(nats[here]), self._area.top() - _OUTSIDE, self._area.bottom() + _OUTSIDE)
        return list(map(QPointF, x.tolist(), y.tolist()))

    def _draw_unknown(self, curve: LossCurve) -> None:
        if curve.first_known:
            box = QRectF(self._area)
            box.setRight(self._scale.x(curve.first_known + 0.5))
            self._painter.fillRect(box, QBrush(QColor(self._palette.hatch), Qt.BrushStyle.BDiagPattern))

    def _draw_level(self, level: float) -> None:
        pen = QPen(QColor(self._palette.muted), 1.0)
        pen.setDashPattern([6.0, 4.0])
        y = round(self._scale.y(level)) + 0.5
        self._painter.setPen(pen)
        self._painter.drawLine(QLineF(self._area.left(), y, self._area.right(), y))

    def _draw_losses(self, bins: Bins) -> None:
        if bins.width > 1:
            pen = QPen(QColor(self._palette.hatch), max(1.0, self._scale.x(bins.width) - self._scale.x(0.0)))
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

    def _draw_average(self, bins: Bins) -> None:
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        # Two thin lines take a fiftieth of the time of a thick one, and look the same.
        points = QPolygonF(self._points(bins.last, bins.smoothed))
        self._painter.setPen(QPen(QColor(self._palette.text), 1.0))
        self._painter.drawPolyline(points)
        self._painter.drawPolyline(points.translated(0.0, 0.75))

    def _draw_now(self, curve: LossCurve, update: int, position: float) -> None:
        x = round(self._scale.x(position)) + 0.5
        self._painter.setPen(QPen(QColor(self._palette.accent), 1.0))
        self._painter.drawLine(QLineF(x, self._area.top(), x, self._area.bottom()))
        loss = float(curve.losses[update - 1]) if 1 <= update <= len(curve) else nan
        if isfinite(loss):
            at = QPointF(round(self._scale.x(update)) + 0.5, self._scale.y(loss))
            self._dot(at, self._palette.accent, self._palette.accent)

    def _draw_crosshair(self, curve: LossCurve, update: int) -> None:
        x = round(self._scale.x(update)) + 0.5
        self._painter.setPen(QPen(QColor(self._palette.muted), 1.0))
        lines = [QLineF(x, self._area.top(), x, self._area.bottom())]
        loss, smoothed = float(curve.losses[update - 1]), float(curve.smoothed[update - 1])
        if isfinite(loss):
            y = self._scale.y(loss)
            lines.append(QLineF(self._area.left(), y, self._area.right(), y))
        self._painter.drawLines(lines)
        for nats, fill in ((loss, self._palette.surface), (smoothed, self._palette.text)):
            if isfinite(nats):
                self._dot(QPointF(x, self._scale.y(nats)), self._palette.text, fill)

    def _dot(self, at: QPointF, color: str, fill: str) -> None:
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(QPen(QColor(color), 1.5))
        self._painter.setBrush(QColor(fill))
        self._painter.drawEllipse(at, 3.0, 3.0)
