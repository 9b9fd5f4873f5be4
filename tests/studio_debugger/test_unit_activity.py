"""How long units are silent is what a training of one's own, looked at update by update, would show."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.mlp_units import MlpUnits
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.debugger.unit_activity import Activity, UnitActivity


def ask(session: Session, updates: int = 100) -> Activity:
    inquiry = UnitActivity(updates)
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer


def whole(session: Session, updates: int = 100) -> Activity:
    ask(session, updates)
    session.trace_on(lambda: False)
    return ask(session, updates)


def brute(program, make_session, first: int, stop: int) -> tuple[list, list]:
    """How often and when each unit fired, from the numbers that each update shows at its end."""
    session = make_session()
    fired, last = np.zeros((2, 32), dtype=int), np.zeros((2, 32), dtype=int)
    for update in range(1, stop + 1):
        session.update()
        numbers = session.snapshot(1, Wanted(inquiries=frozenset({MlpUnits()}))).answer(MlpUnits())
        if update > first:
            fires = numbers.fires.any(axis=1)
            fired += fires
            last[fires] = update
    return fired.tolist(), last.tolist()


@pytest.fixture
def make_session(session: Session):
    return lambda: Session(session.settings, session.documents, session.description.program, "again")


@pytest.mark.parametrize(("step", "updates"), [(1, 100), (6, 100), (12, 5), (20, 20)])
def test_it_is_what_was_to_be_seen(session: Session, program, make_session, step: int, updates: int) -> None:
    session.run(step)
    found = whole(session, updates)
    first = max(step - updates, 0)
    assert (found.first, found.stop, found.measured, found.is_complete) == (first, step, step - first, True)
    fired, last = brute(program, make_session, first, step)
    assert found.fired.tolist() == fired
    assert found.last.tolist() == last
    assert found.dead.tolist() == (np.array(fired) == 0).tolist()
    assert found.dead.any() or np.array(fired).all()


def test_it_grows_and_claims_nothing_before_its_end(session: Session, program, make_session) -> None:
    session.run(9)
    assert ask(session).measured == 0
    assert session.is_tracing
    for measured in (1, 2, 3):
        session.trace_on(lambda: True)
        found = ask(session)
        assert (found.measured, found.is_complete) == (measured, False)
        assert found.fired.tolist() == brute(program, make_session, 0, measured)[0]
        assert not found.dead.any()
    session.trace_on(lambda: False)
    assert ask(session).is_complete and not session.is_tracing


def test_training_is_not_disturbed_and_known_updates_are_not_replayed(session: Session, make_session) -> None:
    session.run(6)
    before = session.runner.machine.data.copy()
    whole(session)
    assert session.runner.machine.data.tolist() == before.tolist() and session.step == 6
    session.run(2)
    assert ask(session).measured == 6  # what is known stays known
    session.trace_on(lambda: True)
    assert ask(session).measured == 7
    session.trace_on(lambda: False)
    session.go_to(4)
    found = ask(session)
    assert (found.first, found.stop, found.measured) == (0, 4, 4)  # nothing to replay
    assert not session.is_tracing


def test_what_has_begun_is_finished_first(session: Session) -> None:
    session.run(5)
    ask(session, 4)
    for _ in range(2):  # the first one leads from the saved state to the updates that are asked for
        session.trace_on(lambda: True)
    session.run(3)
    found = ask(session, 4)
    assert (found.first, found.stop, found.measured) == (1, 5, 1)
    session.trace_on(lambda: False)
    found = ask(session, 4)
    assert (found.first, found.stop) == (4, 8)
    assert not found.is_complete


def test_another_number_of_updates_is_measured_at_once(session: Session) -> None:
    session.run(8)
    ask(session, 8)
    session.trace_on(lambda: True)
    found = ask(session, 3)
    assert (found.first, found.stop, found.measured) == (5, 8, 0)


def test_before_the_first_update_nothing_is_dead(session: Session) -> None:
    found = whole(session)
    assert (found.first, found.stop, found.measured, found.is_complete) == (0, 0, 0, True)
    assert not found.dead.any()
    assert not UnitActivity(0).fits(session.description.program)


def test_half_way_through_an_update_only_finished_ones_count(session: Session) -> None:
    session.run(3)
    session.execution.go_to(Place(2, 500))
    assert whole(session).stop == 2


def test_after_a_restart_nothing_of_before_is_left(session: Session) -> None:
    session.run(3)
    whole(session)
    session.restart()
    session.run(2)
    assert ask(session).measured == 0


def test_a_session_that_goes_on_from_a_state_knows_nothing_before_it(session: Session, program, make_session) -> None:
    session.run(5)
    session.restore(session.state())
    assert whole(session).measured == 0
    session.run(3)
    found = whole(session)
    assert (found.first, found.stop, found.measured) == (5, 8, 3)
    assert (found.fired.tolist(), found.last.tolist()) == brute(program, make_session, 5, 8)
