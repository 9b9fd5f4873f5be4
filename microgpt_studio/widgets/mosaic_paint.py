"""How a mosaic is painted: the frame, which rarely changes, below the cells, and what lies over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from microgpt_studio.theme import Scale, Theme
from microgpt_studio.theme.colormaps import Colors, colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import cells
from microgpt_studio.widgets.grid import Grid, thinned
from microgpt_studio.widgets.mosaic_layout import BRACKET, Layout, Placed, Tile, Type

Note = tuple[str, ...]  # words behind a title

_LINES_FROM = 5.0  # pixels a cell measures before lines part it from its neighbours


def measure(theme: Theme, note: tuple[int, ...] | int = ()) -> Type:
    """The sizes of the theme's small number face; `note` has the characters of each word behind each title."""
    if isinstance(note, int):
        note = (note,) if note else ()
    metrics = metrics_of(theme.number_font(SMALL))
    return Type(
        line=round(metrics.height() - 1.0),
        label=round(metrics.capHeight() + 4.0),
        advance=metrics.horizontalAdvance("0"),
        note=note,
    )


def pixels_of(
    values: NDArray[np.float64], known: NDArray[np.bool_], tiles: Sequence[Tile], scales: Sequence[Scale], theme: Theme
) -> Colors:
    """ARGB32 of all cells (C,), each tile by its own scale; transparent where not known."""
    shared = scales[0]
    if any(scale != shared for scale in scales):
        limits = [scale.limit or 1.0 for scale in scales]  # where the limit is 0, all numbers are 0
        values = values / np.repeat(limits, [tile.rows * tile.cols for tile in tiles])
        shared = Scale(shared.kind, 1.0, shared.symlog)
    pixels = colors(values, shared, theme.palette)
    return np.ascontiguousarray(np.where(known, pixels, np.uint32(0)))


def cells_path(tile: Tile, grid: Grid) -> QPainterPath:
    """The outline of the cells that exist: all, or the staircase on and below the diagonal."""
    path = QPainterPath()
    if not tile.causal:
        path.addRect(grid.rect)
        return path
    corners = [grid.rect.bottomLeft(), grid.rect.topLeft()]
    for row in range(tile.rows):
        corner = grid.cell(row, row).topRight()
        corners += [corner, corner + QPointF(0.0, grid.cell_height)]
    path.addPolygon(QPolygonF(corners))
    path.closeSubpath()
    return path


def draw_frame(
    painter: QPainter, layout: Layout, tiles: Sequence[Tile], notes: Sequence[Note], theme: Theme, *, alone: bool
) -> None:
    """Headings, titles, labels, brackets, and the hatching that shows where no cell is painted over it.

    Of a tile that stands alone only what scrolls with it: the rest are `draw_rulers`.
    """
    palette = theme.palette
    for placed in layout.placed:
        tile = tiles[placed.tile]
        path = cells_path(tile, placed.grid)
        painter.save()
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
        cells.draw_hatching(painter, placed.grid.rect, palette)
        painter.restore()
        painter.setPen(QPen(QColor(palette.border), 1.0))
        if tile.causal:
            painter.drawRect(placed.grid.rect.adjusted(-0.5, -0.5, -0.5, -0.5))
        _draw_col_brackets(painter, placed, tile, theme, alone=alone)
        if not alone:
            _draw_row_brackets(painter, placed, tile, theme, alone=False)
    if alone:
        return
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
    painter.setPen(QColor(palette.muted))
    for placed in layout.placed:
        _draw_row_labels(painter, placed, tiles[placed.tile], metrics)
        _draw_col_labels(painter, placed, tiles[placed.tile], metrics)
    for heading in layout.headings:
        _draw_heading(painter, heading.text, heading.box, theme, metrics)
    for placed in layout.placed:
        draw_title(painter, placed, (tiles[placed.tile].name, tiles[placed.tile].shape, *notes[placed.tile]), theme)


