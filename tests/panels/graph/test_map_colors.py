"""Colours: what the ends of the scale stand for, kept or fitted."""

import numpy as np
import pytest

from microgpt.program.program import Program
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.graph.map_colors import Limits, Norm, Numbers, Quantity, element_colors
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.theme import DARK
from microgpt_studio.theme.colormaps import ZERO, argb, diverging


@pytest.fixture(scope="module")
def layout(program: Program) -> MapLayout:
    return MapLayout(program)


def some_numbers(layout: MapLayout, size: float = 1.0) -> Numbers:
    values = np.random.default_rng(1).normal(size=len(layout.row_of)) * size
    return Numbers(values, np.full(len(values), Reach.KNOWN, dtype=np.uint8))


def test_a_row_ends_at_its_largest_absolute_value(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    limits = Limits(layout).of(numbers, Quantity.DATA, Norm.ROW, 1)
    for row in range(len(layout.rows) - 2):
        assert limits[row] == np.abs(numbers.values[layout.row_of == row]).max()
    assert limits[-2] == limits[-1] == np.abs(numbers.values[layout.row_of >= len(layout.rows) - 2]).max()


def test_the_graph_ends_at_the_largest_of_all(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    limits = Limits(layout).of(numbers, Quantity.DATA, Norm.GRAPH, 1)
    assert set(limits.tolist()) == {np.abs(numbers.values[layout.row_of >= 0]).max()}


def test_only_known_finite_numbers_count(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    first, second, third = np.flatnonzero(layout.row_of == 0)[:3]
    numbers.values[[first, second, third]] = 100.0, np.nan, np.inf
    numbers.reach[first] = Reach.OUTSIDE
    limits = Limits(layout).of(numbers, Quantity.DATA, Norm.ROW, 1)
    assert 0 < limits[0] < 100
    numbers.reach[:] = Reach.NOT_COMPUTED
    assert np.isnan(Limits(layout).of(numbers, Quantity.DATA, Norm.GRAPH, 1)).all()


def test_a_lock_keeps_the_first_limits(layout: MapLayout) -> None:
    limits = Limits(layout)
    limits.set_locked(True)
    small, large = some_numbers(layout), some_numbers(layout, 10.0)
    nothing = Numbers(small.values, np.zeros(len(small.values), dtype=np.uint8))
    limits.of(nothing, Quantity.DATA, Norm.ROW, 0)
    assert limits.locked_at(Quantity.DATA) is None  # nothing to keep yet
    first = limits.of(small, Quantity.DATA, Norm.ROW, 3)
    assert limits.of(large, Quantity.DATA, Norm.ROW, 4).tolist() == first.tolist()
    assert limits.of(large, Quantity.DATA, Norm.GRAPH, 4).max() == first.max()
    assert limits.locked_at(Quantity.DATA) == 3
    assert limits.locked_at(Quantity.GRAD) is None
    limits.set_locked(False)
    assert limits.of(large, Quantity.DATA, Norm.ROW, 5).max() > first.max()


def test_colours_are_those_of_the_row_s_scale(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    limits = Limits(layout).of(numbers, Quantity.DATA, Norm.ROW, 1)
    row = np.flatnonzero(layout.row_of == 3)
    largest = row[np.abs(numbers.values[row]).argmax()]
    numbers.values[row[0]] = 0.0
    numbers.values[row[1]] = np.nan
    pixels = element_colors(layout, numbers, limits, DARK, symlog=False)
    table = diverging(DARK)
    assert pixels[largest] == table[255 if numbers.values[largest] > 0 else 1]
    assert pixels[row[0]] == table[ZERO]
    assert pixels[row[1]] == argb(DARK.nonfinite)


def test_numbers_beyond_a_locked_limit_get_its_end(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    tiny = np.full(len(layout.rows), 5e-324)
    pixels = element_colors(layout, numbers, tiny, DARK, symlog=True)
    assert set(pixels[layout.row_of >= 0].tolist()) == {int(diverging(DARK)[1]), int(diverging(DARK)[255])}
