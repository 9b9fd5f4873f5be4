"""The vertical axis: where values lie on it, and which numbers are written beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from microgpt_studio.debugger.health_figures import Figure, Kind
from microgpt_studio.debugger.health_ranges import Mark, Usual
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.health.readings import Reading
from microgpt_studio.panels.health.vertical import Vertical


def reading(kind: Kind, past: list[float], value: float = math.nan, limits: Usual | None = None) -> Reading:
    numbers = np.array(past)
    reach = np.where(np.isnan(numbers), np.uint8(Reach.NOT_COMPUTED), np.uint8(Reach.KNOWN))
    known = Reach.NOT_COMPUTED if math.isnan(value) else Reach.KNOWN
    return Reading(Figure(kind, "x", 0), "x", value, known, 1, limits or Usual(), Mark.NONE, numbers, reach)


def test_a_share_has_all_from_0_to_1_unless_it_is_fitted():
    whole = Vertical.of(reading(Kind.ENTROPY, [0.9, 0.92]), fitted=False)
    assert whole.share(0.0) == pytest.approx(1 - whole.share(1.0))
    assert 0.0 < whole.share(0.0) < whole.share(1.0) < 1.0
    fitted = Vertical.of(reading(Kind.ENTROPY, [0.9, 0.92]), fitted=True)
    assert fitted.share(0.9) < 0.2
    assert fitted.share(0.92) > 0.8


def test_the_ratio_is_logarithmic_and_shows_its_range():
    vertical = Vertical.of(reading(Kind.UPDATE, [0.02, 0.03], limits=Usual(1e-4, 1e-2)), fitted=False)
    assert vertical.is_log
    shares = vertical.shares(np.array([1e-4, 1e-3, 1e-2]))
    assert np.diff(shares) == pytest.approx([shares[1] - shares[0]] * 2)
    assert ((shares >= 0.0) & (shares <= 1.0)).all()


@pytest.mark.parametrize(("past", "is_log"), [([1.0, 5.0], False), ([0.1, 5.0], True)])
def test_gradients_are_logarithmic_where_they_cover_a_decade(past, is_log):
    assert Vertical.of(reading(Kind.GRADIENT, past), fitted=False).is_log is is_log


def test_zero_is_below_a_logarithmic_axis():
    vertical = Vertical.of(reading(Kind.GRADIENT, [0.0, 0.1, 5.0]), fitted=False)
    assert vertical.share(0.0) == -math.inf
    assert math.isnan(vertical.shares(np.array([math.nan]))[0])


def test_the_present_value_is_on_the_axis():
    vertical = Vertical.of(reading(Kind.STREAM, [4.0, 5.0], value=9.0), fitted=False)
    assert 0.0 <= vertical.share(9.0) <= 1.0


def test_infinities_are_outside():
    vertical = Vertical.of(reading(Kind.STREAM, [4.0, 5.0, math.inf]), fitted=False)
    assert vertical.share(math.inf) == math.inf
    assert vertical.shares(np.array([math.inf]))[0] == math.inf


def test_powers_of_ten_are_written_out():
    vertical = Vertical.of(reading(Kind.UPDATE, [0.02], limits=Usual(1e-4, 1e-2)), fitted=True)
    assert [(tick.value, tick.text) for tick in vertical.ticks(10)] == [
        (1e-4, "0.0001"),
        (1e-3, "0.001"),
        (1e-2, "0.01"),
    ]
    assert len(vertical.ticks(2)) == 2


def test_an_axis_of_nothing():
    vertical = Vertical.of(reading(Kind.GRADIENT, []), fitted=True)
    assert not vertical.is_log
    assert vertical.ticks(4) == []


@pytest.mark.parametrize("kind", [Kind.DEAD, Kind.GRADIENT, Kind.STREAM])
def test_an_axis_over_zeros_begins_at_zero(kind):
    vertical = Vertical.of(reading(kind, [0.0, 0.0], 0.0), fitted=True)
    assert next(tick.text for tick in vertical.ticks(3)) == "0"
    assert vertical.share(1.0) < 1.0
