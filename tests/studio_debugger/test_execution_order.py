"""When every scalar has its turn, against the execution's own operations, one by one."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt_studio.debugger.execution import Phase, Place
from microgpt_studio.debugger.execution_order import ExecutionOrder, Turns
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def turns(session: Session) -> Turns:
    found = session.snapshot(0, Wanted(inquiries=frozenset({ExecutionOrder()}))).answer(ExecutionOrder())
    assert found is not None
    return found


@pytest.mark.parametrize("update", [0, 1, 4])
def test_every_operation_is_the_turn_of_its_scalar(session, update):
    session.execution.go_to(Place(update, 0))
    found = turns(session)
    forward, backward, _ = session.execution.lengths
    assert np.count_nonzero(found.forward >= 0) == forward
    assert np.count_nonzero(found.backward >= 0) == backward
    for number in range(0, forward + backward, 13):
        operation = session.execution.operation(number)
        rank = found.forward if operation.phase is Phase.FORWARD else found.backward
        assert rank[operation.scalar] == operation.index
    parameters = session.description.program.num_parameters
    assert (found.forward[:parameters] == -1).all()
    assert (found.backward[:parameters] == -1).all()
    assert found.forward.dtype == found.backward.dtype == np.int32
    assert not found.forward.flags.writeable
    assert not found.backward.flags.writeable


def test_how_many_turns_are_done(session):
    forward, backward, parameters = session.execution.lengths
    end = forward + backward
    for done, expected in (
        (0, (Phase.FORWARD, 0, 0, 0)),
        (100, (Phase.FORWARD, 100, 0, 0)),
        (forward, (Phase.BACKWARD, forward, 0, 0)),
        (forward + 7, (Phase.BACKWARD, forward, 7, 0)),
        (end, (Phase.ADAM, forward, backward, 0)),
        (end + 3, (Phase.ADAM, forward, backward, 3)),
        (end + parameters, (Phase.ADAM, forward, backward, parameters)),
    ):
        session.execution.go_to(Place(0, done))
        found = turns(session)
        assert (found.phase, found.forward_done, found.backward_done, found.adam_done) == expected


def test_scalars_whose_turn_has_been_are_the_ones_that_are_computed(session):
    forward, backward, _ = session.execution.lengths
    for done in (0, 50, forward - 1, forward + backward // 2):
        session.execution.go_to(Place(0, done))
        found = turns(session)
        computed = {session.execution.operation(number).scalar for number in range(min(done, forward))}
        assert set(np.flatnonzero((found.forward >= 0) & (found.forward < found.forward_done)).tolist()) == computed
        handed = set(session.execution.order[: max(done - forward, 0)].tolist())
        assert set(np.flatnonzero((found.backward >= 0) & (found.backward < found.backward_done)).tolist()) == handed


def test_what_stays_the_same_is_shared_and_another_document_has_its_own(session):
    first, again = turns(session), turns(session)
    assert first.forward is again.forward
    assert first.backward is again.backward
    kept = first.backward.copy()
    session.execution.go_to(Place(1, 0))
    other = turns(session)
    assert not np.array_equal(other.backward, kept)
    assert np.array_equal(first.backward, kept)
    assert np.count_nonzero(first.forward >= 0) > np.count_nonzero(other.forward >= 0) == session.execution.lengths[0]


def test_the_backward_phase_is_left_out_where_it_is_not_asked_for(session):
    whole, part = ExecutionOrder(), ExecutionOrder(backward=False)
    for _ in range(3):
        session.update()
        found = session.snapshot(0, Wanted(inquiries=frozenset({part}))).answer(part)
        both = session.snapshot(0, Wanted(inquiries=frozenset({whole}))).answer(whole)
        assert len(found.backward) == 0
        assert np.array_equal(found.forward, both.forward)
        order = session.execution.order
        assert np.array_equal(both.backward[order], np.arange(len(order)))
