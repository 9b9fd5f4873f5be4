"""While a session is being prepared: progress, a newer request, and the end of the thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

import pytest
from pytestqt.qtbot import QtBot

from microgpt.model import Configuration
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.bridge.worker import Worker
from microgpt_studio.debugger import preparation
from microgpt_studio.debugger.events import Crashed, Phase, PreparationCancelled, Preparing, Refused, SessionStarted
from microgpt_studio.debugger.snapshot import Snapshot, Wanted

if TYPE_CHECKING:
    from tests.bridge.conftest import Crew

Small = Callable[..., Settings]


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A recording of the width 4 goes on until it is cancelled, or this is called; others are made."""
    end = Event()

    def record_endlessly(config: Configuration, progress: Callable[[int], None]) -> Program:
        while config.n_embd == 4 and not end.is_set():
            progress(1)
            time.sleep(0.001)  # the interpreter has others to serve
        return record(config, progress)

    monkeypatch.setattr(preparation, "record", record_endlessly)
    monkeypatch.setattr(preparation, "_REPORT_INTERVAL", 0.001)
    return end.set


def test_progress_is_told(crew: Crew, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "_REPORT_INTERVAL", 0.0)
    crew.submit(commands.Start(small()))
    crew.wait_for(lambda: any(isinstance(event, SessionStarted) for event in crew.events))
    *earlier, started = crew.events
    assert isinstance(started, SessionStarted)
    told = [event for event in earlier if isinstance(event, Preparing)]
    recording = [event.scalars for event in told if event.phase is Phase.RECORDING]
    total = started.description.program.num_scalars
    assert recording == sorted(recording) and len(recording) > 10
    assert {event.expected for event in told} == {total}
    assert told[-1] == Preparing(Phase.COMPILING, total, total)


def test_same_configuration_is_not_recorded_again(crew: Crew, small: Small) -> None:
    first = crew.begin(small())
    second = crew.begin(small(seed=7))
    assert second.description.program is first.description.program
    assert second.description.settings.seed == 7


def test_newer_start_supersedes_the_one_that_is_prepared(crew: Crew, small: Small, endless: Callable[[], None]) -> None:
    crew.submit(commands.Start(small(n_embd=4)))
    crew.event(Preparing)
    crew.submit(commands.Start(small(n_embd=4)), commands.Start(small(n_embd=6)))
    assert crew.event(SessionStarted).description.settings == small(n_embd=6)
    crew.standing_at(0)
    assert not any(isinstance(event, SessionStarted | Crashed | Refused) for event in crew.events)


def test_refused_start_leaves_the_one_that_is_prepared(crew: Crew, small: Small, endless: Callable[[], None]) -> None:
    crew.begin(small())
    settings = small(n_embd=4)
    crew.submit(commands.Start(settings))
    crew.event(Preparing)
    assert settings.data is not None
    crew.submit(commands.Start(small(data=settings.data.parent)), commands.Start(small(n_embd=10**6)))
    folder, size = crew.event(Refused), crew.event(Refused)
    assert "folder" in folder.sentence or "directory" in folder.sentence
    assert "memory" in size.sentence
    assert folder.another_is_prepared and size.another_is_prepared
    crew.event(Preparing)
    endless()
    assert crew.event(SessionStarted).description.settings == settings
    crew.standing_at(0)
    assert not any(isinstance(event, SessionStarted | Crashed | Refused) for event in crew.events)


def test_of_newer_starts_the_first_that_can_be_had_is_prepared(
    crew: Crew, small: Small, endless: Callable[[], None]
) -> None:
    crew.submit(commands.Start(small(n_embd=4)))
    crew.event(Preparing)
    crew.submit(
        commands.Start(small(n_embd=10**6)), commands.Start(small(n_embd=6)), commands.Start(small(n_embd=10**6))
    )
    assert crew.event(Refused).another_is_prepared
    assert crew.event(Refused).another_is_prepared
    assert crew.event(SessionStarted).description.settings == small(n_embd=6)


