"""A layout that sets widgets side by side, and begins a new line where there is no room for the next one."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Lines of widgets as wide as they want to be, centred in their line.

    Those with an expanding width share what their line leaves. A widget that is wider than a line gets a line of its
    own. Hidden widgets take no room.
    """

    def __init__(self, parent: QWidget | None = None, *, across: int = 8, down: int = 2) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._across, self._down = across, down
        self.setContentsMargins(0, 0, 0, 0)

    def lines(self, width: int) -> int:
        """How many lines it takes at a width."""
        return len(self._lines(width))

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        x = 0
        for item in self._items:
            if item.isEmpty():
                continue
            wanted = item.sizeHint().width()
            if not lines or x + wanted > width:
                lines.append([])
                x = 0
            lines[-1].append(item)
            x += wanted + self._across
        return lines

    def _widths(self, line: list[QLayoutItem], width: int) -> list[int]:
        widths = [min(item.sizeHint().width(), width) for item in line]
        growing = [i for i, item in enumerate(line) if item.expandingDirections() & Qt.Orientation.Horizontal]
        rest = width - sum(widths) - self._across * (len(line) - 1)
        for number, i in enumerate(growing):
            share = max(rest, 0) // (len(growing) - number)
            widths[i] += share
            rest -= share
        return widths

    @staticmethod
    def _height(item: QLayoutItem, width: int) -> int:
        return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """The height of all lines; moves the widgets if asked to."""
        y = rect.y()
        lines = self._lines(rect.width())
        for line in lines:
            widths = self._widths(line, rect.width())
            heights = [self._height(item, width) for item, width in zip(line, widths, strict=True)]
            x = rect.x()
            for item, width, height in zip(line, widths, heights, strict=True):
                if move:
                    item.setGeometry(QRect(x, y + (max(heights) - height) // 2, width, height))
                x += width + self._across
            y += max(heights) + self._down
        return y - rect.y() - (self._down if lines else 0)

    # Qt's side of a layout

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802  # Qt's name
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802  # Qt's name
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802  # Qt's name
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802  # Qt's name
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def minimumSize(self) -> QSize:  # noqa: N802  # Qt's name
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        width = max((size.width() for size in sizes), default=0)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() + self._across for size in sizes)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802  # Qt's name
        super().setGeometry(rect)
        self._arrange(rect, move=True)
