"""Suggestions below a line take no key before one of them is chosen."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from microgpt_studio.debugger.search_completion import Completion, Suggestion
from microgpt_studio.widgets.address_completer import AddressCompleter

WORDS = ("alpha", "alpine", "beta", "better", "between")


def complete(line: str, column: int) -> Completion:
    begun = line[:column].rsplit(" ", maxsplit=1)[-1]
    words = [Suggestion(word, "a word") for word in WORDS if word.startswith(begun) and word != begun]
    return Completion(column - len(begun), len(line), tuple(words))


class Form(QWidget):
    """A line with suggestions, and what stands beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.line, self.other = QLineEdit(), QLineEdit()
        column = QVBoxLayout(self)
        column.addWidget(self.line)
        column.addWidget(self.other)
        column.addStretch(1)
        self.completer = AddressCompleter(self.line, complete)
        self.returns: list[str] = []
        self.line.returnPressed.connect(self.note)
        self.resize(240, 200)

    def note(self) -> None:
        self.returns.append(self.line.text())

    def suggested(self) -> list[str]:
        rows = self.completer.suggestions
        return [rows.item(row).text() for row in range(rows.count())] if self.completer.is_open else []

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.line, key, modifier)


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    form = Form()
    qtbot.addWidget(form)
    form.show()
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    form.line.setFocus()
    return form


def test_typing_brings_suggestions_and_return_is_not_theirs(form: Form) -> None:
    QTest.keyClicks(form.line, "be")
    assert form.suggested() == ["beta", "better", "between"]
    assert form.completer.suggestions.currentRow() == -1
    form.press(Qt.Key.Key_Return)
    assert form.returns == ["be"]
    assert not form.completer.is_open


def test_return_takes_what_was_gone_to(form: Form) -> None:
    QTest.keyClicks(form.line, "be")
    form.press(Qt.Key.Key_Down)
    form.press(Qt.Key.Key_Down)
    form.press(Qt.Key.Key_Return)
    assert form.line.text() == "better"
    assert form.returns == []
    assert not form.completer.is_open  # nothing follows
    form.press(Qt.Key.Key_Return)
    assert form.returns == ["better"]


def test_up_leads_back_into_the_line(form: Form) -> None:
    QTest.keyClicks(form.line, "be")
    form.press(Qt.Key.Key_Down)
    form.press(Qt.Key.Key_Up)
    assert form.completer.suggestions.currentRow() == -1
    form.press(Qt.Key.Key_PageDown)
    assert form.completer.suggestions.currentRow() == 2
    form.press(Qt.Key.Key_PageUp)
    form.press(Qt.Key.Key_Return)
    assert form.returns == ["be"]


def test_tab_takes_the_first_and_without_suggestions_goes_on(form: Form) -> None:
    QTest.keyClicks(form.line, "x al")
    form.press(Qt.Key.Key_Tab)
    assert form.line.text() == "x alpha"
    assert form.line.hasFocus()
    form.press(Qt.Key.Key_Tab)
    assert form.other.hasFocus()


def test_escape_and_a_moved_cursor_close(form: Form) -> None:
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Home):
        form.line.clear()
        QTest.keyClicks(form.line, "al")
        assert form.completer.is_open
        form.press(key)
        assert not form.completer.is_open
        assert form.line.text() == "al"


def test_escape_is_kept_from_the_window_while_suggestions_are_open(form: Form) -> None:
    def is_kept() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(form.line, event)
        return event.isAccepted()

    assert not is_kept()
    QTest.keyClicks(form.line, "al")
    assert is_kept()


def test_they_are_asked_for_with_alt_and_down(form: Form) -> None:
    form.press(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert form.suggested() == list(WORDS)
    assert form.line.text() == ""


def test_an_emptied_line_suggests_nothing(form: Form) -> None:
    QTest.keyClicks(form.line, "a")
    assert form.completer.is_open
    form.press(Qt.Key.Key_Backspace)
    assert not form.completer.is_open


def test_a_click_takes_one_and_the_line_keeps_the_focus(form: Form) -> None:
    QTest.keyClicks(form.line, "be")
    rows = form.completer.suggestions
    place = rows.visualItemRect(rows.item(2)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert form.line.text() == "between"
    assert form.line.hasFocus()


def test_they_lie_below_the_line_within_the_window(form: Form) -> None:
    QTest.keyClicks(form.line, "be")
    rows = form.completer.suggestions
    assert rows.parentWidget() is form
    assert rows.geometry().topLeft() == form.line.mapTo(form, QPoint(0, form.line.height()))
    assert form.rect().contains(rows.geometry())
    assert rows.item(0).toolTip() == "beta  a word"


def test_they_go_with_the_focus(form: Form) -> None:
    QTest.keyClicks(form.line, "be")
    form.other.setFocus()
    assert not form.completer.is_open


def test_they_are_gone_with_the_line(form: Form, qtbot: QtBot) -> None:
    QTest.keyClicks(form.line, "be")
    rows = form.completer.suggestions
    form.line.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(rows))
