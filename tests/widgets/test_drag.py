"""A press is a click until the pointer has moved a little."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from microgpt_studio.widgets.drag import Drag


@pytest.fixture
def widget(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_a_press_that_hardly_moves_is_a_click(widget):
    drag = Drag(widget)
    assert not drag.is_pressed
    drag.press(QPointF(10.0, 10.0))
    assert drag.is_pressed and drag.move(QPointF(12.0, 11.0)) is None
    assert widget.cursor().shape() is Qt.CursorShape.ArrowCursor
    assert drag.release() and not drag.is_pressed


def test_a_drag_tells_each_way_once_and_goes_on_however_little_moves(widget):
    drag = Drag(widget)
    drag.press(QPointF(10.0, 10.0))
    assert drag.move(QPointF(12.0, 10.0)) is None
    assert drag.move(QPointF(15.0, 10.0)) == QPointF(5.0, 0.0)
    assert drag.move(QPointF(15.0, 9.0)) == QPointF(0.0, -1.0)
    assert widget.cursor().shape() is Qt.CursorShape.ClosedHandCursor
    assert not drag.release()
    assert widget.cursor().shape() is Qt.CursorShape.ArrowCursor
    drag.press(QPointF(15.0, 9.0))
    assert drag.release()  # nothing is left of the drag before
