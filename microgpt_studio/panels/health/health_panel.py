"""The Health panel: figures that tell whether training is well, each with its history."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets import EmptyState


class HealthPanel(Panel):
    """Shows figures that tell whether training is well, each with its history."""

    name = "health"
    title = "Health"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(EmptyState("No session yet. The figures appear with the first update.", self))
