"""The draw of a token: the probabilities side by side in the tokens' order, and where the random number fell."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from microgpt_studio.debugger.sampling import SampleTrace
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.samples.words import fall_text, quoted
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget
from microgpt_studio.widgets.number_text import full, short

_BAR = 16.0  # pixels at text scale 1
_POINTER = 5.0


class DrawBar(ThemedWidget):
    """A bar from 0 to the sum of all probabilities; a pointer at the random number times that sum."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trace: SampleTrace | None = None
        self._step = 0
        self._description: Description | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_step(self, trace: SampleTrace | None, step: int, description: Description | None) -> None:
        """Show this step."""
        self._trace, self._step, self._description = trace, step, description
        self.setAccessibleName(self.text)
        self.update()

    @property
    def text(self) -> str:
        """Where the random number fell, in words and with every digit."""
        if self._trace is None or self._description is None:
            return ""
        return fall_text(self._trace, self._step, self._description)

    @property
    def bar(self) -> QRectF:
        """Where the bar is."""
        return QRectF(0.5, 2.5, max(self.width() - 1.0, 1.0), current_theme().scaled(_BAR))

    def segment(self, token: int) -> QRectF:
        """The part of the bar that belongs to a token."""
        assert self._trace is not None
        sums, bar = self._trace.cumulative[self._step], self.bar
        low = float(sums[token - 1]) if token else 0.0
        scale = bar.width() / float(sums[-1])
        return QRectF(bar.left() + low * scale, bar.top(), (float(sums[token]) - low) * scale, bar.height())

    @property
    def pointer(self) -> float:
        """Where the random number fell, in pixels from the left."""
        assert self._trace is not None
        share = float(self._trace.points[self._step]) / float(self._trace.cumulative[self._step, -1])
        return self.bar.left() + share * self.bar.width()

    def description(self, point: QPointF) -> str:
        """The tooltip: of a part of the bar, or of the random number."""
        trace, step = self._trace, self._step
        if trace is None or self._description is None:
            return ""
        bar = self.bar
        if not bar.contains(point):
            return self.text
        total = float(trace.cumulative[step, -1])
        share = (point.x() - bar.left()) / bar.width() * total
        token = min(int(np.searchsorted(trace.cumulative[step], share, side="right")), trace.probs.shape[1] - 1)
        low = float(trace.cumulative[step, token - 1]) if token else 0.0
        return "\n".join(
            (
                f"{quoted(token, trace, self._description)}  probability {full(float(trace.probs[step, token]))}",
                f"from  {full(low)}",
                f"up to  {full(float(trace.cumulative[step, token]))}",
            )
        )

    def sizeHint(self) -> QSize:
        theme = current_theme()
        figures = metrics_of(theme.number_font(SMALL)).height()
        return QSize(theme.scaled(200), round(theme.scaled(_BAR) + _POINTER + figures + 4.0))

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(80), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._trace is None or self._description is None:
            return
        theme = current_theme()
        painter = QPainter(self)
        self._paint_segments(painter, theme)
        self._paint_axis(painter, theme)

    def _paint_segments(self, painter: QPainter, theme: Theme) -> None:
        assert self._trace is not None and self._description is not None
        palette, drawn = theme.palette, int(self._trace.drawn[self._step])
        painter.setFont(theme.number_font(SMALL))
        letter = metrics_of(painter.font()).horizontalAdvance("m")
        for token in range(self._trace.probs.shape[1]):
            place = self.segment(token)
            fill = palette.unsigned if token == drawn else (palette.neutral if token % 2 else palette.border)
            painter.fillRect(place, QColor(fill))
            if place.width() >= letter + 1.0:
                dark = token == drawn and palette.name == "dark"
                bright = token == drawn and palette.name == "light"
                ink = palette.ink_on_light if dark else palette.ink_on_dark if bright else palette.text
                painter.setPen(QColor(ink))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._description.token_text(token))

    def _paint_axis(self, painter: QPainter, theme: Theme) -> None:
        assert self._trace is not None
        palette, bar, x = theme.palette, self.bar, self.pointer
        painter.setPen(QPen(QColor(palette.text), 1.0))
        painter.drawLine(QLineF(x, bar.top() - 1.0, x, bar.bottom() + 2.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.text))
        y = bar.bottom() + 1.0
        corners = [QPointF(x, y), QPointF(x - _POINTER, y + _POINTER), QPointF(x + _POINTER, y + _POINTER)]
        painter.drawPolygon(QPolygonF(corners))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(theme.number_font(SMALL))
        metrics = metrics_of(painter.font())
        baseline = y + _POINTER + metrics.ascent()
        said = f"u = {short(float(self._trace.numbers[self._step]))}"
        length = metrics.horizontalAdvance(said)
        left = min(max(x - length / 2, 0.0), max(self.width() - length, 0.0))
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(left, baseline), said)
        painter.setPen(QColor(palette.muted))
        gap = metrics.horizontalAdvance(" ")
        end = short(float(self._trace.cumulative[self._step, -1]))
        end_left = self.width() - metrics.horizontalAdvance(end)
        if left > metrics.horizontalAdvance("0") + gap:
            painter.drawText(QPointF(0.0, baseline), "0")
        if left + length + gap < end_left:
            painter.drawText(QPointF(end_left, baseline), end)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.description(event.pos().toPointF()), self)
            return True
        return super().event(event)
