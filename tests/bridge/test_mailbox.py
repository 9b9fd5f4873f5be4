"""The mailbox keeps the latest snapshot and every event."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import numpy as np

from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.debugger.events import Event, Refused, Stopped
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.snapshot import Cursor, Moment, Pace, Snapshot, Wanted
from microgpt_studio.debugger.stop import Reason, Stop

MOMENT = Moment(0, 1, 10, "emma", (4, 0, 1), 2, 100, None, None, None, Cursor(0, 50, 7, ("update 1",)))
FIRST = Snapshot(1, Wanted(), MOMENT, Pace(running=False, updates_per_second=None), np.empty(0))
SECOND = replace(FIRST, number=2)

STOP = Stop(Reason.UNTIL, Place(2, 5), "Here is the place that was asked for.")


def test_latest_snapshot_wins_and_is_taken_once() -> None:
    mailbox = Mailbox()
    mailbox.put_snapshot(FIRST)
    mailbox.put_snapshot(SECOND)
    assert mailbox.take() == ([], SECOND)
    assert mailbox.take() == ([], None)


def test_snapshot_is_due_until_one_waits_to_be_taken() -> None:
    mailbox = Mailbox()
    assert mailbox.snapshot_is_due
    mailbox.put_snapshot(FIRST)
    assert not mailbox.snapshot_is_due
    mailbox.take()
    assert mailbox.snapshot_is_due


def test_every_event_is_kept_in_its_order_whatever_snapshots_come() -> None:
    mailbox = Mailbox()
    events: list[Event] = [Stopped(3, STOP), Refused("no"), Stopped(3, STOP)]
    for event in events:
        mailbox.put_event(event)
        mailbox.put_snapshot(FIRST)
    assert mailbox.take() == (events, FIRST)
    assert mailbox.take() == ([], None)


def test_event_can_void_the_snapshot_that_waits() -> None:
    mailbox = Mailbox()
    mailbox.put_snapshot(FIRST)
    mailbox.put_event(Refused("kept"))
    mailbox.put_event(Refused("a new session"), voids_snapshot=True)
    assert mailbox.snapshot_is_due
    assert mailbox.take() == ([Refused("kept"), Refused("a new session")], None)


def test_no_event_is_lost_between_two_threads() -> None:
    mailbox = Mailbox()
    sent: list[Event] = [Stopped(step, STOP) for step in range(5_000)]

    def send() -> None:
        for event in sent:
            mailbox.put_event(event)
            mailbox.put_snapshot(FIRST)

    sender = Thread(target=send)
    sender.start()
    taken: list[Event] = []
    while sender.is_alive():
        taken += mailbox.take()[0]
    assert taken + mailbox.take()[0] == sent
