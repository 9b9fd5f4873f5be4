"""Applying a theme dresses what exists and what comes, and can be done again and again."""

import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from microgpt_studio.theme import DARK, LIGHT, Theme, current_theme
from microgpt_studio.theme.style_sheet import style_sheet

Dress = Callable[..., Theme]


def test_current_theme_is_the_one_applied(dress: Dress) -> None:
    assert dress("light", 1.25) == current_theme() == Theme(LIGHT, 1.25)
    assert dress("dark") == current_theme() == Theme(DARK, 1.0)


def test_application_gets_palette_and_font(dress: Dress, qapp: QApplication) -> None:
    theme = dress("light", 2.0)
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.surface)
    assert qapp.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text) == QColor(LIGHT.faint)
    assert qapp.font().pixelSize() == theme.text_font().pixelSize() == 26
    assert theme.number_font(11).pixelSize() == 22
    assert theme.scaled(8) == 16


def test_switch_restyles_living_widgets(dress: Dress, qtbot: QtBot) -> None:
    dress("dark")
    button = QPushButton("Step")
    qtbot.addWidget(button)
    button.resize(80, 40)
    small = button.sizeHint()
    assert button.grab().toImage().pixelColor(8, 8) == QColor(DARK.raised)
    dress("light", 2.0)
    assert button.grab().toImage().pixelColor(8, 8) == QColor(LIGHT.raised)
    assert button.sizeHint().height() > small.height()


@pytest.mark.parametrize("scale", [0.0, -1.0, 0.49, 4.01, float("nan")])
def test_text_scale_is_checked_before_anything_changes(dress: Dress, scale: float) -> None:
    before = dress("dark")
    with pytest.raises(ValueError, match=r"from 0\.5 to 4"):
        dress("light", scale)
    assert current_theme() == before


def test_unknown_theme_changes_nothing(dress: Dress) -> None:
    before = dress("dark")
    with pytest.raises(ValueError, match="no theme 'blue'"):
        dress("blue")
    assert current_theme() == before


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
def test_style_sheet_takes_every_color_from_the_palette(palette: object) -> None:
    sheet = style_sheet(palette, 1.5)  # type: ignore[arg-type]
    roles = {getattr(palette, name) for name in palette.__dataclass_fields__}  # type: ignore[attr-defined]
    assert set(re.findall("#[0-9a-fA-F]{3,8}", sheet.replace("#centralwidget", ""))) <= roles
    assert "$" not in sheet
    assert "gradient" not in sheet


def test_switch_scales_the_titles_of_docks(dress: Dress, qtbot: QtBot) -> None:
    dress("dark")
    window = QMainWindow()
    qtbot.addWidget(window)
    dock = QDockWidget("IIIIIIII", window)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    window.resize(400, 200)
    narrow = title_width(dock)
    dress("dark", 2.0)
    assert title_width(dock) > 1.6 * narrow


def title_width(dock: QDockWidget) -> int:
    """Pixels from the first to the last letter of the title."""
    picture = dock.grab(QRect(0, 0, 200, 24)).toImage()
    letters = [
        x for x in range(200) if any(picture.pixelColor(x, y).lightness() > 120 for y in range(10, picture.height()))
    ]
    return letters[-1] - letters[0]
