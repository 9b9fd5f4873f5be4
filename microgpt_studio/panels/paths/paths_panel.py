"""The Paths panel: the ways on which gradient flows from the loss to the selected scalar."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets import EmptyState


class PathsPanel(Panel):
    """Shows the ways on which gradient flows from the loss to the selected scalar."""

    name = "paths"
    title = "Paths"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(EmptyState("Select a scalar to see how the loss depends on it.", self))
