"""Pacing: what is due when, and what is not made up for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from microgpt_studio.bridge import pacing as module
from microgpt_studio.bridge.pacing import Pacing, Slice


class Clock:
    now = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_without_a_limit_everything_is_due(clock: Clock) -> None:
    pacing = Pacing()
    assert not pacing.is_limited
    assert pacing.time_left() == 0.0


def test_items_become_due_one_after_the_other(clock: Clock) -> None:
    pacing = Pacing()
    pacing.limit(10.0)
    assert pacing.take(clock.now) == 1
    assert pacing.time_left() == pytest.approx(0.1)
    clock.now += 0.11
    assert pacing.time_left() < 0
    assert pacing.take(clock.now) == 1


def test_what_is_late_is_made_up_for_a_little(clock: Clock) -> None:
    pacing = Pacing()
    pacing.limit(100.0)
    clock.now += 0.025
    assert pacing.take(clock.now) == 3
    clock.now += 10.0
    assert pacing.take(clock.now) <= 6  # not a thousand


def test_the_speed_is_that_of_late(clock: Clock) -> None:
    pacing = Pacing()
    pacing.begin()
    assert pacing.measure(0).updates_per_second is None
    for step in range(1, 21):
        clock.now += 0.1
        measured = pacing.measure(step).updates_per_second
    assert measured == pytest.approx(10.0)
    for step in range(21, 41):
        clock.now += 0.05
        measured = pacing.measure(step).updates_per_second
    assert measured == pytest.approx(20.0)
    pacing.begin()
    assert pacing.measure(41).updates_per_second is None


def test_a_slice_is_over_in_time_but_not_before_something_is_done(clock: Clock) -> None:
    asked: list[bool] = []
    piece = Slice(lambda: bool(asked), clock.now)
    assert not piece()
    assert piece()
    longer = Slice(lambda: bool(asked), clock.now + 1.0)
    assert not longer()
    assert not longer()
    asked.append(True)
    assert longer()
    assert Slice(lambda: True, clock.now + 1.0)()
