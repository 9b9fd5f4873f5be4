"""The logit lens as a table of positions × stages: what would be predicted there, and what becomes of the target."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from microgpt_studio.debugger.logit_lens import LensNumbers
from microgpt_studio.debugger.snapshot import Description, Reach
from microgpt_studio.debugger.stream import Stages
from microgpt_studio.panels.stream.grid_layout import Cell, Measures
from microgpt_studio.panels.stream.grid_view import MARGIN, Block, GridView
from microgpt_studio.panels.stream.seen import Seen
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import colors, is_light
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import cells, full, short
from microgpt_studio.widgets.grid import Grid
from microgpt_studio.widgets.number_text import fitted

_TOP = 5  # tokens that hovering tells
_PADDING = 3.0
_NO_NUMBERS = "not every probability is a number"
_WIDE, _MEDIUM, _NARROW = 22, 13, 6  # characters of a cell from which there is room for what the titles say
_TITLES = {
    _WIDE: (
        "in a cell: most probable token, its probability · target's probability, its rank (bold: it is the target)",
        "most probable token, its probability · target's probability, its rank",
        "most probable · target",
    ),
    _MEDIUM: ("most probable token, its probability · target's rank", "most probable · target's rank"),
    _NARROW: ("most probable token · target's rank", "most probable · target's rank"),
    0: ("most probable token", "most probable"),
}


class LensView(GridView):
    """Shows LensNumbers. A cell selects the target's logit at the last stage, which is the one in the graph."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers: LensNumbers | None = None
        self._seen: Seen | None = None
        self._names: tuple[str, ...] = ()
        self._logits: dict[int, int] = {}  # position → index of the first logit in program.element_ids
        self.setAccessibleName("Logit lens")

    def show_session(self, description: Description) -> None:
        """Find the stages and logits of a new session."""
        program = description.program
        self._names = Stages.of_program(program).names
        self._logits = {
            tensor.position: tensor.first_element
            for tensor in program.tensors
            if tensor.position is not None and tensor.stage == "logit"
        }
        self.numbers = self._seen = None
        self.set_selected(None)
        self.set_blocks((), ())

    def show_numbers(self, numbers: LensNumbers, seen: Seen) -> None:
        """Show what a moment's stages would predict."""
        self.numbers, self._seen = numbers, seen
        targets = np.array(seen.targets, dtype=np.int32)
        width = len(str(seen.positions - 1))
        rows = tuple(
            f"{p:>{width}} {read}→{seen.description.token_text(target)}"
            for p, (read, target) in enumerate(zip(seen.characters, seen.targets, strict=True))
        )
        known = np.asarray(numbers.reach == Reach.KNOWN).T
        probs = np.ascontiguousarray(numbers.probs_of(targets).T)
        scale = Scale(ScaleKind.UNSIGNED, 1.0)
        block = Block((), rows, probs, known, scale, "target's probability", room=seen.room)
        self.set_blocks((block,), (*self._names[:-1], f"{self._names[-1]} = output"))

    def scalar_at(self, cell: Cell) -> int:
        """The target's logit at the last stage."""
        assert self._seen is not None, "there are cells"
        return int(self._ids()[self._logits[cell.row] + self._seen.targets[cell.row]])

    def cell_of(self, scalar: int | None) -> Cell | None:
        """The cell of a target's logit: the selected one, or else that of the last stage."""
        if scalar is None or self._seen is None or not self.columns:
            return None
        if self.selected is not None and self.has(self.selected) and self.scalar_at(self.selected) == scalar:
            return self.selected
        last = len(self.columns) - 1
        cells_of_targets = (Cell(0, row, last) for row in range(self._seen.positions))
        return next((cell for cell in cells_of_targets if self.scalar_at(cell) == scalar), None)

    def describe(self, cell: Cell) -> str:
        seen, numbers = self._seen, self.numbers
        if seen is None or numbers is None:
            return ""
        stage, p, target = cell.col, cell.row, seen.targets[cell.row]
        lines = [f"{self._names[stage]} through lm_head, {seen.position(p)}"]
        if numbers.reach[stage, p] != Reach.KNOWN:
            lines.append("the stream of this stage is not computed yet")
        else:
            ranks = numbers.ranks_of(np.array(seen.targets, dtype=np.int32))
            rank = f"rank {ranks[stage, p]} of {numbers.probs.shape[2]}" if ranks[stage, p] else _NO_NUMBERS
            lines.append(f"target {seen.token(target)}: {rank}")
            lines.append(f"  probability {full(numbers.probs[stage, p, target])}")
            lines.append(f"  logit {full(numbers.logits[stage, p, target])}")
            lines.append("most probable:")
            lines += [
                f"  {seen.token(token)} {full(numbers.probs[stage, p, token])}"
                for token in numbers.best(stage, p, _TOP)
            ]
        is_last = stage == len(self._names) - 1
        lines.append(
            "the last stage: these are the model's own predictions"
            if is_last
            else "outside the graph: the model itself reads only the last stage"
        )
        lines.append(f"click: selects {seen.description.addresses.format(self.scalar_at(cell))}, the target's logit")
        return "\n".join(lines)

    def brief(self, cell: Cell) -> str:
        seen, numbers = self._seen, self.numbers
        if seen is None or numbers is None:
            return ""
        stage, p, target = cell.col, cell.row, seen.targets[cell.row]
        where = f"{self._names[stage]}, {seen.position(p)}"
        if numbers.reach[stage, p] != Reach.KNOWN:
            return f"{where}: not computed yet"
        rank = int(numbers.ranks_of(np.array(seen.targets, dtype=np.int32))[stage, p])
        if not rank:
            return f"{where}: {_NO_NUMBERS}"
        best = "  ".join(
            f"{seen.description.token_text(token)} {short(float(numbers.probs[stage, p, token]))}"
            for token in numbers.best(stage, p, _TOP)
        )
        prob = short(float(numbers.probs[stage, p, target]))
        return f"{where}: {best} · target {seen.token(target)} {prob}, rank {rank}"

    def as_text(self) -> str:
        seen, numbers = self._seen, self.numbers
        if seen is None or numbers is None:
            return ""
        heads = [f"{name} {what}" for name in self._names for what in ("top", "its prob", "target's prob", "rank")]
        lines = ["\t".join((seen.when, "target", *heads))]
        targets = np.array(seen.targets, dtype=np.int32)
        ranks, top = numbers.ranks_of(targets), numbers.top()
        text = seen.description.token_text
        for p in range(seen.positions):
            parts = [f"{p} {seen.characters[p]}", text(seen.targets[p])]
            for s in range(len(self._names)):
                if numbers.reach[s, p] != Reach.KNOWN:
                    parts += ["not computed"] * 4
                    continue
                best, target = int(top[s, p]), seen.targets[p]
                if best < 0:
                    parts += ["", "", full(numbers.probs[s, p, target]), ""]
                    continue
                parts += [text(best), full(numbers.probs[s, p, best]), full(numbers.probs[s, p, target])]
                parts.append(str(ranks[s, p]))
            lines.append("\t".join(parts))
        return "\n".join(lines)

    def measures(self) -> Measures:
        theme = current_theme()
        line = metrics_of(theme.number_font(SMALL)).height()
        return Measures(
            left=self.widest_name(),
            right=MARGIN,
            title=self.titles_height(),
            strip=0.0,
            lowest=round(line) + 1.0,
            highest=theme.scaled(40),
            widest=theme.scaled(240),
        )

    def paint_block(self, painter: QPainter, number: int, grid: Grid) -> None:
        theme, block = current_theme(), self.blocks[number]
        pixels = colors(block.values, block.scale, theme.palette)
        pixels = np.ascontiguousarray(np.where(block.known, pixels, np.uint32(0)))
        cells.draw_hatching(painter, grid.rect, theme.palette)
        cells.draw_pixels(painter, grid, pixels)
        cells.draw_lines(painter, grid, theme.palette)
        self._write(painter, grid, np.asarray(is_light(pixels)))

    def header_tip(self, col: int) -> str:
        if col == len(self._names) - 1:
            return f"{self._names[col]}: the last stage, which the model itself puts through lm_head"
        return f"{self._names[col]}: its stream put through lm_head, as the model does it with that of the last stage"

    def titles(self, _number: int) -> tuple[str, ...]:
        characters = self._characters(self.grid_layout().grids[0].cell_width)
        return next(wordings for least, wordings in _TITLES.items() if characters >= least)

    def header_texts(self, width: float) -> tuple[str, ...]:
        unit = metrics_of(current_theme().number_font(SMALL)).horizontalAdvance("0")
        short_names = tuple(name.removeprefix("layer") for name in self._names)
        wordings = (self.columns, self._names, short_names)
        return next((texts for texts in wordings if len(max(texts, key=len)) * unit + 4.0 <= width), short_names)

    def _write(self, painter: QPainter, grid: Grid, light: np.ndarray) -> None:
        """The text of every cell that is seen and known."""
        assert self._seen is not None and self.numbers is not None, "there are cells"
        theme, numbers, seen = current_theme(), self.numbers, self._seen
        palette, block = theme.palette, self.blocks[0]
        plain, bold = theme.number_font(SMALL), theme.number_font(SMALL, bold=True)
        metrics = metrics_of(plain)
        unit = metrics.horizontalAdvance("0")
        characters = self._characters(grid.cell_width)
        top, ranks = numbers.top(), numbers.ranks_of(np.array(seen.targets, dtype=np.int32))
        height = self.viewport().height()
        for p in range(grid.rows):
            y = grid.y + p * grid.cell_height
            if y > height or y + grid.cell_height < self.header_height():
                continue
            baseline = y + (grid.cell_height + metrics.ascent() - metrics.descent()) / 2
            for s in np.flatnonzero(block.known[p]).tolist():
                left = grid.x + s * grid.cell_width + _PADDING
                painter.setPen(QColor(palette.ink_on_light if light[p, s] else palette.ink_on_dark))
                best = int(top[s, p])
                if best < 0:
                    painter.setFont(plain)
                    painter.drawText(QPointF(left, baseline), "nan"[: max(characters, 1)])
                    continue
                painter.setFont(bold if best == seen.targets[p] else plain)
                name = seen.description.token_text(best)
                if characters < _NARROW:
                    painter.drawText(QPointF(left + (characters - 1) * unit / 2, baseline), name)
                    continue
                painter.drawText(QPointF(left, baseline), name)
                painter.setFont(plain)
                rank = f"#{ranks[s, p]}"
                right = left + (characters - len(rank)) * unit
                painter.drawText(QPointF(right, baseline), rank)
                if characters >= _MEDIUM:
                    digits = min((characters - 8) // 2, 8) if characters >= _WIDE else min(characters - 6, 8)
                    prob = fitted(float(numbers.probs[s, p, best]), digits)
                    painter.drawText(QPointF(left + 2 * unit, baseline), prob)
                if characters >= _WIDE:
                    prob = fitted(float(block.values[p, s]), digits)
                    painter.drawText(QPointF(left + (characters - 4 - len(prob)) * unit, baseline), prob)

    @staticmethod
    def _characters(width: float) -> int:
        """How many there is room for in a cell."""
        unit = metrics_of(current_theme().number_font(SMALL)).horizontalAdvance("0")
        return max(int((width - 2 * _PADDING) / unit), 0)

    def _ids(self) -> np.ndarray:
        assert self._seen is not None, "there are cells"
        return self._seen.description.program.element_ids
