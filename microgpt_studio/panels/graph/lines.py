"""Lines: strips of cells below one another, in which the cell at a point is found, and the cells in a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Lines whose cells lie at the same places across. S cells a line, L lines."""

    left: Floats  # (S,) ascending
    right: Floats  # (S,)
    lines: Indices  # (L,)
    cells: Indices  # (L, S)


class Lines:
    """Lines that do not overlap, from top to bottom, with their cells from left to right."""

    def __init__(self, top: Floats, bottom: Floats, cells: Sequence[Indices], left: Floats, width: Floats) -> None:
        """`top` and `bottom` are (lines,), `cells` the cells of each line, `left` and `width` those of all cells."""
        self.top = top
        self.bottom = bottom
        self.cells = cells
        self._left = left
        self._right = left + width
        self.patterns = self._find_patterns()

    def __len__(self) -> int:
        return len(self.top)

    def find(self, x: float, y: float) -> int | None:
        """The cell that holds the point, in O(log C)."""
        line = self.line_at(y)
        if line is None:
            return None
        cells = self.cells[line]
        slot = int(np.searchsorted(self._left[cells], x, side="right")) - 1
        if slot < 0 or x >= self._right[cells[slot]]:
            return None
        return int(cells[slot])

    def line_at(self, y: float) -> int | None:
        """The line at this height; None between lines."""
        line = int(np.searchsorted(self.top, y, side="right")) - 1
        return None if line < 0 or y >= self.bottom[line] else line

    def within(self, left: float, top: float, right: float, bottom: float) -> Indices:
        """The cells that are at least in part within a rectangle."""
        found = [np.empty(0, dtype=np.int32)]
        for pattern in self.patterns:
            first = int(np.searchsorted(pattern.right, left, side="right"))
            last = int(np.searchsorted(pattern.left, right, side="left"))
            here = (self.bottom[pattern.lines] > top) & (self.top[pattern.lines] < bottom)
            found.append(pattern.cells[here, first:last].ravel())
        return np.concatenate(found)

    def _find_patterns(self) -> tuple[Pattern, ...]:
        alike: dict[bytes, list[int]] = {}
        for line, cells in enumerate(self.cells):
            alike.setdefault(self._left[cells].tobytes(), []).append(line)
        return tuple(
            Pattern(
                left=self._left[self.cells[lines[0]]],
                right=self._right[self.cells[lines[0]]],
                lines=np.array(lines, dtype=np.int32),
                cells=np.stack([self.cells[line] for line in lines]),
            )
            for lines in alike.values()
        )
