"""A row of widgets that goes on in a further line where it is too narrow."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_GAP = 4
_EVENTS = {QEvent.Type.ShowToParent, QEvent.Type.HideToParent, QEvent.Type.LayoutRequest, QEvent.Type.FontChange}


class FlowRow(QWidget):
    """Widgets one beside the other, as wide as they want to be; those after `gap_before` stand at the right."""

    def __init__(self, widgets: list[QWidget], gap_before: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets = widgets
        self._gap_before = gap_before
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for widget in widgets:
            widget.setParent(self)
            widget.installEventFilter(self)

    def _lines(self, width: int) -> list[list[QWidget]]:
        lines: list[list[QWidget]] = [[]]
        x = 0
        for widget in self._widgets:
            if widget.isHidden():
                continue
            need = widget.sizeHint().width()
            if lines[-1] and x + need > width:
                lines.append([])
                x = 0
            lines[-1].append(widget)
            x += need + _GAP
        return lines

    def _places(self, width: int) -> Iterator[tuple[QWidget, QRect]]:
        y = 0
        for line in self._lines(width):
            sizes = [widget.sizeHint() for widget in line]
            height = max((size.height() for size in sizes), default=0)
            spare = max(width - sum(size.width() + _GAP for size in sizes) + _GAP, 0)
            x = 0
            for widget, size in zip(line, sizes, strict=True):
                if widget is self._gap_before and x:
                    x += spare
                room = min(size.width(), width)
                yield widget, QRect(x, y + (height - size.height()) // 2, room, size.height())
                x += size.width() + _GAP
            y += height + _GAP

    def _height(self, width: int) -> int:
        return max((place.bottom() + 1 for _, place in self._places(width)), default=0)

    def _arrange(self) -> None:
        for widget, place in self._places(self.width()):
            widget.setGeometry(place)
        if self.height() != (height := self._height(self.width())):
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(280, self._height(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:
        widest = max((widget.sizeHint().width() for widget in self._widgets if not widget.isHidden()), default=0)
        return QSize(widest, self._height(max(self.width(), 1)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return handled

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() in _EVENTS:
            self._arrange()
        return super().eventFilter(watched, event)
