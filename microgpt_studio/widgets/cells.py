"""What is painted over the colours of a grid: numbers, hatching, crosses and outlines."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPen

from microgpt_studio.theme import Palette, Theme
from microgpt_studio.theme.colormaps import Colors, is_light
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.grid import Grid
from microgpt_studio.widgets.number_text import fitted

_SIZES = ((12, 11), (11, 9), (10, 8))  # size of a face, and the characters a cell must have room for


def number_font(grid: Grid, theme: Theme) -> QFont | None:
    """The largest face in which the cells hold four digits ("-0.1234"), or None: then they stay without."""
    for size, characters in _SIZES:
        font = theme.number_font(size)
        metrics = metrics_of(font)
        if grid.cell_width >= characters * metrics.horizontalAdvance("0") and grid.cell_height >= metrics.height():
            return font
    return None


def draw_pixels(painter: QPainter, grid: Grid, pixels: Colors) -> None:
    """Paint the cells' colours, ARGB32 (rows, cols) and contiguous, as one picture without smoothing."""
    size = grid.cols, grid.rows
    image = QImage(pixels.data, *size, 4 * grid.cols, QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(grid.rect, image)


def draw_numbers(
    painter: QPainter,
    grid: Grid,
    values: NDArray[np.float64],
    known: NDArray[np.bool_],
    pixels: Colors,
    *,
    palette: Palette,
) -> None:
    """Write each known number into its cell in the painter's font, dark upon light and light upon dark."""
    metrics = metrics_of(painter.font())
    advance = metrics.horizontalAdvance("0")
    width = int((grid.cell_width - 4.0) / advance)
    baseline = (grid.cell_height + metrics.ascent() - metrics.descent()) / 2
    light = is_light(pixels)
    for ink, flags in ((palette.ink_on_light, light), (palette.ink_on_dark, ~light)):
        painter.setPen(QColor(ink))
        for row, col in np.argwhere(flags & known).tolist():
            text = fitted(float(values[row, col]), width)
            x = grid.x + (col + 0.5) * grid.cell_width - len(text) * advance / 2
            painter.drawText(QPointF(x, grid.y + row * grid.cell_height + baseline), text)


def draw_hatching(painter: QPainter, rect: QRectF, palette: Palette) -> None:
    """Fill `rect` with the hatching that says: not computed."""
    painter.fillRect(rect, QColor(palette.surface))
    painter.fillRect(rect, QBrush(QColor(palette.hatch), Qt.BrushStyle.BDiagPattern))


def draw_lines(painter: QPainter, grid: Grid, palette: Palette) -> None:
    """Part the cells by lines in the colour of the surface."""
    painter.setPen(QPen(QColor(palette.surface), 1.0))
    painter.drawLines(grid.lines())


def draw_crosses(painter: QPainter, grid: Grid, flags: NDArray[np.bool_], palette: Palette) -> None:
    """Cross out the flagged cells (NaN, infinities), so that not only their colour tells."""
    lines = []
    for row, col in np.argwhere(flags).tolist():
        box = grid.cell(row, col).adjusted(1.0, 1.0, -1.0, -1.0)
        lines += [
            QLineF(box.topLeft(), box.bottomRight()),
            QLineF(box.bottomLeft(), box.topRight()),
        ]
    painter.setPen(QPen(QColor(palette.surface), 1.0))
    painter.drawLines(lines)


def draw_outline(painter: QPainter, cell: QRectF, color: str, palette: Palette) -> None:
    """A two-pixel outline around a cell with a dark or light seam, visible upon any colour of the maps."""
    room = max(0.0, 6.0 - cell.width()) / 2, max(0.0, 6.0 - cell.height()) / 2
    box = cell.adjusted(-room[0], -room[1], room[0], room[1])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    seam = QPen(QColor(palette.surface), 4.0)
    line = QPen(QColor(color), 2.0)
    for pen in (seam, line):
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(box)


def draw_focus(painter: QPainter, grid: Grid, palette: Palette) -> None:
    """A hairline around all cells: the keyboard goes here."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(palette.faint), 1.0))
    painter.drawRect(grid.rect.adjusted(-1.0, -1.0, 0.5, 0.5))
