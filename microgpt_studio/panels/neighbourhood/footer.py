"""The neighbourhood's footer: what is drawn, what went wrong, and what colours and signs stand for."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.widgets.color_scale import ColorScale
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.sentence import Sentence
from microgpt_studio.widgets.wordings import Wordings

SIGNS = (  # longest wording first
    "∂ local derivative   ∂·g contribution: ∂ × the consumer's grad   ‹2 16› operands and consumers that are not drawn",
    "∂ local derivative   ∂·g contribution: ∂ × the consumer's grad   ‹2 16› not drawn",
    "∂ local derivative   ∂·g contribution   ‹2 16› not drawn",
    "∂ local derivative   ∂·g contribution",
    "∂ derivative   ∂·g contribution",
)


class SteadyScale(ColorScale):
    """A legend that does not become narrower again: its numbers change with every picture, and its place should not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._widest = 0
        super().__init__(parent)

    def theme_changed(self) -> None:
        self._widest = 0

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        self._widest = max(self._widest, size.width())
        return QSize(self._widest, size.height())


class Footer(QWidget):
    """What went wrong, if something did; below it the lines at the left, the legends at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem = Sentence(self)
        self.problem.hide()
        self.lines = Wordings(self, figures=(False, False), width=240)
        self.point()
        self.data = SteadyScale(self)
        self.data.set_quantity("data")
        self.grad = SteadyScale(self)
        self.grad.set_quantity("grad, ∂·g")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 4, 8, 4)
        flow = FlowLayout(across=16)
        box.addWidget(self.problem)
        box.addLayout(flow)
        for widget in (self.lines, self.data, self.grad):
            flow.addWidget(widget)

    def say(self, *wordings: str) -> None:
        """What is drawn, longest wording first."""
        self.lines.say(0, *wordings)

    def point(self, *wordings: str) -> None:
        """What is pointed at, longest wording first; none: what the signs stand for."""
        self.lines.say(1, *(wordings or SIGNS), muted=not wordings)

    def show_problem(self, sentence: str | None) -> None:
        """What went wrong; None for nothing."""
        self.problem.say(sentence or "", error=sentence is not None)
        self.problem.setVisible(sentence is not None)

    def show_scales(self, figures: Figures) -> None:
        """What the colours stand for."""
        self.data.set_scale(figures.data_scale)
        self.grad.set_scale(figures.grad_scale)
