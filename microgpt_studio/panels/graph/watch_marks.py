"""Watches on the map: an eye's outline in the lower left corner of what a watch reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from microgpt_studio.theme import Palette

_WIDTH, _HEIGHT = 9.0, 5.0  # pixels at text scale 1


def draw_watch_marks(
    painter: QPainter,
    watched: Sequence[int],
    place: Callable[[int], QRectF | None],
    text_scale: float,
    palette: Palette,
) -> None:
    """Mark scalars; `place` is where each is shown."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(palette.surface))
    width, height = _WIDTH * text_scale, _HEIGHT * text_scale
    for scalar in watched:
        box = place(scalar)
        if box is None:
            continue
        middle = QPointF(box.left() + width / 2, box.bottom() - height / 2)
        for pen in (QPen(QColor(palette.surface), 3.0), QPen(QColor(palette.text), 1.2)):
            painter.setPen(pen)
            painter.drawEllipse(middle, width / 2, height / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.text))
        painter.drawEllipse(middle, height / 4, height / 4)
        painter.setBrush(QColor(palette.surface))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
