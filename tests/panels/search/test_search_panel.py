"""The Search panel from a person's side: typing, keys, results that live, and what is lit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QLineEdit, QMainWindow, QTabBar, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from microgpt.model import Configuration
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.search import Results, Search
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.search import SearchPanel
from microgpt_studio.panels.search.search_examples import EXAMPLES
from microgpt_studio.panels.search.search_filters import without
from microgpt_studio.panels.search.search_model import Column
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import AddressLink, short

ENTER, ESCAPE, UP, DOWN = Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down


class Searcher:
    """Someone before a Search panel in a window; the rest of the window answers as the worker does."""

    def __init__(self, qtbot: QtBot, session: Session) -> None:
        self.qtbot, self.session = qtbot, session
        self.panel = SearchPanel()
        self.window = QWidget()
        self.elsewhere = QLineEdit()
        column = QVBoxLayout(self.window)
        column.addWidget(self.elsewhere)
        column.addWidget(self.panel)
        qtbot.addWidget(self.window)
        self.selected: list[int] = []
        self.lit: list[list[int]] = []
        self.asked = 0
        self.panel.selected.connect(self._select)
        self.panel.lit.connect(self._light)
        self.panel.wishes_changed.connect(self._ask)
        self.window.resize(345, 380)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.panel.show_session(session.description)

    def _select(self, scalar: int) -> None:
        self.selected.append(scalar)
        self.panel.show_selection(scalar)
        self.answer()

    def _light(self, scalars: np.ndarray) -> None:
        self.lit.append(scalars.tolist())

    def _ask(self) -> None:
        self.asked += 1
        self.answer()

    def answer(self, *, due: bool = True) -> None:
        """What the worker sends."""
        wanted = self.panel.add_wishes(Wanted())
        snapshot = self.session.snapshot(1, wanted, slow_parts_are_due=due)
        self.panel.show_snapshot(snapshot)
        self.panel.show_text(snapshot)

    def type(self, text: str) -> None:
        self.panel.field.setFocus()
        QTest.keyClicks(self.panel.field, text)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focus = self.window.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, modifier)

    def find(self, line: str) -> Results:
        self.panel.search(line)
        results = self.panel.table.rows.results
        assert results is not None
        return results

    @property
    def addresses(self) -> list[str]:
        rows = self.panel.table.rows
        return [rows.text(row, Column.ADDRESS) for row in range(rows.rowCount())]

    @property
    def current(self) -> str | None:
        index = self.panel.table.currentIndex()
        return self.addresses[index.row()] if index.isValid() else None

    def scalar(self, address: str) -> int:
        return self.session.description.addresses.parse(address)


@pytest.fixture
def person(qtbot: QtBot, session: Session) -> Searcher:
    session.run(2)
    return Searcher(qtbot, session)


def shown(widget: QWidget) -> bool:
    return widget.isVisible()


def test_without_a_session_nothing_can_be_searched(qtbot: QtBot) -> None:
    panel = SearchPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert "No session yet" in panel.empty_state.sentence
    assert shown(panel.empty_state)
    assert not panel.field.isEnabled()
    assert list(panel.inquiries()) == []
    panel.focus_field()


def test_examples_are_there_first_and_each_can_be_clicked(person: Searcher) -> None:
    assert shown(person.panel.examples)
    assert list(person.panel.inquiries()) == []
    links = person.panel.examples.findChildren(AddressLink)
    assert [link.text() for link in links] == list(EXAMPLES)
    for link in links:
        QTest.mouseClick(link, Qt.MouseButton.LeftButton)
        assert person.panel.field.text() == link.text()
        assert not person.panel.sentence.is_error
        results = person.panel.table.rows.results
        assert results is not None
        assert results.total or link.text() == "nonfinite", results.reason
        person.panel.search("")
        assert shown(person.panel.examples)


def test_what_is_typed_is_searched_after_a_pause(person: Searcher) -> None:
    person.type("q5")
    assert person.asked == 0
    person.qtbot.waitUntil(lambda: person.asked == 1)
    assert person.addresses[0] == "pos0.layer0.attn.q[5]"
    assert person.panel.sentence.text.startswith(f"{len(person.lit[-1]):,} scalars, the first 100 listed")


def test_numbers_are_short_for_the_eye_and_whole_on_hover(person: Searcher) -> None:
    results = person.find("top:3 by:data")
    model = person.panel.table.rows
    index = model.index(1, Column.DATA)
    number = float(results.data[1])
    assert person.panel.table.rows.data(index, Qt.ItemDataRole.ToolTipRole) == repr(number)
    assert person.panel.table.rows.data(index, Qt.ItemDataRole.UserRole) == short(number)
    assert model.headerData(Column.DATA, Qt.Orientation.Horizontal) == "Data"


def test_what_is_not_there_is_said_in_words(person: Searcher) -> None:
    results = person.find("pos0.prob")
    row = int(np.flatnonzero(results.grad_reach != 1)[0])
    model = person.panel.table.rows
    index = model.index(row, Column.GRAD)
    assert model.data(index, Qt.ItemDataRole.UserRole) == "none"
    assert "the loss does not depend on it" in model.data(index, Qt.ItemDataRole.ToolTipRole)
    person.session.go_to_place(Place(2, 10))
    person.answer()
    index = model.index(row, Column.DATA)
    assert model.data(index, Qt.ItemDataRole.UserRole) == "not yet"
    assert model.data(index, Qt.ItemDataRole.ToolTipRole) == "data is not computed yet"


def test_a_walk_with_the_keyboard(person: Searcher) -> None:
    person.elsewhere.setFocus()
    person.panel.focus_field()
    assert person.panel.field.hasFocus()
    person.type("pos1 q5")
    person.press(ENTER)
    assert person.selected == [person.scalar("pos1.layer0.attn.q[5]")]
    assert person.panel.field.hasFocus()
    person.press(ENTER)
    assert person.selected[-1] == person.scalar("pos1.layer1.attn.q[5]")
    person.press(ENTER, Qt.KeyboardModifier.ShiftModifier)
    assert person.current == "pos1.layer0.attn.q[5]"
    person.press(DOWN)
    assert person.panel.table.hasFocus()
    person.press(DOWN)
    assert person.selected[-1] == person.scalar("pos1.layer1.attn.q[5]")
    person.press(UP)
    person.press(UP)
    assert person.panel.field.hasFocus()
    person.press(ESCAPE)
    assert person.panel.field.text() == ""
    assert shown(person.panel.examples)
    person.press(ESCAPE)
    assert person.elsewhere.hasFocus()


def test_selecting_does_not_search_again(person: Searcher) -> None:
    person.find("q5")
    asked, query = person.asked, person.panel.query
    table = person.panel.table
    for row in (3, 1):
        place = table.visualRect(table.rows.index(row, Column.ADDRESS)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert person.selected[-1] == table.rows.scalar(row)
        assert table.currentIndex().row() == row
    assert (person.asked, person.panel.query) == (asked, query)
    assert len(person.selected) == 2


def test_what_is_selected_elsewhere_is_marked_and_not_selected_again(person: Searcher) -> None:
    person.find("q5")
    person.panel.show_selection(person.scalar("pos2.layer0.attn.q[5]"))
    assert person.current == "pos2.layer0.attn.q[5]"
    person.panel.show_selection(person.scalar("wte[0,0]"))
    assert person.current is None
    assert person.selected == []


def test_while_training_runs_numbers_and_ranks_change_in_place(person: Searcher) -> None:
    results = person.find("top:4 by:grad op:parameter")
    person.panel.table.choose(1)
    chosen, selected = person.selected[0], len(person.selected)
    resets: list[object] = []
    person.panel.table.rows.modelReset.connect(lambda: resets.append(1))
    person.session.run(1)
    person.answer(due=False)
    assert person.panel.table.rows.results is not results or person.addresses == list(results.addresses)
    before = person.addresses
    person.answer()
    after = person.panel.table.rows.results
    assert after is not None
    machine = person.session.runner.machine
    sizes = np.abs(machine.grad[: machine.program.num_parameters])
    assert np.abs(after.grad).tolist() == np.sort(sizes)[::-1][:4].tolist()
    assert person.addresses != before
    assert person.panel.table.rows.find(chosen) == person.panel.table.currentIndex().row()
    assert len(person.selected) == selected
    assert resets == []


def test_a_mistake_is_told_at_its_column_and_takes_the_results_away(person: Searcher) -> None:
    person.find("q5")
    assert person.lit[-1]
    person.panel.field.clear()
    person.type("scope:pos3.layr0 q")
    person.press(ENTER)
    assert person.panel.sentence.is_error
    assert "Column 7: there is no scope 'pos3.layr0'; did you mean pos3.layer0?" in person.panel.sentence.text
    assert person.panel.field.mistake == (6, 16)
    assert person.lit[-1] == []
    assert list(person.panel.inquiries()) == []
    person.type("x")
    assert not person.panel.sentence.is_error
    assert person.panel.field.mistake is None


def test_an_unfinished_word_is_no_mistake_yet(person: Searcher) -> None:
    person.find("q5")
    person.type(" op:")
    person.panel._read()  # the short pause is over
    assert not person.panel.sentence.is_error
    assert person.addresses[0] == "pos0.layer0.attn.q[5]"
    assert person.panel.completer.is_open
    person.panel._tell_error_in_time()  # and the long one
    assert not person.panel.sentence.is_error
    person.panel.completer.close()
    person.panel._tell_error_in_time()
    assert person.panel.sentence.is_error


def test_nothing_found_is_a_sentence(person: Searcher) -> None:
    results = person.find("op:exp q")
    assert results.total == 0
    assert shown(person.panel.empty_state)
    assert person.panel.empty_state.sentence.endswith("there are sum, mul.")
    assert person.panel.sentence.text == ""


def test_earlier_searches_come_back_with_up(person: Searcher) -> None:
    for line in ("q5", "op:exp", "q5", "nonfinite"):
        person.panel.field.clear()
        person.type(line)
        person.press(ENTER)
    person.press(ESCAPE)
    lines = []
    for key in (UP, UP, UP, UP, DOWN, DOWN, DOWN):
        person.press(key)
        lines.append(person.panel.field.text())
    assert lines == ["nonfinite", "q5", "op:exp", "op:exp", "q5", "nonfinite", ""]
    person.type("x")
    person.press(UP)
    assert person.panel.field.text() == "x"


def test_return_belongs_to_the_search_and_not_to_suggestions(person: Searcher) -> None:
    person.type("pos1.layer0.attn.q")
    assert person.panel.completer.is_open
    person.press(ENTER)
    assert person.panel.field.text() == "pos1.layer0.attn.q"
    assert person.selected == [person.scalar("pos1.layer0.attn.q[0]")]
    assert not person.panel.completer.is_open


def test_suggestions_lead_to_a_single_operation(person: Searcher) -> None:
    person.type("pos1.layer0.attn.q[")
    for _ in range(3):
        person.press(DOWN)
    person.press(ENTER)
    assert person.panel.field.text() == "pos1.layer0.attn.q[2]"
    person.type(".m")
    person.press(Qt.Key.Key_Tab)
    person.press(ENTER)
    assert person.selected == [person.scalar("pos1.layer0.attn.q[2].mul[0]")]


def test_buttons_put_filters_into_the_line_and_take_them_out(person: Searcher) -> None:
    filters, field = person.panel.filters, person.panel.field
    person.panel.search("q5")
    filters.top_grad.click()
    assert field.text() == "q5 top:20 by:grad"
    assert len(person.addresses) == 20
    filters.top_data.click()
    assert field.text() == "q5 top:20 by:data"
    assert (filters.top_grad.isChecked(), filters.top_data.isChecked()) == (False, True)
    filters.top_data.click()
    assert field.text() == "q5"
    assert not filters.in_scope.isEnabled()
    person.panel.show_selection(person.scalar("pos1.layer0.attn.q[3]"))
    filters.in_scope.click()
    assert field.text() == "q5 scope:pos1.layer0.attn.q"
    assert filters.in_scope.isChecked()
    person.panel.show_selection(person.scalar("wte[0,0]"))
    assert not filters.in_scope.isChecked()
    filters.in_scope.click()
    assert field.text() == "q5 scope:wte"
    filters.nonfinite.click()
    assert field.text() == "q5 scope:wte nonfinite"


@pytest.mark.parametrize(
    ("line", "names", "left"),
    [
        ("top:20 by:grad q", ("top", "by"), "q"),
        ("q TOP:3", ("top",), "q"),
        ("stop:3 q", ("top",), "stop:3 q"),
        ("nonfinite x nonfinite", ("nonfinite",), "x"),
        ("nonfinitely", ("nonfinite",), "nonfinitely"),
    ],
)
def test_a_filter_leaves_a_line(line: str, names: tuple[str, ...], left: str) -> None:
    assert without(line, names) == left


def test_all_that_is_found_is_lit_while_it_is_wanted_and_seen(person: Searcher) -> None:
    results = person.find("q5")
    assert person.lit == [results.lit.tolist()]
    assert results.total > len(results.scalars)
    person.answer()
    assert len(person.lit) == 1  # the same again is no news
    person.panel.light.setChecked(False)
    assert person.lit[-1] == []
    person.panel.light.setChecked(True)
    person.panel.hide()
    assert person.lit[-1] == []
    person.panel.show()
    assert person.lit[-1] == results.lit.tolist()
    person.panel.search("")
    assert person.lit[-1] == []


def test_behind_another_tab_nothing_is_lit(qtbot: QtBot, session: Session) -> None:
    session.run(1)
    window, panel = QMainWindow(), SearchPanel()
    qtbot.addWidget(window)
    docks = [QDockWidget("Search", window), QDockWidget("Other", window)]
    docks[0].setWidget(panel)
    docks[1].setWidget(QWidget())
    for dock in docks:
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    window.tabifyDockWidget(*docks)
    window.show()
    docks[0].raise_()
    lit: list[int] = []
    panel.lit.connect(lambda scalars: lit.append(len(scalars)))
    panel.show_session(session.description)
    panel.search("q5")
    panel.show_snapshot(session.snapshot(1, panel.add_wishes(Wanted())))
    assert lit[-1] > 0
    tabs = window.findChildren(QTabBar)
    assert tabs
    docks[1].raise_()
    qtbot.waitUntil(lambda: lit[-1] == 0)
    docks[0].raise_()
    qtbot.waitUntil(lambda: lit[-1] > 0)


def test_a_new_session_keeps_the_line_and_searches_again(person: Searcher) -> None:
    person.find("layer1 q5")
    asked = person.asked
    settings = Settings(n_layer=2, n_embd=8, n_head=2, block_size=4, num_steps=20)
    documents = ["abc", "cab", "bca"]
    program = record(Configuration(4, n_layer=2, n_embd=8, n_head=2, block_size=4))
    person.session = Session(settings, documents, program, "three names")
    person.panel.show_session(person.session.description)
    assert person.panel.field.text() == "layer1 q5"
    assert person.asked > asked
    assert [address for address in person.addresses if ".mul" not in address and ".sum" not in address] == [
        f"pos{position}.layer1.attn.q[5]" for position in range(4)
    ]


def test_a_line_that_a_new_session_does_not_understand_is_told(person: Searcher) -> None:
    person.find("scope:layer1 q5")
    program = record(Configuration(4, n_layer=1, n_embd=4, n_head=1, block_size=4))
    settings = Settings(n_layer=1, n_embd=4, n_head=1, block_size=4, num_steps=20)
    person.session = Session(settings, ["abc"], program, "one name")
    person.panel.show_session(person.session.description)
    assert "there is no scope 'layer1'; did you mean layer0?" in person.panel.sentence.text
    assert person.lit[-1] == []
    assert list(person.panel.inquiries()) == []


def test_an_old_answer_is_not_shown(person: Searcher) -> None:
    person.find("q5")
    old = person.session.snapshot(1, person.panel.add_wishes(Wanted()))
    results = person.find("op:exp")
    person.panel.show_snapshot(old)
    assert person.panel.table.rows.results is results
    assert old.answer(Search(person.panel.query)) is None


def test_copying_takes_every_digit(person: Searcher) -> None:
    results = person.find("top:3 by:data")
    table = person.panel.table
    table.setFocus()
    table.setCurrentIndex(table.rows.index(1, Column.DATA))
    person.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == repr(float(results.data[1]))
    table.copy_address_action.trigger()
    assert QGuiApplication.clipboard().text() == results.addresses[1]


@pytest.mark.parametrize(("width", "two_lines"), [(345, True), (900, False)])
def test_an_address_is_never_cut(person: Searcher, width: int, two_lines: bool, dress: Callable[..., object]) -> None:
    person.window.resize(width, 380)
    person.find("head0 weight exp")
    table = person.panel.table
    widest = max(map(table.fontMetrics().horizontalAdvance, ["0" * len(a) for a in person.addresses]))
    assert table.isColumnHidden(Column.OPERATION) == two_lines
    assert table.isColumnHidden(Column.OTHER)
    room = table.viewport().width() if two_lines else table.columnWidth(Column.ADDRESS)
    assert widest <= room
    assert sum(table.columnWidth(column) for column in Column) == table.viewport().width()
    height = table.rowHeight(0)
    dress("light", 1.5)
    assert table.rowHeight(0) > height
    assert current_theme().text_scale == 1.5


def test_a_number_of_adam_has_a_column(person: Searcher) -> None:
    person.find("top:3 by:update")
    table = person.panel.table
    assert not table.isColumnHidden(Column.OTHER)
    assert table.rows.headerData(Column.OTHER, Qt.Orientation.Horizontal) == "Update"
    person.find("top:3")
    assert table.isColumnHidden(Column.OTHER)


def test_the_rows_are_a_proper_model(person: Searcher, qtmodeltester) -> None:
    model = person.panel.table.rows
    qtmodeltester.check(model)
    for line in ("q5", "top:3", "top:30", "op:exp q", "pos1"):
        results = person.find(line)
        qtmodeltester.check(model)
        assert model.rowCount() == len(results.scalars)
