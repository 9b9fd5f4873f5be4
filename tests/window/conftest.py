"""A main window under test on a small session, and the one who works with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from microgpt.settings import Settings
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.theme import apply_theme
from microgpt_studio.window.main_window import MainWindow

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "zoë", "li"]
PATIENCE = 30_000  # milliseconds; never waited for where all is well


class Person:
    """Sits before a window."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot = qtbot
        self.window = window
        self.sessions: list[Description] = []
        window.session_started.connect(self.sessions.append)

    def open(self, size: tuple[int, int] | None = (1440, 900)) -> None:
        self.window.open(size)
        self.window.activateWindow()
        self.qtbot.waitUntil(self.window.isActiveWindow, timeout=PATIENCE)

    def begin(self, settings: Settings, run_to: int | None = None) -> None:
        self.window.begin(settings, run_to)
        self.standing_at(run_to or 0)

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        both = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            both |= modifier
        QTest.keyClick(self.window, key, both)

    def do(self, action: str) -> None:
        """An action by its name in the table."""
        assert self.window.actions_by_name[action].isEnabled(), action
        self.window.actions_by_name[action].trigger()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE)

    def seen(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        """The first snapshot for which something is so, when text shows it too and it answers the latest request."""
        shown: list[Snapshot] = []
        self.window.shown.connect(shown.append)
        if self.window.snapshot is not None:
            shown.append(self.window.snapshot)
        good: list[Snapshot] = []

        def look() -> bool:
            good.extend(s for s in shown if condition(s) and s.wanted == self.window.wanted)
            return bool(good)

        self.wait_for(look)
        self.window.shown.disconnect(shown.append)
        return good[0]

    def standing_at(self, step: int) -> Snapshot:
        return self.seen(lambda snapshot: snapshot.moment.step == step and not snapshot.pace.running)

    def running_beyond(self, step: int) -> Snapshot:
        return self.seen(lambda snapshot: snapshot.moment.step > step and snapshot.pace.running)

    @property
    def message(self) -> str:
        """What the message bar says; nothing where it is not there."""
        return self.window.messages.sentence

    def told(self, words: str) -> str:
        self.wait_for(lambda: words in self.message)
        return self.message


@pytest.fixture(autouse=True)
def usual_looks(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp, "dark")
    yield
    apply_theme(qapp, "dark")


@pytest.fixture
def sit_down(qtbot: QtBot) -> Iterator[Callable[..., Person]]:
    """Someone before a new window, which takes what MainWindow takes."""
    persons: list[Person] = []

    def make(*args: Any, **kwargs: Any) -> Person:
        persons.append(Person(qtbot, MainWindow(*args, **kwargs)))
        return persons[-1]

    yield make
    for person in persons:
        person.window.close()
        person.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def person(sit_down: Callable[..., Person]) -> Person:
    """Before an open window that has no session yet."""
    person = sit_down()
    person.open()
    return person


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a small model that trains on eight names; more updates than a test lasts."""
    names = tmp_path / "names.txt"
    names.write_text("\n".join(NAMES), encoding="utf-8")

    def make(**changes: Any) -> Settings:
        sizes: dict[str, Any] = {"data": names, "n_embd": 8, "n_head": 2, "block_size": 6, "num_steps": 10**9}
        return Settings(**(sizes | changes))

    return make
