"""What is read off a history in words and figures: one value in full, and links to the smallest and the largest."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QEvent, QLineF, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from microgpt_studio.panels.history_curve import Extreme
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget, full, short

_GAP = 6.0  # pixels between a name and its number
_WIDEST_FULL = "-0.00012345678901234567"  # the most characters that a number has in full
_WIDEST_SHORT = "-1.234e-05"
_SHORTEST_ADDRESS = 8  # characters that are left of it where there is little room


@dataclass(frozen=True, slots=True)
class Reading:
    """One value: of what, when, and as text."""

    quantity: str
    address: str
    when: str  # "after update 12"
    value: str  # in full, or why there is none


class ValueReading(ThemedWidget):
    """Shows a Reading in one line, in a room that does not change with the value; the tooltip is whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading = Reading("", "", "", "")
        self._widest_when = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def begin(self, num_steps: int) -> None:
        """Leave room for the updates of a session."""
        self._widest_when = f"after update {'0' * len(str(num_steps))}"
        self.updateGeometry()

    def show_reading(self, reading: Reading) -> None:
        """Show this."""
        if reading == self._reading:
            return
        resized = reading.address != self._reading.address
        self._reading = reading
        self.setToolTip(self.text)
        self.setAccessibleName(self.text)
        if resized:
            self.updateGeometry()
        self.update()

    @property
    def reading(self) -> Reading:
        """What is shown."""
        return self._reading

    @property
    def text(self) -> str:
        """All of it, as one line."""
        reading = self._reading
        if not reading.address:
            return ""
        return f"{reading.quantity} of {reading.address} {reading.when}: {reading.value}"

    def sizeHint(self) -> QSize:
        numbers, words = _metrics()
        width = numbers.horizontalAdvance(self._reading.address) + numbers.horizontalAdvance(_WIDEST_FULL)
        return QSize(ceil(width + words.horizontalAdvance(self._widest_when) + 2 * _GAP), ceil(numbers.height()) + 4)

    def minimumSizeHint(self) -> QSize:
        width = _metrics()[0].horizontalAdvance("0") * (_SHORTEST_ADDRESS + len(_WIDEST_FULL)) + _GAP
        return QSize(ceil(width), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, reading = current_theme(), self._reading
        numbers, words = _metrics()
        painter = QPainter(self)
        baseline = (self.height() + numbers.ascent() - numbers.descent()) / 2
        room = self.width() - numbers.horizontalAdvance(reading.value) - _GAP
        when_width = words.horizontalAdvance(reading.when) + _GAP
        shows_when = room - when_width >= numbers.horizontalAdvance(reading.address)
        room -= when_width if shows_when else 0.0
        address = numbers.elidedText(reading.address, Qt.TextElideMode.ElideMiddle, room)
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.text))
        painter.drawText(QPointF(0.0, baseline), address)
        x = numbers.horizontalAdvance(address) + _GAP
        if shows_when:
            painter.setFont(theme.text_font(SMALL))
            painter.setPen(QColor(theme.palette.muted))
            painter.drawText(QPointF(x, baseline), reading.when)
            x += when_width
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.text))
        painter.drawText(QPointF(x, baseline), reading.value)


class ExtremeLink(QAbstractButton):
    """The smallest or the largest value and its update; a click asks for that update."""

    activated = Signal(object)  # the update (int)

    def __init__(self, name: str, meaning: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._meaning = name, meaning
        self._extreme: Extreme | None = None
        self._digits = 1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # repaint when the pointer comes and goes
        self.clicked.connect(self._activate)
        self.show_extreme(None)

    def begin(self, num_steps: int) -> None:
        """Leave room for the updates of a session."""
        self._digits = len(str(num_steps))
        self.updateGeometry()

    def show_extreme(self, extreme: Extreme | None) -> None:
        """Show this; None: no value is known."""
        self._extreme = extreme
        number, place = self._texts
        self.setText(f"{self._name} {number} {place}".strip())
        if extreme is None:
            self.setToolTip(f"No {self._meaning} value is known yet.")
        else:
            what = f"The {self._meaning} value that is known, {full(extreme.value)}, first after update"
            self.setToolTip(f"{what} {extreme.update}.\nA click goes there.")
        self.setAccessibleName(f"{self._meaning} value: {number} {place}".strip())
        self.setEnabled(extreme is not None)
        self.setCursor(Qt.CursorShape.ArrowCursor if extreme is None else Qt.CursorShape.PointingHandCursor)
        self.update()

    @property
    def extreme(self) -> Extreme | None:
        """What is shown."""
        return self._extreme

    @property
    def _texts(self) -> tuple[str, str]:
        return ("–", "") if self._extreme is None else (short(self._extreme.value), f"at {self._extreme.update}")

    def _activate(self) -> None:
        if self._extreme is not None:
            self.activated.emit(self._extreme.update)

    def sizeHint(self) -> QSize:
        numbers, words = _metrics()
        width = words.horizontalAdvance(f"{self._name}at ") + 2 * _GAP
        width += numbers.horizontalAdvance("0") * (len(_WIDEST_SHORT) + self._digits)
        return QSize(ceil(width) + 2, ceil(numbers.height()) + 4)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.updateGeometry()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        palette = theme.palette
        numbers, words = _metrics()
        number, place = self._texts
        painter = QPainter(self)
        baseline = (self.height() + numbers.ascent() - numbers.descent()) / 2
        active = self.isEnabled() and (self.underMouse() or self.hasFocus())
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(palette.muted))
        painter.drawText(QPointF(0.0, baseline), self._name)
        x = words.horizontalAdvance(self._name) + _GAP
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(x, baseline), number)
        x += numbers.horizontalAdvance(number) + _GAP
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(palette.accent if active else palette.text))
        painter.drawText(QPointF(x, baseline), place)
        painter.setPen(QPen(QColor(palette.accent if active else palette.faint), 1.0))
        below = round(baseline) + 2.5
        if place:
            painter.drawLine(QLineF(x, below, x + words.horizontalAdvance(place), below))


def _metrics() -> tuple[QFontMetricsF, QFontMetricsF]:
    """Of the faces for numbers and for words."""
    theme = current_theme()
    return metrics_of(theme.number_font(SMALL)), metrics_of(theme.text_font(SMALL))
