"""Numbers as text: what is printed reads back, and nothing but zero reads 0."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt_studio.widgets.number_text import fitted, full, short

numbers = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0569, "0.05690"),
        (-1.234e-05, "-1.234e-05"),
        (12.3456, "12.35"),
        (1.0, "1.000"),
        (1234.4, "1234"),
        (9999.6, "1.000e+04"),
        (123456.0, "1.235e+05"),
        (0.00012345, "0.0001234"),
        (0.0, "0"),
        (-0.0, "-0"),
        (5e-324, "4.941e-324"),
        (math.nan, "nan"),
        (-math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_short(x: float, text: str) -> None:
    assert short(x) == text


@given(numbers)
def test_short_has_four_correct_digits(x: float) -> None:
    if abs(x) < 1.79e308:  # above, four digits may round past the largest float
        assert float(short(x)) == pytest.approx(x, rel=5.1e-4, abs=0)
    assert len(short(x)) <= 11


@given(numbers)
def test_only_zero_reads_zero_and_the_sign_is_kept(x: float) -> None:
    assert (short(x).lstrip("-") == "0") == (x == 0)
    assert short(x).startswith("-") == (math.copysign(1.0, x) < 0)


@given(st.floats(), st.integers(7, 12))
def test_fitted_fits_and_only_drops_digits(x: float, width: int) -> None:
    text = fitted(x, width)
    assert len(text) <= width
    assert text in {short(x, digits) for digits in range(1, 5)}


def test_fitted_gives_up_honestly() -> None:
    assert fitted(-1e-100, 6) == "…"
    assert fitted(-0.1234, 7) == "-0.1234"


@given(st.floats(allow_nan=False))
def test_full_reads_back(x: float) -> None:
    assert float(full(x)) == x
    assert full(np.float64(x)) == repr(x)
