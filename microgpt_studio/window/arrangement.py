"""The arrangement: where the panels' docks stand by default, and how they stood when the window was last closed."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from microgpt_studio.theme.palette import ThemeName

_VERSION = 1  # of the set of docks; another one's layout is not restored

# The columns and rows of the default layout, as shares of the window.
_RIGHT = 0.25  # inspector and optimizer
_BOTTOM = 0.28  # document, parameters, attention, samples
_LOSS = 0.135
_BOTTOM_ROW = {"document": 0.25, "parameters": 0.32, "attention": 0.24, "samples": 0.19}


def default_settings() -> QSettings:
    """Where the program keeps layout, theme and text size between runs."""
    path = Path(platformdirs.user_config_dir("microgpt-studio")) / "studio.ini"
    return QSettings(str(path), QSettings.Format.IniFormat)


def arrange(window: QMainWindow, docks: dict[str, QDockWidget]) -> None:
    """Every dock in its default place, visible, none floating."""
    left, right, bottom = (
        Qt.DockWidgetArea.LeftDockWidgetArea,
        Qt.DockWidgetArea.RightDockWidgetArea,
        Qt.DockWidgetArea.BottomDockWidgetArea,
    )
    for dock in docks.values():
        if window.dockWidgetArea(dock) != Qt.DockWidgetArea.NoDockWidgetArea:
            dock.setFloating(False)
            window.removeDockWidget(dock)
    window.setCorner(Qt.Corner.BottomLeftCorner, bottom)
    window.setCorner(Qt.Corner.BottomRightCorner, bottom)
    window.addDockWidget(left, docks["graph"])
    window.splitDockWidget(docks["graph"], docks["loss"], Qt.Orientation.Vertical)
    window.addDockWidget(right, docks["inspector"])
    window.splitDockWidget(docks["inspector"], docks["optimizer"], Qt.Orientation.Vertical)
    row = [docks[name] for name in _BOTTOM_ROW]
    window.addDockWidget(bottom, row[0])
    for before, dock in pairwise(row):
        window.splitDockWidget(before, dock, Qt.Orientation.Horizontal)
    for dock in docks.values():
        dock.show()
    _share_out(window, docks)


def _share_out(window: QMainWindow, docks: dict[str, QDockWidget]) -> None:
    width, height = window.width(), window.height() - 110  # menu, tool bar, status bar
    horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    bottom, loss = round(height * _BOTTOM), round(height * _LOSS)
    right = round(width * _RIGHT)
    top = height - bottom
    window.resizeDocks([docks["graph"], docks["inspector"]], [width - right, right], horizontal)
    window.resizeDocks([docks["document"]], [bottom], vertical)
    window.resizeDocks([docks["graph"], docks["loss"]], [top - loss, loss], vertical)
    window.resizeDocks([docks["inspector"], docks["optimizer"]], [top // 2, top - top // 2], vertical)
    names = list(_BOTTOM_ROW)
    window.resizeDocks(
        [docks[name] for name in names], [round(width * _BOTTOM_ROW[name]) for name in names], horizontal
    )


def save(window: QMainWindow, settings: QSettings) -> None:
    """Remember size, place and docks of the window."""
    settings.setValue("geometry", window.saveGeometry())
    settings.setValue("docks", window.saveState(_VERSION))


def restore(window: QMainWindow, settings: QSettings) -> bool:
    """The window as it was left. False where nothing was saved, or not by this version."""
    geometry, docks = settings.value("geometry"), settings.value("docks")
    if not isinstance(geometry, QByteArray) or not isinstance(docks, QByteArray):
        return False
    return window.restoreGeometry(geometry) and window.restoreState(docks, _VERSION)


def saved_looks(settings: QSettings | None) -> tuple[ThemeName, float]:
    """Theme and text size as they were last; dark and 1 at first."""
    if settings is None:
        return "dark", 1.0
    theme: ThemeName = "light" if settings.value("theme") == "light" else "dark"
    text_scale = settings.value("text_scale", 1.0, float)
    return theme, text_scale if isinstance(text_scale, float) and 0.7 <= text_scale <= 2 else 1.0


def save_looks(settings: QSettings, theme: ThemeName, text_scale: float) -> None:
    """Remember theme and text size."""
    settings.setValue("theme", theme)
    settings.setValue("text_scale", text_scale)
