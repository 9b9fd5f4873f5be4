"""The Loss panel: the loss of every update with a smoothed line, and the timeline: marks, and the way to any moment."""

from __future__ import annotations

from math import log
from typing import ClassVar

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from microgpt_studio.bridge.commands import Command, GoTo, GoToPlace, SetBookmark
from microgpt_studio.debugger.events import Crashed, Event, Refused, Stopped
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.loss_legend import LossLegend, Reading, counted
from microgpt_studio.panels.loss_marks import Goal, Marks, MarksReader, Target
from microgpt_studio.panels.loss_menu import TimelineMenu
from microgpt_studio.panels.loss_plot import LossPlot
from microgpt_studio.panels.loss_scrubbing import Scrubber, is_at
from microgpt_studio.panels.loss_spans import SpanChooser
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import full


class LossPanel(Panel):
    """Draws what every snapshot carries; the line above is refreshed when it can be read."""

    name: ClassVar[str] = "loss"
    title: ClassVar[str] = "Loss and timeline"
    parts: ClassVar[Part] = Part.NONE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = LossPlot()
        self.plot.setAccessibleName(self.title)
        self.legend = LossLegend()
        self.spans = SpanChooser()
        self._scrubber = Scrubber(self)
        self._reader = MarksReader()
        self._num_hits = 0  # updates in which breakpoints were hit
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 0, 0, 0)
        bar.setSpacing(4)
        bar.addWidget(self.legend, 1)
        bar.addWidget(self.spans)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(2)
        layout.addLayout(bar)
        layout.addWidget(self.plot, 1)
        self.setFocusProxy(self.plot)
        self.setTabOrder(self.plot, self.spans.buttons[0])
        self.spans.chosen.connect(self.plot.set_span)
        self.plot.span_changed.connect(self.spans.mark)
        self.plot.pointed.connect(self._read)
        self.plot.pressed.connect(self._scrubber.give_up)
        self.plot.sought.connect(self._seek)
        self.plot.mark_sought.connect(self._go)
        self._scrubber.asked.connect(self.commanded)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        vocabulary = description.tokenizer.vocab_size
        self._scrubber.give_up()
        self._reader = MarksReader()
        self._num_hits = 0
        self.plot.begin(description.settings.num_steps, log(vocabulary))
        self._read()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if self.isVisible():
            self._show(snapshot)
        self._scrubber.see(snapshot.moment)

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self.isVisible():
            self._count()
            self._read()

    def show_event(self, event: Event) -> None:
        if isinstance(event, Stopped | Refused | Crashed):
            self._scrubber.answered()

    def previous_mark(self) -> None:
        """Go to the last hit or bookmark before the present moment, or before the one that is being gone to.

        This and `next_mark` go by the last snapshot that was shown, even if the panel was hidden then.
        """
        marks = self._marks()
        self._go_to_mark(marks.before(self._heading(marks)))

    def next_mark(self) -> None:
        """Go to the first hit or bookmark after the present moment, or after the one that is being gone to."""
        marks = self._marks()
        self._go_to_mark(marks.after(self._heading(marks)))

    def _marks(self) -> Marks:
        return Marks() if self.snapshot is None else self._reader.read(self.snapshot)

    def _heading(self, marks: Marks) -> float:
        """The position of the present moment, or of where it will be as soon as the worker has answered."""
        match self._scrubber.goal:
            case GoTo(step):
                return float(step)
            case GoToPlace(place):
                return self._reader.position(place)
            case _:
                return marks.position

    def _go_to_mark(self, target: Target | None) -> None:
        if target is not None:
            self.plot.reveal(target.position)
            self._go(target.goal)

    def _seek(self, update: int) -> None:
        self._go(GoTo(update))

    def _go(self, goal: Goal) -> None:
        """Go there, unless training stands there."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        stands_there = not snapshot.pace.running and is_at(snapshot.moment, goal)
        if self._scrubber.goal is not None or not stands_there:
            self._scrubber.want(goal)

    def _do(self, command: Command) -> None:
        if isinstance(command, GoTo | GoToPlace):
            self._go(command)
        else:
            self.commanded.emit(command)

    def _show(self, snapshot: Snapshot) -> None:
        self.plot.show_losses(snapshot.losses, snapshot.moment.step)
        self.plot.show_marks(self._reader.read(snapshot))

    def _count(self) -> None:
        marks = self.plot.marks
        self._num_hits = marks.count_hits()
        hits, bookmarks = counted(self._num_hits, "update"), counted(len(marks.bookmarks), "bookmark")
        words = [marks.standing, f"breakpoints were hit in {hits}", bookmarks]
        self.plot.setAccessibleDescription("; ".join(words))

    def _read(self, *_: object) -> None:
        """Show the numbers of the update under the crosshair, or else of the current one."""
        description = self.description
        if description is None:
            self.legend.show_reading(None)
            return
        curve, crosshair = self.plot.curve, self.plot.crosshair
        update = min(self.plot.now, len(curve)) if crosshair is None else crosshair
        self.legend.show_reading(
            Reading(
                update=update,
                num_steps=description.settings.num_steps,
                loss=float(curve.losses[update - 1]) if update else float("nan"),
                smoothed=float(curve.smoothed[update - 1]) if update else float("nan"),
                vocabulary=description.tokenizer.vocab_size,
                level=self.plot.level,
                pointed=crosshair is not None,
                hits=self._num_hits,
                bookmarks=len(self.plot.marks.bookmarks),
                notes=self._notes(),
            )
        )

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self.plot.bins.width > 1:
            notes.append(f"smallest to largest of every {self.plot.bins.width} updates")
        if self.plot.beyond:
            notes.append(f"{self.plot.beyond} off the scale")
        if self.plot.curve.first_known:
            notes.append(f"hatched: before this session (to update {self.plot.curve.first_known})")
        return tuple(notes)

    def sizeHint(self) -> QSize:
        return QSize(640, current_theme().scaled(140))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, current_theme().scaled(108))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.snapshot is not None:
            self._show(self.snapshot)
            self._count()
        self._read()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point = QPointF(self.plot.mapFrom(self, event.pos()))
        if self.snapshot is None or not self.plot.rect().contains(point.toPoint()):
            return
        moment, marks = self.snapshot.moment, self.plot.marks
        by_keyboard = event.reason() is QContextMenuEvent.Reason.Keyboard
        lane, crosshair = self.plot.lane, self.plot.crosshair
        clicked = None if by_keyboard or not lane.holds(point) else lane.bookmark_at(marks, point)
        update = self.plot.update_at(point)
        if by_keyboard:
            update = moment.step if crosshair is None else crosshair
        menu = TimelineMenu(self)
        menu.fill(marks, Place(moment.update - 1, moment.cursor.done), update, clicked)
        menu.chosen.connect(self._do)
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        reading = self.legend.reading
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_B and not event.modifiers() and self.snapshot is not None:
            self.commanded.emit(SetBookmark())
        elif control and event.key() == Qt.Key.Key_Left:
            self.previous_mark()
        elif control and event.key() == Qt.Key.Key_Right:
            self.next_mark()
        elif event.matches(QKeySequence.StandardKey.Copy) and reading is not None:
            QGuiApplication.clipboard().setText(full(reading.loss))
        else:
            super().keyPressEvent(event)
