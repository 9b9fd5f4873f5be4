"""The line above the loss plot: what its marks mean and the numbers that belong to them, as much as fits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import isnan

from PySide6.QtCore import QEvent, QLineF, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip

from microgpt_studio.panels.loss_curve import BETA
from microgpt_studio.panels.loss_shapes import FLAG, HALF, flag, triangle
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget, full, short

_GAP = 16.0  # pixels between entries
_SWATCH = 16.0  # pixels of a mark
_SPACE = 6.0  # pixels between mark, name and number
_EXPLAINED = (
    f"Smoothed: an exponential moving average of the losses, corrected for its start as Adam's moments are. "
    f"a = {BETA}·a + {1 - BETA:.2f}·loss, shown as a / (1 − {BETA}ᵏ) after k losses; "
    f"a loss counts half after 34 more updates."
)


class Mark(Enum):
    """What stands before an entry."""

    NONE = 0
    DOT = 1  # one loss
    LINE = 2  # the moving average
    DASHES = 3  # random guessing
    TRIANGLE = 4  # hits of breakpoints
    FLAG = 5  # bookmarks


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to read: a mark, a quiet name, a number."""

    mark: Mark
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The numbers to show. Losses are nan where they are not known."""

    update: int
    num_steps: int
    loss: float
    smoothed: float
    vocabulary: int
    level: float  # of random guessing, in nats
    hits: int = 0  # updates in which breakpoints were hit
    bookmarks: int = 0
    pointed: bool = False  # the update under the crosshair, not the current one
    notes: tuple[str, ...] = ()

    def entries(self, brevity: int) -> list[Entry]:
        """All that is to be read at brevity 0, less and less at 1 … BREVITIES - 1."""
        nothing = "not known" if self.update else "none yet"
        of = "" if self.pointed or brevity >= 3 else f" of {self.num_steps}"
        digits = full if self.pointed and brevity < 2 else short
        guessing = "random guessing " if brevity < 1 else ""
        known = not isnan(self.loss)
        unit = "" if brevity >= 6 else " nats"
        entries = [
            Entry(Mark.NONE, "update", f"{self.update}{of}"),
            Entry(Mark.DOT, "loss", f"{digits(self.loss)}{unit}" if known else nothing),
            Entry(
                Mark.LINE,
                f"average, β {BETA}" if brevity < 3 else "average",
                "none yet" if isnan(self.smoothed) else short(self.smoothed),
            ),
            Entry(Mark.DASHES, f"{guessing}ln {self.vocabulary} =", short(self.level)),
        ]
        if brevity < 3 and self.hits:
            entries.append(Entry(Mark.TRIANGLE, "updates with hits" if brevity < 2 else "hits", str(self.hits)))
        if brevity < 3 and self.bookmarks:
            entries.append(Entry(Mark.FLAG, "bookmarks", str(self.bookmarks)))
        if brevity < 2:
            entries += [Entry(Mark.NONE, note, "") for note in self.notes]
        if brevity == BREVITIES - 1:
            return entries[1:2]
        return entries[: {4: 3, 5: 2, 6: 2}.get(brevity, len(entries))]


BREVITIES = 8


class LossLegend(ThemedWidget):
    """Shows a Reading in one line; the tooltip says everything in full."""

    def __init__(self) -> None:
        super().__init__()
        self._reading: Reading | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_reading(self, reading: Reading | None) -> None:
        """Show this, or nothing."""
        if reading != self._reading:
            self._reading = reading
            self.setAccessibleName(self.text)
            self.update()

    @property
    def reading(self) -> Reading | None:
        """What is shown."""
        return self._reading

    @property
    def text(self) -> str:
        """What is to be read when there is room for all of it."""
        if self._reading is None:
            return ""
        return " · ".join(f"{entry.name} {entry.number}".strip() for entry in self._reading.entries(0))

    @property
    def shown(self) -> list[Entry]:
        """The entries that there is room for."""
        if self._reading is None:
            return []
        theme = current_theme()
        for brevity in range(BREVITIES):
            entries = self._reading.entries(brevity)
            if sum(_width(entry, theme) + _GAP for entry in entries) - _GAP <= self.width():
                return entries
        return self._reading.entries(BREVITIES - 1)

    def sizeHint(self) -> QSize:
        return QSize(400, round(metrics_of(current_theme().number_font(SMALL)).height()) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        palette = theme.palette
        numbers, names = _fonts(theme)
        metrics = metrics_of(numbers)
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        painter = QPainter(self)
        pointed = self._reading is not None and self._reading.pointed
        x = 0.0
        for entry in self.shown:
            if entry.mark is not Mark.NONE:
                _draw_mark(painter, entry.mark, QPointF(x, self.height() / 2), theme, pointed=pointed)
                x += _SWATCH + _SPACE
            painter.setFont(names)
            painter.setPen(QColor(palette.muted))
            painter.drawText(QPointF(x, baseline), entry.name)
            x += metrics_of(names).horizontalAdvance(entry.name) + _SPACE
            painter.setFont(numbers)
            painter.setPen(QColor(palette.text))
            painter.drawText(QPointF(x, baseline), entry.number)
            x += metrics.horizontalAdvance(entry.number) + _GAP - (0.0 if entry.number else _SPACE)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.explanation(), self)
            return True
        return super().event(event)

    def explanation(self) -> str:
        """The tooltip's text."""
        reading = self._reading
        if reading is None:
            return ""
        lines = [f"Update {reading.update} of {reading.num_steps}"]
        if not isnan(reading.loss):
            lines.append(f"loss {full(reading.loss)} nats")
        if not isnan(reading.smoothed):
            lines.append(f"average {full(reading.smoothed)} nats")
        if reading.hits:
            lines.append(f"breakpoints were hit in {counted(reading.hits, 'update')}")
        if reading.bookmarks:
            lines.append(counted(reading.bookmarks, "bookmark"))
        lines.append(f"random guessing: ln {reading.vocabulary} = {full(reading.level)} nats")
        return "\n".join([*lines, *reading.notes, _EXPLAINED])


