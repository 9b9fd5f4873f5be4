"""The axis: shares of the way and back, and ticks that tell numbers apart."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt_studio.theme.colormaps import Scale, ScaleKind
from microgpt_studio.widgets.axis import Axis, figures, round_places

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(FINITE, min_size=1, max_size=20), st.booleans())
def test_every_finite_value_is_on_the_axis(values, symlog):
    axis = Axis.over(np.array([nan, inf, *values]), symlog=symlog)
    assert np.isfinite([axis.low, axis.high]).all() and axis.low < axis.high
    inside = np.clip(values, -8e307, 8e307)
    shares = axis.shares(inside)
    assert ((shares >= -1e-9) & (shares <= 1 + 1e-9)).all()
    ticks = axis.ticks(5.0)
    assert len(ticks) <= 12
    assert all(tick.text for tick in ticks)


@pytest.mark.parametrize("limit", [None, 0.02])
def test_a_share_leads_back_to_its_value(limit):
    axis = Axis(-0.01, 0.02, limit)
    for value in (-0.01, -1e-5, 0.0, 1e-7, 0.003, 0.02):
        assert axis.value(axis.share(value)) == pytest.approx(value, abs=1e-15)
    assert np.isnan(axis.shares(np.array([nan]))).all()


def test_a_symmetric_logarithmic_axis_is_that_of_the_colour_scale():
    axis, scale = Axis(-2.0, 2.0, 2.0), Scale(ScaleKind.SIGNED, 2.0, symlog=True)
    values = np.array([-2.0, -0.1, -1e-5, 0.0, 1e-3, 0.5, 2.0])
    assert 2 * axis.shares(values) - 1 == pytest.approx(scale.positions(values))


def test_zero_is_on_the_axis_where_it_is_near():
    assert Axis.over(np.array([1.0, 4.0])).low <= 0.0
    assert Axis.over(np.array([-4.0, -1.0])).high >= 0.0
    assert Axis.over(np.array([3.0, 4.0])).low > 2.5


def test_one_value_has_an_axis_around_it():
    axis = Axis.over(np.array([0.5, 0.5]))
    assert axis.low < 0.5 < axis.high and len({tick.text for tick in axis.ticks(4.0)}) > 1


@pytest.mark.parametrize(
    "low, high, most, texts",
    [
        (-0.11, 0.14, 4, ["-0.1", "0", "0.1"]),
        (0.0, 0.0042, 4, ["0", "0.002", "0.004"]),
        (-2.3e-5, 2.1e-5, 5, ["-2e-05", "-1e-05", "0", "1e-05", "2e-05"]),
        (0.12341, 0.12349, 4, ["0.12342", "0.12344", "0.12346", "0.12348"]),
        (0.0, 250_000.0, 3, ["0", "1e+05", "2e+05"]),
    ],
)
def test_ticks_are_round_and_told_apart(low, high, most, texts):
    assert [tick.text for tick in Axis(low, high).ticks(most)] == texts


def test_one_tick_alone_would_tell_no_scale():
    for most in (0.5, 1.0, 2.0, 2.3):
        assert len(Axis(-0.082, 0.049).ticks(most)) >= 2


def test_the_ticks_of_a_logarithmic_axis_are_powers_of_ten():
    axis = Axis(-0.5, 2.0, 2.0)
    assert [tick.text for tick in axis.ticks(12.0)] == ["-1e-01", "-1e-02", "0", "1e-02", "1e-01", "1e+00"]
    assert [tick.value for tick in axis.ticks(3.0)] == [0.0, 1.0]
    assert [tick.value for tick in Axis(1.2, 1.4, 2.0).ticks(4.0)] == pytest.approx([1.2, 1.25, 1.3, 1.35, 1.4])


def test_round_places_keep_their_least_distance():
    assert round_places(0.0, 3.0, 100, 1.0) == ([0.0, 1.0, 2.0, 3.0], 1.0)
    assert figures([0.0, 0.0], 1.0) == ["0", "0"]
