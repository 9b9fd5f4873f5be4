"""Where the cells of a grid lie, and which of their labels fit: plain arithmetic, no widget."""

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF

_WHOLE_PIXELS_FROM = 3.0  # larger cells get whole pixels, so that all are equally large


@dataclass(frozen=True, slots=True)
class Grid:
    """`rows` × `cols` cells of `cell_width` × `cell_height` pixels with the first corner at (x, y)."""

    x: float
    y: float
    cell_width: float
    cell_height: float
    rows: int
    cols: int

    @classmethod
    def within(cls, area: QRectF, rows: int, cols: int, *, square: bool, largest: float = 1e9) -> "Grid":
        """The largest grid inside `area`, at its top left corner, no cell side longer than `largest`."""
        width = _cell_side(area.width(), cols, largest)
        height = _cell_side(area.height(), rows, largest)
        if square:
            width = height = min(width, height)
        return cls(area.x(), area.y(), width, height, rows, cols)

    @property
    def rect(self) -> QRectF:
        """All cells."""
        return QRectF(self.x, self.y, self.cell_width * self.cols, self.cell_height * self.rows)

    def cell(self, row: int, col: int) -> QRectF:
        """One cell."""
        return QRectF(
            self.x + col * self.cell_width,
            self.y + row * self.cell_height,
            self.cell_width,
            self.cell_height,
        )

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """(row, col) of the cell under the point, or None."""
        if not self.rect.contains(point) or self.rect.isEmpty():
            return None
        row = int((point.y() - self.y) / self.cell_height)
        col = int((point.x() - self.x) / self.cell_width)
        return min(row, self.rows - 1), min(col, self.cols - 1)

    def lines(self) -> list[QLineF]:
        """The lines between the cells."""
        box = self.rect
        across = [self.y + row * self.cell_height for row in range(1, self.rows)]
        down = [self.x + col * self.cell_width for col in range(1, self.cols)]
        return [QLineF(box.left(), y, box.right(), y) for y in across] + [
            QLineF(x, box.top(), x, box.bottom()) for x in down
        ]


def _cell_side(length: float, count: int, largest: float) -> float:
    side = min(max(length, 0.0) / count, largest) if count else 0.0
    return float(int(side)) if side >= _WHOLE_PIXELS_FROM else side


def thinned(count: int, pitch: float, needed: float) -> range:
    """Indices of the labels to draw: every first, second, fifth, tenth … so that each has `needed` pixels.

    `pitch` is the distance of neighbours; nothing is drawn when even one label is wider than the whole.
    """
    if count == 0 or pitch <= 0 or needed > pitch * count:
        return range(0)
    for step in _steps(count):
        if step * pitch >= needed:
            return range(0, count, step)
    return range(1)


def _steps(count: int) -> list[int]:
    return [base * 10**power for power in range(len(str(count))) for base in (1, 2, 5)]