def draw_rulers(
    painter: QPainter, placed: Placed, tile: Tile, note: Note, offset: QPointF, size: QSizeF, theme: Theme
) -> None:
    """Title and labels of a tile that stands alone: they stay at the edges when its cells scroll below them."""
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
    left, top = placed.grid.x, placed.grid.y
    surface = QColor(theme.palette.surface)
    painter.fillRect(QRectF(0.0, top, left, size.height()), surface)
    painter.save()
    painter.setClipRect(QRectF(0.0, top, left, size.height()))
    painter.translate(0.0, -offset.y())
    painter.setPen(QColor(theme.palette.muted))
    _draw_row_labels(painter, placed, tile, metrics)
    _draw_row_brackets(painter, placed, tile, theme, alone=True)
    painter.restore()
    painter.fillRect(QRectF(0.0, 0.0, size.width(), top), surface)
    painter.save()
    painter.setClipRect(QRectF(left - metrics.averageCharWidth(), 0.0, size.width(), top))
    painter.translate(-offset.x(), 0.0)
    painter.setPen(QColor(theme.palette.muted))
    _draw_col_labels(painter, placed, tile, metrics)
    painter.restore()
    draw_title(painter, placed, (tile.full_name or tile.name, tile.shape, *note, tile.axes), theme)


def draw_title(painter: QPainter, placed: Placed, words: Sequence[str], theme: Theme, *, hovered: bool = False) -> None:
    """The words of a title on their lines: the name in the text's colour, the others muted."""
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
    height = placed.title.height() / max(len(placed.lines), 1)
    for number, line in enumerate(placed.lines):
        x, baseline = placed.title.x(), placed.title.y() + number * height + metrics.ascent() - 1.0
        for word in line:
            if word >= len(words) or not words[word]:
                continue
            painter.setPen(QColor(theme.palette.text if word == 0 else theme.palette.muted))
            text = metrics.elidedText(words[word], Qt.TextElideMode.ElideRight, placed.title.right() - x + 1.0)
            painter.drawText(QPointF(x, baseline), text)
            width = metrics.horizontalAdvance(text)
            if hovered and word == 0:
                painter.drawLine(QLineF(x, baseline + 2.0, x + width, baseline + 2.0))
            x += width + metrics.horizontalAdvance(" ")