def counted(count: int, thing: str) -> str:
    """A number of things in words."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _fonts(theme: Theme) -> tuple[QFont, QFont]:
    return theme.number_font(SMALL), theme.text_font(SMALL)


def _width(entry: Entry, theme: Theme) -> float:
    numbers, names = _fonts(theme)
    width = metrics_of(names).horizontalAdvance(entry.name)
    if entry.number:
        width += _SPACE + metrics_of(numbers).horizontalAdvance(entry.number)
    return width if entry.mark is Mark.NONE else width + _SWATCH + _SPACE


def _draw_mark(painter: QPainter, mark: Mark, at: QPointF, theme: Theme, *, pointed: bool) -> None:
    """Draw a mark as the plot does, `_SWATCH` pixels wide from `at` to the right."""
    palette = theme.palette
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, mark is Mark.DOT)
    if mark is Mark.DOT:
        painter.setPen(QPen(QColor(palette.text if pointed else palette.accent), 1.5))
        painter.setBrush(QColor(palette.surface if pointed else palette.accent))
        painter.drawEllipse(at + QPointF(_SWATCH - 6.0, 0.0), 3.0, 3.0)
        return
    if mark in (Mark.TRIANGLE, Mark.FLAG):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if mark is Mark.FLAG:
            shape = flag(-6.0, 6.0, 1.0).translated(round(at.x() + _SWATCH - FLAG) + 0.5, at.y())
        else:
            shape = triangle(4.0, 1.0).translated(at.x() + _SWATCH - HALF, at.y())
        painter.fillPath(shape, QColor(palette.text if mark is Mark.FLAG else palette.error))
        return
    pen = QPen(QColor(palette.text), 2.0) if mark is Mark.LINE else QPen(QColor(palette.muted), 1.0)
    if mark is Mark.DASHES:
        pen.setDashPattern([6.0, 4.0])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    y = round(at.y()) + (0.5 if mark is Mark.DASHES else 0.0)
    painter.drawLine(QLineF(at.x(), y, at.x() + _SWATCH, y))
