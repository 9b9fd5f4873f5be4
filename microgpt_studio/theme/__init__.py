"""How the program looks: colour roles, colour maps, fonts, icons, and the style of the whole application."""

from microgpt_studio.theme.application import Theme, apply_theme, current_theme
from microgpt_studio.theme.colormaps import Scale, ScaleKind
from microgpt_studio.theme.icons import Icon, icon
from microgpt_studio.theme.palette import DARK, LIGHT, Palette, ThemeName

__all__ = [
    "DARK",
    "LIGHT",
    "Icon",
    "Palette",
    "Scale",
    "ScaleKind",
    "Theme",
    "ThemeName",
    "apply_theme",
    "current_theme",
    "icon",
]
