"""The weights with earlier parameters, against a session that was stopped there; what trains is not touched."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt_studio.debugger.earlier_weights import EarlierWeights, WeightChange
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def ask(session: Session, updates: int) -> WeightChange:
    inquiry = EarlierWeights(updates)
    found = session.snapshot(0, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert found is not None
    return found


def replayed(session: Session, updates: int) -> WeightChange:
    """Asked until it is there."""
    for _ in range(40):
        change = ask(session, updates)
        if not session.is_tracing:
            return change
        assert change.then is None and change.change is None and "being replayed" in str(change.reason)
        session.trace_on(lambda: True)  # cancelled at once: one update at a time
    raise AssertionError("it does not end")


def with_earlier_parameters(session: Session, updates: int, plain_run_of) -> dict[str, float]:
    """The present document's weights with those parameters, by plain Python."""
    machine = session.runner.machine
    n = session.description.program.num_parameters
    present = session.execution.place
    session.go_to(updates)
    parameters = machine.parameters.copy()
    session.go_to_place(present)
    now = machine.data[:n].copy()
    machine.data[:n] = parameters
    plain, addresses = plain_run_of(session), session.description.addresses
    machine.data[:n] = now
    named = {addresses.format(scalar): value.data for scalar, value in plain.values.items()}
    return {address: data for address, data in named.items() if address.split("[")[0].endswith("weight")}


@pytest.mark.parametrize("updates", [0, 3, 16, 17])
def test_they_are_those_of_plain_values_with_the_parameters_of_that_moment(session, plain_run_of, updates):
    session.run(19)
    expected = with_earlier_parameters(session, updates, plain_run_of)
    change = replayed(session, updates)
    assert change.updates == updates and change.reason is None and change.then is not None
    n = session.runner.machine.positions
    for layer, head, query, key in np.ndindex(2, 2, 8, 8):
        at = layer, head, query, key
        if key > query or query >= n:
            assert np.isnan(change.then[at]) and np.isnan(change.now[at]) and np.isnan(change.change[at])
            continue
        address = f"pos{query}.layer{layer}.attn.head{head}.weight[{key}]"
        assert change.then[at] == expected[address]
        assert change.now[at] == session.runner.machine.data[session.description.addresses.parse(address)]
        assert change.change[at] == change.now[at] - change.then[at]


def test_what_trains_is_not_touched(session):
    session.run(5)
    session.go_to_place(Place(4, 900))
    place, machine = session.execution.place, session.runner.machine
    before = machine.data.copy(), machine.grad.copy(), machine.parameters.copy()
    replayed(session, 2)
    assert session.execution.place == place
    for numbers, was in zip((machine.data, machine.grad, machine.parameters), before, strict=True):
        assert numbers.tobytes() == was.tobytes()


def test_in_the_middle_of_a_forward_phase_the_difference_is_known_where_the_weights_are(session):
    session.run(5)
    session.go_to_place(Place(4, 2500))
    change = replayed(session, 0)
    assert change.then is not None and change.change is not None
    assert 0 < np.isfinite(change.now).sum() < np.isfinite(change.then).sum()
    assert (np.isfinite(change.change) == np.isfinite(change.now)).all()


def test_an_update_that_was_not_reached_is_not_known(session):
    session.run(4)
    assert ask(session, 5).reason == "update 5 is not known: 0 to 4 are"
    session.go_to(2)
    assert replayed(session, 4).reason is None  # it was reached before


def test_a_session_that_goes_on_from_a_state_begins_there(session):
    session.run(5)
    session.restore(session.state())
    session.run(2)
    change = ask(session, 3)
    assert change.first == 5
    assert change.reason == "update 3 is not known: 5 to 7 are"
    assert replayed(session, 5).reason is None


def test_states_that_were_found_are_kept(session):
    session.run(10)
    first = replayed(session, 7)
    for updates in range(5):
        replayed(session, updates)
    again = ask(session, 7)
    assert not session.is_tracing
    assert again.then is not None and first.then is not None
    assert again.then.tobytes() == first.then.tobytes()
