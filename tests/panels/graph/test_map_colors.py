"""Colours: what the ends of the scale stand for, kept or fitted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.program.program import Program
from microgpt_studio.debugger.cell_numbers import CellNumbers
from microgpt_studio.debugger.contributions import CellContributions
from microgpt_studio.debugger.execution_order import CellOrder
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.debugger.inside_numbers import CellDerivatives
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.graph.map_colors import MEANINGS, Coloring, Limits, Norm, Numbers, Quantity, number_colors
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.theme import DARK, Scale, ScaleKind
from microgpt_studio.theme.colormaps import ZERO, argb, colors, diverging, sequential

ROW, GRAPH = Coloring(norm=Norm.ROW), Coloring(norm=Norm.GRAPH)


@pytest.fixture(scope="module")
def layout(program: Program) -> MapLayout:
    return MapLayout(program, Expressions.of_program(program))


def some_numbers(layout: MapLayout, size: float = 1.0) -> Numbers:
    values = np.random.default_rng(1).normal(size=len(layout.row_of)) * size
    return Numbers(values, np.full(len(values), Reach.KNOWN, dtype=np.uint8))


def test_a_row_and_a_matrix_end_at_their_largest_absolute_value(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    limits = Limits(layout).of(numbers, ROW, 1)
    rows = len(layout.rows)
    assert len(limits) == len(layout.bands) > rows
    for band in [*range(rows - 2), *range(rows, len(layout.bands))]:
        assert limits[band] == np.abs(numbers.values[layout.row_of == band]).max()
    losses = (layout.row_of == rows - 2) | (layout.row_of == rows - 1)
    assert limits[rows - 2] == limits[rows - 1] == np.abs(numbers.values[losses]).max()


def test_the_graph_ends_at_the_largest_of_all(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    limits = Limits(layout).of(numbers, GRAPH, 1)
    assert set(limits.tolist()) == {np.abs(numbers.values).max()}


def test_only_known_finite_numbers_count(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    first, second, third = np.flatnonzero(layout.row_of == 0)[:3]
    numbers.values[[first, second, third]] = 100.0, np.nan, np.inf
    numbers.reach[first] = Reach.OUTSIDE
    limits = Limits(layout).of(numbers, ROW, 1)
    assert 0 < limits[0] < 100
    numbers.reach[:] = Reach.NOT_COMPUTED
    assert np.isnan(Limits(layout).of(numbers, GRAPH, 1)).all()


def test_a_lock_keeps_the_first_limits(layout: MapLayout) -> None:
    limits = Limits(layout)
    limits.set_locked(True)
    small, large = some_numbers(layout), some_numbers(layout, 10.0)
    nothing = Numbers(small.values, np.zeros(len(small.values), dtype=np.uint8))
    limits.of(nothing, ROW, 0)
    assert limits.locked_at(Quantity.DATA) is None  # nothing to keep yet
    first = limits.of(small, ROW, 3)
    assert limits.of(large, ROW, 4).tolist() == first.tolist()
    assert limits.of(large, GRAPH, 4).max() == first.max()
    assert limits.locked_at(Quantity.DATA) == 3
    assert limits.locked_at(Quantity.GRAD) is None
    limits.set_locked(False)
    assert limits.of(large, ROW, 5).max() > first.max()


def test_each_quantity_is_locked_on_its_own(layout: MapLayout) -> None:
    limits = Limits(layout)
    limits.set_locked(True)
    small, large = some_numbers(layout), some_numbers(layout, 10.0)
    limits.of(small, ROW, 3)
    assert limits.of(large, Coloring(Quantity.MAGNITUDE), 5).max() > np.abs(small.values).max()
    assert [limits.locked_at(each) for each in (Quantity.DATA, Quantity.MAGNITUDE)] == [3, 5]


ONE_BAND = np.zeros(1, dtype=np.int32)


def shown_colors(layout: MapLayout, numbers: Numbers, limits: np.ndarray, coloring: Coloring = ROW) -> np.ndarray:
    return number_colors(numbers.values, layout.row_of, limits, coloring, DARK)


def test_colours_are_those_of_the_row_s_scale(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    limits = Limits(layout).of(numbers, ROW, 1)
    row = np.flatnonzero(layout.row_of == 3)
    largest = row[np.abs(numbers.values[row]).argmax()]
    zero, strange = [cell for cell in row if cell != largest][:2]
    numbers.values[zero], numbers.values[strange] = 0.0, np.nan
    pixels = shown_colors(layout, numbers, limits)
    table = diverging(DARK)
    assert pixels[largest] == table[255 if numbers.values[largest] > 0 else 1]
    assert pixels[zero] == table[ZERO]
    assert pixels[strange] == argb(DARK.nonfinite)


def test_numbers_beyond_a_locked_limit_get_its_end(layout: MapLayout) -> None:
    numbers = some_numbers(layout)
    tiny = np.full(len(layout.bands), 5e-324)
    pixels = shown_colors(layout, numbers, tiny, Coloring(symlog=True))
    assert set(pixels.tolist()) == {int(diverging(DARK)[1]), int(diverging(DARK)[255])}


def test_where_nothing_is_known_of_a_row_a_number_still_has_a_colour(layout: MapLayout) -> None:
    pixels = number_colors(np.array([0.0]), ONE_BAND, np.array([np.nan]), ROW, DARK)
    assert pixels.tolist() == [int(diverging(DARK)[ZERO])]


def test_an_unsigned_quantity_begins_at_the_map_s_lower_end() -> None:
    table = sequential(DARK)
    for quantity in (Quantity.MAGNITUDE, Quantity.FORWARD, Quantity.BACKWARD):
        pixels = number_colors(np.array([0.0, 5.0]), np.array([0, 0]), np.array([5.0]), Coloring(quantity), DARK)
        assert pixels.tolist() == [int(table[0]), int(table[-1])]


def test_a_magnitude_is_logarithmic_and_an_order_never() -> None:
    half = np.array([0.5]), ONE_BAND, np.array([1.0])
    logarithmic = {each: Coloring(each, symlog=False).is_logarithmic for each in Quantity}
    assert [each for each, is_so in logarithmic.items() if is_so] == [Quantity.MAGNITUDE]
    chosen = {each: Coloring(each, symlog=True).is_logarithmic for each in Quantity}
    assert [each for each, is_so in chosen.items() if not is_so] == [Quantity.FORWARD, Quantity.BACKWARD]
    order = Coloring(Quantity.FORWARD)
    assert number_colors(*half, order, DARK) != number_colors(*half, Coloring(Quantity.MAGNITUDE), DARK)


def test_every_quantity_has_a_kind_and_a_meaning() -> None:
    signed = [each for each in Quantity if each.kind is ScaleKind.SIGNED]
    assert signed == [Quantity.DATA, Quantity.GRAD, Quantity.DERIVATIVE, Quantity.CONTRIBUTION]
    assert set(MEANINGS) == set(Quantity)
    assert len(set(MEANINGS.values())) == len(Quantity)


def test_what_is_asked_for_a_quantity() -> None:
    for quantity in (Quantity.DATA, Quantity.GRAD, Quantity.MAGNITUDE):
        assert Coloring(quantity, chosen=7).inquiry == CellNumbers()
    assert Coloring(Quantity.DERIVATIVE).inquiry == CellDerivatives()
    assert Coloring(Quantity.CONTRIBUTION, chosen=7).inquiry == CellContributions(7)
    assert Coloring(Quantity.CONTRIBUTION).inquiry == CellNumbers()  # to nothing: no more than is asked anyway
    assert Coloring(Quantity.FORWARD).inquiry == CellOrder(backward=False)
    assert Coloring(Quantity.BACKWARD).inquiry == CellOrder(backward=True)


ANY_NUMBER = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, -0.0, 5e-324, 1e308])


@given(
    st.lists(st.tuples(ANY_NUMBER, st.floats(min_value=0.0, allow_infinity=False) | st.just(np.nan)), min_size=1),
    st.sampled_from([Quantity.DATA, Quantity.FORWARD]),
    st.booleans(),
)
def test_colours_are_those_of_the_colour_maps(
    pairs: list[tuple[float, float]], quantity: Quantity, symlog: bool
) -> None:
    values, limits = np.array(pairs, dtype=np.float64).T.copy()
    coloring = Coloring(quantity, symlog=symlog)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        shares = values / np.where(limits > 0.0, limits, 1.0)
    shares = np.where(np.isfinite(values), np.clip(shares, -1.0, 1.0), values)
    expected = colors(shares, Scale(quantity.kind, 1.0, coloring.is_logarithmic), DARK)
    assert number_colors(values, np.arange(len(values)), limits, coloring, DARK).tolist() == expected.tolist()
