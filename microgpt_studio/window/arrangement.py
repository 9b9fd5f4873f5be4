"""The arrangement: where the panels' docks stand by default, and how they stood when the window was last closed."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from microgpt_studio.theme.palette import ThemeName

_VERSION = 4  # of the set of docks; another one's layout is not restored

# The columns and rows of the default layout, as shares of the window.
_LEFT = 0.25  # source
_RIGHT = 0.25  # inspector and optimizer, from top to bottom
_INSPECTOR = 0.52  # of the right column
_BOTTOM = 0.265  # document, parameters, attention, samples: below all but the right column
_LOSS = 0.16
_BOTTOM_ROW = {"document": 0.21, "parameters": 0.3, "attention": 0.255, "samples": 0.235}  # of the row
_TABS = {  # what is in front, and what is behind it
    "graph": ("neighbourhood", "matrix", "stream", "probe", "scalars"),
    "inspector": ("search",),
    "optimizer": ("paths", "breakpoints", "watches"),
    "loss": ("history", "health"),
}


def default_settings() -> QSettings:
    """Where the program keeps layout, theme and text size between runs."""
    path = Path(platformdirs.user_config_dir("microgpt-studio")) / "studio.ini"
    return QSettings(str(path), QSettings.Format.IniFormat)


def default_workspace() -> Path:
    """Where the program keeps breakpoints, watches and bookmarks between runs."""
    return Path(platformdirs.user_data_dir("microgpt-studio")) / "workspace.json"


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
    horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    window.setCorner(Qt.Corner.BottomLeftCorner, bottom)
    window.setCorner(Qt.Corner.BottomRightCorner, right)
    window.addDockWidget(left, docks["source"])
    window.splitDockWidget(docks["source"], docks["graph"], horizontal)
    window.addDockWidget(right, docks["inspector"])
    window.splitDockWidget(docks["inspector"], docks["optimizer"], vertical)
    row = [docks[name] for name in _BOTTOM_ROW]
    window.addDockWidget(bottom, docks["loss"])
    window.splitDockWidget(docks["loss"], row[0], vertical)
    for before, dock in pairwise(row):
        window.splitDockWidget(before, dock, horizontal)
    for front, behind in _TABS.items():
        for name in behind:
            window.tabifyDockWidget(docks[front], docks[name])
    for dock in docks.values():
        dock.show()
    for front in _TABS:
        docks[front].raise_()
    _share_out(window, docks)


def _share_out(window: QMainWindow, docks: dict[str, QDockWidget]) -> None:
    width, height = window.width(), window.height() - 110  # menu, tool bar, status bar
    horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    bottom, loss = round(height * _BOTTOM), round(height * _LOSS)
    left, right = round(width * _LEFT), round(width * _RIGHT)
    top, inspector = height - bottom - loss, round(height * _INSPECTOR)
    window.resizeDocks([docks["graph"], docks["inspector"]], [width - right, right], horizontal)
    window.resizeDocks([docks["source"], docks["graph"]], [left, width - left - right], horizontal)
    window.resizeDocks([docks["loss"], docks["document"]], [loss, bottom], vertical)
    window.resizeDocks([docks["graph"]], [top], vertical)
    window.resizeDocks([docks["inspector"], docks["optimizer"]], [inspector, height - inspector], vertical)
    names = list(_BOTTOM_ROW)
    shares = [round((width - right) * _BOTTOM_ROW[name]) for name in names]
    window.resizeDocks([docks[name] for name in names], shares, horizontal)


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
