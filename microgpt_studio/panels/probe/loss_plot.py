"""The mean loss of one probe at each update that was shown, with its axes."""

from __future__ import annotations

from math import isfinite

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from microgpt_studio.panels.probe.curve import draw_curve
from microgpt_studio.panels.probe.probes import KeptProbe
from microgpt_studio.panels.probe.words import quoted
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget, full, short

_MARGIN = 8.0
_ACROSS = "updates, as shown"
_HEIGHT = 112  # pixels at text scale 1
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class LossPlot(ThemedWidget):
    """From the first shown update to the last, from the lowest loss to the highest; a line where it is pinned."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._probe: KeptProbe | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_probe(self, probe: KeptProbe | None) -> None:
        """Show this probe's curve, or nothing."""
        self._probe = probe
        self.setAccessibleName("" if probe is None else f"mean loss of {quoted(probe.text)} at each shown update")
        self.update()

    def describe(self, x: float) -> str:
        """The shown update that is nearest to x."""
        if self._probe is None:
            return ""
        updates, losses = self._probe.curve()
        if len(updates) == 0:
            return ""
        box, first, last = self._box(current_theme()), float(updates[0]), float(updates[-1])
        wanted = first + (x - box.left()) / box.width() * (last - first)
        i = int(np.abs(updates - wanted).argmin())
        when = f"after update {int(updates[i])}" if updates[i] else "before the first update"
        loss = f"mean loss {full(float(losses[i]))} nats" if isfinite(losses[i]) else "no finite loss"
        return f"{when}\n{loss}"

    def _box(self, theme: Theme) -> QRectF:
        line = metrics_of(theme.text_font(SMALL)).height()
        figures = metrics_of(theme.number_font(SMALL)).horizontalAdvance("0.0000 ")
        width, height = self.width() - figures - 2 * _MARGIN, self.height() - 2.5 * line - 9.0
        return QRectF(_MARGIN + figures, 1.5 * line + 5.0, max(width, 1.0), max(height, 1.0))

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(160), theme.scaled(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(100), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        probe, theme = self._probe, current_theme()
        if probe is None or probe.latest is None:
            return
        updates, losses = probe.curve()
        painter, palette, box = QPainter(self), theme.palette, self._box(theme)
        painter.setFont(theme.text_font(SMALL))
        metrics = metrics_of(painter.font())
        line = metrics.height()
        painter.setPen(QColor(palette.muted))
        head = QRectF(_MARGIN, 2.0, self.width() - 2 * _MARGIN, line)
        title = f"{quoted(probe.text)}: mean loss / nats"
        painter.drawText(head, _LEFT, metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, head.width()))
        painter.setPen(QPen(QColor(palette.border), 1.0))
        for y in (box.top(), box.bottom()):
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
        finite = losses[np.isfinite(losses)]
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(palette.muted))
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
        if len(finite) and low < high:
            for value, y in ((high, box.top()), (low, box.bottom())):
                painter.drawText(QRectF(0.0, y - line / 2, box.left() - 4.0, line), _RIGHT, short(value))
        elif len(finite):
            painter.drawText(QRectF(0.0, box.center().y() - line / 2, box.left() - 4.0, line), _RIGHT, short(low))
        below = QRectF(box.left(), box.bottom() + 3.0, box.width(), line)
        if len(updates) > 1:
            painter.drawText(below, _LEFT, f"{int(updates[0])}")
            painter.drawText(below, _RIGHT, f"{int(updates[-1])}")
            painter.setFont(theme.text_font(SMALL))
            if metrics.horizontalAdvance(f"{_ACROSS}{int(updates[0])}{int(updates[-1])}") + 32.0 < below.width():
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, _ACROSS)
        self._draw_pinned(painter, box, low, high, theme)
        draw_curve(painter, box, updates, losses, probe.latest.updates, palette)

    def _draw_pinned(self, painter: QPainter, box: QRectF, low: float, high: float, theme: Theme) -> None:
        pinned = None if self._probe is None else self._probe.pinned
        if pinned is None or pinned.numbers is None or not low <= pinned.numbers.loss <= high or low == high:
            return
        y = box.bottom() - (pinned.numbers.loss - low) / (high - low) * box.height()
        painter.setPen(QPen(QColor(theme.palette.faint), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.describe(event.pos().x()), self)
            return True
        return super().event(event)
