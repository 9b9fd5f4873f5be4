"""The colour maps: their shape, their evenness, and that no number is shown as another one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from microgpt_studio.theme.colormaps import (
    ZERO,
    Scale,
    ScaleKind,
    argb,
    colors,
    diverging,
    is_light,
    lookup_table,
    sequential,
)
from microgpt_studio.theme.palette import DARK, LIGHT, Palette

SIGNED, UNSIGNED = ScaleKind.SIGNED, ScaleKind.UNSIGNED
both = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)

# Machado, Oliveira, Fernandes (2009): full dichromacy, in linear RGB.
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)


def linear(table: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Linear RGB (n, 3) of ARGB32 (n,)."""
    channels = np.stack([table >> 16 & 255, table >> 8 & 255, table & 255], axis=-1) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """OKLab (n, 3) of linear RGB (n, 3), written out as its author does."""
    r, g, b = rgb.T
    long = np.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = np.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = np.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return np.stack(
        [
            0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
            1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
            0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
        ],
        axis=-1,
    )


def distances(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linalg.norm(np.diff(lab, axis=0), axis=-1)


@both
class TestTables:
    def test_shape(self, palette: Palette) -> None:
        for table in (diverging(palette), sequential(palette)):
            assert table.shape == (256,)
            assert table.dtype == np.uint32
            assert not table.flags.writeable
            assert (table >> 24 == 255).all()

    def test_centre_and_ends_are_the_roles(self, palette: Palette) -> None:
        signed, unsigned = diverging(palette), sequential(palette)
        assert signed[ZERO] == unsigned[0] == argb(palette.neutral)
        assert signed[0] == signed[1] == argb(palette.negative)
        assert signed[255] == argb(palette.positive)
        assert unsigned[255] == argb(palette.unsigned)

    def test_lookup_table_by_kind(self, palette: Palette) -> None:
        assert lookup_table(SIGNED, palette) is diverging(palette)
        assert lookup_table(UNSIGNED, palette) is sequential(palette)

    def test_steps_look_equally_large(self, palette: Palette) -> None:
        # Differences over 16 entries, because rounding to 8 bits makes single steps uneven.
        signed, unsigned = oklab(linear(diverging(palette))), oklab(linear(sequential(palette)))
        for arm in (signed[1:ZERO][::-1], signed[ZERO + 1 :], unsigned[1:]):
            steps = distances(arm[::16])
            assert steps.max() / steps.min() < 1.15

    def test_arms_are_equally_long(self, palette: Palette) -> None:
        lab = oklab(linear(diverging(palette)))
        below = np.linalg.norm(lab[1] - lab[ZERO])
        above = np.linalg.norm(lab[255] - lab[ZERO])
        assert max(below, above) / min(below, above) < 1.2

    def test_lightness_runs_one_way_from_zero(self, palette: Palette) -> None:
        direction = 1.0 if palette is DARK else -1.0
        signed = oklab(linear(diverging(palette)))[:, 0]
        unsigned = oklab(linear(sequential(palette)))[:, 0]
        for arm in (signed[1 : ZERO + 1][::-1], signed[ZERO:], unsigned):
            assert (direction * np.diff(arm[::4]) > 0).all()

    @pytest.mark.parametrize("blindness", [PROTANOPIA, DEUTERANOPIA], ids=["protanopia", "deuteranopia"])
    @pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
    def test_signs_differ_for_color_blind_eyes(
        self, palette: Palette, blindness: NDArray[np.float64], share: float
    ) -> None:
        table = diverging(palette)
        pair = np.array([table[ZERO - round(127 * share)], table[ZERO + round(127 * share)]])
        lab = oklab(np.clip(linear(pair) @ blindness.T, 0, 1))
        assert np.linalg.norm(lab[0] - lab[1]) > 0.2 * share + 0.02

    def test_numbers_are_readable_upon_every_color(self, palette: Palette) -> None:
        for table in (diverging(palette), sequential(palette), np.array([argb(palette.nonfinite)])):
            luminance = linear(table) @ [0.2126, 0.7152, 0.0722]
            contrast = np.where(is_light(table), (luminance + 0.05) / 0.05, 1.05 / (luminance + 0.05))
            assert contrast.min() >= 4.5


class TestScale:
    def test_fit_takes_the_largest_finite_magnitude(self) -> None:
        scale = Scale.fit([1.0, -3.0, math.nan, math.inf, -math.inf], SIGNED, symlog=True)
        assert scale == Scale(SIGNED, 3.0, symlog=True)

    @pytest.mark.parametrize("values", [[], [math.nan, math.inf], [0.0, -0.0]])
    def test_fit_of_nothing_is_limit_zero(self, values: list[float]) -> None:
        assert Scale.fit(values, UNSIGNED).limit == 0.0

    @pytest.mark.parametrize("limit", [-1.0, math.nan, math.inf])
    def test_limit_is_checked(self, limit: float) -> None:
        with pytest.raises(ValueError, match="finite and not negative"):
            Scale(SIGNED, limit)

    @given(
        st.floats(-1.0, 1.0).filter(lambda p: p == 0 or abs(p) > 1e-6),
        st.floats(1e-100, 1e100),
        st.booleans(),
    )
    def test_value_at_is_the_inverse_of_positions(self, position: float, limit: float, symlog: bool) -> None:
        scale = Scale(SIGNED, limit, symlog)
        assert scale.positions(scale.value_at(position)) == pytest.approx(position, abs=1e-9)

    @given(st.lists(st.floats(), min_size=1), st.floats(0.0, allow_infinity=False), st.booleans())
    def test_positions_stay_in_range_and_keep_the_sign(self, values: list[float], limit: float, symlog: bool) -> None:
        positions = Scale(SIGNED, limit, symlog).positions(values)
        numbers = ~np.isnan(values)
        assert (np.abs(positions[numbers]) <= 1.0).all()
        assert (np.isnan(positions) == ~numbers).all()
        assert (positions[numbers] * np.sign(np.array(values)[numbers]) >= 0).all()

    def test_symlog_lifts_small_numbers(self) -> None:
        linear_place, log_place = (Scale(SIGNED, 1.0, symlog).positions(-1e-3) for symlog in (False, True))
        assert linear_place == pytest.approx(-1e-3)
        assert log_place == pytest.approx(-math.log(2) / math.log(1001))


@both
class TestColors:
    def test_known_places(self, palette: Palette) -> None:
        shown = colors([[-2.0, -1.0, 0.0], [-0.0, 1.0, 2.0]], Scale(SIGNED, 1.0), palette)
        negative, neutral, positive = argb(palette.negative), argb(palette.neutral), argb(palette.positive)
        assert shown.tolist() == [[negative, negative, neutral], [neutral, positive, positive]]
        assert shown.dtype == np.uint32

    @pytest.mark.parametrize("kind", list(ScaleKind))
    @pytest.mark.parametrize("symlog", [False, True])
    def test_only_zero_has_the_color_of_zero(self, palette: Palette, kind: ScaleKind, symlog: bool) -> None:
        tiny = colors([0.0, 5e-324, 1e-300, 1e-9], Scale(kind, 1e3, symlog), palette)
        assert tiny[0] == argb(palette.neutral)
        # 5e-324 / 1e3 underflows to 0: even then it is not shown as 0.
        assert (tiny[1:] != tiny[0]).all()

    def test_not_finite_is_marked(self, palette: Palette) -> None:
        for kind in ScaleKind:
            shown = colors([math.nan, math.inf, -math.inf], Scale(kind, 1.0), palette)
            assert (shown == argb(palette.nonfinite)).all()
            assert argb(palette.nonfinite) not in lookup_table(kind, palette)

    def test_limit_zero(self, palette: Palette) -> None:
        shown = colors([0.0, 1e-300, -1e-300], Scale(SIGNED, 0.0), palette)
        assert shown.tolist() == [argb(palette.neutral), argb(palette.positive), argb(palette.negative)]

    def test_negative_on_an_unsigned_scale_is_zero(self, palette: Palette) -> None:
        assert colors([-1.0], Scale(UNSIGNED, 1.0), palette)[0] == argb(palette.neutral)

    @pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 4), (2, 3, 4)])
    def test_shape_is_kept(self, palette: Palette, shape: tuple[int, ...]) -> None:
        assert colors(np.ones(shape), Scale(SIGNED, 1.0), palette).shape == shape

    def test_extremes_do_not_warn(self, palette: Palette) -> None:
        extremes = [1.7e308, -1.7e308, 5e-324, -5e-324, 0.0, math.nan, math.inf]
        for limit in (5e-324, 1.0, 1.7e308):
            for symlog in (False, True):
                for kind in ScaleKind:
                    assert colors(extremes, Scale(kind, limit, symlog), palette).shape == (7,)

    def test_larger_is_never_shown_as_smaller(self, palette: Palette) -> None:
        values = np.linspace(-1.5, 1.5, 1001)
        table = diverging(palette).tolist()
        for symlog in (False, True):
            shown = colors(values, Scale(SIGNED, 1.0, symlog), palette)
            places = [table.index(pixel) for pixel in shown.tolist()]
            assert places == sorted(places)
