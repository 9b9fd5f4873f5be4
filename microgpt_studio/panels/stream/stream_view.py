"""The stream in four blocks of stages × positions: norm, cosine to the stage before, and both of what is added."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.snapshot import Description, Reach
from microgpt_studio.debugger.stream import Measure, Stages, StreamNumbers
from microgpt_studio.panels.stream.grid_layout import Cell, Measures
from microgpt_studio.panels.stream.grid_view import MARGIN, Block, GridView
from microgpt_studio.panels.stream.seen import Seen
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import cells, full, short
from microgpt_studio.widgets.grid import Grid

_SMALLEST, _FIGURE = 10, 5  # pixels of a face, and characters, from which cells have figures: "0.123"
_LINES_FROM = 5.0  # pixels a cell measures before lines part it from its neighbours

NORM, COSINE, ADDED, ADDED_COSINE = range(4)
_TITLES = (
    ("length of the residual stream: its norm √(Σ xᵢ²)", "length of the residual stream", "length"),
    ("cosine of the stream to that of the stage before", "cosine to the stage before", "cosine"),
    ("length of what is added there: wpe, attention's proj, the MLP's fc2", "length of what is added", "added"),
    ("cosine of what is added to the stream that it is added to", "cosine of what is added", "its cosine"),
)


class StreamView(GridView):
    """Shows StreamNumbers. A cell stands for a vector; it selects the vector's first component."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers: StreamNumbers | None = None
        self._seen: Seen | None = None
        self._stages: Stages | None = None
        self._adding: list[int] = []  # the stages at which something is added
        self.setAccessibleName("Residual stream")

    def show_session(self, description: Description) -> None:
        """Find the vectors of a new session."""
        self._stages = Stages.of_program(description.program)
        self._adding = [s for s in range(self._stages.count) if self._stages.added[s, 0, 0] >= 0]
        self.numbers = self._seen = None
        self.set_selected(None)
        self.set_blocks((), ())

    def show_numbers(self, numbers: StreamNumbers, seen: Seen) -> None:
        """Show the stream of a moment."""
        assert self._stages is not None, "a session comes first"
        self.numbers, self._seen = numbers, seen
        names = self._stages.names
        self.room = seen.room
        added = tuple(f"+ {'wpe' if s == 0 else names[s]}" for s in self._adding)
        self.set_blocks(
            (
                _block(NORM, names, numbers.norm),
                _block(COSINE, names, numbers.cosine),
                _block(ADDED, added, numbers.added, self._adding),
                _block(ADDED_COSINE, added, numbers.added_cosine, self._adding),
            ),
            seen.characters,
        )

    def scalar_at(self, cell: Cell) -> int:
        """The component that stands for a cell's vector."""
        return int(self._vector(cell)[0])

    def cell_of(self, scalar: int | None) -> Cell | None:
        """Where the vector of a component is shown: where it is selected already, or else first."""
        if scalar is None or self._stages is None or self._seen is None:
            return None
        if self.selected is not None and self.has(self.selected) and scalar in self._vector(self.selected):
            return self.selected
        n = self._seen.positions
        found = np.argwhere(self._stages.stream[:, :n] == scalar)
        if len(found):
            return Cell(NORM, int(found[0][0]), int(found[0][1]))
        found = np.argwhere(self._stages.added[self._adding, :n] == scalar)
        return Cell(ADDED, int(found[0][0]), int(found[0][1])) if len(found) else None

    def describe(self, cell: Cell) -> str:
        if self._seen is None or self.numbers is None or self._stages is None:
            return ""
        numbers, stage, p = self.numbers, self._stage(cell), cell.col
        name = self._stages.names[stage]
        before = "the token's row of wte" if stage == 0 else self._stages.names[stage - 1]
        lines = [
            f"{name}, {self._seen.position(p)}",
            f"norm {_number(numbers.norm, stage, p, full)}",
            f"cosine to {before} {_number(numbers.cosine, stage, p, full)}",
        ]
        if numbers.added.reach[stage, p] == Reach.OUTSIDE:
            known = numbers.scale.reach[p] == Reach.KNOWN
            scale = full(numbers.scale.values[p]) if known else "not computed yet"
            lines.append(f"nothing is added here: every component is scaled by {scale}")
        else:
            lines.append(f"added: {self._added_path(cell)}")
            lines.append(f"  its norm {_number(numbers.added, stage, p, full)}")
            lines.append(f"  its cosine to {before} {_number(numbers.added_cosine, stage, p, full)}")
        components = len(self._vector(cell))
        address = self._seen.description.addresses.format(self.scalar_at(cell))
        lines.append(f"click: selects {address}, the first of {components} components")
        return "\n".join(lines)

    def brief(self, cell: Cell) -> str:
        if self._seen is None or self.numbers is None or self._stages is None:
            return ""
        measure = self._measure(cell.block)
        what = ("norm", "cosine to the stage before", "norm of what is added", "cosine of what is added")[cell.block]
        name = self.blocks[cell.block].rows[cell.row]
        return f"{name}, {self._seen.position(cell.col)}: {what} {_number(measure, self._stage(cell), cell.col, short)}"

    def as_text(self) -> str:
        if self._seen is None or self._stages is None:
            return ""
        heads = "\t".join(f"{p} {character}" for p, character in enumerate(self._seen.characters))
        lines = [f"{self._seen.when}\t\t{heads}"]
        for number, block in enumerate(self.blocks):
            for row, name in enumerate(block.rows):
                stage = self._stage(Cell(number, row, 0))
                texts = [_number(self._measure(number), stage, p, full) for p in range(self._seen.positions)]
                lines.append("\t".join((_TITLES[number][-2], name, *texts)))
        return "\n".join(lines)

    def measures(self) -> Measures:
        theme = current_theme()
        return Measures(
            left=self.widest_name(),
            right=MARGIN,
            title=self.titles_height(),
            strip=0.0,
            lowest=round(QFontMetricsF(theme.number_font(_SMALLEST)).height()) - 1.0,
            highest=theme.scaled(40),
            widest=theme.scaled(96),
        )

    def paint_block(self, painter: QPainter, number: int, grid: Grid) -> None:
        theme, block = current_theme(), self.blocks[number]
        pixels = colors(block.values, block.scale, theme.palette)
        pixels = np.ascontiguousarray(np.where(block.known, pixels, np.uint32(0)))
        cells.draw_hatching(painter, grid.rect, theme.palette)
        cells.draw_pixels(painter, grid, pixels)
        if min(grid.cell_width, grid.cell_height) >= _LINES_FROM:
            cells.draw_lines(painter, grid, theme.palette)
        for size in (SMALL, _SMALLEST):
            painter.setFont(theme.number_font(size))
            advance = QFontMetricsF(painter.font()).horizontalAdvance("0")
            if grid.cell_width >= (8 if size == SMALL else _FIGURE) * advance + 4.0:
                cells.draw_numbers(painter, grid, block.values, block.known, pixels, palette=theme.palette)
                break
        else:
            cells.draw_crosses(painter, grid, block.known & ~np.isfinite(block.values), theme.palette)

    def header_tip(self, col: int) -> str:
        return f"{self._seen.position(col)}: what this position reads" if self._seen is not None else ""

    def _stage(self, cell: Cell) -> int:
        return cell.row if cell.block in (NORM, COSINE) else self._adding[cell.row]

    def _vector(self, cell: Cell) -> Ids:
        assert self._stages is not None, "a session comes first"
        vectors = self._stages.stream if cell.block in (NORM, COSINE) else self._stages.added
        vector: Ids = vectors[self._stage(cell), cell.col]
        return vector

    def _measure(self, block: int) -> Measure:
        assert self.numbers is not None, "there are blocks"
        return (self.numbers.norm, self.numbers.cosine, self.numbers.added, self.numbers.added_cosine)[block]

    def _added_path(self, cell: Cell) -> str:
        assert self._stages is not None and self._seen is not None, "there are blocks"
        first = int(self._stages.added[self._stage(cell), cell.col, 0])
        address = self._seen.description.addresses.format(first)
        return f"wpe[{cell.col}]" if self._stage(cell) == 0 else address.rsplit("[", 1)[0]


def _block(number: int, names: tuple[str, ...], measure: Measure, stages: list[int] | None = None) -> Block:
    values: Floats = measure.values if stages is None else measure.values[stages]
    reach = measure.reach if stages is None else measure.reach[stages]
    known = np.asarray(reach == Reach.KNOWN)
    is_cosine = number in (COSINE, ADDED_COSINE)
    scale = Scale(ScaleKind.SIGNED, 1.0) if is_cosine else Scale.fit(values[known], ScaleKind.UNSIGNED)
    return Block(_TITLES[number], names, values, known, scale, "")


def _number(measure: Measure, stage: int, position: int, written: object) -> str:
    if measure.reach[stage, position] != Reach.KNOWN:
        return "not computed yet"
    value = float(measure.values[stage, position])
    if np.isnan(value):
        return "nan: not defined for a vector of length 0, or not a number"
    assert callable(written)
    return str(written(value))
