"""Figures: what a benchmark found beside what was hoped for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class Figure:
    """One row of the table. `met` is None where there is no budget."""

    what: str
    budget: str
    measured: str
    met: bool | None
    value: float  # in the unit of `measured`


def at_least(what: str, budget: float, value: float, unit: str) -> Figure:
    """A figure that should be large."""
    return Figure(what, f"≥ {budget:g} {unit}", f"{value:,.2f} {unit}", value >= budget, value)


def at_most(what: str, budget: float, value: float, unit: str) -> Figure:
    """A figure that should be small."""
    return Figure(what, f"≤ {budget:g} {unit}", f"{value:,.2f} {unit}", value <= budget, value)


def noted(what: str, value: float, unit: str) -> Figure:
    """A figure without a budget."""
    return Figure(what, "", f"{value:,.2f} {unit}", None, value)


def percentile(samples: Sequence[float], share: float) -> float:
    """The value that `share` percent of the samples do not exceed."""
    return float(np.percentile(np.asarray(samples), share))


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned lines."""
    rows = [("what", "budget", "measured", "")]
    marks = {True: "ok", False: "MISSED", None: ""}
    rows += [(figure.what, figure.budget, figure.measured, marks[figure.met]) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            (row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].rjust(widths[2]), row[3].ljust(widths[3]))
        ).rstrip()
        for row in rows
    )


def as_json(figures: Sequence[Figure]) -> list[dict[str, object]]:
    """The figures as plain objects."""
    return [asdict(figure) for figure in figures]
