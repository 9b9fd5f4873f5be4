"""The driver: what the actions of the debugger do, and what the window says of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QPushButton

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.debugger.continuing import Progress
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.lookout import Cancelled
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Snapshot
from microgpt_studio.debugger.stop import Stop
from microgpt_studio.debugger.targets import Definition, Event
from microgpt_studio.panels.search import SearchPanel
from microgpt_studio.panels.source import SourcePanel
from microgpt_studio.panels.watches import WatchesPanel
from microgpt_studio.widgets.one_line import OneLine
from microgpt_studio.window.keys_dialog import KeysDialog
from microgpt_studio.window.panel_table import find

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
WEIGHT = "layer0.attn_wq[0,0]"


def state(person: Person) -> str:
    return person.window.statusBar().findChild(OneLine, "state").text


def standing(person: Person, condition: Callable[[Snapshot], bool]) -> Snapshot:
    return person.seen(lambda snapshot: not snapshot.pace.running and condition(snapshot))


def test_a_breakpoint_on_the_selected_scalar_comes_and_goes(person: Person, small: Small) -> None:
    person.begin(small())
    person.press(Qt.Key.Key_F9)
    [row] = standing(person, lambda s: bool(s.breakpoints)).breakpoints
    assert row.definition == Definition(Event.UPDATED, WEIGHT)
    person.press(Qt.Key.Key_F9)
    standing(person, lambda s: not s.breakpoints)
    person.window.select(person.sessions[0].addresses.parse("pos1.logit[2]"))
    person.press(Qt.Key.Key_F9)
    [row] = standing(person, lambda s: bool(s.breakpoints)).breakpoints
    assert row.definition == Definition(Event.COMPUTED, "pos1.logit[2]")


def test_a_breakpoint_on_the_line_of_the_source(person: Person, small: Small) -> None:
    person.begin(small())
    source = find(person.window.panels, SourcePanel)
    assert person.window.snapshot is not None
    frame = person.window.snapshot.moment.cursor.running[0]
    source.show_line(frame.file, 1)
    source.setFocus()
    person.wait_for(person.window.driver._is_in_source)
    while source.current_line != (frame.file, frame.line):
        QTest.keyClick(source.code, Qt.Key.Key_Down)
    person.press(Qt.Key.Key_F9)
    [row] = standing(person, lambda s: bool(s.breakpoints)).breakpoints
    assert row.definition == Definition(Event.LINE, f"{frame.file}:{frame.line}")
    person.press(Qt.Key.Key_F10, CTRL)
    there = standing(person, lambda s: s.moment.cursor.done > 0)
    assert there.moment.cursor.running[0] == frame


def test_a_stop_is_told_as_long_as_it_is_so(person: Person, small: Small) -> None:
    person.begin(small())
    person.press(Qt.Key.Key_F9)
    standing(person, lambda s: bool(s.breakpoints))
    person.window.select(0)
    person.press(Qt.Key.Key_F5)
    sentence = person.told("Breakpoint 1")
    assert WEIGHT in sentence
    standing(person, lambda s: s.moment.stop is not None)
    assert person.window.selection == person.sessions[0].addresses.parse(WEIGHT)
    person.wait_for(lambda: "stopped at a breakpoint" in state(person))
    person.press(Qt.Key.Key_F11)
    standing(person, lambda s: s.moment.stop is None)
    person.wait_for(lambda: person.message == "")
    assert state(person).endswith("paused")


def test_running_back_to_the_beginning_is_told(person: Person, small: Small) -> None:
    person.begin(small(), run_to=5)
    person.press(Qt.Key.Key_F5, SHIFT)
    person.told("Here is the beginning")
    standing(person, lambda s: s.moment.step == 0)


def test_back_to_when_the_selected_scalar_was_known(person: Person, small: Small) -> None:
    person.begin(small(), run_to=2)
    person.press(Qt.Key.Key_F8, CTRL, SHIFT)
    there = standing(person, lambda s: s.moment.cursor.done < s.moment.cursor.length)
    assert there.moment.step == 1
    assert there.parameters is not None
    scalar = person.window.selection
    assert scalar is not None
    assert there.parameters.num_updated == scalar + 1


def test_a_search_that_takes_long_can_be_given_up(person: Person, small: Small, monkeypatch) -> None:
    search = Session.proceed_back

    def search_until_cancelled(session: Session, cancelled: Cancelled, progress: Progress) -> Stop:
        while not cancelled():
            progress(session.step - 1, session.step)
            time.sleep(0.001)
        return search(session, cancelled, progress)

    monkeypatch.setattr(Session, "proceed_back", search_until_cancelled)
    person.begin(small(), run_to=400)
    person.press(Qt.Key.Key_F5, SHIFT)
    person.told("Going back")
    buttons = person.window.messages.findChildren(QPushButton)
    cancel = next(button for button in buttons if button.text() == "Cancel")
    cancel.click()
    person.wait_for(lambda: not person.window.driver.is_searching)
    assert person.message == ""
    person.standing_at(400)


def test_the_selection_is_watched(person: Person, small: Small) -> None:
    person.begin(small(), run_to=3)
    person.press(Qt.Key.Key_F9, SHIFT)
    shown = standing(person, lambda s: bool(s.watches))
    assert shown.watches is not None
    assert shown.parameters is not None
    scalar = person.window.selection
    assert shown.watches[0].value == shown.parameters.after[scalar]
    assert find(person.window.panels, WatchesPanel).snapshot is shown


def test_marks_are_set_and_gone_to_by_key(person: Person, small: Small) -> None:
    person.begin(small(), run_to=4)
    person.press(Qt.Key.Key_B, CTRL)
    marked = standing(person, lambda s: bool(s.bookmarks))
    assert marked.bookmarks[0].updates == 3
    person.press(Qt.Key.Key_F5, CTRL, SHIFT)
    person.standing_at(0)
    person.press(Qt.Key.Key_F4)
    person.standing_at(4)
    person.press(Qt.Key.Key_B, CTRL)
    standing(person, lambda s: not s.bookmarks)


def test_what_a_line_made_is_lit_everywhere(person: Person, small: Small, monkeypatch) -> None:
    person.begin(small(), run_to=1)
    lit = []
    for panel in person.window.panels.values():
        monkeypatch.setattr(panel, "show_lit", lit.append)
    person.window.panels["source"].lit.emit(np.array([3, 4], dtype=np.int32))
    assert len(lit) == len(person.window.panels)
    assert lit[0].tolist() == [3, 4]


def test_keys_that_were_changed_are_kept(sit_down: Callable[..., Person], small: Small, tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "studio.ini"), QSettings.Format.IniFormat)
    person = sit_down(store)
    person.open()
    person.begin(small())
    person.window.keys.change("step", ["F2"])
    person.do("keys")
    dialog = person.window.findChild(KeysDialog)
    assert dialog is not None
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Cancel).click()
    person.window.close()
    again = sit_down(store)
    again.open()
    again.begin(small())
    again.press(Qt.Key.Key_F2)
    again.standing_at(1)


def test_breakpoints_are_there_again(sit_down: Callable[..., Person], small: Small, tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    person = sit_down(None, None, file)
    person.open()
    person.begin(small())
    person.press(Qt.Key.Key_F9)
    person.window.submit(commands.SetBookmark(Place(7, 0), True))
    standing(person, lambda s: bool(s.bookmarks))
    person.window.close()
    again = sit_down(None, None, file)
    again.open()
    again.begin(small())
    snapshot = standing(again, lambda s: bool(s.breakpoints))
    assert snapshot.breakpoints[0].definition.where == WEIGHT
    assert snapshot.bookmarks == (Place(7, 0),)


def test_find_brings_the_search_up_with_the_cursor_in_its_field(person: Person, small: Small) -> None:
    person.begin(small())
    person.do("find")
    panel = find(person.window.panels, SearchPanel)
    person.wait_for(panel.isVisible)
    person.wait_for(lambda: panel.isAncestorOf(QApplication.focusWidget()))
