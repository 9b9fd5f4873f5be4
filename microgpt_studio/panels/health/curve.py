"""Draws a figure's history into a rectangle: its usual range as a band, the curve, and hatching where it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from microgpt.program.program import Floats
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.health.readings import History, Reading
from microgpt_studio.panels.health.vertical import Vertical
from microgpt_studio.theme import Palette
from microgpt_studio.widgets.bins import binned

_BEYOND = 1.0  # pixels outside the rectangle, where what is off the axis lies
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

    def xs(self, updates: Floats) -> Floats:
        """The same for many."""
        width = self.rect.width() / max(self.stop - self.first, 1)
        return np.asarray(self.rect.left() + (updates - self.first - 0.5) * width)

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
        return
    bins = binned(reading.past, 0, len(reading.past), max(int(frame.rect.width()), 50))
    if len(bins.starts):
        xs, ys = frame.xs(frame.first + 1 + bins.middles), _heights(frame, bins.low)
        if bins.width > 1:  # over smallest and largest of each bin in turn: no peak is lost
            pairs = np.column_stack([ys, _heights(frame, bins.high)])
            pairs[1::2] = pairs[1::2, ::-1]
            xs, ys = np.repeat(xs, 2), pairs.ravel()
        _draw_curve(painter, xs, ys, palette)
    _draw_nonfinite(painter, frame, reading, palette)


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


def _draw_curve(painter: QPainter, xs: Floats, ys: Floats, palette: Palette) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(palette.text), 1.0))  # wider lines take many times as long
    for begin, end in _runs(np.isfinite(ys)):
        if end - begin == 1:
            painter.drawLine(QLineF(xs[begin] - 1.0, ys[begin], xs[begin] + 1.0, ys[begin]))
        else:
            painter.drawPolyline(_polygon(xs[begin:end], ys[begin:end]))


def _draw_dots(painter: QPainter, frame: Frame, reading: Reading, history: History, palette: Palette) -> None:
    finite = np.isfinite(reading.past)
    xs = frame.xs(history.updates[finite].astype(np.float64))
    pen = QPen(QColor(palette.text), _SMALL_DOT)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.drawPoints(_polygon(xs, _heights(frame, reading.past[finite])))
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


def _polygon(xs: Floats, ys: Floats) -> QPolygonF:
    """Points as Qt reads them from a stream, which takes an eighth of the time that making each of them does."""
    pairs = np.empty((len(xs), 2), dtype=">f8")
    pairs[:, 0], pairs[:, 1] = xs, ys
    polygon = QPolygonF()
    QDataStream(QByteArray(len(xs).to_bytes(4, "big") + pairs.tobytes())) >> polygon
    return polygon


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Where flags are set: first index and one past the last of each run."""
    if flags.all():
        return [(0, len(flags))] if len(flags) else []
    if not flags.any():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
