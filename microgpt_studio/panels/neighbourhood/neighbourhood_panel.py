"""The Neighbourhood panel: the selected scalar with its operands and consumers."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets import EmptyState


class NeighbourhoodPanel(Panel):
    """Shows the selected scalar with its operands and consumers."""

    name = "neighbourhood"
    title = "Neighbourhood"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(EmptyState("Select a scalar to see what it is made from and what uses it.", self))
