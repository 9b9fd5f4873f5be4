"""The order of the Tab key: through all that is in sight of a window, and not into docks behind others.

Qt takes a dock behind another one's tab for visible, and where a panel hands its focus on to its view, it would begin
with that panel again and again.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QWidget


def next_in_order(window: QWidget, start: QWidget, *, forward: bool) -> QWidget | None:
    """What the Tab key leads to from a widget of a window, or Shift and Tab; None where there is nothing else."""
    every = window.findChildren(QWidget)  # each before its children, and these as they were made
    place = every.index(start) if start in every else -1
    others = [*every[place + 1 :], *every[: max(place, 0)]]
    return next((widget for widget in (others if forward else reversed(others)) if _takes_focus(widget, window)), None)


def _takes_focus(widget: QWidget, window: QWidget) -> bool:
    by_tab = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
    if not by_tab or widget.focusProxy() is not None or not widget.isEnabled() or not widget.isVisibleTo(window):
        return False
    if widget.window() is not window:  # a dialog's, or a dock's that floats
        return False
    around: QWidget | None = widget
    while around is not None and not isinstance(around, QDockWidget):
        around = around.parentWidget()
    return around is None or not around.visibleRegion().isEmpty()
