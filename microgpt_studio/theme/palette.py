"""The colour roles, once for light and once for dark; every colour on screen is made from these."""

from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colour roles as "#rrggbb" strings: hashable, ready for style sheets and for `QColor(role)`."""

    name: ThemeName
    window: str  # between the panels: splitters, tool bar, status bar
    surface: str  # what panels draw upon
    raised: str  # buttons, headers, menus, tooltips: one step nearer than the surface
    border: str  # hairlines
    text: str
    muted: str  # secondary text, still fully readable
    faint: str  # disabled text, ticks, guide lines
    accent: str  # selection and cursor, nothing else
    accent_text: str  # text upon the accent
    selected: str  # a wash of the accent under selected rows and text, which keep their colour
    positive: str  # ends and centre of the diverging map
    negative: str
    neutral: str  # zero, in both maps
    unsigned: str  # upper end of the sequential map
    nonfinite: str  # cells that hold NaN or an infinity
    hatch: str  # lines over what is not computed
    warning: str
    error: str
    ink_on_light: str = "#000000"  # numbers upon the colours of the maps
    ink_on_dark: str = "#ffffff"


LIGHT = Palette(
    name="light",
    window="#eceeef",
    surface="#fbfbfa",
    raised="#ffffff",
    border="#d2d6da",
    text="#1c1f24",
    muted="#59616b",
    faint="#737b85",
    accent="#ad5700",
    accent_text="#ffffff",
    selected="#f6e3c8",
    positive="#cf6608",
    negative="#2270bd",
    neutral="#e6e8ea",
    unsigned="#00524e",
    nonfinite="#c026c9",
    hatch="#aab0b8",
    warning="#7d5800",
    error="#b3202c",
)

DARK = Palette(
    name="dark",
    window="#101317",
    surface="#16191e",
    raised="#22272e",
    border="#343b44",
    text="#e6e8eb",
    muted="#a0a7b1",
    faint="#7f8893",
    accent="#f2b544",
    accent_text="#16191e",
    selected="#453718",
    positive="#e67e1a",
    negative="#3690e3",
    neutral="#2a2f37",
    unsigned="#78e3dc",
    nonfinite="#e25be9",
    hatch="#59626e",
    warning="#e0c341",
    error="#ff7a76",
)


def palette(name: ThemeName) -> Palette:
    """The palette of that name; ValueError names the two there are."""
    for candidate in (LIGHT, DARK):
        if candidate.name == name:
            return candidate
    raise ValueError(f"There is no theme {name!r}; there are 'light' and 'dark'.")