def test_cancelled_preparation_leaves_a_session_that_trains(
    crew: Crew, small: Small, endless: Callable[[], None]
) -> None:
    description = crew.begin(small()).description
    crew.submit(commands.Run())
    crew.running_beyond(0)
    crew.submit(commands.Start(small(n_embd=4)))
    crew.event(Preparing)
    crew.submit(commands.CancelPreparation())
    crew.event(PreparationCancelled)
    crew.running_beyond(crew.snapshot.moment.step if crew.snapshot else 0)
    assert not any(isinstance(event, SessionStarted | Crashed | Refused) for event in crew.events)
    assert crew.begin(small(seed=2)).description.program is description.program


def test_cancelling_is_for_all_that_was_asked_for_and_nothing_later(
    crew: Crew, small: Small, endless: Callable[[], None]
) -> None:
    crew.submit(commands.CancelPreparation())  # of nothing
    crew.submit(commands.Start(small(n_embd=4)))
    crew.event(Preparing)
    crew.submit(
        commands.Start(small(n_embd=4)),
        commands.Start(small(n_embd=5, n_head=1)),
        commands.CancelPreparation(),
        commands.Start(small(n_embd=6)),
    )
    assert crew.event(SessionStarted).description.settings == small(n_embd=6)
    crew.standing_at(0)
    assert not any(isinstance(event, SessionStarted | Crashed | Refused) for event in crew.events)


def test_cancelled_while_the_kernels_are_compiled(crew: Crew, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is not interrupted, but no session comes of it."""
    update, compiled = preparation.Session.update, []

    def compile_slowly(session: preparation.Session) -> object:
        crew.submit(commands.CancelPreparation())
        compiled.append(session.step)
        return update(session)

    monkeypatch.setattr(preparation.Session, "update", compile_slowly)
    crew.submit(commands.Start(small()))
    crew.event(PreparationCancelled)
    assert compiled == [0]
    assert not any(isinstance(event, SessionStarted) for event in crew.events)


def test_snapshot_of_the_last_session_does_not_come_after_the_new_one_began(crew: Crew, small: Small) -> None:
    for width in (4, 6, 8):
        crew.begin(small(n_embd=width))
        crew.submit(commands.Show(Wanted(number=width, cells=True)), commands.Run())
        crew.running_beyond(100)
        crew.events.clear()
        crew.submit(commands.Start(small(n_embd=width + 2)))
        snapshots: list[Snapshot | None] = []

        def begun(snapshots: list[Snapshot | None] = snapshots) -> bool:
            if any(isinstance(event, SessionStarted) for event in crew.events):
                snapshots.append(crew.snapshot)
                return True
            crew.snapshot = None  # of the last session
            return False

        crew.wait_for(begun)
        first = crew.seen(lambda _: True)
        assert (first.moment.step, first.wanted, first.pace.running) == (0, Wanted(), False)
        assert snapshots in ([None], [first])


def test_stop_while_it_trains_flat_out(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run())
    crew.running_beyond(0)
    crew.worker.stop()
    assert crew.worker.isFinished()


def test_stop_while_it_waits_for_the_next_slow_update(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.LimitSpeed(0.001), commands.Run())
    crew.running_beyond(0)
    crew.worker.stop()
    assert crew.worker.isFinished()


def test_stop_while_it_records(crew: Crew, small: Small, endless: Callable[[], None]) -> None:
    crew.submit(commands.Start(small(n_embd=4)), commands.Start(small(n_embd=4)))
    crew.event(Preparing)
    crew.worker.stop()
    assert crew.worker.isFinished()
    crew.read()
    assert not any(isinstance(event, SessionStarted | Crashed) for event in crew.events)


def test_stop_twice_and_with_commands_waiting(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run(), *[commands.Step()] * 1000)
    crew.worker.stop()
    crew.worker.stop()
    assert crew.worker.isFinished()


def test_stop_before_it_started(qtbot: QtBot) -> None:
    worker = Worker(Mailbox())
    worker.stop()
    assert not worker.isRunning()
    worker.start()
    assert worker.wait(30_000)


def test_ten_sessions_one_after_the_other_end_cleanly(qtbot: QtBot, small: Small) -> None:
    for _ in range(10):
        worker = Worker(Mailbox())
        worker.start()
        worker.submit(commands.Start(small()))
        worker.submit(commands.Run())
        with qtbot.waitSignal(worker.arrived, timeout=30_000):
            pass
        worker.stop()
        assert worker.isFinished()
