"""A press of the mouse that is a click until the pointer has moved a little, and a drag from then on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

FROM = 4.0  # pixels that the pointer moves before a press becomes a drag


class Drag:
    """Of one widget, which shows a closed hand meanwhile; it is told of the presses, moves and releases that count."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._at: QPointF | None = None  # of the press, then of the last move
        self._moves = False

    @property
    def is_pressed(self) -> bool:
        """Whether a press has not been released yet."""
        return self._at is not None

    def press(self, at: QPointF) -> None:
        """The button went down."""
        self._at, self._moves = at, False

    def move(self, at: QPointF) -> QPointF | None:
        """How far the pointer has come since the last time, in pixels; None while it may still be a click."""
        assert self._at is not None, "there was a press"
        moved = at - self._at
        if not self._moves and moved.manhattanLength() < FROM:
            return None
        self._at, self._moves = at, True
        self._widget.setCursor(Qt.CursorShape.ClosedHandCursor)
        return moved

    def release(self) -> bool:
        """The button came up; whether it was a click."""
        was_click, self._at, self._moves = not self._moves, None, False
        self._widget.unsetCursor()
        return was_click
