"""What a position of a probe predicts: one bar a token, as high as it is probable."""

from __future__ import annotations

from math import isfinite

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.probe.words import character, next_text
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget, full
from microgpt_studio.widgets.axis import round_places
from microgpt_studio.widgets.grid import thinned

_MARGIN = 8.0
_MOST_TICKS = 5
_HEIGHT = 96  # pixels at text scale 1
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Distribution(ThemedWidget):
    """The probabilities of all tokens at one position, in the order of the vocabulary; the one that comes is marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._description: Description | None = None
        self._probed: Probed | None = None
        self._position = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_position(self, description: Description | None, probed: Probed | None, position: int) -> None:
        """Show a position of a text that has numbers, or nothing."""
        self._description, self._probed, self._position = description, probed, position
        if probed is not None and probed.numbers is not None and description is not None:
            self.setAccessibleName(next_text(probed, position, description))
        self.update()

    def describe(self, x: float) -> str:
        """The token at x, with its probability in full."""
        probed, description = self._probed, self._description
        if probed is None or probed.numbers is None or description is None:
            return ""
        box = self.plot_rect()
        probs = probed.numbers.probs[self._position]
        token = int((x - box.left()) / box.width() * len(probs))
        if not 0 <= token < len(probs):
            return ""
        name = character(description, token)
        name = f"“{name}” (BOS)" if token == description.tokenizer.bos else f"“{name}”"
        place = int((probs > probs[token]).sum()) + 1
        return f"p({name})  {full(float(probs[token]))}\nrank {place} of {len(probs)}"

    def plot_rect(self) -> QRectF:
        """Where the bars stand."""
        theme = current_theme()
        numbers, words = metrics_of(theme.number_font(SMALL)), metrics_of(theme.text_font(SMALL))
        left = _MARGIN + numbers.horizontalAdvance("0.000 ")
        top, bottom = words.height() + 6.0, numbers.height() + 2.0
        return QRectF(left, top, max(self.width() - left - _MARGIN, 1.0), max(self.height() - top - bottom, 1.0))

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(300), theme.scaled(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(160), theme.scaled(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        probed, description, theme = self._probed, self._description, current_theme()
        if probed is None or probed.numbers is None or description is None:
            return
        painter, palette, box = QPainter(self), theme.palette, self.plot_rect()
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(palette.muted))
        line = metrics_of(painter.font()).height()
        head = QRectF(_MARGIN, 2.0, self.width() - 2 * _MARGIN, line)
        text = next_text(probed, self._position, description)
        text = metrics_of(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, head.width())
        painter.drawText(head, _LEFT, text)
        probs = probed.numbers.probs[self._position]
        finite = probs[np.isfinite(probs)]
        if not len(finite):
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "not finite")
            return
        top = float(finite.max()) or 1.0
        self._draw_scale(painter, box, top, theme)
        self._draw_bars(painter, box, probs.tolist(), top, theme)

    @staticmethod
    def _draw_scale(painter: QPainter, box: QRectF, top: float, theme: Theme) -> None:
        painter.setFont(theme.number_font(SMALL))
        line = metrics_of(painter.font()).height()
        places, step = round_places(0.0, top, min(max(box.height() / (1.6 * line), 1.0), _MOST_TICKS))
        digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
        for place in places:
            y = box.bottom() - place / top * box.height()
            painter.setPen(QPen(QColor(theme.palette.border), 1.0))
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
            painter.setPen(QColor(theme.palette.muted))
            text = f"{place:.{digits}f}" if place else "0"
            painter.drawText(QRectF(0.0, y - line / 2, box.left() - 6.0, line), _RIGHT, text)

    def _draw_bars(self, painter: QPainter, box: QRectF, probs: list[float], top: float, theme: Theme) -> None:
        assert self._probed is not None and self._description is not None, "there is something to paint"
        palette, target = theme.palette, self._probed.tokens[self._position + 1]
        width = box.width() / len(probs)
        gap = 2.0 if width >= 6.0 else 0.0
        for token, p in enumerate(probs):
            if isfinite(p):
                height = p / top * box.height()
                bar = QRectF(box.left() + token * width, box.bottom() - height, width - gap, height)
                painter.fillRect(bar, QColor(palette.unsigned if token == target else palette.faint))
        metrics = metrics_of(painter.font())
        shown = set(thinned(len(probs), width, metrics.horizontalAdvance("0") + 2.0)) | {target}
        for token in sorted(shown):
            hit = token == target
            painter.setFont(theme.number_font(SMALL, bold=hit))
            painter.setPen(QColor(palette.text if hit else palette.muted))
            place = QRectF(box.left() + token * width - 6.0, box.bottom(), width - gap + 12.0, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, character(self._description, token))

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.describe(event.pos().x()), self)
            return True
        return super().event(event)
