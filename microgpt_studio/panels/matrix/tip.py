"""The tool tip of the matrix: it says what the footer says, and changes with it while it is in sight."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QToolTip, QWidget

from microgpt_studio.panels.matrix.marks import Edge

_STILL = 3  # pixels that the pointer may move under a tool tip


class Tip:
    """The words about the edge that is pointed at, and the tool tip of a widget."""

    def __init__(self, widget: QWidget) -> None:
        self.said = ""
        self._widget = widget
        self._at = QPoint()
        self._edge: Edge | None = None  # that was pointed at when it was shown

    def show(self, at: QPoint, text: str, edge: Edge | None) -> None:
        """Show a text at a point of the screen until the pointer goes on; an empty one hides what is there."""
        self._at, self._edge = at, edge
        corner = self._widget.mapFromGlobal(at) - QPoint(_STILL, _STILL)
        QToolTip.showText(at, text, self._widget, QRect(corner, QSize(2 * _STILL + 1, 2 * _STILL + 1)))

    def say(self, text: str, edge: Edge | None) -> None:
        """Other words about an edge: what is in sight is changed, or hidden if another edge is pointed at by now."""
        before, self.said = self.said, text
        if text != before and before and QToolTip.isVisible() and QToolTip.text() == before:
            self.show(self._at, text if edge == self._edge else "", edge)
