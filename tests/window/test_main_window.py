"""The window begins a session, drives it from the keyboard, and shows one selected scalar everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar, QPushButton, QSpinBox

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.debugger import preparation
from microgpt_studio.debugger.events import Phase, Preparing
from microgpt_studio.debugger.session import Session
from microgpt_studio.panels.loss import LossPanel
from microgpt_studio.panels.samples import SamplesPanel
from microgpt_studio.theme import LIGHT
from microgpt_studio.widgets.one_line import OneLine
from microgpt_studio.window.actions import ROWS
from microgpt_studio.window.panel_table import PANELS
from microgpt_studio.window.transport import SPEEDS, TransportBar

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def enabled(person: Person) -> set[str]:
    return {name for name, action in person.window.actions_by_name.items() if action.isEnabled()}


def state(person: Person) -> str:
    """What the status bar says."""
    label = person.window.statusBar().findChild(OneLine, "state")
    assert isinstance(label, OneLine)
    return label.text


# Not before the first update:
BACK = {"step-back", "step-back-into", "step-back-out", "run-back", "run-back-to-selection"}
NEED_NO_SESSION = {row.name for row in ROWS if not row.needs_session}


# Beginning


def test_every_panel_gets_the_session_and_the_snapshot(person: Person, small: Small) -> None:
    person.begin(small(), run_to=3)
    window = person.window
    [description] = person.sessions
    assert len(window.panels) == len(PANELS)
    for name, panel in window.panels.items():
        assert panel.isVisible()
        assert panel.description is description
        behind_a_tab = window.docks[name].geometry().right() < 0
        assert panel.snapshot is (None if behind_a_tab else window.snapshot)
        assert panel.selection == window.selection == description.addresses.parse("layer0.attn_wq[0,0]")
    assert window.windowTitle() == "microgpt Studio · names.txt"
    assert person.message == ""


def test_nothing_can_be_driven_before_there_is_a_session(person: Person, small: Small) -> None:
    assert enabled(person) == NEED_NO_SESSION
    person.begin(small())
    assert enabled(person) == {row.name for row in ROWS} - BACK


def test_first_session_can_be_refused(person: Person, small: Small) -> None:
    person.window.begin(small(data=small().data.parent))  # type: ignore[union-attr]
    assert "is a folder" in person.told("is a folder")
    assert state(person) == "no session"
    assert enabled(person) == NEED_NO_SESSION
    person.window.submit(commands.Start(small()))
    person.standing_at(0)
    assert person.message == ""


def test_more_updates_than_a_field_of_qt_can_count(person: Person, small: Small) -> None:
    person.begin(small(num_steps=10**12), run_to=2)
    assert person.window.readout.values["update"] == "2 of 1000000000000"


def test_selection_can_be_asked_for(sit_down: Callable[..., Person], small: Small) -> None:
    person = sit_down(selection="pos1.layer0.attn.q[5]")
    person.open()
    person.begin(small())
    assert person.window.selection == person.sessions[0].addresses.parse("pos1.layer0.attn.q[5]")


def test_selection_that_there_is_not_is_told(sit_down: Callable[..., Person], small: Small) -> None:
    person = sit_down(selection="pos1.layer9.attn.q[5]")
    person.open()
    person.begin(small())
    assert "'pos1.layer9.attn.q[5]' is not an address" in person.message
    assert person.window.selection == person.sessions[0].addresses.parse("layer0.attn_wq[0,0]")


# Transport


def test_keys_drive_training(person: Person, small: Small) -> None:
    person.begin(small())
    person.press(Qt.Key.Key_F10)
    person.standing_at(1)
    person.press(Qt.Key.Key_F10)
    person.standing_at(2)
    person.press(Qt.Key.Key_F5)
    person.running_beyond(2)
    person.press(Qt.Key.Key_F5)
    person.seen(lambda snapshot: not snapshot.pace.running)
    person.press(Qt.Key.Key_F5, CTRL, SHIFT)
    person.standing_at(0)


def test_step_while_it_runs_stands(person: Person, small: Small) -> None:
    person.begin(small())
    person.press(Qt.Key.Key_F5)
    person.running_beyond(0)
    person.press(Qt.Key.Key_F10)
    person.seen(lambda snapshot: not snapshot.pace.running)


def test_update_to_run_to_is_typed(person: Person, small: Small) -> None:
    person.begin(small())
    field = person.window.findChild(TransportBar).findChild(QSpinBox)
    assert field is not None
    person.press(Qt.Key.Key_G, CTRL)
    assert field.hasFocus()
    QTest.keyClicks(field, "17")
    QTest.keyClick(field, Qt.Key.Key_Return)
    person.standing_at(17)
    person.press(Qt.Key.Key_G, CTRL)
    QTest.keyClicks(field, "19")
    person.press(Qt.Key.Key_F6)  # what was typed counts without Return, too
    person.standing_at(19)


def test_updates_that_are_past_are_gone_back_to(person: Person, small: Small) -> None:
    person.begin(small(), run_to=3)
    third = person.standing_at(3)
    person.window.submit(commands.Run(6))
    losses = person.standing_at(6).losses.tolist()
    field = person.window.findChild(TransportBar).findChild(QSpinBox)
    assert field is not None
    field.setValue(3)
    person.do("run-to")
    again = person.standing_at(3)
    assert again.moment == third.moment
    assert again.losses.tolist() == losses
    assert state(person).endswith("paused · in the past: 6 updates were done")
    person.press(Qt.Key.Key_F8)
    assert person.standing_at(2).moment.loss == losses[1]
    person.press(Qt.Key.Key_F10)
    assert person.standing_at(3).moment == third.moment
    loss = person.window.panels["loss"]
    assert isinstance(loss, LossPanel)
    loss.plot.sought.emit(5)
    assert person.standing_at(5).moment.loss == losses[4]
    person.window.driver.go_to(0)
    assert person.standing_at(0).moment.loss is None


def test_at_the_end_there_is_only_restart(person: Person, small: Small) -> None:
    person.begin(small(num_steps=5), run_to=5)
    assert state(person).endswith("finished")
    assert {"run", "step", "step-into", "step-out"} & enabled(person) == set()
    person.press(Qt.Key.Key_F10)
    person.press(Qt.Key.Key_F5)
    person.do("restart")
    person.standing_at(0)
    assert state(person).endswith("paused")
    person.do("step")
    person.standing_at(1)


def test_run_is_pause_while_it_runs(person: Person, small: Small) -> None:
    person.begin(small())
    run = person.window.actions_by_name["run"]
    assert run.text() == "Run"
    person.do("run")
    person.running_beyond(0)
    assert (run.text(), state(person).rsplit(" · ", maxsplit=1)[-1]) == ("Pause", "running")
    person.do("run")
    person.seen(lambda snapshot: not snapshot.pace.running)
    assert (run.text(), state(person).rsplit(" · ", maxsplit=1)[-1]) == ("Run", "paused")


def test_readout_says_where_training_stands(person: Person, small: Small) -> None:
    person.begin(small())
    values = person.window.readout.values
    assert values["update"] == "0 of 1000000000"
    assert (values["loss"], values["lr"], values["speed"]) == ("—", "—", "—")
    person.do("step")
    moment = person.standing_at(1).moment
    values = person.window.readout.values
    assert values["document"] == f"“{moment.document}”"
    assert moment.loss is not None
    assert values["loss"].endswith(" nats") and abs(float(values["loss"].split()[0]) - moment.loss) < 0.001
    assert repr(moment.loss) in person.window.readout.toolTip()
    person.do("run")
    person.seen(lambda snapshot: snapshot.pace.updates_per_second is not None)
    assert person.window.readout.values["speed"].endswith("/s")


def test_speed_limit_reaches_the_worker_and_the_next_session(
    person: Person, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.begin(small())
    asked: list[float | None] = []
    submit = person.window.worker.submit

    def listen(command: commands.Command) -> None:
        if isinstance(command, commands.LimitSpeed):
            asked.append(command.updates_per_second)
        submit(command)

    monkeypatch.setattr(person.window.worker, "submit", listen)
    for _ in SPEEDS:
        person.press(Qt.Key.Key_BracketLeft, CTRL)
    assert asked == list(reversed(SPEEDS[:-1]))
    person.press(Qt.Key.Key_BracketRight, CTRL)
    assert asked[-1] == 2
    person.window.submit(commands.Start(small(n_embd=4)))
    person.wait_for(lambda: len(person.sessions) == 2)
    assert asked[-2:] == [2, 2]


# Selection


def test_selection_in_one_panel_reaches_all(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    for scalar, panel in enumerate(person.window.panels.values(), start=100):
        panel.selected.emit(scalar)
        assert {panel.selection for panel in person.window.panels.values()} == {person.window.selection} == {scalar}
        explained = person.standing_at(1).explanation
        assert explained is not None and explained.scalar == scalar


def test_selection_stays_through_restart_and_a_new_session_that_has_it(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    addresses = person.sessions[0].addresses
    person.window.select(addresses.parse("pos2.layer0.mlp.fc1[7]"))
    person.do("restart")
    person.standing_at(0)
    assert person.window.selection == addresses.parse("pos2.layer0.mlp.fc1[7]")
    person.window.submit(commands.Start(small(n_layer=2)))
    person.wait_for(lambda: len(person.sessions) == 2)
    assert person.window.selection == person.sessions[1].addresses.parse("pos2.layer0.mlp.fc1[7]")
    person.window.submit(commands.Start(small(block_size=2)))
    person.wait_for(lambda: len(person.sessions) == 3)
    assert person.window.selection == person.sessions[2].addresses.parse("layer0.attn_wq[0,0]")
    person.standing_at(0)
    assert person.message == ""


def test_click_while_a_smaller_session_is_prepared_does_no_harm(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    last = person.sessions[0].program.loss
    person.window.submit(commands.Start(small(n_embd=4, block_size=2)))
    person.window.select(last)
    person.wait_for(lambda: len(person.sessions) == 2)
    person.standing_at(0)
    assert person.message == ""


# What goes wrong


def test_samples_that_cannot_be_drawn_disturb_nothing(person: Person, small: Small) -> None:
    person.begin(small(adam=Adam(learning_rate=1e200)), run_to=3)
    samples = person.window.panels["samples"]
    assert isinstance(samples, SamplesPanel)
    person.wait_for(lambda: "No sample can be drawn after update 3" in samples.sentence.text)
    assert not samples.is_waiting
    assert person.message == ""
    person.do("restart")
    person.standing_at(0)
    samples.request()
    person.wait_for(lambda: "before the first update" in samples.sentence.text)


def test_samples_come_by_themselves_when_training_stands(person: Person, small: Small) -> None:
    person.begin(small(), run_to=3)
    samples = person.window.panels["samples"]
    assert isinstance(samples, SamplesPanel)
    person.wait_for(lambda: samples.sentence.text.startswith("update 3 ·"))


def test_fault_is_told_selected_and_left_by_restart(person: Person, small: Small) -> None:
    person.begin(small(adam=Adam(learning_rate=1e3)))
    person.do("run")
    sentence = person.told("stopped at")
    assert "log(0.0) is not defined" in sentence
    address = sentence.split(" stopped at ")[1].split(":")[0]
    assert person.window.selection == person.sessions[0].addresses.parse(address)
    stands = person.seen(lambda snapshot: not snapshot.pace.running)
    person.wait_for(lambda: state(person).endswith("stopped at a fault"))
    with person.qtbot.waitSignal(person.window.stopped, timeout=30_000):
        person.do("step")
    person.standing_at(stands.moment.step)
    person.do("restart")
    person.standing_at(0)
    assert state(person).endswith("paused")
    assert person.message == ""


def test_mistake_in_the_worker_is_told_and_the_session_goes_on(
    person: Person, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.begin(small())
    person.do("run")
    person.running_beyond(0)

    def fail(*_: object) -> None:
        raise RuntimeError("the tests broke it")

    with monkeypatch.context() as patch:
        patch.setattr(Session, "proceed", fail)
        assert "RuntimeError: the tests broke it. The session goes on." in person.told("A mistake in the program")
        step = person.seen(lambda snapshot: not snapshot.pace.running).moment.step
    assert "Traceback" in person.window.messages.details
    person.do("step")
    person.standing_at(step + 1)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Recordings take as long as there is nothing in this list."""
    enough: list[bool] = []

    def record_slowly(config: Configuration, progress: Callable[[int], None]) -> Program:
        while not enough:
            progress(1)
            time.sleep(0.001)  # the interpreter has others to serve
        return record(config, progress)

    monkeypatch.setattr(preparation, "record", record_slowly)
    monkeypatch.setattr(preparation, "_REPORT_INTERVAL", 0.01)
    return enough


