"""The Stream panel: the residual stream from stage to stage, and what each stage would predict."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets import EmptyState


class StreamPanel(Panel):
    """Shows the residual stream from stage to stage, and what each stage would predict."""

    name = "stream"
    title = "Stream"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(EmptyState("No session yet. The residual stream appears with the first update.", self))
