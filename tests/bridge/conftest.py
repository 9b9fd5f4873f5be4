"""A worker under test, and the one who waits for what it puts into its mailbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pytestqt.qtbot import QtBot

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.bridge.worker import Worker
from microgpt_studio.debugger.events import Event, SessionStarted
from microgpt_studio.debugger.snapshot import Snapshot

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "zoë", "li"]
PATIENCE = 30_000  # milliseconds; never waited for where all is well

_Kind = TypeVar("_Kind", bound=Event)


class Crew:
    """A worker that runs, and a reader of its mailbox. Events are read in their order, each once."""

    def __init__(self, qtbot: QtBot, workspace_file: Path | None = None) -> None:
        self.qtbot = qtbot
        self.mailbox = Mailbox()
        self.worker = Worker(self.mailbox, None, workspace_file)
        self.events: list[Event] = []  # not waited for yet
        self.snapshot: Snapshot | None = None  # the latest

    def submit(self, *asked: commands.Command) -> None:
        for command in asked:
            self.worker.submit(command)

    def read(self) -> None:
        """Look into the mailbox once."""
        events, snapshot = self.mailbox.take()
        self.events += events
        self.snapshot = snapshot or self.snapshot

    def wait_for(self, condition: Callable[[], bool]) -> None:
        def look() -> bool:
            self.read()
            return condition()

        self.qtbot.waitUntil(look, timeout=PATIENCE)

    def event(self, kind: type[_Kind]) -> _Kind:
        """The next event of a kind; those before it are forgotten."""
        self.wait_for(lambda: any(isinstance(event, kind) for event in self.events))
        while not isinstance(event := self.events.pop(0), kind):
            pass
        return event

    def seen(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        """The first snapshot for which something is so."""
        self.wait_for(lambda: self.snapshot is not None and condition(self.snapshot))
        assert self.snapshot is not None
        return self.snapshot

    def standing_at(self, step: int) -> Snapshot:
        return self.seen(lambda snapshot: snapshot.moment.step == step and not snapshot.pace.running)

    def running_beyond(self, step: int) -> Snapshot:
        return self.seen(lambda snapshot: snapshot.moment.step > step and snapshot.pace.running)

    def begin(self, settings: Settings) -> SessionStarted:
        """Start a session, and have its first snapshot."""
        self.snapshot = None
        self.submit(commands.Start(settings))
        started = self.event(SessionStarted)
        self.seen(lambda _: True)
        return started


@pytest.fixture
def crew(qtbot: QtBot) -> Iterator[Crew]:
    crew = Crew(qtbot)
    crew.worker.start()
    yield crew
    crew.worker.stop()
    assert crew.worker.isFinished()


@pytest.fixture
def hire(qtbot: QtBot) -> Iterator[Callable[[Path], Crew]]:
    """Crews that keep their workspace in a file; for one after the other."""
    crews: list[Crew] = []

    def make(workspace_file: Path) -> Crew:
        crews.append(Crew(qtbot, workspace_file))
        crews[-1].worker.start()
        return crews[-1]

    yield make
    for crew in crews:
        crew.worker.stop()


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a small model that trains on eight names; more updates than a test lasts."""
    names = tmp_path / "names.txt"
    names.write_text("\n".join(NAMES), encoding="utf-8")

    def make(**changes: Any) -> Settings:
        sizes: dict[str, Any] = {"data": names, "n_embd": 8, "n_head": 2, "block_size": 6, "num_steps": 10**9}
        return Settings(**(sizes | changes))

    return make
