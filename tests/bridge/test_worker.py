"""The worker obeys every command, tells of what it did, and computes what plain Python computes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.program.runner import Runner
from microgpt.settings import Settings, read
from microgpt.train import Training
from microgpt_studio.bridge import commands
from microgpt_studio.bridge import worker as module
from microgpt_studio.debugger.events import (
    Crashed,
    Refused,
    Saved,
    SessionStarted,
    Stopped,
)
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Snapshot, Wanted
from microgpt_studio.debugger.stop import Stop

if TYPE_CHECKING:
    from tests.bridge.conftest import Crew

Small = Callable[..., Settings]


def runner(settings: Settings, started: SessionStarted) -> Runner:
    """The same training, disturbed by nobody."""
    return Runner(started.description.program, read(settings), settings.adam, settings.num_steps, settings.seed)


def losses_of(trainer: Runner | Training, updates: int) -> list[float]:
    return [trainer.update().loss for _ in range(updates)]


# Training


def test_session_begins_standing_before_the_first_update(crew: Crew, small: Small) -> None:
    settings = small()
    started = crew.begin(settings)
    snapshot = crew.snapshot
    assert snapshot is not None
    assert started.description.settings == settings
    assert started.description.data_name == "names.txt"
    assert (snapshot.moment.step, snapshot.moment.loss, snapshot.pace.running) == (0, None, False)
    assert len(snapshot.losses) == 0


def test_losses_are_those_of_plain_python_to_the_last_bit(crew: Crew, small: Small) -> None:
    settings = small(n_layer=2, num_steps=20)
    crew.begin(settings)
    crew.submit(commands.Step(), commands.Step(), commands.Run(8))
    losses = crew.standing_at(8).losses
    documents = read(settings)
    config = settings.configuration(Tokenizer.of(documents).vocab_size)
    training = Training(documents, config, settings.adam, settings.num_steps, settings.seed)
    assert losses.tolist() == losses_of(training, 8)


def test_step_does_one_update_and_stands(crew: Crew, small: Small) -> None:
    crew.begin(small())
    for step in (1, 2, 3):
        crew.submit(commands.Step())
        crew.standing_at(step)


def test_run_goes_on_until_pause(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run())
    first = crew.running_beyond(0)
    later = crew.running_beyond(first.moment.step)
    assert later.pace.updates_per_second is None or later.pace.updates_per_second > 0
    crew.submit(commands.Pause())
    paused = crew.seen(lambda snapshot: not snapshot.pace.running)
    crew.submit(commands.Pause(), commands.Show(Wanted(number=7)))
    again = crew.seen(lambda snapshot: snapshot.wanted.number == 7)
    assert again.moment.step == paused.moment.step >= later.moment.step
    assert again.pace.updates_per_second is None


def test_step_while_it_runs_does_one_update_more_and_stands(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run())
    crew.running_beyond(0)
    crew.submit(commands.Step(), commands.Show(Wanted(number=1)))
    snapshot = crew.seen(lambda snapshot: snapshot.wanted.number == 1)
    assert not snapshot.pace.running


def test_run_to_an_update_tells_that_it_is_there(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run(25))
    assert crew.event(Stopped).step == 25
    assert len(crew.standing_at(25).losses) == 25


def test_run_to_an_update_that_is_past_does_nothing(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run(5))
    assert crew.event(Stopped).step == 5
    crew.submit(commands.Run(3))
    assert crew.event(Stopped).step == 5
    assert crew.standing_at(5).moment.step == 5


def test_run_ends_with_the_last_update_and_nothing_comes_after(crew: Crew, small: Small) -> None:
    settings = small(num_steps=12)
    started = crew.begin(settings)
    crew.submit(commands.Run())
    assert crew.event(Stopped).step == 12
    assert crew.standing_at(12).losses.tolist() == losses_of(runner(settings, started), 12)
    for command in (commands.Run(), commands.Step(), commands.Run(99)):
        crew.submit(command, commands.Run())
        assert crew.event(Stopped).step == 12
    assert len(crew.standing_at(12).losses) == 12


def test_restart_goes_back_to_the_beginning_and_does_the_same_again(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run(15))
    first = crew.standing_at(15).losses.tolist()
    crew.submit(commands.Restart())
    snapshot = crew.standing_at(0)
    assert (snapshot.moment.loss, len(snapshot.losses)) == (None, 0)
    crew.submit(commands.Run(15))
    assert crew.standing_at(15).losses.tolist() == first


def test_restart_while_it_runs_stands_at_the_beginning(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run())
    crew.running_beyond(3)
    crew.submit(commands.Restart())
    crew.standing_at(0)


def test_snapshots_that_were_handed_out_stay_as_they_were(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Show(Wanted(number=1, cells=True, parameters=True)), commands.Run(10))
    kept = crew.seen(lambda snapshot: snapshot.moment.step == 10 and snapshot.wanted.number == 1)
    assert kept.cells is not None and kept.parameters is not None
    before = [kept.losses.copy(), kept.cells.data.copy(), kept.parameters.after.copy()]
    crew.submit(commands.Run(3000))
    crew.standing_at(3000)
    crew.submit(commands.Restart(), commands.Step())
    crew.standing_at(1)
    for array, copy in zip((kept.losses, kept.cells.data, kept.parameters.after), before, strict=True):
        assert np.array_equal(array, copy)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


# Speed


def test_limited_speed_is_kept(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.LimitSpeed(5.0))
    start = time.monotonic()
    crew.submit(commands.Run(6))
    crew.standing_at(6)
    elapsed = time.monotonic() - start
    assert 5 / 5.0 * 0.9 <= elapsed <= 5 / 5.0 * 8


def test_pace_says_the_limited_speed(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.LimitSpeed(50.0), commands.Run())
    pace = crew.running_beyond(25).pace.updates_per_second
    assert pace is not None and 5 < pace < 75


def test_new_limit_holds_at_once(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.LimitSpeed(0.001), commands.Run())
    crew.running_beyond(0)
    crew.submit(commands.LimitSpeed(None))
    crew.running_beyond(200)


def test_slow_updates_are_not_made_up_for_in_one_go(crew: Crew, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than one at first: a pause, or the end of the thread, would wait for all of them."""
    laps: list[int] = []
    run = Execution.run

    def listen(self: Execution, updates: int) -> int:
        laps.append(updates)
        return run(self, updates)

    crew.begin(small())
    monkeypatch.setattr(Execution, "run", listen)
    monkeypatch.setattr(module, "_SLICE", 1e-9)  # every update is a slow one
    crew.submit(commands.LimitSpeed(1e9), commands.Run(50))
    crew.standing_at(50)
    assert set(laps) == {1}


