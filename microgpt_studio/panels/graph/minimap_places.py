"""Where the minimap lies in the map's window, how large it is, and how the whole map fits into it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF

from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.theme import current_theme

_WIDTH, _HEIGHT = 180.0, 110.0  # pixels at text scale 1, at most
_GROWTH = 0.14  # of the window's width, for a large window
_MOST = 0.3  # of the window's width and height
_SMALL = 0.6  # of that size where it would cover what is kept clear
_LEAST_WIDTH, _LEAST_HEIGHT = 48.0, 32.0  # pixels; below that it says nothing
_FLATTEST, _STEEPEST = 0.45, 6.0  # height to width of a cell of the size 1 × 1
_PADDING = 4.0  # between its edge and the map in it
_AWAY = 10.0  # pixels from the window's edges, and from what is selected
_TICKS_BELOW = 14.0  # pixels of the frame's side: ticks at the edges point to it then
_TICK = 5.0

Extent = tuple[float, float, float]  # left end, right end and height of a map


def place_in(extent: Extent, window: QRectF, kept_clear: Sequence[QRectF]) -> QRectF | None:
    """Where the minimap lies in a window; it is smaller where else it would cover something. None: there is no room."""
    size = size_in(extent, window)
    if size is None:
        return None
    place = corner(size, window, kept_clear)
    if any(_is_near(place, other) for other in kept_clear):
        width = max(_SMALL * size.width(), min(size.width(), _LEAST_WIDTH))
        height = max(_SMALL * size.height(), min(size.height(), _LEAST_HEIGHT))
        place = corner(QSizeF(round(width), round(height)), window, kept_clear)
    return place


def corner(size: QSizeF, window: QRectF, kept_clear: Sequence[QRectF]) -> QRectF:
    """Where a rectangle of a size lies in a window, clear of some others as well as it can; the first counts most.

    It stays at the lower right unless it covers something there; then it is in the corner farthest from the first.
    """
    room = window.adjusted(_AWAY, _AWAY, -_AWAY - size.width(), -_AWAY - size.height())
    places = [QRectF(QPointF(x, y), size) for y in (room.bottom(), room.top()) for x in (room.right(), room.left())]
    covered = [[_is_near(place, other) for other in kept_clear] for place in places]
    if not any(covered[0]):
        return places[0]
    aim = kept_clear[0].center()
    away = [QLineF(place.center(), aim).length() for place in places]
    best = min(range(len(places)), key=lambda i: (covered[i], -away[i]))
    return places[best]


def size_in(extent: Extent, window: QRectF) -> QSizeF | None:
    """How large the minimap is in a window; None where that would be too small."""
    scale = current_theme().text_scale
    width = min(max(_WIDTH * scale, _GROWTH * window.width()), _MOST * window.width())
    height = min(max(_HEIGHT * scale, _GROWTH * _HEIGHT / _WIDTH * window.width()), _MOST * window.height())
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
        return None
    t = fitting(extent, QSizeF(width, height))
    left, right, bottom = extent
    across, down = (right - left) * t.scale_x + 2 * _PADDING, bottom * t.scale_y + 2 * _PADDING
    return QSizeF(round(across), round(down))


def fitting(extent: Extent, size: QSizeF) -> Transform:
    """All of the map in a rectangle of a size, without an emptiness at its right end or below."""
    left, right, bottom = extent
    x = (size.width() - 2 * _PADDING) / (right - left)
    y = (size.height() - 2 * _PADDING) / bottom
    x, y = min(x, y / _FLATTEST), min(y, x * _STEEPEST)
    return Transform(x, y, _PADDING - left * x, _PADDING)


def _is_near(place: QRectF, other: QRectF) -> bool:
    return place.adjusted(-_AWAY, -_AWAY, _AWAY, _AWAY).intersects(other)


def ticks(frame: QRectF, whole: QRectF) -> Iterator[QLineF]:
    """Lines at the edges that point to a frame so small that it is easily overlooked."""
    if min(frame.width(), frame.height()) >= _TICKS_BELOW:
        return
    x, y = frame.center().x(), frame.center().y()
    for start, end in ((whole.top(), whole.top() + _TICK), (whole.bottom(), whole.bottom() - _TICK)):
        yield QLineF(x, start, x, end)
    for start, end in ((whole.left(), whole.left() + _TICK), (whole.right(), whole.right() - _TICK)):
        yield QLineF(start, y, end, y)
