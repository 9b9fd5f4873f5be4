"""The Scalars panel lists what its line says, sorts it, goes along with the selection, and saves it whole."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.debugger.scalar_rows import Order, Rows
from microgpt_studio.debugger.search_query import Query, parse
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.scalars import ScalarsPanel
from microgpt_studio.panels.scalars.rows_model import COLUMNS


class Desk:
    """A panel that is given answers to what it asks for, as the window does."""

    def __init__(self, panel: ScalarsPanel, session: Session) -> None:
        self.panel, self.session, self.chosen = panel, session, []
        panel.wishes_changed.connect(self.answer)
        panel.selected.connect(self.select)
        panel.show_session(session.description)
        self.answer()

    def answer(self) -> None:
        wanted = Wanted(inquiries=frozenset(self.panel.inquiries()))
        self.panel.show_snapshot(self.session.snapshot(1, wanted))

    def select(self, scalar: int) -> None:
        self.chosen.append(scalar)
        self.panel.show_selection(scalar)

    def cells(self, row: int) -> list[str]:
        return [self.panel.table.rows.text(row, column) for column in range(len(COLUMNS))]


@pytest.fixture
def desk(qtbot, session: Session) -> Desk:
    session.update()
    panel = ScalarsPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    panel.show()
    return Desk(panel, session)


def test_every_scalar_is_a_row(desk: Desk) -> None:
    machine, program = desk.session.runner.machine, desk.session.description.program
    model = desk.panel.table.rows
    assert model.rowCount() == program.num_live(machine.positions)
    assert desk.panel.sentence.text.startswith(f"{model.rowCount():,} scalars · update 1 · ")
    loss = model.row_of(program.loss)
    assert desk.cells(loss)[:4] == ["loss", "mul", repr(float(machine.data[program.loss])), "1.0"]
    parameter = machine.program.element_ids[3]
    row = desk.cells(model.row_of(int(parameter)))
    assert row[4:] == [
        repr(float(machine.m[parameter])),
        repr(float(machine.v[parameter])),
        repr(float(machine.change[parameter])),
        repr(abs(float(machine.change[parameter])) / abs(float(machine.data[parameter]))),
    ]


def test_a_header_sorts_and_again_the_other_way(desk: Desk, qtbot) -> None:
    model = desk.panel.table.rows
    grad = COLUMNS.index(Order.GRAD)
    desk.panel.table._sort(grad)
    assert desk.panel.asked == Rows(Query(), Order.GRAD, True)
    first = desk.panel.table.rows.rows
    assert first.grad[0] == max(desk.session.runner.machine.grad[first.ids])
    assert model.headerData(grad, Qt.Orientation.Horizontal) == "Grad ▾"
    desk.panel.table._sort(grad)
    assert desk.panel.asked == Rows(Query(), Order.GRAD, False)
    desk.panel.table._sort(1)  # the operation is nothing to sort by
    assert desk.panel.asked == Rows(Query(), Order.GRAD, False)


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_no_header_is_cut(desk: Desk, column: int) -> None:
    header = desk.panel.table.horizontalHeader()
    header.sectionClicked.emit(column)  # its mark takes room too
    for section in range(len(COLUMNS)):
        assert header.sectionSize(section) >= header.sectionSizeHint(section), section


def test_the_line_filters_and_a_mistake_loses_nothing(desk: Desk, qtbot) -> None:
    desk.panel.list_rows("scope:layer0.attn_wq")
    assert desk.panel.asked.query == parse("scope:layer0.attn_wq")
    assert desk.panel.table.rows.rowCount() == 64
    desk.panel.list_rows("scope:nowhere")
    assert desk.panel.sentence.is_error
    assert desk.panel.table.rows.rowCount() == 64
    desk.panel.list_rows("scope:pos0.layer0.attn.q |data|>1e9")
    assert desk.panel.table.rows.rowCount() == 0
    assert not desk.panel.sentence.is_error
    assert desk.panel.sentence.text


def test_columns_of_parameters_are_there_for_parameters(desk: Desk) -> None:
    m = COLUMNS.index(Order.M)
    assert not desk.panel.table.isColumnHidden(m)
    desk.panel.list_rows("scope:pos0.layer0.attn.q")
    assert desk.panel.table.isColumnHidden(m)


def test_selection_goes_both_ways(desk: Desk, qtbot) -> None:
    scalar = desk.session.description.addresses.parse("layer0.attn_wq[3,4]")
    desk.panel.show_selection(scalar)
    table = desk.panel.table
    assert table.rows.scalar(table.currentIndex().row()) == scalar
    assert desk.chosen == []
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert desk.chosen == [scalar + 1]
    desk.panel.of_selection.click()
    assert desk.panel.field.text() == "scope:layer0.attn_wq"
    assert table.rows.scalar(table.currentIndex().row()) == scalar + 1
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().split("\t")[0] == "layer0.attn_wq[3,5]"


def test_new_numbers_come_in_place(desk: Desk) -> None:
    desk.panel.list_rows("scope:wte")
    desk.panel.show_selection(5)
    resets: list[object] = []
    desk.panel.table.rows.modelReset.connect(lambda: resets.append(1))
    before = desk.cells(5)[2]
    desk.session.update()
    desk.answer()
    assert resets == []
    assert desk.cells(5)[2] != before or desk.session.runner.machine.data[5] == float(before)
    assert desk.panel.table.currentIndex().row() == 5


def test_rows_are_saved_with_every_digit(desk: Desk, tmp_path: Path) -> None:
    desk.panel.list_rows("scope:layer0.attn_wq")
    desk.panel.table._sort(COLUMNS.index(Order.DATA))
    desk.panel.save(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(newline="") as file:
        saved = list(csv.reader(file))
    rows = desk.panel.table.rows.rows
    assert saved[0] == ["address", "operation", "data", "grad", "m", "v", "update", "ratio"]
    assert [float(line[2]) for line in saved[1:]] == rows.data.tolist()
    assert [float(line[7]) for line in saved[1:]] == rows.ratio.tolist()
    parse_address = desk.session.description.addresses.parse
    assert [parse_address(line[0]) for line in saved[1:]] == rows.ids.tolist()
    desk.panel.save(tmp_path / "nowhere" / "rows.csv")
    assert desk.panel.sentence.is_error


def test_what_is_not_computed_is_no_number(desk: Desk, tmp_path: Path) -> None:
    desk.session.restart()
    desk.panel.list_rows("scope:pos0.logit")
    assert set(np.unique(desk.panel.table.rows.rows.data_reach)) == {0}
    assert desk.cells(0)[2:4] == ["–", "–"]
    desk.panel.save(tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text().splitlines()[1].endswith(",,")
    desk.panel.grab()


def test_before_a_session_it_says_so(qtbot) -> None:
    panel = ScalarsPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert list(panel.inquiries()) == []
    assert not panel.field.isEnabled()
    assert panel.empty_state.isVisible()
