"""What scrolls follows theme and focus, and tells on hover what it is asked for."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip, QVBoxLayout, QWidget

from microgpt_studio.widgets.scrolled import Scrolled


class _Recorder(Scrolled):
    def __init__(self, parent=None):
        self.themes = self.left = self.painted = 0
        super().__init__(parent)

    def theme_changed(self):
        self.themes += 1

    def pointer_left(self):
        self.left += 1

    def tip_at(self, point: QPointF) -> str:
        return f"here {point.x():.0f}"

    def paintEvent(self, _event):
        self.painted += 1


@pytest.fixture
def scrolled(qtbot, dress):
    dress("dark")
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    scrolled = _Recorder()
    column.addWidget(scrolled)
    column.addWidget(QLineEdit())
    window.resize(200, 200)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield scrolled  # and not returned: the window lives as long as this does


def test_it_is_told_of_another_theme_and_text_size(scrolled, dress):
    before = scrolled.themes
    dress("light", 1.5)
    assert scrolled.themes > before


def test_it_repaints_where_the_keyboard_comes_and_goes(scrolled, qtbot):
    field = scrolled.window().findChild(QLineEdit)
    field.setFocus()
    for widget in (scrolled, field):
        QApplication.processEvents()
        before = scrolled.painted
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(lambda before=before: scrolled.painted > before)


def test_hovering_tells_and_leaving_is_noticed(scrolled, monkeypatch):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, widget: told.append((text, widget)))
    at = QPoint(30, 20)
    event = QHelpEvent(QEvent.Type.ToolTip, at, scrolled.viewport().mapToGlobal(at))
    QApplication.sendEvent(scrolled.viewport(), event)
    assert told == [("here 30", scrolled.viewport())]
    QApplication.sendEvent(scrolled.viewport(), QEvent(QEvent.Type.Leave))
    assert scrolled.left == 1
