"""The History panel: one quantity of the selected scalar after every update, and questions to that past."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QToolButton, QVBoxLayout, QWidget

from microgpt.program.program import Operation
from microgpt_studio.bridge.commands import Ask, GoTo, Pause
from microgpt_studio.debugger.events import Answered, Crashed, Event, Refused, Searching
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.questions import Question
from microgpt_studio.debugger.snapshot import Description, History, Snapshot, Wanted, WantedHistory
from microgpt_studio.panels.history_curve import HistoryCurve
from microgpt_studio.panels.history_plot import HistoryPlot
from microgpt_studio.panels.history_quantity import QuantityChooser
from microgpt_studio.panels.history_questions import QuestionRow
from microgpt_studio.panels.history_reading import ExtremeLink, Reading, ValueReading
from microgpt_studio.panels.history_status import Status
from microgpt_studio.panels.history_words import coverage, reading_of
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import EmptyState, use_text_font
from microgpt_studio.widgets.flow_layout import FlowLayout

_NO_SCALAR = "No scalar is selected. Select one, in the graph or by its address, to see its past."
_TALLEST_MINIMUM = 200  # pixels at text scale 1 that the panel asks for at most, however narrow it is


class HistoryPanel(Panel):
    """Asks for a history while it is visible, shows as much of it as has come, and sends questions to the past."""

    name: ClassVar[str] = "history"
    title: ClassVar[str] = "History"
    parts: ClassVar[Part] = Part.NONE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cancelled = False  # the replay, by hand
        self._asking = 0  # questions of this panel that have no answer yet
        self._search: Searching | None = None
        self._said: tuple[str, bool] | None = None  # the latest answer or refusal, and whether it is an error
        self.chooser = QuantityChooser()
        self.reading = ValueReading()
        self.smallest = ExtremeLink("min", "smallest")
        self.largest = ExtremeLink("max", "largest")
        self.questions = QuestionRow()
        self.symlog = QToolButton()
        self.status = Status()
        self.plot = HistoryPlot()
        self.empty = EmptyState(_NO_SCALAR)
        self._pages = QStackedWidget()
        self._flow = FlowLayout(across=8)
        self._arrange()
        self.chooser.chosen.connect(self._begin_anew)
        self.smallest.activated.connect(self._go_to)
        self.largest.activated.connect(self._go_to)
        self.questions.asked.connect(self._ask)
        self.questions.refused.connect(self._refuse)
        self.symlog.toggled.connect(self.plot.set_symlog)
        self.status.pressed.connect(self._act)
        self.plot.pointed.connect(self._read)
        self.plot.regrouped.connect(self._say)
        self.plot.sought.connect(self._go_to)
        self._begin_anew()

    @property
    def wish(self) -> WantedHistory | None:
        """The history that is to be shown."""
        return None if self.selection is None else WantedHistory(self.chooser.quantity, self.selection)

    def add_wishes(self, wanted: Wanted) -> Wanted:
        wanted = super().add_wishes(wanted)
        return wanted if self._cancelled or self.wish is None else replace(wanted, history=self.wish)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        num_steps = description.settings.num_steps
        for widget in (self.reading, self.smallest, self.largest, self.status):
            widget.begin(num_steps)
        self.plot.begin(num_steps)
        self._asking, self._search = 0, None
        self._begin_anew()

    def show_selection(self, scalar: int | None) -> None:
        changed = scalar != self.selection
        super().show_selection(scalar)
        if changed:
            self._begin_anew()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if self.isVisible():
            self._draw(snapshot)

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self.isVisible():
            self._read()
            self._say()

    def show_event(self, event: Event) -> None:
        match event:
            case Searching() if self._asking:
                self._search = event
            case Answered(sentence, _found) if self._asking:
                self._end_search(sentence, error=False)
            case Refused(sentence) if self._asking:
                self._end_search(sentence, error=True)
            case Crashed() if self._asking:
                self._end_search("The search has failed.", error=True)
            case _:
                return
        self._say()

    def _begin_anew(self) -> None:
        """Another scalar or quantity: what was shown means nothing for it."""
        description, scalar = self.description, self.selection
        program = None if description is None else description.program
        is_parameter = program is None or scalar is None or scalar < program.num_parameters
        is_relu = program is not None and scalar is not None and bool(program.operation[scalar] == Operation.RELU)
        self.chooser.show_kind(of_parameter=is_parameter)
        self.questions.show_subject(self.chooser.quantity, scalar, is_relu=is_relu)
        self._cancelled, self._said = False, None
        self._pages.setCurrentWidget(self.empty if scalar is None else self.plot)
        for widget in (self.chooser, self.reading, self.smallest, self.largest, self.symlog):
            widget.setVisible(scalar is not None)
        self.plot.show_curve(HistoryCurve())
        self._read()
        self._say()
        self.wishes_changed.emit()

    def _draw(self, snapshot: Snapshot) -> None:
        """What has come of the wish; an answer to an earlier one is none."""
        history = snapshot.history
        shown = self.plot.curve.history
        if history is not None and history.wanted == self.wish and not _is_old(history, shown):
            if shown is not None and history.total < shown.total:
                self._said = None  # an answer from before a restart
            self.plot.show_curve(HistoryCurve(history))
        self.plot.show_now(snapshot.moment.step)

    def _read(self, *_: object) -> None:
        """Show the value of the update under the crosshair, or else of the present one, and the extremes."""
        if self.description is None or self.selection is None:
            self.reading.show_reading(Reading("", "", "", ""))
            return
        curve, crosshair = self.plot.curve, self.plot.crosshair
        update = self.plot.now if crosshair is None else crosshair
        address = self.description.addresses.format(self.selection)
        self.reading.show_reading(reading_of(self.chooser.quantity, address, update, curve))
        for link, extreme in zip((self.smallest, self.largest), curve.extremes() or (None, None), strict=True):
            link.show_extreme(extreme)

    def _say(self) -> None:
        """How far a search or the replay has come, or what was answered and what is shown."""
        curve = self.plot.curve
        running = self.snapshot is not None and self.snapshot.pace.running
        if self._search is not None:
            what, done, total = self._search.what, self._search.done, self._search.total
            self.status.show_status(
                f"{what}: {done:,} of {total:,} updates",
                progress=done / max(total, 1),
                action="Cancel",
                meaning="Give the search up",
            )
            return
        text = "" if self.selection is None else coverage(curve, self.plot.bins.width, self._why_missing())
        self.plot.setAccessibleName(f"History of {self.reading.text}; {text}")
        said, is_error = self._said or ("", False)
        words = said if is_error else " · ".join(filter(None, (said, text)))
        ended = curve.history is not None and (curve.is_complete or curve.history.reason is not None)
        incomplete = self.selection is not None and not ended
        if incomplete and self._cancelled:
            self.status.show_status(words, error=is_error, action="Go on", meaning="Go on computing the history")
        elif incomplete and curve.history is not None and not running:
            self.status.show_status(
                f"{len(curve.values):,} of {curve.total:,} updates",
                progress=len(curve.values) / curve.total,
                action="Cancel",
                meaning="Keep what is computed, and compute no more",
            )
        else:
            self.status.show_status(words, error=is_error)

    def _why_missing(self) -> str:
        """Why an update may have no value; empty where every document has the scalar, and its loss depends on it."""
        assert self.description is not None and self.selection is not None
        program = self.description.program
        if self.selection < program.num_parameters or self.selection == program.loss:
            return ""
        if self.chooser.quantity is Quantity.GRAD:
            return "document too short, the loss does not depend on it, or it is nan"
        return "document too short, or it is nan"

    def _act(self) -> None:
        """What the button of the status says."""
        if self._search is not None:
            self.commanded.emit(Pause())
            return
        self._cancelled = not self._cancelled
        self._say()
        self.wishes_changed.emit()

    def _go_to(self, update: int) -> None:
        self.commanded.emit(GoTo(update))

    def _ask(self, question: Question) -> None:
        self._said = None
        self._asking += 1
        self._say()
        self.commanded.emit(Ask(question))

    def _refuse(self, sentence: str) -> None:
        self._said = sentence, True
        self._say()

    def _end_search(self, sentence: str, *, error: bool) -> None:
        self._asking -= 1
        self._search = None
        self._said = sentence, error
        if error:
            self.questions.point_to_field()

    def _arrange(self) -> None:
        self.symlog.setText("symlog")
        self.symlog.setCheckable(True)
        use_text_font(self.symlog, SMALL)
        self.symlog.setToolTip(
            "A symmetric-logarithmic axis: small values are seen as well.\n"
            "It is linear below a thousandth of the largest magnitude in view."
        )
        self.symlog.setAccessibleName("Symmetric-logarithmic axis")
        for widget in (self.chooser, self.reading, self.smallest, self.largest, self.symlog, self.questions):
            self._flow.addWidget(widget)
        self._flow.addWidget(self.status)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.plot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(2)
        layout.addLayout(self._flow)
        layout.addWidget(self._pages, 1)
        self.setFocusProxy(self.plot)

    def sizeHint(self) -> QSize:
        return QSize(640, current_theme().scaled(130))

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        controls = self._flow.heightForWidth(max(self.width() - 16, 1)) + 10
        height = min(controls + self.plot.minimumSizeHint().height(), theme.scaled(_TALLEST_MINIMUM))
        return QSize(max(theme.scaled(260), self._flow.minimumSize().width() + 16), height)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.snapshot is not None:
            self._draw(self.snapshot)
        self._read()
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # its least height depends on it

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.reading.reading.value:
            QGuiApplication.clipboard().setText(self.reading.reading.value)
        else:
            super().keyPressEvent(event)


def _is_old(history: History, shown: History | None) -> bool:
    """Whether a history tells nothing that is not shown; after a pause it may begin anew with the same values."""
    if shown is None or shown.wanted != history.wanted:
        return False
    if (history.first, history.total, history.reason) != (shown.first, shown.total, shown.reason):
        return False
    return len(history.values) <= len(shown.values)
