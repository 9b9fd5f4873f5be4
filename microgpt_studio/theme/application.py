"""Dresses the application: Fusion, palette, font and style sheet from one Theme, switchable while it runs."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from microgpt_studio.theme.fonts import BODY, load_fonts, number_font, text_font
from microgpt_studio.theme.palette import DARK, Palette, ThemeName, palette
from microgpt_studio.theme.style_sheet import style_sheet


@dataclass(frozen=True, slots=True)
class Theme:
    """What a widget needs to draw itself: colours, and how large text is."""

    palette: Palette
    text_scale: float = 1.0

    def text_font(self, size: int = BODY, *, bold: bool = False) -> QFont:
        """The text face at `size` pixels times the text scale."""
        return text_font(self.text_scale, size=size, bold=bold)

    def number_font(self, size: int = BODY, *, bold: bool = False) -> QFont:
        """The monospaced face at `size` pixels times the text scale."""
        return number_font(self.text_scale, size=size, bold=bold)

    def scaled(self, pixels: float) -> int:
        """A length that belongs to text (padding, line height), times the text scale."""
        return round(pixels * self.text_scale)


_current = [Theme(DARK)]


def current_theme() -> Theme:
    """The theme applied last; the dark one before any. Painters ask at paint time and keep nothing."""
    return _current[0]


def apply_theme(app: QApplication, name: ThemeName, text_scale: float = 1.0) -> Theme:
    """Restyle every widget of the running application, now and later; `text_scale` within 0.5 … 4."""
    if not 0.5 <= text_scale <= 4.0:
        raise ValueError(f"The text scale is a factor from 0.5 to 4, not {text_scale!r}.")
    theme = Theme(palette(name), text_scale)
    load_fonts()
    _current[0] = theme  # before Qt tells the widgets, because they ask for it when told
    if app.property("microgptFusion") is None:
        app.setStyle("Fusion")
        app.setProperty("microgptFusion", True)
    app.setFont(theme.text_font())
    app.setPalette(_qt_palette(theme.palette))
    app.setStyleSheet(style_sheet(theme.palette, text_scale))
    return theme


def _qt_palette(colors: Palette) -> QPalette:
    role = QPalette.ColorRole
    roles = {
        role.Window: colors.surface,
        role.WindowText: colors.text,
        role.Base: colors.surface,
        role.AlternateBase: colors.window,
        role.Text: colors.text,
        role.PlaceholderText: colors.faint,
        role.Button: colors.raised,
        role.ButtonText: colors.text,
        role.BrightText: colors.text,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.Highlight: colors.selected,
        role.HighlightedText: colors.text,
        role.Accent: colors.accent,
        role.Link: colors.text,
        role.LinkVisited: colors.text,
        role.Light: colors.raised,
        role.Midlight: colors.border,
        role.Mid: colors.border,
        role.Dark: colors.border,
        role.Shadow: colors.window,
    }
    result = QPalette()
    for qt_role, color in roles.items():
        result.setColor(qt_role, QColor(color))
    for qt_role in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, qt_role, QColor(colors.faint))
    return result
