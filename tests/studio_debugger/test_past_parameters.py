"""The parameters of the past are the ones that were there, and training does not notice."""

from __future__ import annotations

import pytest

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.past_parameters import ParametersAfter, PastParameters
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def ask(session: Session, updates: int) -> PastParameters:
    inquiry = ParametersAfter(updates)
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer


def whole(session: Session, updates: int) -> PastParameters:
    ask(session, updates)
    session.trace_on(lambda: False)
    return ask(session, updates)


def test_they_are_those_of_each_update(session: Session) -> None:
    states = [session.runner.machine.parameters.tolist()]
    for _ in range(session.settings.num_steps):
        session.update()
        states.append(session.runner.machine.parameters.tolist())
    session.execution.go_to(Place(7, 123))
    place, data = session.execution.place, session.runner.machine.data.tolist()
    for updates, state in enumerate(states):
        found = whole(session, updates)
        assert found.reason is None
        assert found.parameters is not None
        assert found.parameters.tolist() == state
        assert not found.parameters.flags.writeable
    assert session.execution.place == place
    assert session.runner.machine.data.tolist() == data


def test_they_grow_update_by_update_and_are_kept(session: Session) -> None:
    session.run(12)
    assert ask(session, 10).parameters is None
    slices = 0
    while session.is_tracing:
        session.trace_on(lambda: True)
        slices += 1
    assert slices == 10
    found = ask(session, 10)
    assert found.parameters is not None
    assert not session.is_tracing
    session.run(3)
    assert ask(session, 10).parameters is found.parameters


@pytest.mark.parametrize("updates", [6, 1000])
def test_what_was_not_done_is_refused_with_the_reason(session: Session, updates: int) -> None:
    session.run(5)
    found = whole(session, updates)
    assert found.parameters is None
    assert found.reason == f"Update {updates} has not been done yet; the latest is 5."
    assert not session.is_tracing


def test_what_was_refused_comes_when_it_has_been_done(session: Session) -> None:
    session.run(2)
    assert whole(session, 4).reason is not None
    session.run(3)
    found = whole(session, 4)
    assert found.reason is None
    assert found.parameters is not None


def test_before_the_session_there_is_nothing(session: Session) -> None:
    session.run(5)
    session.restore(session.state())
    assert ask(session, 3).reason == "This session begins after update 5."
    assert whole(session, 5).parameters is not None
