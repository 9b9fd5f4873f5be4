"""How the blocks of the enlarged head are painted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from microgpt_studio.panels.attention.terms_layout import PlacedStrips, PlacedTable
from microgpt_studio.theme import Theme
from microgpt_studio.theme.colormaps import colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import cells, short
from microgpt_studio.widgets.number_text import fitted

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TermsPainter:
    """Paints with one painter."""

    def __init__(self, painter: QPainter, theme: Theme) -> None:
        self._painter, self._theme = painter, theme
        self._number, self._words = theme.number_font(SMALL), theme.text_font(SMALL)

    def table(self, placed: PlacedTable) -> None:
        """A table; the row of the chosen key is washed."""
        painter, palette = self._painter, self._theme.palette
        for row, box in zip(placed.table.rows, placed.rows, strict=True):
            if row.chosen:
                painter.fillRect(box, QColor(palette.neutral))
        self._title(placed.table.title, placed.title)
        painter.setPen(QColor(palette.muted))
        for text, box in zip(placed.table.headings, placed.headings, strict=True):
            painter.drawText(box, _RIGHT, text)
        painter.setFont(self._number)
        for row, box in zip(placed.table.rows, placed.labels, strict=True):
            painter.drawText(box, _RIGHT if len(row.figures) < len(placed.table.headings) else _LEFT, row.label)
        painter.setPen(QColor(palette.text))
        for cell in (cell for row in placed.cells for cell in row):
            box = cell.rect.adjusted(2.0, 0.0, -2.0, 0.0)
            if cell.figure.value is None:
                cells.draw_hatching(painter, box.adjusted(0.0, 2.0, 0.0, -2.0), palette)
            else:
                painter.drawText(box, _RIGHT, fitted(cell.figure.value, placed.digits))

    def strips(self, placed: PlacedStrips) -> None:
        """Matrices by colour, with figures where the cells hold them."""
        painter, palette = self._painter, self._theme.palette
        self._title(placed.strips.title, placed.title)
        for strip, box in zip(placed.strips.strips, placed.headings, strict=True):
            painter.setFont(self._words)
            painter.setPen(QColor(palette.muted))
            painter.drawText(box, _LEFT, strip.heading)
            if strip.known.any():
                painter.drawText(box, _RIGHT, f"±{short(strip.scale.limit)}")
        painter.setFont(self._number)
        for row, (text, box) in enumerate(zip(placed.strips.labels, placed.labels, strict=True)):
            painter.setPen(QColor(palette.text if row == placed.strips.chosen else palette.muted))
            painter.drawText(box, _RIGHT, text)
        for strip, grid in zip(placed.strips.strips, placed.grids, strict=True):
            there = strip.ids >= 0
            for row in np.flatnonzero((there & ~strip.known).any(axis=1)).tolist():
                cells.draw_hatching(painter, _row(grid.cell(row, 0), grid.rect), palette)
            pixels = np.where(strip.known & there, colors(strip.data, strip.scale, palette), np.uint32(0))
            pixels = np.ascontiguousarray(pixels)
            cells.draw_pixels(painter, grid, pixels)
            cells.draw_lines(painter, grid, palette)
            font = cells.number_font(grid, self._theme)
            if font is not None:
                painter.setFont(font)
                cells.draw_numbers(painter, grid, strip.data, strip.known & there, pixels, palette=palette)
            painter.setPen(QColor(palette.faint))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if placed.strips.keys[placed.strips.chosen] is not None:
                painter.drawRect(_row(grid.cell(placed.strips.chosen, 0), grid.rect).adjusted(-0.5, -0.5, -0.5, -0.5))

    def _title(self, text: str, box: QRectF) -> None:
        self._painter.setFont(self._words)
        self._painter.setPen(QColor(self._theme.palette.text))
        self._painter.drawText(box, _LEFT, text)


def _row(first: QRectF, whole: QRectF) -> QRectF:
    return QRectF(whole.left(), first.top(), whole.width(), first.height())
