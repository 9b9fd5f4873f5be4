"""The neighbourhood's footer: what is drawn, what went wrong, and what colours and signs stand for."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from microgpt_studio.panels.neighbourhood.figures import Figures
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.color_scale import ColorScale
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.sentence import Sentence
from microgpt_studio.widgets.themed import ThemedWidget

SIGNS = (  # longest wording first
    "∂ local derivative   ∂·g contribution: ∂ × the consumer's grad   ‹2 16› operands and consumers that are not drawn",
    "∂ local derivative   ∂·g contribution: ∂ × the consumer's grad   ‹2 16› not drawn",
    "∂ local derivative   ∂·g contribution   ‹2 16› not drawn",
    "∂ local derivative   ∂·g contribution",
    "∂ derivative   ∂·g contribution",
)


class Lines(ThemedWidget):
    """What is drawn, and below it what is pointed at, or else the signs; each in the longest wording that fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status: tuple[str, ...] = ()
        self._pointed: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def status(self) -> str:
        """The first line's longest wording."""
        return self._status[0] if self._status else ""

    def say(self, *wordings: str) -> None:
        """Show this in the first line, longest wording first."""
        if wordings != self._status:
            self._status = wordings
            self.setAccessibleName(self.status)
            self.setToolTip(f"{self.status}\n{SIGNS[0]}")
            self.update()

    @property
    def pointed(self) -> str:
        """The longest wording for what is pointed at; empty for nothing."""
        return self._pointed[0] if self._pointed else ""

    def point(self, *wordings: str) -> None:
        """Show what is pointed at in the second line, longest wording first; none: the signs."""
        if wordings != self._pointed:
            self._pointed = wordings
            self.update()

    def sizeHint(self) -> QSize:
        height = QFontMetricsF(current_theme().text_font(SMALL)).height()
        return QSize(current_theme().scaled(240), round(2 * height) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        metrics = QFontMetricsF(painter.font())
        second = (self._pointed, theme.palette.text) if self._pointed else (SIGNS, theme.palette.muted)
        for row, (wordings, color) in enumerate(((self._status, theme.palette.text), second)):
            fitting = (text for text in wordings if metrics.horizontalAdvance(text) <= self.width())
            text = next(fitting, wordings[-1] if wordings else "")
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width())
            painter.setPen(QColor(color))
            painter.drawText(QPointF(0.0, row * (metrics.height() + 2.0) + metrics.ascent()), text)


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
        self.lines = Lines(self)
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

    def show_problem(self, sentence: str | None) -> None:
        """What went wrong; None for nothing."""
        self.problem.say(sentence or "", error=sentence is not None)
        self.problem.setVisible(sentence is not None)

    def show_scales(self, figures: Figures) -> None:
        """What the colours stand for."""
        self.data.set_scale(figures.data_scale)
        self.grad.set_scale(figures.grad_scale)
