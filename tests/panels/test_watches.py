"""The Watches panel shows what the rows of a snapshot say, and asks for every change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QLineEdit

from microgpt_studio.bridge.commands import AddWatch, RemoveWatch, ReplaceWatch
from microgpt_studio.debugger.events import Accepted, EditRefused
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted, WatchRow
from microgpt_studio.debugger.watches import Watches
from microgpt_studio.panels.watches import WatchesPanel
from microgpt_studio.panels.watches_model import Column
from microgpt_studio.panels.watches_words import Meaning, full_text, reason_text
from microgpt_studio.theme import apply_theme

TEXTS = ["layer0.attn_wq[0,0]", 'grad("wte[0,0]") * 2', "loss", "document", "loss > 1", 'data("pos7.loss")', "step"]


@pytest.fixture
def panel(qtbot) -> WatchesPanel:
    panel = WatchesPanel()
    qtbot.addWidget(panel)
    panel.resize(340, 300)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    return panel


@pytest.fixture
def watches(session: Session) -> Watches:
    watches = Watches(session.description.addresses)
    for text in TEXTS:
        watches.add(text)
    return watches


@pytest.fixture
def update(panel, session, watches) -> Callable[[], None]:
    """Show the present moment; the session is new to the panel the first time."""

    def update() -> None:
        if panel.description is None:
            panel.show_session(session.description)
        snapshot = replace(session.snapshot(1, Wanted(watches=True)), watches=watches.rows(session.execution))
        panel.show_snapshot(snapshot)
        panel.show_text(snapshot)

    return update


@pytest.fixture
def asked(panel) -> list[object]:
    commands: list[object] = []
    panel.commanded.connect(commands.append)
    return commands


def cell(panel: WatchesPanel, row: int, column: Column) -> str:
    return panel.table.watches.index(row, column).data()


def shown(panel: WatchesPanel) -> set[Column]:
    return {column for column in Column if not panel.table.isColumnHidden(column)}


def editor(panel: WatchesPanel) -> QLineEdit:
    found = panel.table.indexWidget(panel.table.currentIndex().siblingAtColumn(Column.EXPRESSION))
    assert isinstance(found, QLineEdit)
    return found


def is_editing(panel: WatchesPanel) -> bool:
    return panel.table.state() is QAbstractItemView.State.EditingState


def test_without_watches_it_says_how_to_add_one(panel, session):
    assert not panel.line.isEnabled()
    panel.show_session(session.description)
    panel.show_snapshot(replace(session.snapshot(1, Wanted()), watches=()))
    assert panel.line.isEnabled() and panel.empty_state.isVisible() and not panel.table.isVisible()
    assert "wte[0,0]" in panel.empty_state.sentence


def test_every_number_is_the_sessions(panel, session, watches, update):
    session.run(5)
    update()
    rows = watches.rows(session.execution)
    for i, row in enumerate(rows):
        assert cell(panel, i, Column.EXPRESSION) == TEXTS[i]
        expected = row.reason if row.reason is not None else full_text(row.value)
        assert cell(panel, i, Column.VALUE) == expected
        assert cell(panel, i, Column.CHANGE) == full_text(row.change)
        assert cell(panel, i, Column.PREVIOUS) == full_text(row.previous)
    losses = session.execution.log.losses
    assert float(cell(panel, 2, Column.VALUE)) == losses[4]
    assert float(cell(panel, 2, Column.CHANGE)) == losses[4] - losses[3]
    assert repr(float(losses[:5].min())) in cell(panel, 2, Column.HISTORY)
    panel.grab()


def test_what_is_not_computed_is_told(panel, session, update):
    session.run(3)
    session.execution.go_to(Place(3, 20))
    update()
    assert cell(panel, 2, Column.VALUE) == 'data("loss") is not computed yet'
    assert cell(panel, 2, Column.CHANGE) == "" and float(cell(panel, 2, Column.PREVIOUS)) > 0
    assert panel.table.columnSpan(2, Column.VALUE) == 2 and panel.table.columnSpan(0, Column.VALUE) == 1
    panel.grab()
    session.execution.go_to(Place(3, session.execution.length))
    update()
    assert panel.table.columnSpan(2, Column.VALUE) == 1


def test_one_that_means_nothing_here_says_so(panel, session, update, watches):
    plain = {"version": 1, "next": 2, "watches": [{"id": 1, "text": "wte[99,0]"}]}
    panel.show_session(session.description)
    rows = Watches.from_json(plain, session.description.addresses).rows(session.execution)
    panel.show_snapshot(replace(session.snapshot(1, Wanted()), watches=rows))
    assert "wte" in cell(panel, 0, Column.VALUE) == rows[0].reason
    assert panel.table.columnSpan(0, Column.VALUE) == 4
    assert reason_text(rows[0], Meaning(False)).startswith("⚠ ")
    panel.grab()


def test_a_snapshot_without_watches_changes_nothing(panel, session, update):
    session.run(2)
    update()
    before = [cell(panel, i, Column.VALUE) for i in range(len(TEXTS))]
    session.run(1)
    panel.show_snapshot(session.snapshot(2, Wanted()))
    assert [cell(panel, i, Column.VALUE) for i in range(len(TEXTS))] == before


def test_a_new_session_has_no_rows_yet(panel, session, update):
    update()
    panel.show_session(session.description)
    assert panel.table.watches.rowCount() == 0 and panel.empty_state.isVisible()


def test_adding(panel, qtbot, session, watches, update, asked):
    update()
    panel.line.setText("  lr * 2 ")
    qtbot.keyClick(panel.line, Qt.Key.Key_Return)
    assert [type(command) for command in asked] == [AddWatch] and asked[0].text == "  lr * 2 "
    assert panel.line.text() == "  lr * 2 "
    watches.add(asked[0].text)
    panel.show_event(Accepted(AddWatch("lr * 2")))  # another one
    assert panel.line.text() == "  lr * 2 "
    panel.show_event(Accepted(asked[0]))
    assert panel.line.text() == ""
    update()
    assert panel.table.current is not None and panel.table.current.text == "lr * 2"


def test_what_was_typed_since_is_kept(panel, update, asked):
    update()
    panel.line.setText("lr")
    panel.line.returnPressed.emit()
    panel.line.setText("los")
    panel.show_event(Accepted(asked[0]))
    assert panel.line.text() == "los"


def test_a_refusal_stands_under_the_line(panel, qtbot, update, asked):
    update()
    panel.line.setText("loss > grd(1)")
    panel.line.returnPressed.emit()
    panel.show_event(EditRefused(AddWatch("loss > grd(1)"), "something else"))
    assert not panel.sentence.isVisible()
    panel.show_event(EditRefused(asked[0], "there is no grd; did you mean grad?", "", 7))
    assert panel.line.text() == "loss > grd(1)" and panel.line.cursorPosition() == 7
    assert panel.sentence.text == "⚠ Column 8: there is no grd; did you mean grad?"
    assert panel.sentence.isVisible() and panel.sentence.is_error
    panel.grab()
    qtbot.keyClick(panel.line, Qt.Key.Key_A)
    assert not panel.sentence.isVisible()
    qtbot.keyClick(panel.line, Qt.Key.Key_Escape)
    assert panel.line.text() == ""


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_F2])
def test_editing_in_place(panel, qtbot, update, asked, key):
    update()
    panel.table.select(3)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, key)
    line = editor(panel)
    assert line.text() == "loss"
    line.setText("loss * 2")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not is_editing(panel))
    assert [type(command) for command in asked] == [ReplaceWatch]
    assert (asked[0].id, asked[0].text) == (3, "loss * 2")
    assert cell(panel, 2, Column.EXPRESSION) == "loss"  # until it is accepted


def test_a_refused_edit_goes_on(panel, qtbot, update, asked):
    update()
    panel.table.select(3)
    panel.table.edit_current()
    editor(panel).setText("lss")
    qtbot.keyClick(editor(panel), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not is_editing(panel))
    panel.table.select(1)
    panel.show_event(EditRefused(asked[0], "there is no lss; did you mean loss?", "", 0))
    line = editor(panel)
    assert panel.table.current.id == 3
    assert line.text() == "lss" and line.cursorPosition() == 0 and not line.hasSelectedText()
    assert panel.sentence.text == "⚠ Column 1: there is no lss; did you mean loss?"
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert not panel.sentence.isVisible() and cell(panel, 2, Column.EXPRESSION) == "loss"


def test_an_open_editor_outlives_new_numbers(panel, session, update):
    update()
    panel.table.select(3)
    panel.table.edit_current()
    editor(panel).setText("loss + 1")
    session.run(1)
    update()
    assert editor(panel).text() == "loss + 1"


def test_an_edit_that_changes_nothing_asks_for_nothing(panel, qtbot, update, asked):
    update()
    panel.table.select(3)
    panel.table.edit_current()
    qtbot.keyClick(editor(panel), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not is_editing(panel))
    assert asked == []


def test_removing(panel, qtbot, watches, update, asked):
    update()
    panel.table.select(2)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert [type(command) for command in asked] == [RemoveWatch] and asked[0].id == 2
    watches.remove(2)
    update()
    assert [row.id for row in panel.table.watches.rows] == [1, 3, 4, 5, 6, 7]
    for number in (1, 3, 4, 5, 6, 7):
        watches.remove(number)
    update()
    assert panel.empty_state.isVisible()
    panel.table.remove_action.trigger()
    panel.table.copy_action.trigger()
    assert len(asked) == 1


def test_a_click_selects_the_scalar(panel, qtbot, session, update):
    update()
    told: list[int] = []
    panel.selected.connect(told.append)
    table = panel.table
    for row in range(len(TEXTS)):
        center = table.visualRect(table.watches.index(row, Column.EXPRESSION)).center()
        if not table.viewport().rect().contains(center):
            table.scrollTo(table.watches.index(row, Column.EXPRESSION))
            center = table.visualRect(table.watches.index(row, Column.EXPRESSION)).center()
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=center)
    parse = session.description.addresses.parse
    assert told == [parse("layer0.attn_wq[0,0]"), parse("loss"), parse("pos7.loss")]
    table.select(1)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert told[3:] == [parse("layer0.attn_wq[0,0]")]
    table.select(2)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert len(told) == 4


def test_the_number_is_copied_in_full(panel, qtbot, session, watches, update):
    session.run(2)
    update()
    panel.table.setFocus()
    clipboard, row = QGuiApplication.clipboard(), watches.rows(session.execution)[2]
    for column, number in (
        (Column.EXPRESSION, row.value),
        (Column.VALUE, row.value),
        (Column.CHANGE, row.change),
        (Column.PREVIOUS, row.previous),
    ):
        clipboard.setText("")
        panel.table.setCurrentIndex(panel.table.watches.index(2, column))
        qtbot.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert float(clipboard.text()) == number
    session.execution.go_to(Place(2, 5))
    update()
    clipboard.setText("before")
    panel.table.select(3)
    panel.table.copy()
    assert clipboard.text() == "before"


def test_watching_the_selection(panel, session, watches, update, asked):
    panel.watch_selection()
    assert panel.sentence.is_error and asked == []
    update()
    scalar = session.description.addresses.parse("wte[1,2]")
    panel.show_selection(scalar)
    panel.watch_selection()
    assert [command.text for command in asked] == ["wte[1,2]"]
    watches.add("wte[1,2]")
    panel.show_event(Accepted(asked[0]))
    update()
    panel.table.select(1)
    panel.watch_selection()
    assert len(asked) == 1 and panel.table.current.text == "wte[1,2]"


def test_columns_come_with_the_room(panel, session, update):
    session.run(3)
    update()
    columns = []
    for width in (120, 200, 340, 900):
        panel.resize(width, 300)
        panel.grab()
        columns.append(shown(panel))
        total = sum(panel.table.columnWidth(column) for column in shown(panel))
        assert total <= panel.table.viewport().width() or width == 120
    assert columns[0] <= columns[1] <= columns[2] <= columns[3]
    assert columns[0] == {Column.EXPRESSION, Column.VALUE}
    assert columns[2] == set(Column) - {Column.PREVIOUS} and columns[3] == set(Column)


def test_a_long_expression_has_a_line_of_its_own(panel, update):
    update()
    assert panel.table.rowHeight(1) > panel.table.rowHeight(2)
    panel.resize(1200, 300)
    assert panel.table.rowHeight(1) == panel.table.rowHeight(2)


def test_it_follows_the_theme(panel, session, update, qapp):
    session.run(3)
    update()
    heights = []
    try:
        for name, scale in (("dark", 0.7), ("dark", 1.0), ("light", 2.0)):
            apply_theme(qapp, name, scale)
            panel.grab()
            heights.append(panel.table.rowHeight(2))
        assert heights == sorted(set(heights))
    finally:
        apply_theme(qapp, "dark")


def test_curves_of_all_kinds_are_drawn(panel, session):
    nan, inf = float("nan"), float("inf")
    histories = [(), (1.0,), (nan,), (1.0, nan, 2.0), (inf, -1.0, 1.0, -inf), (0.0,) * 48, (1e308, -1e308), (inf,)]
    rows = [WatchRow(i, "loss", 1.0, None, None, None, 0, np.array(history)) for i, history in enumerate(histories)]
    panel.show_session(session.description)
    panel.show_snapshot(replace(session.snapshot(1, Wanted()), watches=tuple(rows)))
    panel.grab()
    assert panel.table.watches.rowCount() == len(histories)
