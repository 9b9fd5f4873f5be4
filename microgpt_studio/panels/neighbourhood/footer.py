"""The neighbourhood's footer: what is drawn, what went wrong, and what colours and signs stand for."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.widgets.color_scale import ColorScale
from microgpt_studio.widgets.sentence import Sentence

SIGNS = "∂ local derivative · ∂·g contribution: ∂ × the consumer's grad · ◂2 16▸ operands and consumers not drawn"


class Footer(QWidget):
    """Two sentences at the left, the legends at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = Sentence(self)
        self.signs = Sentence(self)
        self.signs.say(SIGNS)
        self.data = ColorScale(self)
        self.data.set_quantity("data")
        self.grad = ColorScale(self)
        self.grad.set_quantity("grad, ∂·g")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(16)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.status)
        column.addWidget(self.signs)
        row.addLayout(column, 1)
        row.addWidget(self.data)
        row.addWidget(self.grad)

    def show_scales(self, figures: Figures) -> None:
        """What the colours stand for."""
        self.data.set_scale(figures.data_scale)
        self.grad.set_scale(figures.grad_scale)
