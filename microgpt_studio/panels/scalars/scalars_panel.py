"""The Scalars panel: a table of all scalars of a scope with their numbers."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets import EmptyState


class ScalarsPanel(Panel):
    """Shows a table of all scalars of a scope with their numbers."""

    name = "scalars"
    title = "Scalars"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(EmptyState("No session yet. Every scalar is listed when a program has been recorded.", self))
