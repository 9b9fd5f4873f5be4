"""Histograms: how many numbers of each matrix lie between which edges. Exact zeros are counted apart.

Bins are equally wide, and as many below 0 as above. A bin has its lower edge, not its upper one; the last has both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.program import Floats

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """Of M matrices, with B bins each. Read-only."""

    limits: Floats  # (M,) each matrix's bins reach from -limit to limit; 0: it has none
    counts: Counts  # (M, B) numbers other than 0
    zeros: Counts  # (M,) exactly 0
    beyond: Counts  # (M,) finite, but outside the bins
    nonfinite: Counts  # (M,) nan or infinite
    unknown: Counts  # (M,) without a number

    def __post_init__(self) -> None:
        for field in fields(self):
            getattr(self, field.name).flags.writeable = False

    @property
    def num_bins(self) -> int:
        return int(self.counts.shape[1])

    def edges(self, matrix: int) -> Floats:
        """(B + 1,) of one matrix."""
        return edges(float(self.limits[matrix]), self.num_bins)


def edges(limit: float, bins: int) -> Floats:
    """(bins + 1,) from -limit to limit; `bins` is even, so that 0 is an edge."""
    steps = np.arange(-(bins // 2), bins // 2 + 1)
    return np.asarray(limit * (steps / (bins // 2)))


def histograms(
    values: Floats, known: npt.NDArray[np.bool_], starts: Sequence[int], limits: Floats, bins: int
) -> Histograms:
    """Of each matrix: matrix i has the entries starts[i] to starts[i + 1] of `values` and `known`, both (C,)."""
    count = len(starts) - 1
    all_edges = np.stack([edges(float(limit), bins) for limit in limits]) if count else np.empty((0, bins + 1))
    counts = np.zeros((count, bins), dtype=np.int64)
    rest = np.zeros((count, 4), dtype=np.int64)
    _count(np.ascontiguousarray(values), known, np.asarray(starts, dtype=np.int64), all_edges, counts, rest)
    zeros, beyond, nonfinite, unknown = (np.ascontiguousarray(column) for column in rest.T)
    return Histograms(np.array(limits, dtype=np.float64), counts, zeros, beyond, nonfinite, unknown)


def largest(values: Floats, known: npt.NDArray[np.bool_], starts: Sequence[int]) -> Floats:
    """(M,) the largest finite absolute value of each matrix; 0 where it has none."""
    found = np.zeros(len(starts) - 1)
    _largest(np.ascontiguousarray(values), known, np.asarray(starts, dtype=np.int64), found)
    return found


@compiled
def _count(values, known, starts, edges, counts, rest):  # type: ignore[no-untyped-def]
    """`counts` (M, B) and `rest` (M, 4), zeros, beyond, nonfinite and unknown, are 0 before."""
    bins = counts.shape[1]
    for m in range(len(starts) - 1):
        low, high = edges[m, 0], edges[m, bins]
        for i in range(starts[m], starts[m + 1]):
            x = values[i]
            if not known[i]:
                rest[m, 3] += 1
            elif x == 0.0:
                rest[m, 0] += 1
            elif not math.isfinite(x):
                rest[m, 2] += 1
            elif x < low or x > high:
                rest[m, 1] += 1
            else:
                b = min(max(int((x - low) / (high - low) * bins), 0), bins - 1)
                while b > 0 and x < edges[m, b]:  # the quotient was rounded: the edges decide
                    b -= 1
                while b < bins - 1 and x >= edges[m, b + 1]:
                    b += 1
                counts[m, b] += 1


@compiled
def _largest(values, known, starts, found):  # type: ignore[no-untyped-def]
    for m in range(len(starts) - 1):
        for i in range(starts[m], starts[m + 1]):
            if known[i] and math.isfinite(values[i]):
                found[m] = max(found[m], abs(values[i]))
