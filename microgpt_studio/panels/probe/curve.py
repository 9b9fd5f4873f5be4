"""The small curve of a probe's mean loss over the updates that were shown."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from microgpt.program.program import Floats
from microgpt_studio.theme import Palette

_DOT = 2.0  # pixels: radius of the present point


def draw_curve(
    painter: QPainter, rect: QRectF, updates: Floats, losses: Floats, now: int | None, palette: Palette
) -> None:
    """(K,) updates, ascending, from the left edge to the right one; (K,) losses from the lowest to the highest.

    A gap where there is no finite loss; a dot at the update `now`.
    """
    finite = np.isfinite(losses)
    if not finite.any():
        return
    x = _spread(updates, rect.left() + _DOT, rect.right() - _DOT, updates)
    y = _spread(losses, rect.bottom() - _DOT, rect.top() + _DOT, losses[finite])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(palette.muted), 1.2))
    for run in np.split(np.arange(len(losses)), np.flatnonzero(np.diff(finite)) + 1):
        if finite[run[0]] and len(run) > 1:
            painter.drawPolyline(QPolygonF(list(map(QPointF, x[run].tolist(), y[run].tolist()))))
    for i in np.flatnonzero((updates == now) & finite).tolist() if now is not None else ():
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.text))
        painter.drawEllipse(QPointF(x[i], y[i]), _DOT, _DOT)
    painter.restore()


def _spread(values: Floats, first: float, last: float, over: Floats) -> Floats:
    """Places of values between the first (the lowest of `over`) and the last; in the middle where all are equal."""
    low, high = float(over.min()) / 2, float(over.max()) / 2  # halved: the span of two floats may overflow
    share = (values / 2 - low) / (high - low) if high > low else np.full(len(values), 0.5)
    return np.asarray(first + share * (last - first))
