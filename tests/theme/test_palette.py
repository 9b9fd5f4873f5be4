"""The palettes are readable: contrast as WCAG 2 measures it."""

import re
from dataclasses import astuple

import pytest

from microgpt_studio.theme.palette import DARK, LIGHT, Palette, palette


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda colors: colors.name)
class TestContrast:
    @pytest.mark.parametrize("ground", ["window", "surface", "raised", "selected"])
    @pytest.mark.parametrize(
        ("role", "least"), [("text", 7.0), ("muted", 4.5), ("error", 4.5), ("warning", 4.5), ("faint", 3.0)]
    )
    def test_text(self, colors: Palette, ground: str, role: str, least: float) -> None:
        assert contrast(getattr(colors, role), getattr(colors, ground)) >= least

    def test_accent_reads_as_text_and_as_ground(self, colors: Palette) -> None:
        assert contrast(colors.accent, colors.surface) >= 4.5
        assert contrast(colors.accent, colors.accent_text) >= 4.5

    def test_hatching_is_seen(self, colors: Palette) -> None:
        assert contrast(colors.hatch, colors.surface) >= 1.7


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda colors: colors.name)
def test_every_role_is_a_color(colors: Palette) -> None:
    assert all(re.fullmatch("#[0-9a-f]{6}", value) for value in astuple(colors)[1:])


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda colors: colors.name)
def test_marks_upon_cells_differ_from_each_other(colors: Palette) -> None:
    marks = [colors.positive, colors.negative, colors.neutral, colors.unsigned, colors.nonfinite, colors.hatch]
    assert len(set(marks)) == len(marks)


def test_palette_by_name() -> None:
    assert palette("light") is LIGHT
    assert palette("dark") is DARK
    with pytest.raises(ValueError, match=r"'blue'.*'light' and 'dark'"):
        palette("blue")  # type: ignore[arg-type]
