"""The camera: which part of a drawing is seen, and how large. It paints nothing."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

_MARGIN = 16.0  # pixels around a drawing that is seen whole
_LEAST, _MOST = 0.02, 4.0
_LARGEST_FIT = 1.15  # a drawing of few nodes does not fill the window
READABLE = 0.62  # zoom from which all words can be read
_FIRST = 0.85  # zoom where all of it would be too small
_SMALLEST_FIRST = 0.5  # a drawing that would be smaller is not seen whole at first


class Camera:
    """Pixels = place * zoom + offset."""

    def __init__(self) -> None:
        self.zoom = 1.0
        self.offset = QPointF(0.0, 0.0)
        self.is_fitted = True  # stays so when the window changes

    def to_pixels(self, rect: QRectF) -> QRectF:
        return QRectF(rect.topLeft() * self.zoom + self.offset, rect.size() * self.zoom)

    def to_drawing(self, point: QPointF) -> QPointF:
        return (point - self.offset) / self.zoom

    def fit(self, drawing: QSizeF, window: QSizeF) -> None:
        """All of the drawing, in the middle."""
        self.zoom = _fitting(drawing, window)
        self.offset = QPointF(
            (window.width() - drawing.width() * self.zoom) / 2, (window.height() - drawing.height() * self.zoom) / 2
        )
        self.is_fitted = True

    def can_fit(self, drawing: QSizeF, window: QSizeF) -> bool:
        """Whether all of it can be seen large enough."""
        return _fitting(drawing, window) >= _SMALLEST_FIRST

    def begin(self, drawing: QSizeF, window: QSizeF, focus: QRectF) -> None:
        """All of it where it can be read then, else what is around the focus."""
        if self.can_fit(drawing, window):
            self.fit(drawing, window)
            return
        self.zoom = _FIRST
        self.center(focus, window)
        self.is_fitted = False
        self.keep_inside(drawing, window)

    def center(self, rect: QRectF, window: QSizeF) -> None:
        """A rectangle of the drawing in the middle."""
        self.offset = QPointF(window.width() / 2, window.height() / 2) - rect.center() * self.zoom
        self.is_fitted = False

    def zoom_at(self, factor: float, pixel: QPointF) -> None:
        """Larger or smaller; what is at the pixel stays there."""
        at = self.to_drawing(pixel)
        self.zoom = min(max(self.zoom * factor, _LEAST), _MOST)
        self.offset = pixel - at * self.zoom
        self.is_fitted = False

    def pan(self, by: QPointF) -> None:
        """Move the drawing by pixels."""
        self.offset += by
        self.is_fitted = False

    def keep_inside(self, drawing: QSizeF, window: QSizeF) -> None:
        """Show no emptiness at one side while there is something to see at the other."""
        x = _inside(self.offset.x(), drawing.width() * self.zoom, window.width())
        y = _inside(self.offset.y(), drawing.height() * self.zoom, window.height())
        self.offset = QPointF(x, y)

    def reveal(self, rect: QRectF, window: QSizeF) -> None:
        """Pan as little as needed to have a rectangle of the drawing in the window."""
        seen = self.to_pixels(rect)
        dx = _shift(seen.left(), seen.width(), window.width())
        dy = _shift(seen.top(), seen.height(), window.height())
        if dx or dy:
            self.pan(QPointF(dx, dy))


def _fitting(drawing: QSizeF, window: QSizeF) -> float:
    across = (window.width() - 2 * _MARGIN) / max(drawing.width(), 1.0)
    down = (window.height() - 2 * _MARGIN) / max(drawing.height(), 1.0)
    return min(max(min(across, down), _LEAST), _LARGEST_FIT)


def _inside(offset: float, length: float, room: float) -> float:
    if length <= room - 2 * _MARGIN:
        return (room - length) / 2
    return min(max(offset, room - _MARGIN - length), _MARGIN)


def _shift(start: float, length: float, room: float) -> float:
    if start >= 0.0 and start + length <= room:
        return 0.0
    if start < 0.0 or length > room - 2 * _MARGIN:
        return _MARGIN - start
    return room - _MARGIN - start - length
