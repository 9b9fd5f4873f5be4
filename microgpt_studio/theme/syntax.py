"""The colours of code, for each palette; readable on the surface and on the bands that mark lines."""

from dataclasses import dataclass

from microgpt_studio.theme.palette import Palette


@dataclass(frozen=True, slots=True)
class SyntaxColors:
    """What code is made of, as "#rrggbb" strings; all else has the palette's text colour."""

    keyword: str
    definition: str  # the name of a class or function where it is defined
    builtin: str
    string: str
    number: str
    comment: str  # docstrings too: both speak about the code


_COLORS = {
    "light": SyntaxColors(
        keyword="#7b2f92",
        definition="#0b5a63",
        builtin="#5546a8",
        string="#2c6327",
        number="#17569b",
        comment="#59616b",
    ),
    "dark": SyntaxColors(
        keyword="#d0aef5",
        definition="#78d4d8",
        builtin="#b9b4f7",
        string="#a3d18f",
        number="#8fc0f5",
        comment="#a7aeb8",
    ),
}


def syntax_colors(palette: Palette) -> SyntaxColors:
    """The colours that go with a palette."""
    return _COLORS[palette.name]
