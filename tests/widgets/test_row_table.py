"""A table of rows is fitted when it is made, and whenever its room or its looks change."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtTest import QTest

from microgpt_studio.widgets.row_table import RowTable


class _Table(RowTable):
    def __init__(self, parent=None):
        super().__init__(parent)
        self.fitted = 0
        self.resize(90, 90)  # not ready yet
        self.setModel(QStandardItemModel(3, 2, self))
        self.begin()

    def fit(self):
        self.fitted += 1
        self.setColumnWidth(0, max(self.viewport().width(), 1))


@pytest.fixture
def table(qtbot, dress):
    dress("dark")
    table = _Table()
    qtbot.addWidget(table)
    table.resize(200, 120)
    table.show()
    return table


def test_it_is_fitted_when_it_is_made_and_not_before(qtbot):
    table = _Table()
    qtbot.addWidget(table)
    assert table.fitted == 1


def test_it_is_fitted_to_its_room_and_its_looks(table, dress):
    before = table.fitted
    table.resize(260, 120)
    assert table.fitted > before and table.columnWidth(0) == table.viewport().width()
    before = table.fitted
    dress("light", 1.5)
    assert table.fitted > before


def test_a_row_is_chosen_as_a_whole(table):
    table.setCurrentIndex(table.model().index(0, 1))
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert {(index.row(), index.column()) for index in table.selectedIndexes()} == {(1, 0), (1, 1)}
    assert not table.horizontalScrollBar().isVisible()
