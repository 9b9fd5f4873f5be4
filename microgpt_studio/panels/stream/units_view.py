"""The MLP's units as positions × units, a block a layer: what they let through, where they fire, and which never do."""

from __future__ import annotations

from enum import Enum

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from microgpt_studio.debugger.mlp_units import Flags, UnitNumbers, Units
from microgpt_studio.debugger.snapshot import Description, Reach
from microgpt_studio.debugger.unit_activity import Activity
from microgpt_studio.panels.stream.grid_layout import Cell, Measures
from microgpt_studio.panels.stream.grid_view import MARGIN, Block, GridView
from microgpt_studio.panels.stream.seen import Seen
from microgpt_studio.panels.stream.units_words import layer_titles, span, strip_text, unit_text
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import argb, colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import cells, full, short
from microgpt_studio.widgets.grid import Grid, thinned

_LINES_FROM = 5.0  # pixels a cell measures before lines part it from its neighbours
_DOTS_FROM = 3.0  # and before there is a dot in it where it does not fire
_STRIPS = ("fires at", "fired in")


class Quantity(Enum):
    """What is coloured; the value is the word on the button."""

    OUTPUT = "output"
    BEFORE = "before ReLU"


class UnitsView(GridView):
    """Shows UnitNumbers and, as far as it is measured, how long units have been silent. A cell selects its ReLU."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers: UnitNumbers | None = None
        self.activity: Activity | None = None
        self.quantity = Quantity.OUTPUT
        self._seen: Seen | None = None
        self._units: Units | None = None
        self._rows: dict[str, int] = {}  # path of an mlp_fc1 → its first id
        self.setAccessibleName("MLP units")

    def show_session(self, description: Description) -> None:
        """Find the units of a new session."""
        program = description.program
        self._units = Units.of_program(program)
        self._rows = {tensor.path: tensor.start for tensor in program.tensors if tensor.position is None}
        self.numbers = self.activity = self._seen = None
        self.set_selected(None)
        self.set_blocks((), ())

    def show_numbers(self, numbers: UnitNumbers, activity: Activity | None, seen: Seen) -> None:
        """Show the units of a moment, and what is measured of the updates before."""
        self.numbers, self.activity, self._seen = numbers, activity, seen
        self._rebuild()

    def set_quantity(self, quantity: Quantity) -> None:
        """Colour this."""
        self.quantity = quantity
        self._rebuild()

    def scalar_at(self, cell: Cell) -> int:
        """A cell's ReLU; for a strip the first weight of the unit's row of mlp_fc1."""
        assert self._units is not None and self._seen is not None, "there are cells"
        if cell.row < self._seen.positions:
            return int(self._units.relu[cell.block, cell.row, cell.col])
        n_embd = self._seen.description.program.config.n_embd
        return self._rows[f"layer{cell.block}.mlp_fc1"] + cell.col * n_embd

    def cell_of(self, scalar: int | None) -> Cell | None:
        """The cell of a ReLU, or of what goes into it; or the strip of a row of mlp_fc1."""
        if scalar is None or self._units is None or self._seen is None or not self.blocks:
            return None
        if self.selected is not None and self.has(self.selected) and self.scalar_at(self.selected) == scalar:
            return self.selected
        for ids in (self._units.relu, self._units.fc1):
            found = np.argwhere(ids[:, : self._seen.positions] == scalar)
            if len(found):
                return Cell(*found[0].tolist())
        return None

    def describe(self, cell: Cell) -> str:
        if self._seen is None or self.numbers is None:
            return ""
        n, address = self._seen.positions, self._seen.description.addresses.format(self.scalar_at(cell))
        if cell.row < n:
            where = f"layer {cell.block}, unit {cell.col}, {self._seen.position(cell.row)}"
            return f"{where}\n{unit_text(self.numbers, cell, full)}\nclick: selects {address}"
        text = strip_text(self.numbers, self.activity, cell, n)
        return f"layer {cell.block}, unit {cell.col}\n{text}\nclick: selects {address}, its first weight"

    def brief(self, cell: Cell) -> str:
        if self._seen is None or self.numbers is None:
            return ""
        n = self._seen.positions
        if cell.row < n:
            where = f"layer {cell.block}, unit {cell.col}, {self._seen.position(cell.row)}"
            return f"{where}: {unit_text(self.numbers, cell, short).replace(chr(10), ' · ')}"
        text = strip_text(self.numbers, self.activity, cell, n).replace("\n", " · ")
        return f"layer {cell.block}, unit {cell.col}: {text}"

    def as_text(self) -> str:
        if self._seen is None or self.numbers is None:
            return ""
        numbers, activity = self.numbers, self.activity
        lines = [
            "\t".join((self._seen.when, "position", *(f"unit {unit}" for unit in range(len(self.columns))))),
        ]
        values, reach = self._quantity_of(numbers)
        for layer in range(values.shape[0]):
            for p, character in enumerate(self._seen.characters):
                texts = [
                    full(x) if known == Reach.KNOWN else "not computed"
                    for x, known in zip(values[layer, p].tolist(), reach[layer, p].tolist(), strict=True)
                ]
                lines.append("\t".join((f"layer{layer} {self.quantity.value}", f"{p} {character}", *texts)))
            if numbers.is_complete[layer]:
                counts = map(str, numbers.fires[layer].sum(axis=0).tolist())
                lines.append("\t".join((f"layer{layer} fires at so many positions", "", *counts)))
            if activity is not None and activity.measured:
                counts = map(str, activity.fired[layer].tolist())
                lines.append("\t".join((f"layer{layer} fired in so many of {span(activity)}", "", *counts)))
        return "\n".join(lines)

    def measures(self) -> Measures:
        theme = current_theme()
        number = metrics_of(theme.number_font(SMALL))
        return Measures(
            left=self.widest_name(),
            right=MARGIN + 7 * number.horizontalAdvance("0"),
            title=self.titles_height(),
            strip=round(number.height()) + 4.0,
            lowest=round(number.height()) - 2.0,
            highest=theme.scaled(40),
            widest=theme.scaled(40),
        )

    def paint_block(self, painter: QPainter, number: int, grid: Grid) -> None:
        assert self.numbers is not None, "there are cells"
        self._draw_cells(painter, grid, self.blocks[number], self.numbers.fires[number])
        self._draw_counts(painter, number, grid)
        self._draw_strips(painter, number)

    def header_tip(self, col: int) -> str:
        return f"unit {col}: a row of mlp_fc1 and a column of mlp_fc2 in each layer"

    def name_tip(self, cell: Cell) -> str:
        if self._seen is None:
            return ""
        n = self._seen.positions
        if cell.row < n:
            return f"{self._seen.position(cell.row)}; at the right, how many units fire there"
        if cell.row == n:
            return f"Bars: at how many of the document's {n} positions each unit fires; ×: at none"
        if self.activity is None or not self.activity.measured:
            return "In how many of the latest finished updates each unit fired: none has been looked at yet"
        return (
            f"Bars: in how many of {span(self.activity)} each unit fired, at some position of the update's document; "
            "×: in none of them, once all are looked at"
        )

    def _quantity_of(self, numbers: UnitNumbers) -> tuple[np.ndarray, np.ndarray]:
        if self.quantity is Quantity.OUTPUT:
            return numbers.relu, numbers.relu_reach
        return numbers.fc1, numbers.fc1_reach

    def _rebuild(self) -> None:
        numbers, seen = self.numbers, self._seen
        if numbers is None or seen is None:
            return
        values, reach = self._quantity_of(numbers)
        known = np.asarray(reach == Reach.KNOWN)
        is_output = self.quantity is Quantity.OUTPUT
        scale = Scale.fit(values[known], ScaleKind.UNSIGNED if is_output else ScaleKind.SIGNED)
        legend = "output, dot: does not fire" if is_output else "before ReLU, dot: does not fire"
        width = len(str(seen.positions - 1))
        names = tuple(f"{p:>{width}} {character}" for p, character in enumerate(seen.characters))
        blocks = [
            Block(
                layer_titles(layer, numbers, self.activity),
                (*names, *_STRIPS),
                values[layer],
                known[layer],
                scale,
                legend,
                strips=len(_STRIPS),
                room=seen.room,
            )
            for layer in range(values.shape[0])
        ]
        self.set_blocks(tuple(blocks), tuple(map(str, range(values.shape[2]))))

    def _draw_cells(self, painter: QPainter, grid: Grid, block: Block, fires: Flags) -> None:
        """A cell that fires is full of its colour; in one that does not there is a dot."""
        palette = current_theme().palette
        pixels = colors(block.values, block.scale, palette)
        ground = np.full_like(pixels, argb(palette.surface)) if self.quantity is Quantity.OUTPUT else pixels
        cells.draw_pixels(painter, grid, np.ascontiguousarray(ground))
        ink = palette.faint if self.quantity is Quantity.OUTPUT else palette.text
        if grid.cell_width >= _DOTS_FROM:
            painter.setBrushOrigin(grid.rect.topLeft())
            painter.fillRect(grid.rect, QBrush(_dotted(grid, ink)))
            painter.setBrushOrigin(QPointF(0.0, 0.0))
        cells.draw_pixels(painter, grid, np.ascontiguousarray(np.where(fires, pixels, np.uint32(0))))
        if min(grid.cell_width, grid.cell_height) >= _LINES_FROM:
            cells.draw_lines(painter, grid, palette)
        for row, first, stop in unknown_runs(block.known):
            box = grid.cell(row, first)
            cells.draw_hatching(painter, box.united(grid.cell(row, stop - 1)), palette)

    def _draw_counts(self, painter: QPainter, number: int, grid: Grid) -> None:
        """How many units fire at each position, at the right."""
        assert self.numbers is not None, "there are cells"
        theme = current_theme()
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.text))
        line = metrics_of(painter.font()).height()
        known = (self.numbers.relu_reach[number] == Reach.KNOWN).all(axis=1)
        counts = self.numbers.fires[number].sum(axis=1)
        for p in thinned(grid.rows, grid.cell_height, line - 3.0):
            text = str(counts[p]) if known[p] else "–"
            self._write_beside(painter, grid.rect.right(), grid.y + (p + 0.5) * grid.cell_height, text)

    def _draw_strips(self, painter: QPainter, number: int) -> None:
        """Bars: at how many positions, and in how many updates, a unit fires; a cross where in none."""
        assert self.numbers is not None and self._seen is not None, "there are cells"
        palette, n = current_theme().palette, self._seen.positions
        activity = self.activity
        measured = 0 if activity is None else activity.measured
        shares = [self.numbers.fires[number].sum(axis=0) / max(n, 1)]
        shares.append(np.zeros(len(self.columns)) if activity is None else activity.fired[number] / max(measured, 1))
        crossed = [self.numbers.silent[number]]
        crossed.append(np.zeros(len(self.columns), dtype=bool) if activity is None else activity.dead[number])
        all_of = [n, measured]
        is_known = [bool(self.numbers.is_complete[number]), measured > 0]
        for strip, (share, silent) in enumerate(zip(shares, crossed, strict=True)):
            first = self.cell_rect(Cell(number, n + strip, 0))
            last = self.cell_rect(Cell(number, n + strip, len(self.columns) - 1))
            area = QRectF(first.left(), first.top() + 3.0, last.right() - first.left(), first.height() - 4.0)
            painter.setPen(QColor(palette.muted))
            if all_of[strip]:
                self._write_beside(painter, area.right(), first.center().y(), f"of {all_of[strip]}")
            if not is_known[strip]:
                cells.draw_hatching(painter, area, palette)
                continue
            painter.setPen(QPen(QColor(palette.border), 1.0))
            painter.drawLine(QLineF(area.left(), area.bottom(), area.right(), area.bottom()))
            self._draw_bars(painter, area, share, silent)

    @staticmethod
    def _write_beside(painter: QPainter, right: float, middle: float, text: str) -> None:
        """A number in the column beside the cells."""
        metrics = metrics_of(painter.font())
        x = right + 7 * metrics.horizontalAdvance("0") - metrics.horizontalAdvance(text)
        painter.drawText(QPointF(x, middle + (metrics.ascent() - metrics.descent()) / 2), text)

    def paint_header(self, painter: QPainter, width: float) -> None:
        super().paint_header(painter, width)
        right = self.grid_layout().grids[0].rect.right()
        self._write_beside(painter, right, self.header_height() / 2, "firing")

    def _draw_bars(self, painter: QPainter, area: QRectF, share: np.ndarray, silent: np.ndarray) -> None:
        palette, width = current_theme().palette, area.width() / len(share)
        gap = 1.0 if width >= 4.0 else 0.0
        bars, lines = [], []
        for unit, (height, is_silent) in enumerate(zip((share * area.height()).tolist(), silent.tolist(), strict=True)):
            x = area.left() + unit * width
            if is_silent:
                side = min(width - gap, 7.0) / 2
                middle = QPointF(x + (width - gap) / 2, area.center().y())
                lines.append(QLineF(middle.x() - side, middle.y() - side, middle.x() + side, middle.y() + side))
                lines.append(QLineF(middle.x() - side, middle.y() + side, middle.x() + side, middle.y() - side))
            elif height > 0.0:
                bars.append(QRectF(x, area.bottom() - max(height, 1.0), width - gap, max(height, 1.0)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.muted))
        painter.drawRects(bars)
        painter.setPen(QPen(QColor(palette.error), 1.0))
        painter.drawLines(lines)


def unknown_runs(known: Flags) -> list[tuple[int, int, int]]:
    """(row, first column, one past the last) of the cells in a row that are not known, one piece after the other."""
    runs = []
    for row in np.flatnonzero(~known.all(axis=1)).tolist():
        edges = np.flatnonzero(np.diff(known[row].astype(np.int8), prepend=1, append=1)).tolist()
        runs += [(row, first, stop) for first, stop in zip(edges[::2], edges[1::2], strict=True)]
    return runs


def _dotted(grid: Grid, ink: str) -> QPixmap:
    """A cell that is clear but for a dot in its middle."""
    width, height = int(grid.cell_width), int(grid.cell_height)
    side = 2 if width >= 4 else 1
    tile = QPixmap(width, height)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.fillRect((width - side) // 2, (height - side) // 2, side, side, QColor(ink))
    painter.end()
    return tile
