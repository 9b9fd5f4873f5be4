"""The Probe panel: what the model makes of any text, without training on it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets import EmptyState


class ProbePanel(Panel):
    """Shows what the model makes of any text, without training on it."""

    name = "probe"
    title = "Probe"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(EmptyState("No session yet. Type a text to see what the model makes of it.", self))