def test_new_session_is_not_run_at_the_pace_of_the_last(
    crew: Crew, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew.begin(small())
    crew.submit(commands.Run(5000))
    crew.standing_at(5000)
    laps: list[int] = []
    run = Execution.run

    def listen(self: Execution, updates: int) -> int:
        laps.append(updates)
        return run(self, updates)

    crew.begin(small(n_embd=16))
    monkeypatch.setattr(Execution, "run", listen)
    crew.submit(commands.Run(50))
    crew.standing_at(50)
    assert laps[0] == 1


def test_slow_speed_delays_no_other_command(crew: Crew, small: Small) -> None:
    """At one update in a thousand seconds everything else is obeyed and shown, though nobody took the last snapshot."""
    crew.begin(small())
    crew.submit(commands.LimitSpeed(0.001), commands.Run())
    crew.running_beyond(0)
    crew.submit(*(commands.Show(Wanted(number=number, selection=number)) for number in range(1, 20)))
    shown = crew.seen(lambda snapshot: snapshot.wanted.number == 19)
    assert (shown.moment.step, shown.pace.running) == (1, True)
    crew.submit(commands.Pause())
    crew.standing_at(1)


# Snapshots


def test_snapshots_are_not_made_where_nobody_takes_them(crew: Crew, small: Small, qtbot: QtBot) -> None:
    crew.begin(small())
    assert crew.snapshot is not None
    before = crew.snapshot.number
    crew.submit(commands.Run(2000))
    mailbox = crew.worker.mailbox
    qtbot.waitUntil(lambda: any(isinstance(event, Stopped) for event in list(mailbox._events)), timeout=30_000)
    assert crew.standing_at(2000).number - before <= 3


def test_snapshot_carries_what_was_asked_for(crew: Crew, small: Small) -> None:
    started = crew.begin(small())
    crew.submit(commands.Step())
    bare = crew.standing_at(1)
    assert (bare.cells, bare.parameters, bare.explanation) == (None, None, None)
    program = started.description.program
    wanted = [
        Wanted(number=1, cells=True),
        Wanted(number=2, parameters=True),
        Wanted(number=3, selection=program.loss),
        Wanted(number=4, cells=True, parameters=True, selection=0),
    ]
    for request in wanted:
        crew.submit(commands.Show(request))
        answer = crew.seen(lambda snapshot, request=request: snapshot.wanted.number == request.number)  # type: ignore[misc]
        assert answer.wanted == request
        assert (answer.cells is not None) == request.cells
        assert (answer.parameters is not None) == request.parameters
        assert (answer.explanation and answer.explanation.scalar) == request.selection


def test_numbers_of_snapshots_count_up(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Run())
    numbers: list[int] = []

    def enough() -> bool:
        assert crew.snapshot is not None
        numbers.append(crew.snapshot.number)
        return len(set(numbers)) >= 5

    crew.wait_for(enough)
    assert numbers == sorted(numbers)


def test_selection_of_the_last_session_means_nothing_in_a_smaller_one(crew: Crew, small: Small) -> None:
    """It may have been asked for while the smaller one was being prepared."""
    started = crew.begin(small())
    last = started.description.program.loss
    crew.submit(commands.Start(small(n_embd=4)), commands.Show(Wanted(number=9, cells=True, selection=last)))
    crew.event(SessionStarted)
    snapshot = crew.seen(lambda snapshot: snapshot.wanted.number == 9)
    assert snapshot.explanation is None and snapshot.cells is not None
    assert not any(isinstance(event, Crashed) for event in crew.events)


def test_commands_without_a_session_are_of_no_effect(crew: Crew, small: Small, tmp_path: Path) -> None:
    crew.submit(
        commands.Run(), commands.Step(), commands.Restart(), commands.Pause(), commands.Save(tmp_path / "no"),
        commands.Show(Wanted(number=1, selection=10**9)),
    )  # fmt: skip
    started = crew.begin(small())
    assert started.description.settings == small()
    assert crew.events == [] and list(tmp_path.glob("no*")) == []
    assert crew.standing_at(0).wanted == Wanted()


# Faults and mistakes


def test_fault_stands_before_the_update_and_tells_where(crew: Crew, small: Small) -> None:
    crew.begin(small(adam=Adam(learning_rate=1e3)))
    crew.submit(commands.Run())
    stopped = crew.event(Stopped)
    assert stopped.fault is not None
    assert stopped.fault.place.updates == stopped.step
    snapshot = crew.standing_at(stopped.step)
    assert len(snapshot.losses) == stopped.step
    assert "log(0.0) is not defined" in stopped.fault.sentence
    for command in (commands.Run(), commands.Step()):
        crew.submit(command)
        assert crew.event(Stopped) == stopped
    crew.submit(commands.Restart(), commands.Step())
    assert crew.seen(lambda snapshot: snapshot.moment.loss is not None).moment.step == 1


def test_mistake_is_told_with_its_traceback_and_the_session_survives(
    crew: Crew, small: Small, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    crew.begin(small())
    crew.submit(commands.Run())
    crew.running_beyond(0)
    broken = crew.worker._session
    assert broken is not None

    def fail(*_: object) -> Stop:
        raise RuntimeError("the tests broke it")

    monkeypatch.setattr(broken, "proceed", fail)
    crashed = crew.event(Crashed)
    assert crashed.sentence == "RuntimeError: the tests broke it"
    assert "in fail" in crashed.traceback
    assert "the tests broke it" in caplog.text
    stands = crew.seen(lambda snapshot: not snapshot.pace.running)
    monkeypatch.undo()
    crew.submit(commands.Step())
    crew.standing_at(stands.moment.step + 1)
    assert not any(isinstance(event, Crashed) for event in crew.events)


def test_value_error_in_training_is_a_mistake_and_not_bad_input(
    crew: Crew, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would be refused again at every update, for ever."""
    crew.begin(small())

    def fail(*_: object) -> Stop:
        raise ValueError("shapes do not fit")

    monkeypatch.setattr(Session, "proceed", fail)
    crew.submit(commands.Run())
    assert "shapes do not fit" in crew.event(Crashed).sentence
    crew.seen(lambda snapshot: not snapshot.pace.running)
    assert crew.events == []


def test_mistake_in_a_snapshot_is_told_once_and_stops_training(
    crew: Crew, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew.begin(small())

    def fail(*_: object) -> Snapshot:
        raise RuntimeError("no picture")

    with monkeypatch.context() as patch:
        patch.setattr(Session, "snapshot", fail)
        crew.submit(commands.Step())
        crew.event(Crashed)
    crew.submit(commands.Step())
    crew.standing_at(2)
    assert crew.events == []


# Checkpoints


def test_checkpoint_goes_on_as_if_it_had_never_stopped(crew: Crew, small: Small, tmp_path: Path) -> None:
    settings, file = small(num_steps=60), tmp_path / "30.safetensors"
    started = crew.begin(settings)
    crew.submit(commands.Run(30), commands.Show(Wanted(number=1)))
    crew.standing_at(30)
    crew.submit(commands.Save(file))
    assert crew.event(Saved) == Saved(file, 30)
    crew.begin(small(n_embd=4))
    crew.snapshot = None
    crew.submit(commands.Open(file, settings.data))
    assert crew.event(SessionStarted).description.settings == settings
    opened = crew.standing_at(30)
    assert np.isnan(opened.losses).all() and len(opened.losses) == 30
    crew.submit(commands.Run())
    losses = crew.standing_at(60).losses.tolist()
    assert losses[30:] == losses_of(runner(settings, started), 60)[30:]
    crew.submit(commands.Restart())
    crew.standing_at(0)


def test_saving_while_it_runs_does_not_stop_it(crew: Crew, small: Small, tmp_path: Path) -> None:
    crew.begin(small())
    crew.submit(commands.Run())
    crew.running_beyond(0)
    crew.submit(commands.Save(tmp_path / "now.safetensors"))
    crew.running_beyond(crew.event(Saved).step)


def test_checkpoint_that_cannot_be_written_is_refused(crew: Crew, small: Small, tmp_path: Path) -> None:
    crew.begin(small())
    crew.submit(commands.Run())
    crew.running_beyond(0)
    crew.submit(commands.Save(tmp_path / "nowhere" / "x.safetensors"))
    assert "cannot be written" in crew.event(Refused).sentence
    crew.running_beyond(crew.snapshot.moment.step if crew.snapshot else 0)


# What is refused leaves everything as it was


def missing(folder: Path) -> Path:
    return folder / "missing.txt"


def folder(folder: Path) -> Path:
    return folder


def latin(folder: Path) -> Path:
    (folder / "latin.txt").write_bytes("zoë\n".encode("latin-1"))
    return folder / "latin.txt"


def blank(folder: Path) -> Path:
    (folder / "blank.txt").write_text("\n  \n\n", encoding="utf-8")
    return folder / "blank.txt"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (missing, "there is no file"),
        (folder, "is a folder"),
        (latin, "not UTF-8 text: line 1, byte 2"),
        (blank, "no document"),
    ],
)
def test_refused_data_leaves_the_session_training(
    crew: Crew, small: Small, tmp_path: Path, make: Callable[[Path], Path], sentence: str
) -> None:
    settings = small()
    started = crew.begin(settings)
    crew.submit(commands.Show(Wanted(number=3, parameters=True)), commands.Run())
    crew.running_beyond(0)
    crew.submit(commands.Start(small(data=make(tmp_path))))
    assert sentence in crew.event(Refused).sentence
    goes_on = crew.running_beyond(crew.snapshot.moment.step if crew.snapshot else 0)
    assert goes_on.wanted.number == 3 and goes_on.parameters is not None
    crew.submit(commands.Pause())
    losses = crew.seen(lambda snapshot: not snapshot.pace.running).losses.tolist()
    assert losses[:100] == losses_of(runner(settings, started), min(100, len(losses)))


def test_graph_that_does_not_fit_in_memory_is_refused(crew: Crew, small: Small) -> None:
    crew.begin(small())
    crew.submit(commands.Start(small(n_embd=2**20)))
    assert "of memory" in crew.event(Refused).sentence
    crew.submit(commands.Step())
    crew.standing_at(1)


def test_memory_that_runs_out_is_refused(crew: Crew, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    crew.begin(small())

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("microgpt_studio.debugger.preparation.record", fail)
    crew.submit(commands.Start(small(n_embd=4)))
    assert "not enough memory" in crew.event(Refused).sentence
    crew.submit(commands.Step())
    crew.standing_at(1)


def test_foreign_checkpoint_is_refused(crew: Crew, small: Small, tmp_path: Path) -> None:
    crew.begin(small())
    crew.submit(commands.Run())
    crew.running_beyond(0)
    for path in (tmp_path, tmp_path / "none", small().data):
        assert path is not None
        crew.submit(commands.Open(path, small().data))
        assert str(path) in crew.event(Refused).sentence
    crew.running_beyond(crew.snapshot.moment.step if crew.snapshot else 0)


def test_checkpoint_of_other_documents_is_refused(crew: Crew, small: Small, tmp_path: Path) -> None:
    crew.begin(small())
    crew.submit(commands.Save(tmp_path / "names.safetensors"))
    crew.event(Saved)
    crew.submit(commands.Open(tmp_path / "names.safetensors", None))
    assert "documents" in crew.event(Refused).sentence
