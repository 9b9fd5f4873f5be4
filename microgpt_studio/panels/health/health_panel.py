"""The Health panel: figures that tell whether training is well, each with its history."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.health import Health
from microgpt_studio.debugger.health_history import HealthHistory
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Pace, Snapshot
from microgpt_studio.debugger.update_spans import ALL, Span, last
from microgpt_studio.panels.health.detail import Detail, Form
from microgpt_studio.panels.health.readings import Readings, read
from microgpt_studio.panels.health.sideways import SidewaysArea
from microgpt_studio.panels.health.tiles import Tiles
from microgpt_studio.panels.health.words import as_text, brief, summary
from microgpt_studio.panels.panel import Panel
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import EmptyState, use_text_font
from microgpt_studio.widgets.one_line import OneLine

SPANS: tuple[tuple[str, Span], ...] = (
    ("last 20 updates", last(20)),
    ("last 100 updates", last(100)),
    ("all updates", ALL),
)
_FAST, _SLOW = 60.0, 40.0  # updates a second, above and below which histories are of updates shown, or in a row
_CHOOSER = 20  # pixels of the choice's height at text scale 1: the tiles need the rest
_TALL_FROM = 300  # pixels at text scale 1, from which on details lie below the tiles
_BESIDE = 360  # pixels of the details at text scale 1, where they lie beside the tiles


class HealthPanel(Panel):
    """Tiles, one a figure, and the details of the current one: below them, or beside them where there is no height."""

    name = "health"
    title = "Health"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.readings: Readings | None = None
        self._is_fast = False
        self.tiles, self.detail, self.line = Tiles(), Detail(), OneLine()
        self.chooser = QComboBox()
        self.chooser.addItems([text for text, _ in SPANS])
        self.chooser.setCurrentIndex(1)
        self.chooser.setAccessibleName("Updates of the histories")
        self.chooser.setToolTip("Which updates the histories show: they are run again, and training does not notice")
        use_text_font(self.chooser, SMALL)
        self.chooser.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.scrolled = SidewaysArea()
        self.scrolled.setWidget(self.tiles)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.line, 1)
        top.addWidget(self.chooser)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(4)
        self._body.addWidget(self.scrolled, 1)
        self._body.addWidget(self.detail)
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(6, 1, 4, 2)
        box.setSpacing(1)
        box.addLayout(top)
        box.addLayout(self._body, 1)
        self._empty = EmptyState("No session yet. The figures appear with the first update.")
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)
        self.setFocusProxy(self.tiles)
        self.scrolled.horizontalScrollBar().valueChanged.connect(self.tiles.update)
        self.chooser.activated.connect(self._choose_span)
        self.tiles.current_changed.connect(self._show_current)
        self.tiles.pointed.connect(self._tell)
        self.tiles.activated.connect(self._select)
        self.detail.selected.connect(self.selected)
        self.detail.sought.connect(self._go_to)
        self.detail.left.connect(self._leave)
        self._lay_out()

    @property
    def span(self) -> Span:
        """The updates of the histories."""
        return SPANS[self.chooser.currentIndex()][1]

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return (Health(),) if self._is_fast else (Health(), HealthHistory(self.span))

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.readings = None
        self.tiles.show_readings(None)
        self._empty.set_sentence("The figures are being computed…")
        self._pages.setCurrentIndex(0)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The figures come a few times a second while training runs: not every snapshot has them."""
        super().show_snapshot(snapshot)
        self._keep_pace(snapshot.pace)
        numbers, rows = snapshot.answer(Health()), snapshot.answer(HealthHistory(self.span))
        if numbers is None or (rows is None and not self._is_fast):
            return  # what was asked for last is not answered yet
        readings = read(numbers, None if self._is_fast else rows, snapshot.moment.step)
        if self.readings is not None and self.readings.is_hardly_less_than(readings):
            return
        self.readings = readings
        self._pages.setCurrentIndex(1)
        self.tiles.show_readings(self.readings)
        self._show_detail()
        self._tell()

    def copy(self) -> None:
        """All figures to the clipboard, with every digit."""
        if self.readings is not None:
            QGuiApplication.clipboard().setText(as_text(self.readings))

    @property
    def is_tall(self) -> bool:
        """Whether details lie below the tiles."""
        return self.height() >= current_theme().scaled(_TALL_FROM)

    def _lay_out(self) -> None:
        tall = self.is_tall
        self.chooser.setFixedHeight(current_theme().scaled(_CHOOSER))
        self._body.setDirection(QBoxLayout.Direction.TopToBottom if tall else QBoxLayout.Direction.LeftToRight)
        self._body.setStretch(0, 1)
        self._body.setStretch(1, 1 if tall else 0)
        self.detail.set_form(Form.TALL if tall else Form.LOW)
        beside = min(current_theme().scaled(_BESIDE), self.width() // 2)
        self.detail.setMinimumWidth(0 if tall else beside)
        self.detail.setMaximumWidth(16777215 if tall else beside)
        self._show_detail()

    def _show_detail(self) -> None:
        current = self.tiles.current
        if current is None and self.is_tall:
            current = 0
        self.detail.setVisible(current is not None and self.readings is not None)
        if current is not None and self.readings is not None and self.description is not None:
            self.detail.show_reading(self.readings, self.readings.all[current], self.description)

    def _show_current(self) -> None:
        self._show_detail()
        self._tell()
        if self.tiles.current is not None:
            box = self.tiles.box(self.tiles.current)
            self.scrolled.ensureVisible(round(box.center().x()), 0, round(box.width()), 0)

    def _tell(self) -> None:
        if self.readings is None:
            return
        current = None if self.is_tall else self.tiles.current  # else it is told below
        tile = current if self.tiles.under is None else self.tiles.under
        text = summary(self.readings) if tile is None else brief(self.readings, self.readings.all[tile])
        self.line.say(text)

    def _keep_pace(self, pace: Pace) -> None:
        """While training runs fast no update is run again: the replay would never arrive where training is."""
        rate = pace.updates_per_second or 0.0
        is_fast = pace.running and rate > (_SLOW if self._is_fast else _FAST)
        if is_fast is not self._is_fast:
            self._is_fast = is_fast
            self.wishes_changed.emit()

    def _choose_span(self) -> None:
        self.wishes_changed.emit()

    def _select(self, tile: int) -> None:
        if self.readings is not None:
            reading = self.readings.all[tile]
            self.selected.emit(self.readings.places.scalar(reading.figure, self.readings.numbers.positions))

    def _go_to(self, update: int) -> None:
        self.commanded.emit(GoTo(update))

    def _leave(self) -> None:
        self.tiles.set_current(None)
        self.tiles.setFocus()

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(640), theme.scaled(150))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)
