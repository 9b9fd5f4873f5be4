"""The colours of code are readable on every ground they stand on."""

from dataclasses import astuple

import pytest

from microgpt_studio.theme.palette import DARK, LIGHT, Palette
from microgpt_studio.theme.syntax import syntax_colors


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda colors: colors.name)
@pytest.mark.parametrize("ground", ["surface", "selected"])
def test_contrast(colors: Palette, ground: str) -> None:
    for color in astuple(syntax_colors(colors)):
        assert contrast(color, getattr(colors, ground)) >= 4.5


def test_kinds_differ() -> None:
    for colors in (LIGHT, DARK):
        assert len({colors.text, *astuple(syntax_colors(colors))}) == 7
