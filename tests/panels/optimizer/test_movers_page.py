"""The movers: every figure is in the snapshot, the rows are sorted and are links."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.debugger.movers import Movers, Sign
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.debugger.update_spans import ALL, between, last
from microgpt_studio.panels.optimizer.head import Tab
from microgpt_studio.panels.optimizer.movers_model import SHARE_ROLE, SIGNS, Column
from microgpt_studio.theme import apply_theme
from microgpt_studio.widgets import full

PARAMETER = 40


@pytest.fixture
def chosen(panel):
    """The scalars that the panel has selected."""
    scalars: list[int] = []
    panel.selected.connect(scalars.append)
    return scalars


@pytest.fixture
def moving(panel, session, replay):
    """The page in front after some updates, and the answer that it shows."""
    session.run(12)
    panel.turn_to(Tab.MOVERS)
    replay(panel, session, PARAMETER)
    return panel.snapshot.answer(Movers(last(100)))


def column_of(page, column):
    model = page.table.rows
    return [model.number(row, column) for row in range(model.rowCount())]


def parameters_of(page):
    model = page.table.rows
    return [model.parameter(row) for row in range(model.rowCount())]


def test_all_parameters_are_listed_the_farthest_first(panel, session, moving):
    page, model = panel.movers, panel.movers.table.rows
    assert sorted(parameters_of(page)) == list(range(session.description.program.num_parameters))
    distances = column_of(page, Column.MOVED)
    assert [abs(x) for x in distances] == sorted((abs(x) for x in distances), reverse=True)
    for row in range(0, model.rowCount(), 17):
        parameter = model.parameter(row)
        assert model.text(row, Column.ADDRESS) == session.description.addresses.format(parameter)
        assert model.text(row, Column.MOVED) == full(moving.after[parameter] - moving.before[parameter])
        for column, sign in SIGNS.items():
            assert model.text(row, column) == str(moving.flips[sign, parameter])
    assert page.sentence.text.startswith("Updates 1 to 12.")
    panel.grab()


@pytest.mark.parametrize(("column", "sign"), list(SIGNS.items()))
def test_a_heading_sorts_by_its_column(panel, moving, column, sign):
    page = panel.movers
    page.table.horizontalHeader().sectionClicked.emit(column)
    counts = column_of(page, column)
    assert counts == sorted(moving.flips[sign].tolist(), reverse=True)
    headings = [page.table.rows.headerData(each, Qt.Orientation.Horizontal) for each in Column]
    assert [heading.endswith("↓") for heading in headings] == [each is column for each in Column]
    page.table.sort_by(Column.ADDRESS)
    assert parameters_of(page) == list(range(len(moving.before)))


def test_one_matrix_can_be_chosen(panel, session, moving):
    page = panel.movers
    index = page.scope_combo.findText("layer0.attn_wk")
    page.scope_combo.setCurrentIndex(index)
    page.scope_combo.activated.emit(index)
    matrix = next(tensor for tensor in session.description.program.tensors if tensor.path == "layer0.attn_wk")
    assert sorted(parameters_of(page)) == list(range(matrix.start, matrix.stop))
    page.scope_combo.setCurrentIndex(0)
    page.scope_combo.activated.emit(0)
    assert len(parameters_of(page)) == session.description.program.num_parameters


def test_a_row_is_a_link(panel, moving, chosen, qtbot):
    table = panel.movers.table
    spot = table.visualRect(table.rows.index(2, Column.MOVED)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert chosen == [table.rows.parameter(2)]
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert chosen[-1] == table.rows.parameter(3)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert chosen[-2:] == [table.rows.parameter(3)] * 2


def test_the_selected_parameter_is_the_current_row_and_nobody_has_chosen_it(panel, session, moving, show, chosen):
    table = panel.movers.table
    assert table.rows.parameter(table.currentIndex().row()) == PARAMETER
    show(panel, session, PARAMETER + 3, new=False)
    assert table.rows.parameter(table.currentIndex().row()) == PARAMETER + 3
    show(panel, session, session.description.program.loss, new=False)
    assert not table.currentIndex().isValid()
    assert chosen == []


def test_copy_takes_the_current_cell_in_full(panel, moving):
    table = panel.movers.table
    table.setCurrentIndex(table.rows.index(1, Column.MOVED))
    table.copy_action.trigger()
    parameter = table.rows.parameter(1)
    assert QGuiApplication.clipboard().text() == full(moving.after[parameter] - moving.before[parameter])


def test_hovering_tells_all_of_a_row(panel, session, moving):
    model = panel.movers.table.rows
    parameter = model.parameter(0)
    lines = str(model.index(0, Column.MOVED).data(Qt.ItemDataRole.ToolTipRole)).splitlines()
    assert lines[0] == session.description.addresses.format(parameter)
    assert lines[1] == f"before update 1: {full(moving.before[parameter])}"
    assert lines[2] == f"after update 12: {full(moving.after[parameter])}"
    counts = [int(moving.flips[sign, parameter]) for sign in Sign]
    assert lines[4] == "changes of sign: Δ {}, g {}, w {}".format(*counts)


def test_before_the_first_update_nothing_has_moved(panel, session, replay):
    panel.turn_to(Tab.MOVERS)
    replay(panel, session, PARAMETER)
    assert panel.movers.table.rows.rowCount() == 0
    assert panel.movers.sentence.text == "No update is done yet: nothing has moved."


def test_it_grows_and_says_how_far_it_is(panel, session, show):
    session.run(8)
    panel.turn_to(Tab.MOVERS)
    show(panel, session, PARAMETER)
    session.trace_on(lambda: True)
    show(panel, session, PARAMETER, new=False)
    assert panel.movers.sentence.text == "Replayed 1 of 8 updates, 1 to 8."
    assert panel.movers.table.rows.rowCount() == session.description.program.num_parameters


def test_while_training_is_faster_than_the_replay_it_gets_on_with_one_range(panel, session, show):
    panel.movers.chooser.choose(last(3))
    panel.turn_to(Tab.MOVERS)
    show(panel, session, PARAMETER)
    assert panel.movers.sentence.text == "No update is done yet: nothing has moved."
    said = []
    for _ in range(5):
        session.run(4)
        session.trace_on(lambda: True)
        show(panel, session, PARAMETER, new=False)
        said.append(panel.movers.sentence.text.split(" ±")[0])
    assert said == [
        "Replayed 0 of 3 updates, 2 to 4.",
        "Replayed 0 of 3 updates, 2 to 4.",  # the one before is replayed first, from a saved state
        "Replayed 1 of 3 updates, 2 to 4.",
        "Replayed 2 of 3 updates, 2 to 4.",
        "Updates 2 to 4.",
    ]
    assert panel.movers.table.rows.rowCount() == session.description.program.num_parameters


def test_of_updates_that_are_to_come_it_says_so(panel, session, replay):
    session.run(4)
    panel.movers.chooser.choose(between(9, 12))
    panel.turn_to(Tab.MOVERS)
    replay(panel, session, PARAMETER)
    assert panel.movers.sentence.text == "None of these updates is done yet."


def test_before_the_first_answer_it_says_that_it_is_being_found(panel, session):
    session.run(4)
    panel.turn_to(Tab.MOVERS)
    panel.show_session(session.description)
    panel.show_selection(PARAMETER)
    snapshot = session.snapshot(1, Wanted(parameters=True))
    panel.show_snapshot(snapshot)
    panel.show_text(snapshot)
    assert panel.movers.sentence.text == "Looking through the updates…"


def test_a_range_that_is_none_is_refused(panel, session, moving, qtbot):
    chooser = panel.movers.chooser
    chooser.combo.setEditText("12")
    qtbot.keyClick(chooser.combo.lineEdit(), Qt.Key.Key_Return)
    assert panel.movers.sentence.is_error
    chooser.choose(ALL)
    assert not panel.movers.sentence.is_error
    assert list(panel.inquiries()) == [Movers(ALL)]


def test_where_an_address_is_too_long_rows_have_two_lines(panel, moving, qapp, qtbot):
    table = panel.movers.table
    panel.resize(420, 400)
    qtbot.waitUntil(lambda: not table._delegate.has_two_lines)
    one = table.rowHeight(0)
    panel.resize(260, 400)
    qtbot.waitUntil(lambda: table._delegate.has_two_lines)
    assert table.rowHeight(0) > one
    panel.grab()
    apply_theme(qapp, "light", 1.5)
    panel.grab()
    assert sum(table.columnWidth(column) for column in Column) <= table.viewport().width()


def test_what_is_shown_is_what_a_snapshot_of_the_moment_has(panel, session, moving, replay):
    session.go_to(5)
    replay(panel, session, PARAMETER, new=False)
    answer = session.snapshot(9, Wanted(inquiries=frozenset([Movers(last(100))]))).answer(Movers(last(100)))
    assert (answer.first, answer.done) == (0, 5)
    distances = np.array(column_of(panel.movers, Column.MOVED))
    assert np.array_equal(distances, answer.moved[parameters_of(panel.movers)])


def test_a_new_session_voids_the_rows(panel, session, moving):
    panel.show_session(session.description)
    assert panel.movers.table.rows.rowCount() == 0
    assert panel.movers.table.indexAt(QPoint(9, 9)).row() == -1


def test_bars_are_shares_of_the_largest(panel, moving):
    model = panel.movers.table.rows
    largest = np.abs(moving.moved).max()
    for row in range(0, model.rowCount(), 101):
        share = abs(moving.moved[model.parameter(row)]) / largest
        assert model.index(row, Column.MOVED).data(SHARE_ROLE) == share
    assert model.share(0, Column.MOVED) == 1.0
    assert model.index(0, Column.ADDRESS).data(SHARE_ROLE) is None
