"""The small curve of a probe's mean loss over the updates that were shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from microgpt.program.program import Floats
from microgpt_studio.theme import Palette

_DOT = 2.0  # pixels: radius of the present point
_SMALL_DOT = 1.3
_APART = 4.0  # pixels: points that are nearer than this are a line that needs no dots


def draw_curve(
    painter: QPainter, rect: QRectF, updates: Floats, losses: Floats, now: int | None, palette: Palette
) -> None:
    """(K,) updates, ascending, from the left edge to the right one; (K,) losses from the lowest to the highest.

    A gap where there is no finite loss. Small dots where points are apart, so that it can be seen what was measured and
    what only lies between; a larger one at the update `now`.
    """
    finite = np.isfinite(losses)
    if not finite.any():
        return
    x = _spread(updates, rect.left() + _DOT, rect.right() - _DOT, updates)
    y = _spread(losses, rect.bottom() - _DOT, rect.top() + _DOT, losses[finite])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(palette.muted), 1.2))
    points = list(map(QPointF, x.tolist(), y.tolist()))
    for start, stop in _runs(finite):
        painter.drawPolyline(QPolygonF(points[start:stop]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.muted))
    for i in np.flatnonzero(_stand_apart(x, finite)).tolist():
        painter.drawEllipse(points[i], _SMALL_DOT, _SMALL_DOT)
    for i in np.flatnonzero((updates == now) & finite).tolist() if now is not None else ():
        painter.setBrush(QColor(palette.text))
        painter.drawEllipse(points[i], _DOT, _DOT)
    painter.restore()


def _stand_apart(x: Floats, finite: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(K,) which points have no neighbour near them on one side or on both."""
    is_near = np.pad((np.diff(x) < _APART) & finite[1:] & finite[:-1], 1)
    return np.asarray(finite & ~(is_near[1:] & is_near[:-1]))


def _runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and stop of each piece where the flags are set."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _spread(values: Floats, first: float, last: float, over: Floats) -> Floats:
    """Places of values between the first (the lowest of `over`) and the last; in the middle where all are equal."""
    low, high = float(over.min()) / 2, float(over.max()) / 2  # halved: the span of two floats may overflow
    share = (values / 2 - low) / (high - low) if high > low else np.full(len(values), 0.5)
    return np.asarray(first + share * (last - first))
