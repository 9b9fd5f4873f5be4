"""The distribution of a step: of every token the probability before and after the temperature, as bars and numbers."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from microgpt_studio.debugger.sampling import SampleTrace, order_by_size
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.samples.scale_end import scale_end
from microgpt_studio.panels.samples.words import quoted
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget
from microgpt_studio.widgets.number_text import full, short

_DIGITS = "0.0001234"  # as wide as a number usually is
_LOGIT = "-12.34"
_LOGITS_FROM = 380  # pixels of width from which logits have a column, at text scale 1
_GAP = 8.0
_TOLD = 3  # of the tokens, to those who do not see them


class Distribution(ThemedWidget):
    """A row a token, by size or in the tokens' order. The upper bar is before, the lower one after the temperature."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trace: SampleTrace | None = None
        self._step = 0
        self._temperature = 1.0
        self._description: Description | None = None
        self._by_size = True
        self._limit = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_step(
        self, trace: SampleTrace | None, step: int, temperature: float, description: Description | None
    ) -> None:
        """Show this step."""
        if trace is not self._trace:
            self.updateGeometry()
        if trace is not None:
            self._limit = scale_end(float(max(trace.plain[step].max(), trace.probs[step].max())))
        self._trace, self._step, self._temperature, self._description = trace, step, temperature, description
        self.setAccessibleName(self._summary())
        self.update()

    def sort_by_size(self, by_size: bool) -> None:
        """The likeliest first, or in the tokens' own order, in which the running sums are taken."""
        self._by_size = by_size
        self.update()

    @property
    def limit(self) -> float:
        """The probability at the right end of the bars' scale."""
        return self._limit

    @property
    def order(self) -> list[int]:
        """The tokens from top to bottom."""
        if self._trace is None:
            return []
        probs = self._trace.probs[self._step]
        return list(order_by_size(probs)) if self._by_size else list(range(len(probs)))

    def row_at(self, point: QPointF) -> int | None:
        """Which token stands there."""
        order, line = self.order, self._line()
        row = math.floor(point.y() / line) - 1
        return order[row] if 0 <= row < len(order) else None

    def description(self, token: int) -> str:
        """The tooltip of a token, with every digit."""
        trace, step = self._trace, self._step
        if trace is None or self._description is None:
            return ""
        is_drawn = token == int(trace.drawn[step])
        low = float(trace.cumulative[step, token - 1]) if token else 0.0
        return "\n".join(
            (
                quoted(token, trace, self._description) + (", which was drawn" if is_drawn else ""),
                f"logit  {full(float(trace.logits[step, token]))}",
                f"probability at temperature 1  {full(float(trace.plain[step, token]))}",
                f"probability at temperature {self._temperature!r}  {full(float(trace.probs[step, token]))}",
                f"running sum  {full(low)} to {full(float(trace.cumulative[step, token]))}",
            )
        )

    def _summary(self) -> str:
        """The likeliest tokens, for those who do not see them."""
        trace, description = self._trace, self._description
        if trace is None or description is None:
            return ""
        probs = trace.probs[self._step]
        likeliest = order_by_size(probs)[:_TOLD]
        return ", ".join(f"{description.token_text(token)} {short(float(probs[token]))}" for token in likeliest)

    def _line(self) -> float:
        return round(metrics_of(current_theme().number_font(SMALL)).height()) + 2.0

    def sizeHint(self) -> QSize:
        count = 0 if self._trace is None else self._trace.probs.shape[1]
        return QSize(current_theme().scaled(220), round((count + 1) * self._line()) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(120), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._trace is None or self._description is None:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.number_font(SMALL))
        metrics = metrics_of(painter.font())
        line = self._line()
        columns = _Columns(self.width(), metrics, self.width() >= theme.scaled(_LOGITS_FROM))
        self._paint_head(painter, theme, columns)
        painter.setFont(theme.number_font(SMALL))
        seen = QRectF(event.rect())
        for row, token in enumerate(self.order, start=1):
            if seen.intersects(QRectF(0.0, row * line, self.width(), line)):
                self._paint_row(painter, theme, columns, row * line, token)

    def _paint_head(self, painter: QPainter, theme: Theme, columns: _Columns) -> None:
        palette, line = theme.palette, self._line()
        metrics = metrics_of(painter.font())
        baseline = (line + metrics.ascent() - metrics.descent()) / 2
        painter.setPen(QColor(palette.muted))
        bars = columns.bars
        limit = f"{self._limit:g}"
        painter.drawText(QPointF(bars.left(), baseline), "0")
        painter.drawText(QPointF(bars.right() - metrics.horizontalAdvance(limit), baseline), limit)
        painter.setFont(theme.text_font(SMALL))
        metrics = metrics_of(painter.font())
        for right, text in ((columns.logit, "logit"), (columns.plain, "T = 1"), (columns.after, self._after())):
            if right is not None:
                painter.drawText(QPointF(right - metrics.horizontalAdvance(text), baseline), text)

    def _after(self) -> str:
        text = f"T = {self._temperature!r}"
        return text if len(text) <= len(_DIGITS) + 1 else f"T = {short(self._temperature)}"

    def _paint_row(self, painter: QPainter, theme: Theme, columns: _Columns, top: float, token: int) -> None:
        assert self._trace is not None and self._description is not None
        palette, line, step = theme.palette, self._line(), self._step
        drawn = token == int(self._trace.drawn[step])
        metrics = metrics_of(painter.font())
        baseline = top + (line + metrics.ascent() - metrics.descent()) / 2
        if drawn:
            painter.fillRect(QRectF(0.0, top, self.width(), line), QColor(palette.selected))
            _paint_mark(painter, QPointF(1.0, top + line / 2), palette.text)
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(columns.letter, baseline), self._description.token_text(token))
        before, after = float(self._trace.plain[step, token]), float(self._trace.probs[step, token])
        bars = columns.bars
        half = math.floor((line - 4.0) / 2)
        for y, p, color in ((top + 2.0, before, palette.faint), (top + 2.0 + half, after, palette.unsigned)):
            share = min(p / self._limit, 1.0) if math.isfinite(p) else 0.0
            painter.fillRect(QRectF(bars.left(), y, share * bars.width(), half), QColor(color))
        numbers = [(columns.plain, before, palette.muted), (columns.after, after, palette.text)]
        if columns.logit is not None:
            numbers.append((columns.logit, float(self._trace.logits[step, token]), palette.muted))
        for right, number, color in numbers:
            text = short(number)
            painter.setPen(QColor(color))
            painter.drawText(QPointF(right - metrics.horizontalAdvance(text), baseline), text)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            token = self.row_at(event.pos().toPointF())
            QToolTip.showText(event.globalPos(), "" if token is None else self.description(token), self)
            return True
        return super().event(event)


class _Columns:
    """Where the columns stand: right ends of numbers, left end of letters."""

    def __init__(self, width: float, metrics: QFontMetricsF, with_logits: bool) -> None:
        number = metrics.horizontalAdvance(_DIGITS)
        self.letter = 10.0
        self.after = width - 2.0
        self.plain = self.after - number - _GAP
        left = self.letter + metrics.horizontalAdvance("m") + _GAP
        self.logit = left + metrics.horizontalAdvance(_LOGIT) + _GAP if with_logits else None
        start = left if self.logit is None else self.logit + 2 * _GAP
        self.bars = QRectF(start, 0.0, max(self.plain - number - _GAP - start, 8.0), 0.0)


def _paint_mark(painter: QPainter, left: QPointF, color: str) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    x, y = left.x(), left.y()
    painter.drawPolygon(QPolygonF([QPointF(x, y - 4.0), QPointF(x + 6.0, y), QPointF(x, y + 4.0)]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
