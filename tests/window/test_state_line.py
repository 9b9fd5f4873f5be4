"""The status bar says in which state a session is, and why it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QStatusBar

from microgpt.model import Configuration
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Snapshot, Wanted
from microgpt_studio.debugger.stop import Reason, Stop
from microgpt_studio.widgets.one_line import OneLine
from microgpt_studio.window.state_line import StateLine, state_of

DOCUMENTS = ["ava", "mia"]


@pytest.fixture(scope="module")
def program() -> Program:
    return record(Configuration(len(set("".join(DOCUMENTS))) + 1, n_layer=1, n_embd=4, n_head=2, block_size=4))


@pytest.fixture
def session(program: Program) -> Session:
    settings = Settings(n_layer=1, n_embd=4, n_head=2, block_size=4, num_steps=3)
    return Session(settings, DOCUMENTS, program, "two names")


def _told(session: Session, *, running: bool = False, reason: Reason | None = None) -> Snapshot:
    snapshot = session.snapshot(1, Wanted(), Pace(running, None))
    stop = None if reason is None else Stop(reason, Place(session.step, 0), "It stands.")
    return replace(snapshot, moment=replace(snapshot.moment, stop=stop))


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (None, "paused"),
        (Reason.UNTIL, "paused"),
        (Reason.BREAKPOINT, "stopped at a breakpoint"),
        (Reason.FAULT, "stopped at a fault"),
        (Reason.NONFINITE, "stopped at a number that is not finite"),
        (Reason.FAILURE, "a breakpoint cannot be checked"),
    ],
)
def test_it_says_why_training_stands(session: Session, reason: Reason | None, state: str) -> None:
    assert state_of(_told(session, reason=reason)) == state
    assert state_of(_told(session, running=True, reason=reason)) == "running"


def test_the_end_is_finished_unless_something_else_stopped_there(session: Session) -> None:
    session.run(3)
    assert state_of(_told(session)) == state_of(_told(session, reason=Reason.END)) == "finished"
    assert state_of(_told(session, reason=Reason.BREAKPOINT)) == "stopped at a breakpoint"


def test_the_labels_tell_the_past_but_not_at_a_fault(session: Session, qtbot) -> None:
    bar = QStatusBar()
    qtbot.addWidget(bar)
    line = StateLine(bar)
    state, breadcrumb = bar.findChild(OneLine, "state"), bar.findChild(OneLine, "breadcrumb")
    line.show_no_session()
    assert state.text == "no session"
    session.run(3)
    session.go_to(1)
    line.show_snapshot(_told(session))
    assert state.text.endswith("paused · in the past: 3 updates were done")
    assert breadcrumb.text == " › ".join(_told(session).moment.cursor.breadcrumb)
    line.show_snapshot(_told(session, reason=Reason.FAULT))
    assert state.text.endswith("stopped at a fault")
    line.show_snapshot(_told(session, running=True))
    assert breadcrumb.text == ""
