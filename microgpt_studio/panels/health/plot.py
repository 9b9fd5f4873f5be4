"""The history of one figure with its axes. A click, or Return at the crosshair, asks for an update."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.health.curve import Frame, draw_band, draw_dot, draw_history
from microgpt_studio.panels.health.readings import Reading, Readings
from microgpt_studio.panels.health.vertical import Vertical
from microgpt_studio.panels.health.words import title
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget
from microgpt_studio.widgets.axis import round_places
from microgpt_studio.widgets.number_text import full, short

_TICK = 4.0
_GAP = 4.0
_WORD = "update"


class Plot(ThemedWidget):
    """By keyboard: left and right move the crosshair (with Shift by ten), Return goes to its update."""

    sought = Signal(object)  # an update (int) to go to
    left = Signal()  # Escape

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.readings: Readings | None = None
        self.reading: Reading | None = None
        self.crosshair: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("History of the figure")

    def show_reading(self, readings: Readings, reading: Reading) -> None:
        """Show its past."""
        if self.reading is not None and self.reading.figure is not reading.figure:
            self.crosshair = None
        self.readings, self.reading = readings, reading
        if self.crosshair is not None and readings.history.row(self.crosshair) is None:
            self.crosshair = None
        self.update()

    @property
    def frame(self) -> Frame | None:
        """Where the curve lies; None where there is nothing to show."""
        if self.readings is None or self.reading is None or self.readings.last == self.readings.history.first:
            return None
        theme = current_theme()
        metrics = metrics_of(theme.number_font(SMALL))
        vertical = Vertical.of(self.reading, fitted=True)
        widest = max((metrics.horizontalAdvance(tick.text) for tick in vertical.ticks(6)), default=0.0)
        words = metrics_of(theme.text_font(SMALL)).horizontalAdvance(_WORD)
        left = max(widest, words) + _TICK + 2 * _GAP
        rect = QRectF(left, 4.0, self.width() - left - 10.0, self.height() - metrics.height() - _TICK - 6.0)
        if rect.width() < 8.0 or rect.height() < 8.0:
            return None
        return Frame(rect, vertical, self.readings.history.first, self.readings.last)

    def text_at(self, update: int) -> str:
        """What the figure was in an update, with every digit."""
        if self.readings is None or self.reading is None:
            return ""
        row = self.readings.history.row(update)
        if row is None or self.reading.past_reach[row] == Reach.NOT_COMPUTED:
            return f"update {update}: not measured"
        if self.reading.past_reach[row] == Reach.OUTSIDE:
            return f"update {update}: there is no such number"
        return f"update {update}: {full(float(self.reading.past[row]))}\n{title(self.reading)}"

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(320), theme.scaled(100))

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(160), theme.scaled(60))

    def paintEvent(self, _event: QPaintEvent) -> None:
        frame, readings, reading = self.frame, self.readings, self.reading
        theme = current_theme()
        painter = QPainter(self)
        if frame is None or readings is None or reading is None:
            painter.setFont(theme.text_font(SMALL))
            painter.setPen(QColor(theme.palette.muted))
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, "No update is finished yet.")
            return
        draw_band(painter, frame, reading, theme.palette)
        self._paint_axes(painter, frame, theme)
        draw_history(painter, frame, reading, readings.history, theme.palette)
        self._paint_now(painter, frame, readings, theme)
        draw_dot(painter, frame, reading, theme.palette)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(theme.palette.faint), 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_axes(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        rect, palette = frame.rect, theme.palette
        painter.setFont(theme.number_font(SMALL))
        metrics = metrics_of(painter.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(palette.border), 1.0))
        painter.drawLine(QLineF(rect.left() - 0.5, rect.top(), rect.left() - 0.5, rect.bottom()))
        painter.drawLine(QLineF(rect.left(), rect.bottom() + 0.5, rect.right(), rect.bottom() + 0.5))
        painter.setPen(QColor(palette.muted))
        for tick in frame.vertical.ticks(max(2.0, rect.height() / (1.8 * metrics.height()))):
            y = frame.y(tick.value)
            if rect.top() - 1.0 <= y <= rect.bottom() + 1.0:
                painter.drawLine(QLineF(rect.left() - _TICK, round(y) + 0.5, rect.left() - 1.0, round(y) + 0.5))
                x = rect.left() - _TICK - _GAP - metrics.horizontalAdvance(tick.text)
                painter.drawText(QPointF(x, y + metrics.capHeight() / 2), tick.text)
        most = rect.width() / (metrics.horizontalAdvance(str(frame.stop)) + 24.0)
        baseline = rect.bottom() + _TICK + metrics.ascent()
        for place in round_places(frame.first + 1, frame.stop, most, 1.0)[0]:
            x = frame.x(place)
            text = f"{place:.0f}"
            half = metrics.horizontalAdvance(text) / 2
            painter.drawLine(QLineF(round(x) + 0.5, rect.bottom(), round(x) + 0.5, rect.bottom() + _TICK - 1.0))
            painter.drawText(QPointF(min(max(x - half, rect.left()), self.width() - 2 * half), baseline), text)
        painter.setFont(theme.text_font(SMALL))
        words = metrics_of(painter.font())
        painter.drawText(QPointF(rect.left() - 2 * _GAP - words.horizontalAdvance(_WORD), baseline), _WORD)

    def _paint_now(self, painter: QPainter, frame: Frame, readings: Readings, theme: Theme) -> None:
        """The update that is shown, and the one that is pointed at, with its value."""
        rect, palette = frame.rect, theme.palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for update, color in ((readings.numbers.update, palette.accent), (self.crosshair, palette.muted)):
            if update is not None and frame.first < update <= frame.stop:
                x = round(frame.x(update)) + 0.5
                painter.setPen(QPen(QColor(color), 1.0))
                painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))
        row = None if self.crosshair is None else readings.history.row(self.crosshair)
        if row is None or self.reading is None or self.crosshair is None:
            return
        known = self.reading.past_reach[row] == Reach.KNOWN
        text = f"{self.crosshair}: {short(float(self.reading.past[row])) if known else '–'}"
        painter.setFont(theme.number_font(SMALL))
        metrics = metrics_of(painter.font())
        wide = metrics.horizontalAdvance(text) + 2 * _GAP
        x = frame.x(self.crosshair)
        left = x + 2.0 if x + 2.0 + wide <= rect.right() else x - 2.0 - wide
        box = QRectF(left, rect.top(), wide, metrics.height())
        painter.fillRect(box, QColor(palette.raised))
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(box.left() + _GAP, box.top() + metrics.ascent()), text)

    def _nearest(self, x: float) -> int | None:
        frame = self.frame
        if frame is None or self.readings is None:
            return None
        if not frame.rect.left() - _GAP <= x <= frame.rect.right() + _GAP:
            return None
        return self.readings.history.nearest(frame.update_at(x))

    def _point(self, update: int | None) -> None:
        if update != self.crosshair:
            self.crosshair = update
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._nearest(event.position().x()))
        text = "" if self.crosshair is None else f"{self.text_at(self.crosshair)}\nclick to go there"
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        update = self._nearest(event.position().x())
        if update is not None and event.button() is Qt.MouseButton.LeftButton:
            self.sought.emit(update)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        history = None if self.readings is None else self.readings.history
        if history is not None and history.count and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            by = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            by = by if key == Qt.Key.Key_Right else -by
            latest = int(history.updates[-1])
            self._point(latest if self.crosshair is None else history.beside(self.crosshair, by))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.crosshair is not None:
            self.sought.emit(self.crosshair)
        elif key == Qt.Key.Key_Escape:
            self._point(None)
            self.left.emit()
        else:
            super().keyPressEvent(event)
