"""Statistics equal those that a plain loop takes."""

from __future__ import annotations

import math

import numpy as np

from microgpt_studio.debugger.matrix_statistics import Statistics, statistics


def plain(values: list[float], known: list[bool]) -> Statistics:
    shown = [x for x, there in zip(values, known, strict=True) if there]
    square = 0.0
    for x in shown:
        square += x * x
    numbers = [x for x in shown if not math.isnan(x)]
    return Statistics(
        len(values),
        len(shown),
        min(numbers, default=math.nan),
        max(numbers, default=math.nan),
        math.sqrt(square),
        sum(x == 0 for x in shown),
        sum(not math.isfinite(x) for x in shown),
    )


def same(one: Statistics, other: Statistics) -> bool:
    fields = Statistics.__slots__
    return all(repr(getattr(one, field)) == repr(getattr(other, field)) for field in fields)


def test_each_matrix_is_counted_by_itself() -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(size=1000)
    values[rng.random(1000) < 0.2] = 0.0
    values[500], values[501], values[502] = np.nan, np.inf, -np.inf
    known = rng.random(1000) < 0.8
    known[500:503] = True
    known[900:] = False
    starts = [0, 1, 300, 300, 700, 900, 1000]
    found = statistics(values, known, starts)
    assert len(found) == 6
    for one, start, stop in zip(found, starts, starts[1:], strict=False):
        assert same(one, plain(values[start:stop].tolist(), known[start:stop].tolist()))
    assert found[3].nonfinite == 3
    assert math.isnan(found[5].low)
    assert math.isnan(found[5].share_of_zeros)


def test_the_norm_is_added_up_in_the_order_of_the_numbers() -> None:
    values = np.array([1e8, 1.0, 1e-8, 1.0, 1e8] * 50)
    total = 0.0
    for x in values.tolist():
        total += x * x
    (one,) = statistics(values, np.ones(len(values), dtype=np.bool_), [0, len(values)])
    assert one.norm == math.sqrt(total)


def test_the_share_of_zeros_is_of_the_known_numbers() -> None:
    values, known = np.array([0.0, -0.0, 1.0, 0.0]), np.array([True, True, True, False])
    (one,) = statistics(values, known, [0, 4])
    assert (one.zeros, one.known, one.share_of_zeros) == (2, 3, 2 / 3)
