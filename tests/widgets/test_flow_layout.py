"""The flow layout: lines that break where there is no room, and nothing that is lost."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.widgets.flow_layout import FlowLayout


class Box(QWidget):
    """As wide as it wants to be where there is room, or wider."""

    def __init__(self, width, height=10, *, grows=False):
        super().__init__()
        self._size = QSize(width, height)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding if grows else policy.Preferred, policy.Fixed)

    def sizeHint(self):
        return self._size


@pytest.fixture
def flow(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    yield FlowLayout(parent, across=8, down=2)
    parent.close()  # which keeps the layout as long as it is used


def places(flow):
    return [flow.itemAt(i).geometry().getRect() for i in range(flow.count())]


def test_a_line_breaks_where_there_is_no_room(flow):
    for _ in range(3):
        flow.addWidget(Box(100))
    flow.parentWidget().show()
    assert [flow.lines(width) for width in (316, 315, 208, 207, 50)] == [1, 2, 2, 3, 3]
    assert flow.heightForWidth(316) == 10 and flow.heightForWidth(207) == 34
    flow.parentWidget().resize(215, 40)
    assert places(flow) == [(0, 0, 100, 10), (108, 0, 100, 10), (0, 12, 100, 10)]


def test_what_grows_takes_the_rest_of_its_line(flow):
    flow.addWidget(Box(100, 20))
    flow.addWidget(Box(50, grows=True))
    flow.parentWidget().show()
    flow.parentWidget().resize(300, 40)
    assert places(flow) == [(0, 0, 100, 20), (108, 5, 192, 10)]  # centred in its line


def test_what_is_wider_than_a_line_is_made_to_fit(flow):
    flow.addWidget(Box(500))
    flow.parentWidget().show()
    flow.parentWidget().resize(300, 40)
    assert places(flow)[0][2] == 300


def test_hidden_widgets_take_no_room(flow):
    boxes = [Box(100), Box(100)]
    for box in boxes:
        flow.addWidget(box)
    flow.parentWidget().show()
    boxes[0].hide()
    assert flow.lines(100) == 1
    assert flow.sizeHint() == QSize(108, 10) and flow.minimumSize().height() == 10


def test_items_can_be_taken_out(flow):
    box = Box(100)
    flow.addWidget(box)
    assert flow.takeAt(1) is None and flow.itemAt(-1) is None
    assert flow.takeAt(0).widget() is box and flow.count() == 0
    box.setParent(flow.parentWidget())
    assert flow.heightForWidth(100) == 0
