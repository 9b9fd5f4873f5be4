"""The stream in blocks of stages × positions: norm, turn, what is added to it, and the parts of the target's logit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.snapshot import Description, Reach
from microgpt_studio.debugger.stream import Measure, Stages, StreamNumbers
from microgpt_studio.panels.stream.grid_layout import Cell, Measures
from microgpt_studio.panels.stream.grid_view import MARGIN, Block, GridView
from microgpt_studio.panels.stream.seen import Seen
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import colors
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import cells, full, short
from microgpt_studio.widgets.grid import Grid

_SMALLEST, _FIGURE = 10, 5  # pixels of a face, and characters, from which cells have figures: "0.123"
_LINES_FROM = 5.0  # pixels a cell measures before lines part it from its neighbours

NORM, COSINE, ADDED, ADDED_COSINE, TOWARD = range(5)
_LOGIT = "= logit"
_TITLES = (
    ("length of the residual stream: its norm √(Σ xᵢ²)", "length of the residual stream", "length"),
    ("cosine of the stream to that of the stage before", "cosine to the stage before", "cosine"),
    ("length of what is added there: wpe, attention's proj, the MLP's fc2", "length of what is added", "added"),
    ("cosine of what is added to the stream that it is added to", "cosine of what is added", "its cosine"),
    ("part in the target's logit: these add up to it", "part in the target's logit", "part in logit"),
)
_WORDS = ("length", "cosine to the stage before", "length of what is added", "its cosine", "part in the target's logit")
_STAGE_TIPS = {
    0: "wte[token] + wpe[position]; the stage before it is wte[token] alone",
    1: "the embedding scaled to a root mean square of 1: here the residual stream begins",
}


class StreamView(GridView):
    """Shows StreamNumbers. A cell stands for a vector; it selects the vector's first component."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers: StreamNumbers | None = None
        self._measures: tuple[Measure, ...] = ()  # of each block, all stages
        self._seen: Seen | None = None
        self._stages: Stages | None = None
        self._rows: tuple[list[int], ...] = ()  # the stages of each block's rows; one more stands for the logit
        self.setAccessibleName("Residual stream")

    def show_session(self, description: Description) -> None:
        """Find the vectors of a new session."""
        self._stages = Stages.of_program(description.program)
        every = list(range(self._stages.count))
        adding = [stage for stage in every if self._stages.added[stage, 0, 0] >= 0]
        self._rows = (every, every, adding, adding, [*every[1:], len(every)])
        self.numbers = self._seen = None
        self.set_selected(None)
        self.set_blocks((), ())

    def show_numbers(self, numbers: StreamNumbers, seen: Seen) -> None:
        """Show the stream of a moment."""
        assert self._stages is not None, "a session comes first"
        self.numbers, self._seen = numbers, seen
        parts = Measure(
            np.vstack([numbers.toward.values, numbers.logit.values]),
            np.vstack([numbers.toward.reach, numbers.logit.reach]),
        )
        measures = (numbers.norm, numbers.cosine, numbers.added, numbers.added_cosine, parts)
        self._measures = measures
        self.set_blocks(tuple(self._block(number) for number in range(len(measures))), seen.characters, seen.room)

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
        found = np.argwhere(self._stages.added[self._rows[ADDED], :n] == scalar)
        if len(found):
            return Cell(ADDED, int(found[0][0]), int(found[0][1]))
        logits = (Cell(TOWARD, len(self._rows[TOWARD]) - 1, p) for p in range(n))
        return next((cell for cell in logits if self.scalar_at(cell) == scalar), None)

    def describe(self, cell: Cell) -> str:
        if self._seen is None or self.numbers is None or self._stages is None:
            return ""
        numbers, stage, p = self.numbers, self._rows[cell.block][cell.row], cell.col
        address = self._seen.description.addresses.format(self.scalar_at(cell))
        target = self._seen.token(self._seen.targets[p])
        if stage == self._stages.count:
            logit = _number(self._measures[TOWARD], stage, p, full)
            return f"the logit of the target {target}, {self._seen.position(p)}\n{logit}\nclick: selects {address}"
        before = "the token's row of wte" if stage == 0 else self._stages.names[stage - 1]
        lines = [
            f"{self._stages.names[stage]}, {self._seen.position(p)}",
            f"norm {_number(numbers.norm, stage, p, full)}",
            f"cosine to {before} {_number(numbers.cosine, stage, p, full)}",
        ]
        if self._stages.added[stage, p, 0] < 0:
            known = numbers.scale.reach[p] == Reach.KNOWN
            scale = full(numbers.scale.values[p]) if known else "a number that is not computed yet"
            lines.append(f"nothing is added here: every component is scaled by {scale}")
        else:
            lines.append(f"added: {self._added_path(stage, p)}")
            lines.append(f"  its norm {_number(numbers.added, stage, p, full)}")
            lines.append(f"  its cosine to {before} {_number(numbers.added_cosine, stage, p, full)}")
        if stage:
            lines.append(f"part in the logit of the target {target} {_number(numbers.toward, stage, p, full)}")
        lines.append(f"click: selects {address}, the first of {len(self._vector(cell))} components")
        return "\n".join(lines)

    def brief(self, cell: Cell) -> str:
        if self._seen is None:
            return ""
        name, stage = self.blocks[cell.block].rows[cell.row], self._rows[cell.block][cell.row]
        number = _number(self._measures[cell.block], stage, cell.col, short)
        if name == _LOGIT:
            return f"target's logit, {self._seen.position(cell.col)}: {number}"
        return f"{name}, {self._seen.position(cell.col)}: {_WORDS[cell.block]} {number}"

    def as_text(self) -> str:
        if self._seen is None:
            return ""
        heads = "\t".join(f"{p} {character}" for p, character in enumerate(self._seen.characters))
        lines = [f"{self._seen.when}\t\t{heads}"]
        for number, block in enumerate(self.blocks):
            for name, stage in zip(block.rows, self._rows[number], strict=True):
                texts = [_number(self._measures[number], stage, p, full) for p in range(self._seen.positions)]
                lines.append("\t".join((_WORDS[number], name, *texts)))
        return "\n".join(lines)

    def measures(self) -> Measures:
        theme = current_theme()
        return Measures(
            left=self.widest_name(),
            right=MARGIN,
            title=self.titles_height(),
            strip=0.0,
            lowest=round(metrics_of(theme.number_font(SMALL)).height()) + 0.0,
            highest=theme.scaled(40),
            widest=theme.scaled(128),
        )

    def paint_block(self, painter: QPainter, number: int, grid: Grid) -> None:
        theme, block = current_theme(), self.blocks[number]
        pixels = colors(block.values, block.scale, theme.palette)
        pixels = np.ascontiguousarray(np.where(block.known, pixels, np.uint32(0)))
        cells.draw_hatching(painter, grid.rect, theme.palette)
        self._draw_absent(painter, grid, block)
        cells.draw_pixels(painter, grid, pixels)
        if min(grid.cell_width, grid.cell_height) >= _LINES_FROM:
            cells.draw_lines(painter, grid, theme.palette)
        for size in (SMALL, _SMALLEST):
            painter.setFont(theme.number_font(size))
            advance = metrics_of(painter.font()).horizontalAdvance("0")
            if grid.cell_width >= (8 if size == SMALL else _FIGURE) * advance + 4.0:
                cells.draw_numbers(painter, grid, block.values, block.known, pixels, palette=theme.palette)
                break
        else:
            cells.draw_crosses(painter, grid, block.known & ~np.isfinite(block.values), theme.palette)

    def header_tip(self, col: int) -> str:
        return f"{self._seen.position(col)}: what this position reads" if self._seen is not None else ""

    def name_tip(self, cell: Cell) -> str:
        assert self._stages is not None, "there are cells"
        stage = self._rows[cell.block][cell.row]
        if stage == self._stages.count:
            return "The target's logit, as the program has it: the rows above added up, but for rounding"
        if cell.block == TOWARD:
            what = "the stream after the first rmsnorm" if stage == 1 else f"what {self._stages.names[stage]} adds"
            return f"{what} × the target's row of lm_head, added up"
        return _STAGE_TIPS.get(stage, "after the layer's attention" if stage % 2 == 0 else "after the layer's MLP")

    def _block(self, number: int) -> Block:
        assert self._stages is not None, "a session comes first"
        rows, names = self._rows[number], [*self._stages.names, ""]
        measure = self._measures[number]
        values, reach = measure.values[rows], measure.reach[rows]
        known = np.asarray(reach == Reach.KNOWN)
        adds = number in (ADDED, ADDED_COSINE, TOWARD)
        texts = [f"+ {'wpe' if stage == 0 else names[stage]}" if adds else names[stage] for stage in rows]
        if number == TOWARD:
            texts[0], texts[-1] = names[1], _LOGIT
        if number in (COSINE, ADDED_COSINE):
            scale = Scale(ScaleKind.SIGNED, 1.0)
        else:
            scale = Scale.fit(values[known], ScaleKind.SIGNED if number == TOWARD else ScaleKind.UNSIGNED)
        absent = np.asarray(reach == Reach.OUTSIDE)
        return Block(_TITLES[number], tuple(texts), values, known, scale, "", absent=absent)

    def _draw_absent(self, painter: QPainter, grid: Grid, block: Block) -> None:
        """A dash where there is no such number: a vector of length 0 has no cosine."""
        if block.absent is None or not block.absent.any():
            return
        theme = current_theme()
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        for row, col in np.argwhere(block.absent).tolist():
            box = grid.cell(row, col)
            painter.fillRect(box, QColor(theme.palette.surface))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "–")

    def _vector(self, cell: Cell) -> Ids:
        """What a cell is about; of the logit, the logit alone."""
        assert self._stages is not None and self._seen is not None, "there are cells"
        stages, stage, p = self._stages, self._rows[cell.block][cell.row], cell.col
        if stage == stages.count:
            vector = stages.logit[p, self._seen.targets[p] :][:1]
        elif cell.block in (NORM, COSINE) or stage == 1:
            vector = stages.stream[stage, p]
        else:
            vector = stages.added[stage, p]
        return np.asarray(vector)

    def _added_path(self, stage: int, position: int) -> str:
        assert self._stages is not None and self._seen is not None, "there are cells"
        address = self._seen.description.addresses.format(int(self._stages.added[stage, position, 0]))
        return f"wpe[{position}]" if stage == 0 else address.rsplit("[", 1)[0]


def _number(measure: Measure, stage: int, position: int, written: Callable[[float], str]) -> str:
    reach = measure.reach[stage, position]
    if reach == Reach.OUTSIDE:
        return "none: a vector of length 0 has no direction"
    return written(float(measure.values[stage, position])) if reach == Reach.KNOWN else "not computed yet"
