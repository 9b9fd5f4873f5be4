"""Draws a figure's history into a rectangle: its usual range as a band, the curve, and hatching where it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from microgpt.program.program import Floats
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.health.readings import History, Reading
from microgpt_studio.panels.health.vertical import Vertical
from microgpt_studio.theme import Palette
from microgpt_studio.widgets.bins import binned

_BEYOND = 4.0  # pixels outside the rectangle, where what is off the axis lies
_DOT = 1.75
_SMALL_DOT = 2.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Updates after `first` finished ones up to `stop`, from left to right in a rectangle."""

    rect: QRectF
    vertical: Vertical
    first: int
    stop: int

    def x(self, update: float) -> float:
        """The column of an update, counted from 1."""
        return self.rect.left() + (update - self.first - 0.5) / max(self.stop - self.first, 1) * self.rect.width()

    def update_at(self, x: float) -> float:
        """The update at a column."""
        return self.first + 0.5 + (x - self.rect.left()) / self.rect.width() * max(self.stop - self.first, 1)

    def y(self, value: float) -> float:
        """The line of a value; off the axis it is just outside."""
        share = self.vertical.share(value)
        beyond = _BEYOND / self.rect.height()
        return self.rect.bottom() - min(max(share, -beyond), 1.0 + beyond) * self.rect.height()


def draw_band(painter: QPainter, frame: Frame, reading: Reading, palette: Palette) -> None:
    """The usual range, with a line at each end that is in sight."""
    if not reading.usual.is_there:
        return
    rect = frame.rect
    ends = [frame.y(reading.usual.high), frame.y(reading.usual.low)]
    top, bottom = (min(max(y, rect.top()), rect.bottom()) for y in ends)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(QRectF(rect.left(), top, rect.width(), bottom - top), QColor(palette.neutral))
    painter.setPen(QPen(QColor(palette.faint), 1.0, Qt.PenStyle.DotLine))
    for y in ends:
        if rect.top() < y < rect.bottom():
            painter.drawLine(QLineF(rect.left(), round(y) + 0.5, rect.right(), round(y) + 0.5))


def draw_history(painter: QPainter, frame: Frame, reading: Reading, history: History, palette: Palette) -> None:
    """The curve of the past, and the place of the present value. Updates that were shown are dots: between them lie
    others. What is not measured is hatched; what is not finite is crossed out from top to bottom.
    """
    painter.save()
    painter.setClipRect(frame.rect.adjusted(-1.0, -1.0, 1.0, 1.0))
    missing = []
    if history.rows is not None:
        if history.rows.done < history.stop:
            missing.append((history.rows.done, history.stop))
        unknown = reading.past_reach == Reach.NOT_COMPUTED
        missing += [(frame.first + begin, frame.first + end) for begin, end in _runs(unknown)]
    if not reading.is_known and reading.update == frame.stop and history.row(frame.stop) is None:
        missing.append((frame.stop - 1, frame.stop))
    hatching = QBrush(QColor(palette.hatch), Qt.BrushStyle.BDiagPattern)
    for begin, end in missing:
        left, right = frame.x(begin + 0.5), frame.x(end + 0.5)
        painter.fillRect(QRectF(left, frame.rect.top(), right - left, frame.rect.height()), hatching)
    if history.rows is None:
        _draw_dots(painter, frame, reading, history, palette)
        painter.restore()
        return
    bins = binned(reading.past, 0, len(reading.past), max(int(frame.rect.width() / 2), 50))
    if len(bins.starts):
        xs = np.array([frame.x(frame.first + 1 + middle) for middle in bins.middles.tolist()])
        _draw_curve(painter, xs, _heights(frame, bins.low), _heights(frame, bins.high), palette)
    _draw_nonfinite(painter, frame, reading, palette)
    painter.restore()


def draw_dot(painter: QPainter, frame: Frame, reading: Reading, palette: Palette) -> None:
    """The value of the update that is shown, where it lies among those of the past or right after them."""
    if reading.is_known and isfinite(reading.value) and frame.first < reading.update <= frame.stop:
        x = frame.x(reading.update)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.accent))
        painter.drawEllipse(QPointF(x, frame.y(reading.value)), _DOT, _DOT)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _heights(frame: Frame, values: Floats) -> Floats:
    beyond = _BEYOND / frame.rect.height()
    shares = np.clip(frame.vertical.shares(values), -beyond, 1.0 + beyond)
    return np.asarray(frame.rect.bottom() - shares * frame.rect.height())


def _draw_curve(painter: QPainter, xs: Floats, lows: Floats, highs: Floats, palette: Palette) -> None:
    """Over smallest and largest of each bin in turn: no peak is lost."""
    ys = np.column_stack([lows, highs])
    ys[1::2] = ys[1::2, ::-1]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(palette.text), 1.1))
    for begin, end in _runs(np.isfinite(lows)):
        points = [
            QPointF(x, y) for x, pair in zip(xs[begin:end].tolist(), ys[begin:end].tolist(), strict=True) for y in pair
        ]
        if end - begin == 1:
            points = [points[0] - QPointF(1.0, 0.0), points[0] + QPointF(1.0, 0.0)]
        painter.drawPolyline(QPolygonF(points))


def _draw_dots(painter: QPainter, frame: Frame, reading: Reading, history: History, palette: Palette) -> None:
    finite = np.isfinite(reading.past)
    xs = [frame.x(update) for update in history.updates[finite].tolist()]
    points = list(map(QPointF, xs, _heights(frame, reading.past[finite]).tolist()))
    pen = QPen(QColor(palette.text), _SMALL_DOT)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.drawPoints(points)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(palette.nonfinite), 1.0))
    wrong = history.updates[(reading.past_reach == Reach.KNOWN) & ~finite].tolist()
    painter.drawLines([QLineF(frame.x(u), frame.rect.top(), frame.x(u), frame.rect.bottom()) for u in wrong])


def _draw_nonfinite(painter: QPainter, frame: Frame, reading: Reading, palette: Palette) -> None:
    wrong = (reading.past_reach == Reach.KNOWN) & ~np.isfinite(reading.past)
    for begin, end in _runs(wrong):
        left, right = frame.x(frame.first + begin + 0.5), frame.x(frame.first + end + 0.5)
        bar = QRectF(left, frame.rect.top(), max(right - left, 1.0), frame.rect.height())
        painter.fillRect(bar, QBrush(QColor(palette.nonfinite), Qt.BrushStyle.DiagCrossPattern))


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Where flags are set: first index and one past the last of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
