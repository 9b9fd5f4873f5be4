"""Which updates the loss plot shows, and the buttons that choose."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

RECENT = 100  # updates that Span.RECENT shows
_PADDING = 6


class Span(Enum):
    """Which updates are in view."""

    WHOLE = "whole run"
    RECENT = f"last {RECENT}"
    OWN = "chosen with mouse or keys"


_TIPS = {
    Span.WHOLE: "All updates of the run; a double click in the plot does the same.\n"
    "The wheel zooms, a drag with Shift moves.",
    Span.RECENT: f"The last {RECENT} updates, following the training.",
}


class SpanButton(QAbstractButton):
    """A small flat button; down, it is filled and underlined."""

    chosen = Signal(object)  # Span

    def __init__(self, span: Span, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.span = span
        self.setText(span.value)
        self.setToolTip(_TIPS[span])
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # repaint when the pointer comes and goes
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._choose)

    def _choose(self) -> None:
        self.chosen.emit(self.span)

    def sizeHint(self) -> QSize:
        metrics = metrics_of(current_theme().text_font(SMALL))
        return QSize(round(metrics.horizontalAdvance(self.text())) + 2 * _PADDING, round(metrics.height()) + 4)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        palette = theme.palette
        painter = QPainter(self)
        box = QRectF(self.rect())
        if self.isChecked():
            painter.fillRect(box, QColor(palette.raised))
            painter.fillRect(QRectF(0.0, box.bottom() - 1.0, box.width(), 1.0), QColor(palette.text))
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 1.0))
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        strong = self.isChecked() or self.underMouse()
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(palette.text if strong else palette.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())


class SpanChooser(QWidget):
    """A button for each span that can be chosen; none is down while the user has chosen his own."""

    chosen = Signal(object)  # Span

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.buttons = tuple(SpanButton(span) for span in _TIPS)
        for button in self.buttons:
            button.chosen.connect(self._choose)
            layout.addWidget(button)
        self.setFocusProxy(self.buttons[0])
        self.mark(Span.WHOLE)

    def mark(self, span: Span) -> None:
        """This one is shown; emits nothing."""
        for button in self.buttons:
            button.setChecked(button.span is span)

    def _choose(self, span: Span) -> None:
        self.mark(span)  # a second click does not take it back
        self.chosen.emit(span)
