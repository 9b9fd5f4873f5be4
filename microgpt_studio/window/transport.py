"""Transport: the tool bar and its own widgets: the update to run to, the speed limit, and where training stands."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QSpinBox, QToolBar, QWidget

from microgpt_studio.debugger.snapshot import Snapshot
from microgpt_studio.debugger.stepping import Grain
from microgpt_studio.theme.application import current_theme
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import short
from microgpt_studio.widgets.themed import ThemedWidget
from microgpt_studio.widgets.whole_number import LARGEST
from microgpt_studio.window.actions import TOOL_BAR

# Items of the grain a second; None: no limit.
SPEEDS: tuple[float | None, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, None)


class TransportBar(QToolBar):
    """Restart, step, run; where to, and how fast; and where training stands."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Transport", parent)
        self.setObjectName("transport")
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))
        self.toggleViewAction().setEnabled(False)
        self.run_to_field, self.grain, self.speed, self.readout = (
            RunToField(),
            GrainChooser(),
            SpeedControl(),
            Readout(),
        )

    def fill(self, actions: dict[str, QAction]) -> None:
        """Put actions and widgets in their order."""
        self.addActions([actions[name] for name in TOOL_BAR])
        self.addWidget(self.grain)
        self.addSeparator()
        self.addAction(actions["run-to"])
        self.addWidget(self.run_to_field)
        self.addWidget(self.speed)
        self.addSeparator()
        self.addWidget(self.readout)
        self.addAction(actions["theme"])


class GrainChooser(QComboBox):
    """How far a step goes, and what a run whose speed is limited counts."""

    changed = Signal(object)  # Grain

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for grain in Grain:
            self.addItem(grain.name.lower(), grain)
        self.setToolTip("How far a step goes; a run whose speed is limited does so many of these a second")
        self.setAccessibleName("Grain of a step")
        self.currentIndexChanged.connect(self._tell)

    @property
    def grain(self) -> Grain:
        """What is chosen."""
        return Grain(self.currentIndex())

    def _tell(self, _index: int) -> None:
        self.changed.emit(self.grain)


class SpeedControl(QWidget):
    """A slider from one update, or one item of the grain, a second to unlimited."""

    changed = Signal(object)  # updates a second (float), or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, len(SPEEDS) - 1)
        self._slider.setValue(len(SPEEDS) - 1)
        self._slider.setPageStep(1)
        self._slider.setMinimumWidth(88)
        self._slider.setMaximumWidth(120)
        self._slider.setToolTip("Speed limit, from one update a second to unlimited (Ctrl+[ and Ctrl+])")
        self._slider.setAccessibleName("Speed limit")
        self._label = QLabel()
        self._label.setMinimumWidth(64)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        layout.addWidget(QLabel("speed"))
        layout.addWidget(self._slider)
        layout.addWidget(self._label)
        self._slider.valueChanged.connect(self._tell)
        self._show()

    @property
    def limit(self) -> float | None:
        """Updates a second; None where there is no limit."""
        return SPEEDS[self._slider.value()]

    def shift(self, steps: int) -> None:
        """Faster by so many stops of the slider, or slower."""
        self._slider.setValue(self._slider.value() + steps)

    def _tell(self, _stop: int) -> None:
        self._show()
        self.changed.emit(self.limit)

    def _show(self) -> None:
        self._label.setText("unlimited" if self.limit is None else f"{self.limit:g}/s")


class RunToField(QSpinBox):
    """The update to run to."""

    entered = Signal()  # by Return

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setKeyboardTracking(False)
        self.setRange(1, 1)
        self.setMinimumWidth(88)
        self.setToolTip("The update to run or go back to (Ctrl+G, then Return)")
        self.setAccessibleName("Update to run to")
        self.lineEdit().returnPressed.connect(self.entered)

    def set_last(self, num_steps: int) -> None:
        """The number of updates of the session; more than Qt can count to are as good as that."""
        self.setRange(1, min(num_steps, LARGEST))
        self.setValue(200)


class Readout(ThemedWidget):
    """Update, document, loss, learning rate and updates a second: always in view, at places that do not move."""

    _WIDEST = ("00000 of 00000", "“mmmmmmmmmmmm”", "00.000 nats", "0.00000000", "00,000/s")
    _CAPTIONS = ("update", "document", "loss", "lr", "speed")
    _GAP = 16.0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = ["—"] * len(self._CAPTIONS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def values(self) -> dict[str, str]:
        """What is shown, by caption."""
        return dict(zip(self._CAPTIONS, self._values, strict=True))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The latest moment."""
        moment, speed = snapshot.moment, snapshot.pace.updates_per_second
        values = [
            f"{moment.update if moment.cursor.done else moment.step} of {moment.num_steps}",
            f"“{moment.document}”",
            "—" if moment.loss is None else f"{short(moment.loss)} nats",
            "—" if moment.lr is None else short(moment.lr),
            "—" if speed is None else f"{speed:,.0f}/s" if speed >= 10 else f"{speed:.1f}/s",
        ]
        if values != self._values:
            self._values = values
            numbers = (("loss", moment.loss), ("lr", moment.lr), ("gradient norm", moment.grad_norm))
            self.setToolTip("" if moment.loss is None else "\n".join(f"{name} {number!r}" for name, number in numbers))
            self.update()

    def _widths(self) -> list[float]:
        theme = current_theme()
        numbers, captions = metrics_of(theme.number_font()), metrics_of(theme.text_font(11))
        return [
            max(numbers.horizontalAdvance(widest), captions.horizontalAdvance(caption))
            for widest, caption in zip(self._WIDEST, self._CAPTIONS, strict=True)
        ]

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(round(sum(self._widths()) + self._GAP * len(self._CAPTIONS)), theme.scaled(34))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, current_theme().scaled(34))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        left, middle = self._GAP / 2, self.height() / 2
        for caption, value, width in zip(self._CAPTIONS, self._values, self._widths(), strict=True):
            room = min(width, self.width() - left)
            if room < width * 0.6:
                break
            painter.setFont(theme.text_font(11))
            painter.setPen(QColor(theme.palette.muted))
            painter.drawText(
                QRectF(left, middle - theme.scaled(17), room, theme.scaled(15)), Qt.AlignmentFlag.AlignBottom, caption
            )
            painter.setFont(theme.number_font())
            painter.setPen(QColor(theme.palette.text))
            text = painter.fontMetrics().elidedText(value, Qt.TextElideMode.ElideRight, round(room))
            painter.drawText(
                QRectF(left, middle - theme.scaled(2), room, theme.scaled(18)), Qt.AlignmentFlag.AlignVCenter, text
            )
            left += width + self._GAP