def draw_cells(
    painter: QPainter,
    placed: Placed,
    tile: Tile,
    values: NDArray[np.float64],
    known: NDArray[np.bool_],
    pixels: Colors,
    *,
    visible: QRectF,
    theme: Theme,
) -> None:
    """One tile's cells; values, known and pixels are (rows, cols). Lines, numbers and crosses where there is room."""
    grid, palette = placed.grid, theme.palette
    cells.draw_pixels(painter, grid, pixels)
    if min(grid.cell_width, grid.cell_height) >= _LINES_FROM:
        if tile.causal:
            painter.save()
            painter.setClipPath(cells_path(tile, grid), Qt.ClipOperation.IntersectClip)
            cells.draw_lines(painter, grid, palette)
            painter.restore()
        else:
            cells.draw_lines(painter, grid, palette)
    if tile.causal:
        painter.setPen(QPen(QColor(palette.faint), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(cells_path(tile, grid))
    font = cells.number_font(grid, theme)
    not_finite = known & ~np.isfinite(values)
    if font is not None:
        painter.setFont(font)
        part, rows, cols = _visible_part(grid, visible)
        here = (rows, cols)
        cells.draw_numbers(painter, part, values[here], known[here], pixels[here], palette=palette)
    elif not_finite.any():
        cells.draw_crosses(painter, grid, not_finite, palette)


def _visible_part(grid: Grid, visible: QRectF) -> tuple[Grid, slice, slice]:
    row = max(0, int((visible.top() - grid.y) / grid.cell_height))
    col = max(0, int((visible.left() - grid.x) / grid.cell_width))
    rows = slice(row, min(grid.rows, int((visible.bottom() - grid.y) / grid.cell_height) + 1))
    cols = slice(col, min(grid.cols, int((visible.right() - grid.x) / grid.cell_width) + 1))
    corner = grid.cell(row, col)
    count_rows, count_cols = max(rows.stop - row, 0), max(cols.stop - col, 0)
    part = Grid(corner.x(), corner.y(), grid.cell_width, grid.cell_height, count_rows, count_cols)
    return part, slice(row, row + count_rows), slice(col, col + count_cols)


def _draw_row_labels(painter: QPainter, placed: Placed, tile: Tile, metrics: QFontMetricsF) -> None:
    if not placed.row_labels:
        return
    grid = placed.grid
    right = grid.x - 3.0 - (BRACKET if tile.row_group else 0.0)
    lift = metrics.capHeight() / 2
    for row in thinned(tile.rows, grid.cell_height, metrics.capHeight() + 3.0):
        text = tile.row_labels[row]
        middle = grid.y + (row + 0.5) * grid.cell_height
        painter.drawText(QPointF(right - metrics.horizontalAdvance(text), middle + lift), text)


def _draw_col_labels(painter: QPainter, placed: Placed, tile: Tile, metrics: QFontMetricsF) -> None:
    if not placed.col_labels:
        return
    grid = placed.grid
    baseline = grid.y - 3.0
    widest = max(map(metrics.horizontalAdvance, tile.col_labels), default=0.0)
    for col in thinned(tile.cols, grid.cell_width, widest + 3.0):
        text = tile.col_labels[col]
        middle = grid.x + (col + 0.5) * grid.cell_width
        painter.drawText(QPointF(middle - metrics.horizontalAdvance(text) / 2, baseline), text)


def _draw_row_brackets(painter: QPainter, placed: Placed, tile: Tile, theme: Theme, *, alone: bool) -> None:
    """A bar beside each head's rows; alone, with the head's name."""
    grid = placed.grid
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
    bar, ink = QColor(theme.palette.faint), QColor(theme.palette.muted)
    for head, row in enumerate(range(0, tile.rows, tile.row_group) if tile.row_group else ()):
        length = tile.row_group * grid.cell_height
        y = grid.y + row * grid.cell_height
        painter.fillRect(QRectF(grid.x - BRACKET, y + 0.5, 2.0, length - 1.0), bar)
        text = f"head{head}"
        if alone and metrics.horizontalAdvance(text) <= length:
            painter.save()
            painter.translate(grid.x - BRACKET - placed.row_labels, y + length / 2)
            painter.rotate(-90.0)
            painter.setPen(ink)
            painter.drawText(QPointF(-metrics.horizontalAdvance(text) / 2, -3.0), text)
            painter.restore()


def _draw_col_brackets(painter: QPainter, placed: Placed, tile: Tile, theme: Theme, *, alone: bool) -> None:
    """A bar below each head's columns; alone, with the head's name."""
    grid = placed.grid
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
    bar, ink = QColor(theme.palette.faint), QColor(theme.palette.muted)
    for head, col in enumerate(range(0, tile.cols, tile.col_group) if tile.col_group else ()):
        length = tile.col_group * grid.cell_width
        x = grid.x + col * grid.cell_width
        painter.fillRect(QRectF(x + 0.5, grid.rect.bottom() + BRACKET - 2.0, length - 1.0, 2.0), bar)
        text = f"head{head}"
        if alone and metrics.horizontalAdvance(text) <= length:
            painter.setPen(ink)
            baseline = grid.rect.bottom() + BRACKET + metrics.capHeight() + 3.0
            painter.drawText(QPointF(x + (length - metrics.horizontalAdvance(text)) / 2, baseline), text)


def _draw_heading(painter: QPainter, text: str, box: QRectF, theme: Theme, metrics: QFontMetricsF) -> None:
    painter.setPen(QColor(theme.palette.muted))
    painter.drawText(QPointF(box.x(), box.y() + metrics.ascent() - 1.0), text)
    painter.setPen(QPen(QColor(theme.palette.border), 1.0))
    middle = round(box.y() + metrics.ascent() - metrics.capHeight() / 2) - 0.5
    painter.drawLine(QLineF(box.x() + metrics.horizontalAdvance(text) + 6.0, middle, box.right(), middle))