def test_preparation_that_takes_its_time_shows_progress(person: Person, small: Small, slow: list[bool]) -> None:
    person.window.begin(small())
    assert "Recording the program: 1 of" in person.told("Recording the program")
    assert enabled(person) == NEED_NO_SESSION
    slow.append(True)
    person.standing_at(0)
    assert person.message == ""
    assert enabled(person) == {row.name for row in ROWS} - BACK


def test_only_an_error_stays_until_it_is_closed(person: Person) -> None:
    messages = person.window.messages
    messages._departure.setInterval(0)
    messages.say("Saved.", error=False)
    assert person.message == "Saved."
    person.wait_for(lambda: person.message == "")
    messages.say("Saved.", error=False)
    messages.say("No such file.")
    assert not messages._departure.isActive()
    assert person.message == "No such file."


def test_compiling_has_no_known_end(person: Person) -> None:
    person.window.messages.show_progress(Preparing(Phase.COMPILING, 70, 70))
    assert person.told("Compiling") == "Compiling the kernels: a few seconds, the first time only"
    bar = person.window.messages.findChildren(QProgressBar)[0]
    assert bar.isVisible() and (bar.minimum(), bar.maximum()) == (0, 0)


def test_what_is_prepared_at_once_shows_no_progress(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    seen: list[bool] = []
    person.window.session_started.connect(lambda _: seen.append(person.window.messages.isVisible()))
    person.window.submit(commands.Start(small(seed=2)))
    person.wait_for(lambda: len(person.sessions) == 2)
    person.standing_at(0)
    assert seen == [False]


def test_message_lies_over_the_panels_and_moves_none(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    window, messages = person.window, person.window.messages
    in_sight = [dock for dock in window.docks.values() if dock.geometry().right() >= 0]
    before = [dock.geometry() for dock in in_sight]
    messages.say("Something. " * 3)
    person.do("step")
    person.standing_at(2)
    assert [dock.geometry() for dock in in_sight] == before
    messages.say("Something that cannot be said in one line. " * 12)
    tall = messages.height()
    assert messages.width() == window.width()
    assert messages.y() <= window.docks["graph"].y() < messages.geometry().bottom()
    window.resize(2000, 900)
    person.wait_for(lambda: messages.width() == 2000 and messages.height() < tall)
    person.do("theme")
    person.do("larger")
    assert LIGHT.raised in messages.styleSheet()
    person.do("normal")
    messages.findChildren(QPushButton)[0].click()
    assert person.message == ""


def test_refusal_while_another_session_is_prepared_disturbs_neither(
    person: Person, small: Small, slow: list[bool]
) -> None:
    slow.append(True)
    person.begin(small())
    slow.clear()
    person.do("run")
    step = person.running_beyond(0).moment.step
    person.window.submit(commands.Start(small(n_embd=4)))
    person.told("Recording")
    assert "step" not in enabled(person)
    person.window.submit(commands.Start(small(data=small().data.parent)))  # type: ignore[union-attr]
    assert "Recording" in person.told("is a folder")
    assert "step" not in enabled(person)
    person.press(Qt.Key.Key_Escape)
    person.told("The session goes on as it was")
    person.running_beyond(step)
    assert enabled(person) == {row.name for row in ROWS}


# Closing


def test_close_while_it_trains_flat_out(person: Person, small: Small) -> None:
    person.begin(small())
    person.do("run")
    person.running_beyond(0)
    person.window.close()
    assert person.window.worker.isFinished()
    assert not person.window.isVisible()
    person.window.close()


def test_close_while_it_records(person: Person, small: Small, slow: list[bool]) -> None:
    person.window.begin(small())
    person.told("Recording")
    person.window.close()
    assert person.window.worker.isFinished()


def test_close_by_keyboard_before_anything_began(person: Person) -> None:
    person.press(Qt.Key.Key_Q, CTRL)
    assert not person.window.isVisible()


def test_a_step_does_not_lay_out_the_window_anew(person: Person, small: Small) -> None:
    """Only a panel that needs another height may: most steps change figures, and no sizes."""
    person.begin(small())
    requests: list[int] = []

    class Listener(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
            if event.type() == QEvent.Type.LayoutRequest:
                requests.append(window.snapshot.moment.step if window.snapshot is not None else -1)
            return False

    window, listener = person.window, Listener()
    window.installEventFilter(listener)
    for step in range(1, 21):
        person.do("step")
        person.standing_at(step)
    window.removeEventFilter(listener)
    assert len(set(requests)) < 10
