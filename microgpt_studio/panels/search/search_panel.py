"""The Search panel: finds scalars by their addresses and by their numbers."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets import EmptyState


class SearchPanel(Panel):
    """Shows finds scalars by their addresses and by their numbers."""

    name = "search"
    title = "Search"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(EmptyState("No session yet. Any scalar can be found when a program has been recorded.", self))
