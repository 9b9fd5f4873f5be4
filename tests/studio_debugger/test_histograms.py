"""Histograms count as a plain loop over edges does, and nothing is lost."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt_studio.debugger.histograms import edges, histograms, largest


def plain(values: list[float], bounds: list[float]) -> list[int]:
    """How many lie in each bin: its lower edge belongs to it, of the last one both."""
    counts = []
    for number, (low, high) in enumerate(pairwise(bounds)):
        last = number == len(bounds) - 2
        counts.append(sum(x != 0 and low <= x and (x < high or (last and x == high)) for x in values))
    return counts


@pytest.mark.parametrize("bins", [2, 40, 128])
@pytest.mark.parametrize("limit", [0.1, 0.05, 1.0, 3e-7])
def test_counts_are_exact(limit: float, bins: int) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(scale=limit / 2, size=900)
    bounds = edges(limit, bins)
    values[: bins + 1] = bounds  # each edge is met exactly
    values[300:330] = np.nextafter(np.resize(bounds, 30), -np.inf)
    values[400:420] = 0.0
    known = rng.random(900) < 0.9
    found = histograms(values, known, [0, 900], np.array([limit]), bins)
    shown = values[known].tolist()
    assert found.counts[0].tolist() == plain(shown, bounds.tolist())
    assert found.edges(0).tolist() == bounds.tolist()
    assert found.zeros[0] == sum(x == 0 for x in shown)
    assert found.beyond[0] == sum(abs(x) > limit for x in shown)
    assert found.unknown[0] == 900 - len(shown)
    assert found.counts.sum() + found.zeros[0] + found.beyond[0] + found.unknown[0] == 900


def test_each_matrix_has_its_own_edges() -> None:
    values = np.array([0.5, -0.5, 5.0, -5.0, 7.0, np.nan, np.inf])
    found = histograms(values, np.ones(7, dtype=np.bool_), [0, 2, 7], np.array([1.0, 6.0]), 4)
    assert found.counts.tolist() == [[0, 1, 0, 1], [1, 0, 0, 1]]
    assert found.beyond.tolist() == [0, 1]
    assert found.nonfinite.tolist() == [0, 2]
    assert not found.counts.flags.writeable


def test_without_a_limit_all_that_is_not_0_is_beyond() -> None:
    found = histograms(np.array([0.0, 0.0, 1.0]), np.ones(3, dtype=np.bool_), [0, 3], np.zeros(1), 4)
    assert (found.counts.sum(), found.zeros[0], found.beyond[0]) == (0, 2, 1)


@given(st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=60), st.floats(1e-3, 1.0))
def test_nothing_is_lost(values: list[float], limit: float) -> None:
    numbers = np.array(values)
    found = histograms(numbers, np.ones(len(numbers), dtype=np.bool_), [0, len(numbers)], np.array([limit]), 8)
    assert found.counts[0].tolist() == plain(values, edges(limit, 8).tolist())
    assert found.counts.sum() + found.zeros[0] + found.beyond[0] == len(values)


def test_the_largest_is_finite_and_known() -> None:
    values = np.array([1.0, -3.0, np.inf, np.nan, 9.0, 2.0])
    known = np.array([True, True, True, True, False, True])
    assert largest(values, known, [0, 5, 6, 6]).tolist() == [3.0, 2.0, 0.0]
    assert math.isfinite(largest(values, known, [0, 6])[0])
