"""Code painter: draws one line of the code with its gutter, bands and numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from microgpt_studio.debugger.snapshot import BreakpointRow
from microgpt_studio.panels.source.code_layout import CodeLayout, Place
from microgpt_studio.panels.source.highlighting import Kind
from microgpt_studio.panels.source.marks import Arrow, Marks
from microgpt_studio.panels.source.reading import Reading
from microgpt_studio.theme import Scale, ScaleKind, Theme
from microgpt_studio.theme.colormaps import colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.syntax import syntax_colors
from microgpt_studio.widgets import cells
from microgpt_studio.widgets.grid import Grid
from microgpt_studio.widgets.number_text import fitted

_PALER = 0.45  # share of the band's colour in the band of a calling line


@dataclass(frozen=True, slots=True)
class CodePainter:
    """Paints with one painter in the text's pixels; `width` is that of the bands."""

    painter: QPainter
    layout: CodeLayout
    theme: Theme
    width: float

    def draw_line(
        self, line: int, marks: Marks, reading: Reading | None, *, current: bool, focused: bool, hinted: bool
    ) -> None:
        """Everything of one line; `hinted` shows where a breakpoint would be."""
        place = self.layout.place(line)
        arrow = marks.arrows.get(line)
        self._draw_band(place, arrow, current=current, focused=focused)
        self._draw_gutter(line, place, breakable=line in marks.breakable, current=current)
        if arrow is not None:
            self._draw_arrow(place, arrow)
        if line in marks.selected:
            self._draw_selected(place)
        self._draw_breakpoints(place, marks.breakpoints.get(line, ()), hinted=hinted)
        self._draw_code(line, place)
        if reading is not None and place.numbers is not None:
            self._draw_reading(line, place.numbers, reading)

    def _draw_band(self, place: Place, arrow: Arrow | None, *, current: bool, focused: bool) -> None:
        palette = self.theme.palette
        band = QRectF(0.0, place.top, self.width, place.height)
        if arrow is not None:
            color = QColor(palette.selected)
            if arrow is not Arrow.RUNNING:
                color.setAlphaF(_PALER)
            self.painter.fillRect(band, color)
        if current:
            self.painter.setPen(QPen(QColor(palette.text if focused else palette.faint), 1.0))
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.drawRect(band.adjusted(0.5, 0.5, -1.0, -0.5))

    def _draw_gutter(self, line: int, place: Place, *, breakable: bool, current: bool) -> None:
        palette = self.theme.palette
        strong = palette.text if current else palette.muted
        self.painter.setFont(self.theme.number_font(SMALL, bold=current))
        self.painter.setPen(QColor(strong if breakable else palette.faint))
        text = str(line)
        x = self.layout.columns.number_right - len(text) * self.layout.small_advance
        self.painter.drawText(QPointF(x, place.top + self.layout.ascent), text)

    def _draw_arrow(self, place: Place, arrow: Arrow) -> None:
        """To the right: filled for the line that runs, hollow for one that calls. To the left: it made the scalar."""
        size = self.theme.scaled(8)
        left = self.layout.columns.arrow + self.theme.scaled(4)
        middle = place.top + self.layout.line_height / 2
        base, tip = (left + size, left) if arrow is Arrow.MADE else (left, left + size)
        shape = [QPointF(base, middle - size / 2), QPointF(tip, middle), QPointF(base, middle + size / 2)]
        accent = QColor(self.theme.palette.accent)
        self._draw_shape(shape, accent, filled=arrow is Arrow.RUNNING)

    def _draw_selected(self, place: Place) -> None:
        """A bar at the left of the code, in the colour of the text: this line made the selected scalar."""
        x = self.layout.columns.code - self.theme.scaled(3)
        box = QRectF(x, place.top + 2.0, self.theme.scaled(2), place.height - 4.0)
        self.painter.fillRect(box, QColor(self.theme.palette.text))

    def _draw_breakpoints(self, place: Place, rows: tuple[BreakpointRow, ...], *, hinted: bool) -> None:
        """A dot; a diamond where it only writes a line. Hollow: it is disabled or means nothing here."""
        if not rows and not hinted:
            return
        palette = self.theme.palette
        radius = self.theme.scaled(9) / 2
        middle = QPointF(self.theme.scaled(8), place.top + self.layout.line_height / 2)
        color = QColor(palette.error if rows else palette.faint)
        filled = any(row.enabled and row.problem is None for row in rows)
        if rows and all(row.definition.message for row in rows):
            across, down = QPointF(radius, 0.0), QPointF(0.0, radius)
            self._draw_shape([middle - across, middle - down, middle + across, middle + down], color, filled=filled)
            return
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.painter.setPen(QPen(color, 1.5))
        self.painter.setBrush(QBrush(color) if filled else QBrush(Qt.BrushStyle.NoBrush))
        self.painter.drawEllipse(middle, radius - 0.75, radius - 0.75)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_shape(self, points: list[QPointF], color: QColor, *, filled: bool) -> None:
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.painter.setPen(QPen(color, 1.25))
        self.painter.setBrush(QBrush(color) if filled else QBrush(Qt.BrushStyle.NoBrush))
        self.painter.drawPolygon(QPolygonF(points))
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_code(self, line: int, place: Place) -> None:
        code = self.layout.lines[line - 1]
        palette, syntax = self.theme.palette, syntax_colors(self.theme.palette)
        self.painter.setFont(self.theme.number_font())
        baseline = place.top + self.layout.ascent
        for row in place.rows:
            left = self.layout.columns.code + (row.column - row.start) * self.layout.advance
            for piece in code.pieces:
                start, stop = max(piece.start, row.start), min(piece.stop, row.stop)
                if start < stop:
                    color = palette.text if piece.kind is Kind.PLAIN else getattr(syntax, piece.kind)
                    self.painter.setPen(QColor(color))
                    self.painter.drawText(QPointF(left + start * self.layout.advance, baseline), code.text[start:stop])
            baseline += self.layout.line_height

    def _draw_reading(self, line: int, top: float, reading: Reading) -> None:
        palette = self.theme.palette
        strip = self.layout.strip(line)
        assert strip is not None, "a line with numbers has a place for them"
        self.painter.setFont(self.theme.number_font(SMALL))
        baseline = top + self.layout.ascent
        if reading.is_scalar:
            if reading.figures is None:
                cells.draw_hatching(self.painter, strip, palette)
            else:
                room = int((self.layout.columns.right - strip.left()) / self.layout.small_advance) - 2
                self.painter.setPen(QColor(palette.text))
                text = f"= {fitted(float(reading.values[0]), min(room, 10))}"
                self.painter.drawText(QPointF(strip.left(), baseline), text)
            return
        if strip.width() >= 1.0:
            self._draw_strip(strip, reading)
        x = strip.right()
        digits = self.layout.columns.digits
        if reading.figures is None:
            if digits and reading.known.any():
                self.painter.setPen(QColor(palette.muted))
                self.painter.drawText(QPointF(x + self.layout.small_advance, baseline), reading.progress)
            return
        figures = reading.figures[-len(digits) :] if digits else ()
        self.painter.setPen(QColor(palette.text))
        text = "".join(f" {fitted(figure, width):>{width}}" for figure, width in zip(figures, digits, strict=True))
        self.painter.drawText(QPointF(x, baseline), text)

    def _draw_strip(self, strip: QRectF, reading: Reading) -> None:
        palette = self.theme.palette
        grid = Grid(strip.x(), strip.y(), strip.width() / len(reading.values), strip.height(), 1, len(reading.values))
        if not reading.known.all():
            cells.draw_hatching(self.painter, strip, palette)
        scale = Scale.fit(reading.values[reading.known], ScaleKind.SIGNED)
        pixels = np.where(reading.known, colors(reading.values, scale, palette), np.uint32(0))
        cells.draw_pixels(self.painter, grid, np.ascontiguousarray(pixels[None, :]))
        not_finite = reading.known & ~np.isfinite(reading.values)
        if not_finite.any():
            cells.draw_crosses(self.painter, grid, not_finite[None, :], palette)
        if grid.cell_width >= 5.0:
            self.painter.setPen(QPen(QColor(palette.surface), 1.0))
            self.painter.drawLines(
                [
                    QLineF(x, strip.top(), x, strip.bottom())
                    for x in (grid.cell(0, i).left() for i in range(1, grid.cols))
                ]
            )
