"""Reading: the numbers of a line as they are shown beside it, and in full."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt_studio.debugger.snapshot import LineNumbers, Reach
from microgpt_studio.widgets import full

_LONGEST_LIST = 8  # numbers that a tooltip lists one by one


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one line has made. Figures are there once all its numbers are."""

    label: str  # an address, or an address without index
    values: npt.NDArray[np.float64]  # (n,)
    known: npt.NDArray[np.bool_]  # (n,)
    figures: tuple[float, float, float] | None  # min, max, Euclidean norm

    @classmethod
    def of(cls, numbers: LineNumbers) -> Reading:
        values = numbers.data
        known = numbers.reach == Reach.KNOWN
        figures = None
        if len(values) and known.all():
            with np.errstate(over="ignore", invalid="ignore"):
                figures = float(values.min()), float(values.max()), float(np.sqrt(np.square(values).sum()))
        return cls(numbers.label, values, known, figures)

    @property
    def is_scalar(self) -> bool:
        """Whether it is one number."""
        return len(self.values) == 1

    @property
    def progress(self) -> str:
        """How much of it is computed, where not all of it is."""
        return f"{int(self.known.sum())} of {len(self.known)}"

    def explanation(self) -> str:
        """The tooltip's text: every digit."""
        if self.is_scalar:
            return f"{self.label}\n{full(self.values[0]) if self.figures else 'not computed yet'}"
        if self.figures is None:
            state = "not computed yet" if not self.known.any() else f"{self.progress} are computed"
            return f"{self.label}, {len(self.values)} numbers\n{state}"
        lines = [f"{self.label}, {len(self.values)} numbers"]
        lines += [f"{name} {full(x)}" for name, x in zip(("min", "max", "norm"), self.figures, strict=True)]
        if len(self.values) <= _LONGEST_LIST:
            lines += [f"[{i}] {full(x)}" for i, x in enumerate(self.values.tolist())]
        return "\n".join(lines)
