"""The poller hands on every event and picture, and text as often as it can be read."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from microgpt.settings import Settings
from microgpt_studio.bridge import poller as module
from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.bridge.poller import TEXT_INTERVAL, Poller
from microgpt_studio.debugger import preparation
from microgpt_studio.debugger.events import Event, Refused, SessionStarted, Stopped
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.snapshot import Cursor, Moment, Pace, Snapshot, Wanted
from microgpt_studio.debugger.stop import Reason, Stop

STOP = Stop(Reason.UNTIL, Place(2, 5), "Here is the place that was asked for.")


def snapshot(step: int, *, running: bool) -> Snapshot:
    moment = Moment(step, step + 1, 10, "emma", (4, 0, 1), 2, 100, None, None, None, Cursor(0, 50, 7, ("update",)))
    return Snapshot(step, Wanted(), moment, Pace(running, None), np.empty(0))


class Desk:
    """A mailbox, its poller under a clock that the test moves, and what the poller handed on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.mailbox = Mailbox()
        self.poller = Poller(self.mailbox)
        self.order: list[str] = []
        self.events: list[Event] = []
        self.pictures: list[int] = []  # steps
        self.texts: list[int] = []
        self.poller.event_came.connect(self.take_event)
        self.poller.picture_came.connect(self.take_picture)
        self.poller.text_came.connect(self.take_text)

    def take_event(self, event: Event) -> None:
        self.order.append("event")
        self.events.append(event)

    def take_picture(self, snapshot: Snapshot) -> None:
        self.order.append("picture")
        self.pictures.append(snapshot.moment.step)

    def take_text(self, snapshot: Snapshot) -> None:
        self.order.append("text")
        self.texts.append(snapshot.moment.step)

    def poll(self, snapshot: Snapshot | None = None, after: float = 0.0) -> None:
        self.now += after
        if snapshot is not None:
            self.mailbox.put_snapshot(snapshot)
        self.poller.poll()


@pytest.fixture
def desk(qapp: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(monkeypatch)
    yield desk
    desk.poller.stop()


def test_nothing_in_the_mailbox_is_nothing_to_tell(desk: Desk) -> None:
    desk.poll()
    assert desk.order == []


def test_events_come_before_the_picture_and_that_before_its_text(desk: Desk) -> None:
    desk.mailbox.put_event(Refused("first"))
    desk.mailbox.put_event(Stopped(3, STOP))
    desk.poll(snapshot(3, running=False))
    assert desk.order == ["event", "event", "picture", "text"]
    assert desk.events == [Refused("first"), Stopped(3, STOP)]


def test_running_gives_every_picture_but_text_four_times_a_second(desk: Desk) -> None:
    for step in range(61):  # two seconds
        desk.poll(snapshot(step, running=True), after=1 / 30)
    assert desk.pictures == list(range(61))
    assert 8 <= len(desk.texts) <= 9
    assert desk.texts[0] == 0


def test_standing_gives_text_at_once(desk: Desk) -> None:
    for step in range(5):
        desk.poll(snapshot(step, running=False), after=0.001)
    assert desk.texts == [0, 1, 2, 3, 4]


def test_stopping_gives_text_at_once(desk: Desk) -> None:
    desk.poll(snapshot(1, running=True))
    desk.poll(snapshot(2, running=True), after=0.01)
    assert desk.texts == [1]
    desk.poll(snapshot(2, running=False), after=0.01)
    assert desk.texts == [1, 2]


def test_text_that_was_held_back_comes_when_it_may_even_if_no_picture_follows(desk: Desk) -> None:
    """At one update a second the last picture's figures would otherwise be old until the next."""
    desk.poll(snapshot(1, running=True))
    desk.poll(snapshot(2, running=True), after=0.1)
    desk.poll(after=0.1)
    assert desk.texts == [1]
    desk.poll(after=TEXT_INTERVAL)
    assert desk.texts == [1, 2]
    desk.poll(after=TEXT_INTERVAL)
    assert desk.texts == [1, 2]


def test_new_session_voids_text_that_was_held_back(desk: Desk) -> None:
    session = preparation.prepare(preparation.plan(Settings(n_embd=4, n_head=1, block_size=2), None), lambda _: None)
    desk.poll(snapshot(1, running=True))
    desk.poll(snapshot(2, running=True), after=0.1)
    desk.mailbox.put_event(SessionStarted(session.description))
    desk.poll(after=TEXT_INTERVAL)
    assert desk.texts == [1]


def test_timer_looks_until_it_is_stopped(desk: Desk, qtbot: QtBot) -> None:
    desk.poller.start()
    for step in (1, 2):
        with qtbot.waitSignal(desk.poller.picture_came, timeout=10_000):
            desk.mailbox.put_snapshot(snapshot(step, running=True))
    desk.poller.stop()
    timer = desk.poller.findChild(QTimer)
    assert timer is not None and not timer.isActive()
    assert desk.pictures == [1, 2]
