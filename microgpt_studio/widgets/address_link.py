"""A clickable address of a scalar, as flat as a word in a sentence."""

from PySide6.QtCore import QEvent, QLineF, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import BODY
from microgpt_studio.theme.text_metrics import metrics_of

_PADDING = 2.0


class AddressLink(QAbstractButton):
    """Shows an address, elided in its middle when narrow (the tooltip is whole); a click activates it."""

    activated = Signal(object)  # the target

    def __init__(self, address: str = "", target: object = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target: object = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # repaint when the pointer comes and goes
        self.clicked.connect(self._activate)
        self.set_address(address, target)

    def set_address(self, address: str, target: object = None) -> None:
        """Show `address`; activating sends `target`, or the address itself when there is none."""
        self._target = address if target is None else target
        self.setText(address)
        self.setToolTip(address)
        self.setAccessibleName(address)
        self.updateGeometry()

    @property
    def target(self) -> object:
        """What activating sends."""
        return self._target

    def _activate(self) -> None:
        self.activated.emit(self._target)

    def sizeHint(self) -> QSize:
        metrics = self._metrics()
        return QSize(
            round(metrics.horizontalAdvance(self.text()) + 2 * _PADDING + 1),
            round(metrics.height() + 2 * _PADDING),
        )

    def minimumSizeHint(self) -> QSize:
        metrics = self._metrics()
        shortest = min(len(self.text()), 8)
        return QSize(round(metrics.horizontalAdvance("0") * shortest + 2 * _PADDING), self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = current_theme().palette
        metrics = self._metrics()
        room = self.width() - 2 * _PADDING
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room)
        baseline = _PADDING + metrics.ascent()
        active = self.isEnabled() and (self.underMouse() or self.hasFocus())
        rest = palette.text if self.isEnabled() else palette.faint
        painter = QPainter(self)
        painter.setFont(current_theme().number_font(BODY))
        painter.setPen(QColor(palette.accent if active else rest))
        painter.drawText(QPointF(_PADDING, baseline), text)
        if self.isEnabled():
            painter.setPen(QPen(QColor(palette.accent if active else palette.faint), 1.0))
            below = baseline + 2.5
            painter.drawLine(QLineF(_PADDING, below, _PADDING + metrics.horizontalAdvance(text), below))

    def _metrics(self) -> QFontMetricsF:
        return metrics_of(current_theme().number_font(BODY))
