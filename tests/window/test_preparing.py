"""While a session is being prepared: it can be cancelled by button and key, and what was there goes on untouched."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton

from microgpt.model import Configuration
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.debugger import preparation
from microgpt_studio.debugger.events import Phase, Preparing
from microgpt_studio.widgets.one_line import OneLine

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A recording of the width 4 goes on until it is cancelled, or this is called; others are made."""
    end = Event()

    def record_endlessly(config: Configuration, progress: Callable[[int], None]) -> Program:
        while config.n_embd == 4 and not end.is_set():
            progress(100)
            time.sleep(0.001)  # the interpreter has others to serve
        return record(config, progress)

    monkeypatch.setattr(preparation, "record", record_endlessly)
    monkeypatch.setattr(preparation, "_REPORT_INTERVAL", 0.001)
    return end.set


def cancel_button(person: Person) -> QPushButton:
    [button] = person.window.messages.findChildren(QPushButton)
    assert button.text() == "Cancel"
    return button


def test_button_cancels_and_the_session_goes_on_untouched(
    person: Person, small: Small, endless: Callable[[], None]
) -> None:
    person.begin(small(), run_to=3)
    before, description = person.window.snapshot, person.sessions[-1]
    person.window.files.start(small(n_embd=4))
    assert "100 of" in person.told("Recording the program")
    assert not person.window.actions_by_name["step"].isEnabled()
    cancel_button(person).click()
    assert person.message == "Recording the program: cancelled"
    person.told("The session goes on as it was")
    assert person.sessions == [description]
    assert person.window.snapshot is before
    person.do("step")
    person.standing_at(4)


@pytest.mark.qt_log_ignore("does not support raise", extend=True)  # without a display
@pytest.mark.parametrize("focused", ["window", "search field", "floating panel"])
def test_escape_cancels_wherever_the_focus_is(
    person: Person, small: Small, endless: Callable[[], None], focused: str
) -> None:
    person.begin(small())
    target = person.window
    if focused == "search field":
        target = next(f for f in person.window.panels["inspector"].findChildren(QLineEdit) if f.isVisible())
        target.setFocus()
    elif focused == "floating panel":
        person.window.docks["graph"].setFloating(True)
        target = person.window.panels["graph"]
    person.window.files.start(small(n_embd=4))
    person.told("Recording the program")
    QTest.keyClick(target, Qt.Key.Key_Escape)
    person.told("The session goes on as it was")


def test_escape_of_a_dialog_cancels_nothing_else(person: Person, small: Small, endless: Callable[[], None]) -> None:
    person.begin(small())
    settings = small(n_embd=4)
    person.window.files.start(settings)
    person.told("Recording the program")
    dialog = QDialog(person.window)
    dialog.open()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert "cancelled" not in person.message
    endless()
    person.wait_for(lambda: person.sessions[-1].settings == settings)


def test_escape_is_let_go_afterwards(person: Person, small: Small, endless: Callable[[], None]) -> None:
    person.begin(small())
    asked: list[commands.Command] = []
    person.window.files.start(small(n_embd=4))
    person.told("Recording the program")
    person.press(Qt.Key.Key_Escape)
    person.press(Qt.Key.Key_Escape)  # once is enough
    person.told("The session goes on as it was")
    person.window.messages.cancelled.connect(asked.append)
    person.press(Qt.Key.Key_Escape)
    assert asked == []
    assert "The session goes on as it was" in person.message


def test_first_session_is_cancelled(person: Person, small: Small, endless: Callable[[], None]) -> None:
    window = person.window
    window.begin(small(n_embd=4), run_to=5)
    person.told("Recording the program")
    person.press(Qt.Key.Key_Escape)
    assert "New session" in person.told("There is no session")
    assert not window.actions_by_name["step"].isEnabled()
    assert window.statusBar().findChild(OneLine, "state").text == "no session"
    window.files.start(small())
    assert person.standing_at(0).moment.step == 0
    assert person.message == ""


def test_kernels_that_are_compiled_are_not_interrupted_and_it_is_said(person: Person) -> None:
    messages = person.window.messages
    cancelled: list[object] = []
    messages.cancelled.connect(cancelled.append)
    messages.show_progress(Preparing(Phase.COMPILING, 70, 70))
    person.told("a few seconds, the first time only")
    cancel_button(person).click()
    assert person.message == "Compiling the kernels: cancelled as soon as they are ready; nothing interrupts that"
    assert not cancel_button(person).isEnabled()
    assert len(cancelled) == 1
    messages.clear_message()
    messages.show_progress(Preparing(Phase.RECORDING, 10, 70))  # another one
    assert person.told("Recording") == "Recording the program: 10 of 70 scalars"
    assert cancel_button(person).isEnabled()


def test_refused_session_is_told_beside_the_one_that_is_prepared_and_after_it(
    person: Person, small: Small, endless: Callable[[], None]
) -> None:
    person.begin(small())
    settings = small(n_embd=4)
    person.window.files.start(settings)
    person.told("Recording the program")
    person.window.files.start(small(n_embd=10**6))
    both = person.told("memory")
    assert "Recording the program: 100 of" in both
    assert not person.window.actions_by_name["step"].isEnabled()
    endless()
    person.wait_for(lambda: person.sessions[-1].settings == settings)
    assert "memory" in person.message and "Recording" not in person.message
