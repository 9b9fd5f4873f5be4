"""The Breakpoints panel: where a run is to stop or to write a line, and what has come of that."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QPushButton, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from microgpt_studio.bridge import commands
from microgpt_studio.debugger.events import Accepted, Crashed, EditRefused, Event, Logged, Refused
from microgpt_studio.debugger.snapshot import BreakpointRow, Description, Snapshot
from microgpt_studio.debugger.stop import LogLine, Reason
from microgpt_studio.debugger.targets import Definition
from microgpt_studio.debugger.targets import Event as BreakEvent
from microgpt_studio.panels.breakpoints_editor import BreakpointEditor
from microgpt_studio.panels.breakpoints_flow import FlowRow
from microgpt_studio.panels.breakpoints_log import LogPage
from microgpt_studio.panels.breakpoints_pages import EditorArea, EmptyPage
from microgpt_studio.panels.breakpoints_sentence import Role, Sentence
from microgpt_studio.panels.breakpoints_table import BreakpointTable
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import current_theme

_LIST, _LOG = 0, 1  # tabs
_LEAST_TABLE = 130  # pixels at text scale 1 that have to be left beside the editor, or the table gives way to it
_TOLD = {Reason.BREAKPOINT: Role.STOP, Reason.FAILURE: Role.ERROR, Reason.NONFINITE: Role.ERROR}


class BreakpointsPanel(Panel):
    """A table of breakpoints with an editor below it, and the log of those that write."""

    name: ClassVar[str] = "breakpoints"
    title: ClassVar[str] = "Breakpoints"
    parts: ClassVar[Part] = Part.NONE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sent: commands.AddBreakpoint | commands.ReplaceBreakpoint | None = None  # what the editor has sent
        self._switched: commands.BreakOnNonfinite | None = None  # not answered yet
        self._selects_new = False  # a breakpoint has been added that no snapshot has shown yet
        self.stop_sentence = Sentence()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Breakpoints or their log")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.addTab("List")
        self.tabs.addTab("Log")
        self.tabs.currentChanged.connect(self._turn_page)
        self.add_button = QPushButton("Add…")
        self.add_button.setToolTip("A new breakpoint, at the selected scalar or elsewhere.")
        self.add_button.clicked.connect(self.add)
        self.table = BreakpointTable()
        self.table.edit_wanted.connect(self.edit)
        self.table.remove_wanted.connect(self._remove)
        self.table.enable_wanted.connect(self._enable)
        self.empty_page = EmptyPage()
        self.empty_page.wanted.connect(self._begin_with_condition)
        self.log = LogPage()
        self.log.grown.connect(self._name_tabs)
        self.log.view.chosen.connect(self._go_to)
        self._pages = QStackedWidget()
        for page in (self.empty_page, self.table, self.log):
            self._pages.addWidget(page)
        self.editor = BreakpointEditor()
        self.editor.submitted.connect(self._send)
        self.editor.opened.connect(self._open_editor)
        self.editor.closed.connect(self._close_editor)
        self._editor_area = EditorArea(self.editor)
        self._editor_area.grown.connect(self._arrange)
        self.nonfinite_box = QCheckBox("Stop at nan and infinity")
        self.nonfinite_box.setToolTip("The first number of an update that is not finite stops a run.")
        self.nonfinite_box.clicked.connect(self._switch_nonfinite)
        self.forget_button = QPushButton("Forget hits")
        self.forget_button.setToolTip("Count all hits from 0 again.")
        self.forget_button.clicked.connect(self._forget_hits)
        self.forget_button.hide()
        self._lay_out()
        self._show_rows()

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.log.clear()
        self.editor.show_session(description)
        self.editor.wait(False)
        self._switched = None
        self.stop_sentence.clear()
        self._show_rows()

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        self.editor.show_selection(scalar)

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        self.editor.show_moment(snapshot.moment)
        rows, stop = snapshot.breakpoints, None if snapshot.pace.running else snapshot.moment.stop
        role = None if stop is None else _TOLD.get(stop.reason)
        if stop is not None and role is not None:
            self.stop_sentence.say(stop.sentence, role)
        else:
            self.stop_sentence.clear()
        known = {row.id for row in self.table.rows.rows}
        self.table.show_rows(rows, stop.breakpoint if stop is not None and role is not None else None)
        new = [row.id for row in rows if row.id not in known]
        if self.editor.changes is not None and all(row.id != self.editor.changes for row in rows):
            self.editor.forget_changed()
        if self._switched is None:
            self.nonfinite_box.setChecked(snapshot.break_on_nonfinite)
        self.log.name_places({row.id: row.definition.where or row.definition.condition for row in rows})
        self._show_rows()
        if self._selects_new and new:
            self._selects_new = False
            self.table.select(new[-1])
            if self.add_button.hasFocus():
                self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_event(self, event: Event) -> None:
        match event:
            case Logged(lines, lost):
                self.log.append(lines, lost)
            case Accepted(command) if command is self._sent:
                self._selects_new = isinstance(command, commands.AddBreakpoint)
                self._sent = None
                self.editor.close_form()
            case EditRefused(command, sentence, field, position) if command is self._sent:
                self._sent = None
                self.editor.refuse(sentence, field, position)
            case Accepted(command) | EditRefused(command) if command is self._switched:
                self._switched = None
            case Refused() | Crashed():  # nobody knows whether it was an edit: it may be sent again
                self._switched = None
                self.editor.wait(False)

    def add(self) -> None:
        """Open the editor for a new breakpoint."""
        if self.description is not None:
            self.editor.begin()

    def add_for_selection(self) -> None:
        """Open the editor for a new breakpoint at the selected scalar, ready for a condition to be typed."""
        if self.description is not None:
            self.editor.begin_for_selection()

    def edit(self, row: BreakpointRow) -> None:
        """Open the editor for a breakpoint of the table."""
        self.editor.begin_change(row)

    def _begin_with_condition(self, condition: str) -> None:
        if self.description is not None:
            self.editor.begin_with(Definition(BreakEvent.CONDITION, condition=condition))

    def _open_editor(self) -> None:
        self.tabs.setCurrentIndex(_LIST)
        self._arrange()

    def _close_editor(self) -> None:
        self._arrange()
        (self.table if self.table.rows.rows else self.add_button).setFocus(Qt.FocusReason.OtherFocusReason)

    def _send(self, definition: Definition) -> None:
        number = self.editor.changes
        self._sent = (
            commands.AddBreakpoint(definition) if number is None else commands.ReplaceBreakpoint(number, definition)
        )
        self.editor.wait(True)
        self.commanded.emit(self._sent)

    def _remove(self, row: BreakpointRow) -> None:
        self.commanded.emit(commands.RemoveBreakpoint(row.id))

    def _enable(self, row: BreakpointRow, enabled: bool) -> None:
        self.commanded.emit(commands.EnableBreakpoint(row.id, enabled))

    def _switch_nonfinite(self, enabled: bool) -> None:
        self._switched = commands.BreakOnNonfinite(enabled)
        self.commanded.emit(self._switched)

    def _forget_hits(self) -> None:
        self.commanded.emit(commands.ForgetHits())

    def _go_to(self, line: LogLine) -> None:
        self.commanded.emit(commands.GoToPlace(line.place))

    def _show_rows(self) -> None:
        """What there is to do depends on what there is."""
        rows = self.table.rows.rows
        self.add_button.setEnabled(self.description is not None)
        self.nonfinite_box.setEnabled(self.description is not None)
        self.empty_page.set_ready(self.description is not None)
        self.forget_button.setVisible(any(row.hits for row in rows))
        self._turn_page()
        self._name_tabs()

    def _turn_page(self) -> None:
        if self.tabs.currentIndex() == _LOG:
            self._pages.setCurrentWidget(self.log)
        else:
            self._pages.setCurrentWidget(self.table if self.table.rows.rows else self.empty_page)
        self._arrange()

    def _name_tabs(self) -> None:
        for tab, name, count in ((_LIST, "List", len(self.table.rows.rows)), (_LOG, "Log", self.log.count)):
            text = f"{name} ({count:,})" if count else name
            if text != self.tabs.tabText(tab):
                self.tabs.setTabText(tab, text)

    def _arrange(self) -> None:
        """Where the panel is low, the editor takes the place of the table for as long as it is open."""
        is_list = self.tabs.currentIndex() == _LIST
        is_editing = self.editor.is_open and is_list
        left = self.height() - self.editor.sizeHint().height()
        is_low = is_editing and left < current_theme().scaled(_LEAST_TABLE)
        self._editor_area.setVisible(is_editing)
        self._editor_area.fill(is_low)
        self._head.setVisible(not is_low)
        self._pages.setVisible(not is_low)
        self._foot.setVisible(is_list and not is_low)

    def _lay_out(self) -> None:
        self._head = FlowRow([self.tabs, self.add_button], self.add_button)
        self._foot = FlowRow([self.nonfinite_box, self.forget_button], self.forget_button)
        top, bottom = QVBoxLayout(), QVBoxLayout()
        top.setContentsMargins(8, 4, 8, 4)
        bottom.setContentsMargins(8, 0, 8, 4)
        top.setSpacing(4)
        top.addWidget(self.stop_sentence)
        top.addWidget(self._head)
        bottom.addWidget(self._foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._pages, 1)
        column.addWidget(self._editor_area)
        column.addLayout(bottom)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(320), theme.scaled(260))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_foot"):
            self._arrange()
