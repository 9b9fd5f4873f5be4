"""The Paths panel asks about the selection, shows the answer, and lights what it is asked to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.paths import PathsOf
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Snapshot, Wanted
from microgpt_studio.panels.paths import PathsPanel
from microgpt_studio.panels.paths.chain_rows import as_text
from microgpt_studio.panels.paths.toolbar import Light, View
from microgpt_studio.panels.paths.words import EMPTY, WAITING
from microgpt_studio.theme import apply_theme

ADDRESS = "wpe[1,3]"


@pytest.fixture
def panel(qtbot) -> PathsPanel:
    panel = PathsPanel()
    qtbot.addWidget(panel)
    panel.resize(345, 340)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    return panel


@pytest.fixture
def take(panel, session: Session) -> Callable[[], Snapshot]:
    """Show the present moment, with what the panel asks for."""

    def take() -> Snapshot:
        snapshot = session.snapshot(1, Wanted(inquiries=frozenset(panel.inquiries())))
        panel.show_snapshot(snapshot)
        panel.show_text(snapshot)
        return snapshot

    return take


@pytest.fixture
def select(panel, session: Session, take) -> Callable[[str], int]:
    """Select a scalar and show the moment."""

    def select(address: str) -> int:
        scalar = session.description.addresses.parse(address)
        panel.show_selection(scalar)
        take()
        return scalar

    return select


@pytest.fixture
def lit(panel) -> list[np.ndarray]:
    """What was lit, and told to the panel again as the window does."""
    told: list[np.ndarray] = []
    panel.lit.connect(told.append)
    panel.lit.connect(panel.show_lit)
    return told


@pytest.fixture
def shown(panel, session: Session, select) -> PathsPanel:
    """After two updates, with a parameter selected."""
    session.run(2)
    panel.show_session(session.description)
    select(ADDRESS)
    return panel


def test_it_asks_about_the_selection(panel, session):
    assert list(panel.inquiries()) == []
    panel.show_session(session.description)
    assert panel.empty_state.isVisible() and panel.empty_state.sentence == EMPTY
    panel.show_selection(7)
    assert list(panel.inquiries()) == [PathsOf(7)]
    assert not panel.empty_state.isVisible()
    assert panel.sentence.text == WAITING
    assert panel.address.text() == session.description.addresses.format(7)


def test_it_shows_the_answer(shown):
    paths = shown.paths
    assert sum(row.sums for row in shown.chain.rows) == len(paths.chain)
    assert f"over {len(paths.on_path):,} scalars" in shown.sentence.text
    assert repr(paths.product) in shown.sentence.toolTip()
    assert shown.chain.isVisible() and not shown.shares.isVisible()
    shown.toolbar.button(View.SHARES).click()
    assert shown.shares.table.isVisible() and not shown.chain.isVisible()
    assert shown.shares.table.lines[0].label == "embed"


def test_a_snapshot_without_an_answer_changes_nothing(shown, session):
    before = shown.paths
    shown.show_snapshot(session.snapshot(9, Wanted()))
    assert shown.paths is before


def test_links_are_selected_by_mouse_and_keyboard(shown, qtbot):
    told: list[int] = []
    shown.selected.connect(told.append)
    view = shown.chain
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.row_box(1).center().toPoint())
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.keyClick(view, Qt.Key.Key_End)
    qtbot.keyClick(view, Qt.Key.Key_Enter)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    rows = view.rows
    assert told == [rows[i].link.scalar for i in (1, 2, len(rows) - 1, 0)]
    qtbot.mouseClick(shown.address, Qt.MouseButton.LeftButton)
    assert told[-1] == shown.selection


def test_the_current_row_is_scrolled_into_view(shown, qtbot):
    view = shown.chain
    view.setFocus()
    for _ in view.rows:
        qtbot.keyClick(view, Qt.Key.Key_Down)
        box = view.row_box(view.current)
        assert box.top() >= view.header_height() and box.bottom() <= view.viewport().height()
    assert view.current == view.count - 1
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert 0 < view.current < view.count - 2
    box = view.row_box(view.current)
    assert box.top() >= view.header_height() and box.bottom() <= view.viewport().height()


def test_runs_open_and_close(shown, qtbot, take):
    view = shown.chain
    view.setFocus()
    closed = view.rows
    run = next(i for i, row in enumerate(closed) if row.sums > 1)
    view.set_current(run)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.count == len(closed) + closed[run].sums
    take()
    assert view.count == len(closed) + closed[run].sums
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.rows[view.current].is_inner
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.rows == closed and view.current == run
    mark = QPoint(10, round(view.row_box(run).center().y()))
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=mark)
    assert view.rows[run].is_open
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert view.rows == closed


def test_rows_are_copied_as_text(shown, qtbot):
    shown.chain.setFocus()
    qtbot.keyClick(shown.chain, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == as_text(shown.paths.chain)
    shown.toolbar.button(View.SHARES).click()
    table = shown.shares.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == table.as_text()
    assert len(table.as_text().splitlines()) == len(table.lines) + 1


def test_lights_are_on_one_at_a_time(shown, lit, select, take):
    paths, chain = shown.toolbar.button(Light.PATHS), shown.toolbar.button(Light.CHAIN)
    paths.click()
    assert np.array_equal(lit[-1], shown.paths.on_path) and len(lit) == 1
    take()
    assert len(lit) == 1
    chain.click()
    assert lit[-1].tolist() == [link.scalar for link in shown.paths.chain]
    assert chain.isChecked() and not paths.isChecked()
    select("wpe[2,1]")
    assert [len(scalars) for scalars in lit[2:]] == [0, len(shown.paths.chain)]
    assert lit[-1].tolist() == shown.paths.chain_ids.tolist()
    chain.click()
    assert len(lit[-1]) == 0 and shown.toolbar.light is None and not chain.isChecked()
    select("wpe[1,1]")
    assert len(lit) == 5


def test_lights_go_out_when_something_else_is_lit(shown, lit, take):
    button = shown.toolbar.button(Light.PATHS)
    button.click()
    shown.show_lit(np.array([3], dtype=np.int32))
    assert not button.isChecked() and shown.toolbar.light is None
    take()
    assert len(lit) == 1


def test_what_is_not_there_cannot_be_lit(shown, session, select):
    session.execution.go_to(Place(session.execution.place.updates, 0))
    select("wpe[2,1]")
    assert shown.toolbar.button(Light.PATHS).isEnabled()
    assert not shown.toolbar.button(Light.CHAIN).isEnabled()
    assert shown.chain_empty.isVisible() and "Not computed yet" in shown.chain_empty.sentence
    select("wte[0,0]" if shown.paths.obstacle else "pos0.prob[0]")
    tokens = session.snapshot(1, Wanted()).moment.tokens
    other = next(token for token in range(1, 9) if token != tokens[1])
    select(f"pos0.prob[{other}]")
    assert not shown.toolbar.button(Light.PATHS).isEnabled()


def test_the_cells_of_the_table_tell_and_light_what_they_are(shown, qapp, qtbot, lit, session):
    shown.toolbar.button(View.SHARES).click()
    qapp.processEvents()  # it is laid out, with its scroll bar
    table, shares = shown.shares.table, shown.paths.shares
    line = next(i for i, line in enumerate(table.lines) if line.label == "layer1.attn")
    column = int(table.lines[line].passes.nonzero()[0][-1])
    row = table.lines[line].row
    table.set_current(line)
    where = table.grid().cell(line, column).center()
    assert repr(float(shares.share[row, column])) in table.tip(line, where.x())
    assert repr(float(shares.flow[row, column])) in table.tip(line, where.x())
    assert "no path goes there" in table.describe(0, 0)
    assert repr(float(shares.total[row])) in table.tip(line, 5.0)
    qtbot.mouseMove(table.viewport(), where.toPoint())
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where.toPoint())
    residual = next(t for t in session.description.program.tensors if t.path == f"pos{column}.layer1.attn.residual")
    assert lit[-1].tolist() == session.description.program.elements(residual).tolist()
    assert shown.shares.told.text.startswith(f"through layer1.attn, position {column} “")


def test_the_table_is_walked_by_keys(shown, qtbot, lit):
    shown.toolbar.button(View.SHARES).click()
    table = shown.shares.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Right)
    assert (table.current, table.column) == (0, 1)
    assert shown.shares.told.text.startswith("embedding, position 1 “")
    assert "100.0 %" in shown.shares.told.text
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert len(lit) == 1
    qtbot.keyClick(table, Qt.Key.Key_Left)
    qtbot.keyClick(table, Qt.Key.Key_Left)
    assert table.column == 0 and "no path" in shown.shares.told.text
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert len(lit) == 1
    count = table.count
    table.set_current(1)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.count == count + 5 and table.lines[2].label == "q"
    label = QPointF(12.0, table.row_box(1).center().y()).toPoint()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=label)
    assert table.count == count


def test_the_keyboard_goes_on_where_a_link_led(shown, qtbot, select, session):
    view = shown.chain
    view.setFocus()
    view.set_current(3)
    scalar = view.rows[3].link.scalar
    shown.selected.connect(lambda chosen: select(session.description.addresses.format(chosen)))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert shown.selection == scalar
    assert view.current == 0 and view.rows[0].link.scalar == scalar


def test_the_headers_explain_their_columns(shown, qapp):
    view, table = shown.chain, shown.shares.table
    width = view.viewport().width()
    tips = [view.header_tip((i + 0.5) * width / 4) for i in range(4)]
    assert len(set(tips)) == 4 and "d(this) / d(the one above)" in tips[0] and "d(loss)" in tips[3]
    shown.toolbar.button(View.SHARES).click()
    qapp.processEvents()
    assert table.header_tip(table.grid().cell(0, 2).center().x()).startswith("position 2 “")
    assert "added up" in table.header_tip(table.viewport().width() - 12.0)
    assert "in percent" in table.header_tip(12.0)


def test_the_current_row_is_spoken(shown):
    shown.chain.set_current(1)
    assert repr(shown.chain.rows[1].link.product) in shown.chain.accessibleDescription()
    shown.shares.table.column = 1
    shown.shares.table.set_current(0)
    assert "share" in shown.shares.table.accessibleDescription()


def test_the_scale_holds_every_share(shown):
    table = shown.shares.table
    for line in table.lines:
        assert np.abs(100.0 * line.shares[line.passes]).max(initial=0.0) <= table.scale.limit
    assert shown.shares.scale.scale == table.scale


def test_both_views_are_seen_where_there_is_room(shown):
    for size, both in (((345, 300), False), ((1000, 300), True), ((345, 800), True)):
        shown.resize(*size)
        shown.grab()
        assert shown.chain.isVisible()
        assert shown.shares.isVisible() == both
        assert shown.toolbar.button(View.CHAIN).isVisible() != both
        assert shown.chain.verticalScrollBar().maximum() > 0


def test_numbers_stand_beside_the_address_where_there_is_room(shown):
    heights = []
    for width in (345, 1700):
        shown.resize(width, 600)
        shown.grab()
        heights.append(shown.chain.row_height())
    assert shown.chain.has_one_line and heights[1] < heights[0]


def test_it_follows_the_theme_and_the_size_of_text(shown, qapp):
    heights = []
    try:
        for name, scale in (("dark", 0.7), ("dark", 1.0), ("light", 2.0)):
            apply_theme(qapp, name, scale)
            shown.grab()
            heights.append((shown.chain.row_height(), shown.shares.table.row_height()))
            tips = {shown.chain.header_tip(x) for x in range(345)}
            assert any(tip.startswith("The number") for tip in tips) == (scale < 2.0)  # data has no room any more
        assert all(a < c and b < d for (a, b), (c, d) in pairwise(heights))
    finally:
        apply_theme(qapp, "dark")


def test_a_new_session_forgets_the_old_one(shown, session):
    shown.show_session(session.description)
    assert shown.paths is None and shown.empty_state.isVisible()
    assert list(shown.inquiries()) == []
