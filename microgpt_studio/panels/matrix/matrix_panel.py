"""The Matrix panel: every edge of the graph as a dot at (operand, consumer)."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.panels.panel import Panel
from microgpt_studio.widgets import EmptyState


class MatrixPanel(Panel):
    """Shows every edge of the graph as a dot at (operand, consumer)."""

    name = "matrix"
    title = "Matrix"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(EmptyState("No session yet. The matrix appears when a program has been recorded.", self))
