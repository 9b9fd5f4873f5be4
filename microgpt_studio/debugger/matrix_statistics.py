"""Statistics of a matrix: least, largest, norm and share of zeros of the numbers that are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.program import Floats


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of `known` numbers among `count`. Where none is known the rest means nothing."""

    count: int
    known: int
    low: float  # smallest, nan left out; nan where all are
    high: float
    norm: float  # Euclidean, the squares added in the order of the numbers
    zeros: int  # exactly 0
    nonfinite: int  # nan or infinite

    @property
    def share_of_zeros(self) -> float:
        """Of the known numbers; nan where none is."""
        return self.zeros / self.known if self.known else math.nan


def statistics(values: Floats, known: npt.NDArray[np.bool_], starts: Sequence[int]) -> tuple[Statistics, ...]:
    """Of each matrix: matrix i has the entries starts[i] to starts[i + 1] of `values` and `known`, both (C,)."""
    edges = np.asarray(starts, dtype=np.int64)
    figures = np.empty((len(edges) - 1, 3))
    counts = np.zeros((len(edges) - 1, 3), dtype=np.int64)
    _collect(np.ascontiguousarray(values), known, edges, figures, counts)
    return tuple(
        Statistics(int(count), known, low, high, norm, zeros, nonfinite)
        for count, (low, high, norm), (known, zeros, nonfinite) in zip(
            np.diff(edges), figures.tolist(), counts.tolist(), strict=True
        )
    )


@compiled
def _collect(values, known, starts, figures, counts):  # type: ignore[no-untyped-def]
    """`figures` (M, 3) gets low, high and norm; `counts` (M, 3), all 0, gets known, zeros and nonfinite."""
    for m in range(len(starts) - 1):
        low, high, square = math.nan, math.nan, 0.0
        for i in range(starts[m], starts[m + 1]):
            if not known[i]:
                continue
            x = values[i]
            counts[m, 0] += 1
            square += x * x
            if x == 0.0:
                counts[m, 1] += 1
            if not math.isfinite(x):
                counts[m, 2] += 1
            if x < low or math.isnan(low):
                low = x
            if x > high or math.isnan(high):
                high = x
        figures[m, 0], figures[m, 1], figures[m, 2] = low, high, math.sqrt(square)
