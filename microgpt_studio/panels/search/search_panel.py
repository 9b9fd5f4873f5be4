"""The Search panel: finds scalars by their addresses and by their numbers, and lights them where they are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDockWidget,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from microgpt.program.program import Ids
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.search import Results, Search
from microgpt_studio.debugger.search_completion import Completer, Completion
from microgpt_studio.debugger.search_names import Names, understood
from microgpt_studio.debugger.search_query import Query, QueryError
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.search.search_examples import ExamplesPage
from microgpt_studio.panels.search.search_field import SearchField
from microgpt_studio.panels.search.search_filters import FilterButtons, without
from microgpt_studio.panels.search.search_table import SearchTable
from microgpt_studio.panels.search.search_words import error_sentence, found_sentence, reason_sentence
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import EmptyState, use_text_font
from microgpt_studio.widgets.address_completer import AddressCompleter
from microgpt_studio.widgets.sentence import Sentence

EMPTY = "No session yet. Any scalar can be found when a program has been recorded."
_NO_IDS: Ids = np.empty(0, dtype=np.int32)
_PAUSE = 120  # milliseconds without a key, after which it is searched
_LONG_PAUSE = 900  # and after which a mistake is told: it may have been an unfinished word


class SearchPanel(Panel):
    """A line, buttons that teach its language, and what was found."""

    name: ClassVar[str] = "search"
    title: ClassVar[str] = "Search"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: Names | None = None
        self._completer: Completer | None = None
        self._query = Query()
        self._results: Results | None = None  # of the query; None: not answered yet
        self._error: QueryError | None = None
        self._entered: Query | None = None  # Return was pressed on it, and its results are walked through
        self._step = 0  # to the result that is to be selected when there are some
        self._lit = _NO_IDS
        self._focus_before: QWidget | None = None
        self._dock: QDockWidget | None = None
        self._is_in_front = True  # its dock is not behind another's tab
        self.field = SearchField()
        self.completer = AddressCompleter(self.field, self._complete)
        self.filters = FilterButtons()
        self.sentence = Sentence()
        self.light = QCheckBox("Light on the map")
        self.examples = ExamplesPage()
        self._examples_page = QScrollArea()  # it is no reason for the panel to be tall
        self.table = SearchTable()
        self.empty_state = EmptyState(EMPTY)
        self._pause = self._timer(_PAUSE, self._read)
        self._long_pause = self._timer(_LONG_PAUSE, self._tell_error_in_time)
        self._arrange()
        self._connect()
        self._enable(there_is_a_session=False)

    def _arrange(self) -> None:
        use_text_font(self.light, SMALL)
        self.light.setToolTip("Outline all that was found wherever it is drawn.")
        self.light.setChecked(True)
        self._examples_page.setWidget(self.examples)
        self._examples_page.setWidgetResizable(True)
        self._examples_page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._examples_page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._stack = QStackedWidget()
        for page in (self.empty_state, self._examples_page, self.table):
            self._stack.addWidget(page)
        status = QHBoxLayout()
        status.setSpacing(8)
        status.addWidget(self.sentence, 1)
        status.addWidget(self.light, 0, Qt.AlignmentFlag.AlignTop)
        top = QVBoxLayout()
        top.setContentsMargins(8, 8, 8, 0)
        top.setSpacing(4)
        top.addWidget(self.field)
        top.addWidget(self.filters)
        top.addLayout(status)
        below = QVBoxLayout()
        below.setContentsMargins(4, 0, 4, 0)  # with those of a cell, as much as the line above
        below.addWidget(self._stack)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(below, 1)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._wait)
        self.field.entered.connect(self._enter)
        self.field.left_downwards.connect(self._go_down)
        self.field.given_up.connect(self._give_focus_back)
        self.filters.changed.connect(self._change_filters)
        self.examples.activated.connect(self.search)
        self.table.chosen.connect(self.selected)
        self.table.left_upwards.connect(self._go_up)
        self.light.toggled.connect(self._tell_lit)

    # What others call

    @property
    def query(self) -> Query:
        """What is looked for at present."""
        return self._query

    def focus_field(self) -> None:
        """Let a search be typed; Esc leads back to where the focus is now."""
        before = QApplication.focusWidget()
        if before is not None and before is not self and not self.isAncestorOf(before):
            self._focus_before = before
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def search(self, line: str) -> None:
        """Look for what a line says, at once."""
        self.field.setText(line)
        self.field.remember(line)
        self._read()
        self._tell_error()

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return () if self._query.is_empty or self._names is None else (Search(self._query),)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._names = Names(description.addresses)
        self._completer = Completer(self._names)
        self.filters.show_scope("")
        self.table.show_selection(None)
        self._enable(there_is_a_session=True)
        self._query, self._results, self._entered = Query(), None, None
        self._show_results()
        self._read()
        self._tell_error()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """While training runs, not every snapshot has an answer: the one before stays until then."""
        super().show_snapshot(snapshot)
        if self._query.is_empty:
            return
        results = snapshot.answer(Search(self._query))
        if results is not None and results is not self._results:
            self._results = results
            self._show_results()

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        scope = ""
        if scalar is not None and self.description is not None:
            program = self.description.program
            scope = program.tensors[program.tensor[scalar]].path
        self.filters.show_scope(scope)
        self.filters.show_query(self._query)
        self.table.show_selection(scalar)

    # From the line to a query

    def _complete(self, line: str, column: int) -> Completion:
        return Completion(0, 0) if self._completer is None else self._completer.complete(line, column)

    def _wait(self) -> None:
        """Something was typed."""
        self._error = None
        self._long_pause.stop()
        if self.sentence.is_error:
            self.sentence.say(found_sentence(self._results) if self._results is not None else "")
        if self.field.text().strip():
            self._pause.start()
        else:
            self._read()

    def _read(self) -> None:
        """Understand the line. What is not understood may be unfinished: the search before stays for a while."""
        self._pause.stop()
        if self._names is None:
            return
        try:
            query = understood(self.field.text(), self._names)
        except QueryError as error:
            self._error = error
            self._long_pause.start()
            return
        self._error = None
        self._look_for(query)

    def _tell_error_in_time(self) -> None:
        """Say what is wrong, unless suggestions for it can still be taken."""
        if self.completer.is_open:
            self._long_pause.start()
        else:
            self._tell_error()

    def _tell_error(self) -> None:
        """Say what is wrong in the line, if something is."""
        self._long_pause.stop()
        if self._error is None:
            return
        self._look_for(Query())
        self.field.point_to(self._error.column, self._error.length)
        self.sentence.say(error_sentence(self._error), error=True)
        self._show_page(self._examples_page)

    def _look_for(self, query: Query) -> None:
        self.filters.show_query(query)
        if query == self._query:
            return
        self._query, self._results, self._entered = query, None, None
        if query.is_empty:
            self._show_results()
        self.wishes_changed.emit()

    def _change_filters(self, out: tuple[str, ...], text: str) -> None:
        """A button puts a filter into the line, or takes it out."""
        self.completer.close()
        line = without(self.field.text(), out)
        self.search(f"{line} {text}".strip())

    # Results

    def _show_results(self) -> None:
        results = self._results
        self.table.show_results(results)
        if results is None:
            self.sentence.say("")
            self._show_page(self._examples_page)
        else:
            self.sentence.say(found_sentence(results))
            self.empty_state.set_sentence(reason_sentence(results.reason))
            self._show_page(self.table if results.total else self.empty_state)
        self._tell_lit()
        if self._step:
            self._walk()

    def _show_page(self, page: QWidget) -> None:
        if self._names is not None:
            self._stack.setCurrentWidget(page)

    def _tell_lit(self) -> None:
        """Let all that was found be lit, while the panel is in view."""
        in_view = self.isVisible() and self._is_in_front
        lit = self._results.lit if self._results is not None and in_view and self.light.isChecked() else _NO_IDS
        if not np.array_equal(lit, self._lit):
            self._lit = lit
            self.lit.emit(lit)

    # Keys

    def _enter(self, step: int) -> None:
        """Return: search now, and select the first result; again, the next one."""
        self.completer.close()
        self.field.remember(self.field.text())
        self._read()
        self._tell_error()
        self._step = step if not self._query.is_empty else 0
        if self._step and self._results is not None:
            self._walk()

    def _walk(self) -> None:
        """Select the next result."""
        step, self._step = self._step, 0
        count = self.table.rows.rowCount()
        if not count:
            return
        here = self.table.currentIndex().row() if self._entered == self._query else -1
        self._entered = self._query
        self.table.choose((max(here, -1 if step > 0 else 0) + step) % count)

    def _go_down(self) -> None:
        if self.table.rows.rowCount():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            if not self.table.currentIndex().isValid():
                self.table.choose(0)

    def _go_up(self) -> None:
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _give_focus_back(self) -> None:
        before, self._focus_before = self._focus_before, None
        if before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.field.clearFocus()

    # In view or not

    def _show_in_front(self, is_in_front: bool) -> None:
        self._is_in_front = is_in_front
        self._tell_lit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        dock = self.parentWidget()
        if isinstance(dock, QDockWidget) and dock is not self._dock:
            self._dock = dock
            dock.visibilityChanged.connect(self._show_in_front)
        self._tell_lit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tell_lit()

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(345), theme.scaled(330))

    def _timer(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _enable(self, *, there_is_a_session: bool) -> None:
        for widget in (self.field, self.filters, self.light):
            widget.setEnabled(there_is_a_session)
        self._stack.setCurrentWidget(self._examples_page if there_is_a_session else self.empty_state)
