"""The Source panel: the files of the algorithm, the line that runs, breakpoints, and what each line has made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from microgpt.program.program import Frame, Ids
from microgpt_studio.debugger.events import Event
from microgpt_studio.debugger.snapshot import Description, LineNumbers, Snapshot, Wanted, WantedSource
from microgpt_studio.debugger.source import FILES, Source, hands_on
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.source.breakpoint_edits import BreakpointEdits
from microgpt_studio.panels.source.code_view import CodeView
from microgpt_studio.panels.source.highlighting import code_lines
from microgpt_studio.panels.source.line_sheet import LineSheet
from microgpt_studio.panels.source.marks import Arrow, Marks, arrows, breakpoints, innermost
from microgpt_studio.panels.source.notices import Caller, CallStack, Notice, callers
from microgpt_studio.panels.source.reading import Reading
from microgpt_studio.panels.source.toolbar import Toolbar
from microgpt_studio.theme import current_theme

_MODEL = FILES[0]
_NO_IDS: Ids = np.empty(0, dtype=np.int32)


class SourcePanel(Panel):
    """Shows one file at a time. By default it goes where the next operation runs."""

    name: ClassVar[str] = "source"
    title: ClassVar[str] = "Source"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toolbar = Toolbar()
        self.notice = Notice()
        self.call_stack = CallStack()
        self.code = CodeView()
        self.sheet = LineSheet()
        self.sheet.hide()
        self.edits = BreakpointEdits(self)
        self._source: Source | None = None
        self._file = _MODEL
        self._position: int | None = None  # chosen by hand
        self._file_by_hand = False
        self._running: tuple[Frame, ...] = ()  # that it has followed
        self._followed: tuple[int, int] | None = None  # the update and the operation at which it did
        self._lit: Ids = _NO_IDS
        self._own_choice: int | None = None  # a scalar that was selected here: no need to go to its line
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(self.code)
        self._split.addWidget(self.sheet)
        self._split.setStretchFactor(0, 1)
        self._split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.toolbar, self.notice, self.call_stack):
            column.addWidget(widget)
        column.addWidget(self._split, 1)
        self.setFocusProxy(self.code)
        self._connect()
        self._show_code()

    @property
    def file(self) -> str:
        """The file that is shown: "model.py"."""
        return self._file

    @property
    def current_line(self) -> tuple[str, int] | None:
        """The line that mouse or keyboard have chosen; None: none."""
        line = self.code.current
        return None if line is None else (self.file, line)

    def toggle_breakpoint(self) -> None:
        """Set a breakpoint at the current line, or remove what is there; or say why that cannot be."""
        if self.code.current is None:
            self.notice.say("Choose a line first: click it, or go to it with the arrow keys.")
        else:
            self._toggle(self.code.current)

    def show_line(self, file: str, line: int) -> None:
        """Open a file at a line."""
        self._show_file(file)
        self.code.show_line(line)

    def add_wishes(self, wanted: Wanted) -> Wanted:
        wanted = replace(super().add_wishes(wanted), source=WantedSource(self.file, self._position))
        return replace(wanted, cells=True) if self.code.current is not None else wanted

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._source = Source(description.addresses)
        self.edits.show_session(description)
        self._running, self._followed = (), None
        self._position = self._own_choice = None
        self._file_by_hand = False
        self.notice.clear()
        self._clear_line()
        self._show_code()
        self.code.set_readings({})
        self.toolbar.show_position(None, None)
        self._show_marks()
        self.wishes_changed.emit()

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self.isVisible() and self.description is not None:
            self._refresh(snapshot)

    def show_selection(self, scalar: int | None) -> None:
        changed = scalar != self.selection
        super().show_selection(scalar)
        if not changed:
            return
        self._show_marks()
        if scalar is not None and scalar != self._own_choice and self._source is not None:
            self._go_to(self._source.line_of(scalar))
        self._own_choice = None

    def show_event(self, event: Event) -> None:
        self.edits.show_event(event)

    def _connect(self) -> None:
        self.toolbar.file_chosen.connect(self._choose_file)
        self.toolbar.position_chosen.connect(self._choose_position)
        self.toolbar.follow_chosen.connect(self._choose_follow)
        self.toolbar.numbers_chosen.connect(self.code.set_with_numbers)
        self.call_stack.activated.connect(self._go_to_caller)
        self.code.current_changed.connect(self._choose_line)
        self.code.toggled.connect(self._toggle)
        self.sheet.list.chosen.connect(self._select)
        self.sheet.list.escaped.connect(self._leave_list)
        self.edits.commanded.connect(self.commanded)
        self.edits.refused.connect(self.notice.say)

    def _refresh(self, snapshot: Snapshot) -> None:
        cursor = snapshot.moment.cursor
        running, moment = cursor.running, (snapshot.moment.update, cursor.done)
        if moment != self._followed:  # a step shows its line again, wherever one has looked in between
            self._running, self._followed = running, moment
            if running and self.toolbar.follow.isChecked():
                self._follow(running)
        self._show_marks()
        self._show_numbers(snapshot)

    def _follow(self, running: Sequence[Frame]) -> None:
        """Go to the line that runs; a file that was opened by hand stays while one of its lines runs."""
        if not (self._file_by_hand and any(frame.file == self.file for frame in running)):
            files = [frame.file for frame in running]
            self._show_file(_MODEL if _MODEL in files else files[0])
        lines = [line for line, arrow in arrows(self.file, running, ()).items() if arrow is Arrow.RUNNING]
        if lines:
            self.code.show_line(min(lines), max(lines))

    def _go_to(self, frames: Sequence[Frame]) -> None:
        """To the line of a scalar: in this file, if it has one; else in the model."""
        if not frames:
            return
        if innermost(self.file, frames) is None:
            self._show_file(_MODEL)
        if (line := innermost(self.file, frames)) is not None:
            self.code.show_line(line)

    def _show_file(self, file: str) -> None:
        if file == self._file:
            return
        self._file = file
        self._file_by_hand = False
        self.toolbar.show_file(file)
        self.notice.clear()
        self._clear_line()
        self._show_code()
        self._show_marks()
        self.wishes_changed.emit()

    def _show_code(self) -> None:
        numbered = self._source.numbered(self._file) if self._source is not None else frozenset()
        self.code.set_code(self._file, code_lines(self._file), numbered)

    def _choose_file(self, file: str) -> None:
        self._show_file(file)
        self._file_by_hand = True
        if (line := innermost(file, self._running)) is not None:
            self.code.show_line(line)

    def _choose_position(self, position: int | None) -> None:
        self._position = position
        self.toolbar.show_position(position, position)
        self.wishes_changed.emit()

    def _choose_follow(self, follow: bool) -> None:
        if follow and self._running:
            self._file_by_hand = False
            self._follow(self._running)

    def _choose_line(self, line: int | None) -> None:
        self.notice.clear()
        if line is None:
            self._clear_line()
        self.wishes_changed.emit()
        if self.snapshot is not None:
            self._show_numbers(self.snapshot)

    def _clear_line(self) -> None:
        self.code.set_current(None)
        self.sheet.hide()
        self._light(_NO_IDS)

    def _leave_list(self) -> None:
        self._clear_line()
        self.code.setFocus()

    def _select(self, scalar: int) -> None:
        self._own_choice = scalar
        self.selected.emit(scalar)

    def _toggle(self, line: int) -> None:
        self.notice.clear()
        self.edits.toggle(self.file, line, self.snapshot)

    def _made(self) -> tuple[Frame, ...]:
        """The lines that made the scalar whose gradient is handed on next."""
        scalar = self.snapshot.moment.cursor.scalar if self.snapshot is not None else None
        if scalar is None or self._source is None or not hands_on(self._running):
            return ()
        return self._source.line_of(scalar)

    def _show_marks(self) -> None:
        made = self._made()
        self.call_stack.show_callers(callers(self.file, _MODEL, self._running, made))
        selected: Sequence[Frame] = ()
        if self._source is not None and self.selection is not None:
            selected = self._source.line_of(self.selection)
        line = innermost(self.file, selected)
        rows = self.snapshot.breakpoints if self.snapshot is not None else ()
        marks = Marks(
            arrows=arrows(self.file, self._running, made),
            selected=frozenset() if line is None else frozenset([line]),
            breakpoints=breakpoints(self.file, rows),
            breakable=self.edits.breakable(self.file),
        )
        self.code.set_marks(marks)

    def _go_to_caller(self, caller: Caller) -> None:
        self.show_line(caller.file, caller.line)
        self._file_by_hand = True

    def _show_numbers(self, snapshot: Snapshot) -> None:
        numbers, moment = snapshot.source, snapshot.moment
        if numbers is None or numbers.file != self.file or self._position not in (None, numbers.position):
            return
        names = [self._token(token) for token in moment.tokens[: moment.positions]]
        self.toolbar.show_position(numbers.position, self._position)
        self.toolbar.set_positions(names)
        self.code.set_readings({line.line: Reading.of(line) for line in numbers.lines})
        if self.code.current is not None:
            self._show_sheet(snapshot, numbers.position, self.code.current)

    def _show_sheet(self, snapshot: Snapshot, position: int, line: int) -> None:
        assert self._source is not None and self.description is not None, "there is a snapshot"
        numbers = snapshot.source.lines if snapshot.source is not None else ()
        of_line: LineNumbers | None = next((each for each in numbers if each.line == line), None)
        scalars = self._source.made_by(self.file, line, position, snapshot.moment.positions)
        reason = self.edits.reason(self.file, line)
        if position >= snapshot.moment.positions and line in self._source.lines(self.file):
            reason = f"This document has no position {position}."
        self.sheet.show_line(f"{self.file}:{line}", scalars, of_line, position, reason, snapshot, self.description)
        self.sheet.show()
        # While training runs the position may change with every document: what is lit would flicker.
        if not snapshot.pace.running or not len(self._lit):
            self._light(scalars)

    def _light(self, scalars: Ids) -> None:
        if not np.array_equal(scalars, self._lit):
            self._lit = scalars
            self.lit.emit(scalars)

    def _token(self, token: int) -> str:
        assert self.description is not None, "there is a snapshot"
        text = self.description.token_text(token)
        return "␣" if text.isspace() else text

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(320), theme.scaled(500))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.snapshot is not None:
            self.show_text(self.snapshot)
