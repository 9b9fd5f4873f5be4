"""The Matrix panel: every edge of the graph as a dot at (operand, consumer)."""

from microgpt_studio.panels.matrix.matrix_panel import MatrixPanel

__all__ = ["MatrixPanel"]
