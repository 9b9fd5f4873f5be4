"""A parameter's past against microgpt/adam.py, run in plain Python on the gradients of the same updates."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt.value import Value
from microgpt_studio.debugger.adam_history import AdamHistory, Column
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.debugger.update_spans import ALL, between, first, last

UPDATES = 20


def ask(session: Session, inquiry: AdamHistory):
    return session.snapshot(1, Wanted(inquiries=frozenset([inquiry]))).answer(inquiry)


def replayed(session: Session, inquiry: AdamHistory):
    ask(session, inquiry)
    session.trace_on(lambda: False)
    return ask(session, inquiry)


def plain_rows(session: Session, parameter: int) -> tuple[float, list[list[float]]]:
    """The weight before the first update, and the columns of each, by Python's operators and adam.py; it trains."""
    adam, num_steps = session.settings.adam, session.settings.num_steps
    value = Value(float(session.runner.machine.parameters[parameter]))
    before, m, v, rows = value.data, [0.0], [0.0], []
    for step in range(num_steps):
        session.update()
        value.grad = float(session.runner.machine.grad[parameter])
        old = value.data
        adam.update([value], m, v, step, num_steps)
        rate, t = adam.rate(step, num_steps), step + 1
        m_hat, v_hat = m[0] / (1 - adam.beta1**t), v[0] / (1 - adam.beta2**t)
        root, step_size = v_hat**0.5, rate / (v_hat**0.5 + adam.eps)
        change = rate * m_hat / (root + adam.eps)
        assert old - change == value.data
        rows.append([rate, value.grad, m[0], v[0], m_hat, v_hat, v[0] ** 0.5, root, step_size, change, value.data])
    return before, rows


@pytest.mark.parametrize("address", ["layer0.attn_wq[0,1]", "wte[3,2]", "layer1.mlp_fc2[3,20]"])
def test_every_number_is_that_of_plain_python_to_the_last_bit(session, address):
    parameter = session.description.addresses.parse(address)
    before, rows = plain_rows(session, parameter)
    answer = replayed(session, AdamHistory(parameter, ALL))
    assert answer.is_complete
    assert (answer.first, answer.stop, answer.reason) == (0, UPDATES, None)
    assert answer.before == before
    assert answer.values.tolist() == rows
    assert answer.steps.tolist() == list(range(1, UPDATES + 1))
    assert answer.row(7).tolist() == rows[6]
    assert answer.row(0) is None
    assert answer.row(UPDATES + 1) is None
    assert answer[Column.WEIGHT].tolist() == [row[Column.WEIGHT] for row in rows]


def test_the_gradients_are_those_of_plain_values(session, plain_run_of):
    grads = []
    for _ in range(2):
        session.update()
        grads.append(plain_run_of(session).values[40].grad)
    assert replayed(session, AdamHistory(40, ALL))[Column.GRAD].tolist() == grads


def test_a_span_is_a_part_of_all(session):
    session.run(15)
    whole = replayed(session, AdamHistory(40, ALL)).values
    for span, start, stop in ((last(4), 11, 15), (first(6), 0, 6), (between(3, 9), 2, 9), (last(100), 0, 15)):
        answer = replayed(session, AdamHistory(40, span))
        assert (answer.first, answer.stop) == (start, stop)
        assert np.array_equal(answer.values, whole[start:stop])
        if start:
            assert answer.before == whole[start - 1, Column.WEIGHT]


def test_it_grows_slice_by_slice_and_what_was_handed_out_stays(session):
    session.run(12)
    inquiry = AdamHistory(40, ALL)
    assert len(ask(session, inquiry).values) == 0
    assert np.isnan(ask(session, inquiry).before)
    parts = []
    while session.is_tracing:
        session.trace_on(lambda: True)
        parts.append(ask(session, inquiry))
        assert not parts[-1].values.flags.writeable
    assert [len(part.values) for part in parts] == list(range(1, 13))
    assert [part.is_complete for part in parts] == [False] * 11 + [True]
    for part in parts:
        assert np.array_equal(part.values, parts[-1].values[: len(part.values)])


def test_without_an_update_there_is_nothing_to_replay(session):
    answer = ask(session, AdamHistory(3, last(100)))
    assert (answer.first, answer.stop, len(answer.values), answer.is_complete) == (0, 0, 0, True)
    assert not session.is_tracing


def test_the_latest_updates_move_on_with_training(session):
    inquiry = AdamHistory(40, last(5))
    whole = None
    for done in range(1, UPDATES + 1):
        session.update()
        answer = replayed(session, inquiry)
        assert (answer.first, answer.stop) == (max(0, done - 5), done)
        assert answer.is_complete
        whole = replayed(session, AdamHistory(40, ALL))
        assert np.array_equal(answer.values, whole.values[answer.first : answer.stop])


def test_while_a_later_span_is_on_its_way_the_earlier_one_is_shown(session):
    session.run(4)
    inquiry = AdamHistory(40, last(3))
    early = replayed(session, inquiry)
    session.run(12)
    shown = ask(session, inquiry)
    assert (shown.first, shown.stop, shown.is_complete) == (1, 4, True)
    assert session.is_tracing
    session.trace_on(lambda: True)
    session.run(1)  # the present moves on meanwhile: the span that was begun is finished first
    assert np.array_equal(ask(session, inquiry).values, early.values)
    session.trace_on(lambda: False)
    ask(session, inquiry)
    session.trace_on(lambda: False)
    late = ask(session, inquiry)
    assert (late.first, late.stop, late.is_complete) == (14, 17, True)
    assert np.array_equal(late.values, replayed(session, AdamHistory(40, ALL)).values[14:17])


def test_back_in_the_past_the_span_is_that_of_the_past(session):
    session.run(18)
    inquiry = AdamHistory(40, last(5))
    replayed(session, inquiry)
    whole = replayed(session, AdamHistory(40, ALL)).values
    session.go_to(8)
    answer = replayed(session, inquiry)
    assert (answer.first, answer.stop, answer.is_complete) == (3, 8, True)
    assert np.array_equal(answer.values, whole[3:8])
    assert replayed(session, AdamHistory(40, ALL)).stop == 18
    session.go_to(18)
    ask(session, inquiry)
    session.trace_on(lambda: True)
    session.go_to(6)  # while it is on its way to 18
    answer = replayed(session, inquiry)
    assert (answer.first, answer.stop, answer.is_complete) == (1, 6, True)


def test_half_way_through_an_update_the_finished_ones_are_told(session):
    session.run(6)
    whole = replayed(session, AdamHistory(40, ALL)).values
    for done in (session.execution.length // 2, session.execution.length - 10):
        session.go_to_place(Place(4, done))
        answer = replayed(session, AdamHistory(40, last(3)))
        assert (answer.first, answer.stop) == (1, 4)
        assert np.array_equal(answer.values, whole[1:4])
        assert session.execution.place == Place(4, done)


def test_a_session_that_goes_on_from_a_state_begins_there(session):
    session.run(7)
    whole = replayed(session, AdamHistory(40, ALL)).values
    session.go_to(3)
    session.restore(session.state())
    session.run(4)
    answer = replayed(session, AdamHistory(40, first(100)))
    assert (answer.first, answer.stop) == (3, 7)
    assert np.array_equal(answer.values, whole[3:7])


def test_rows_that_are_no_longer_needed_go(session, monkeypatch):
    monkeypatch.setattr("microgpt_studio.debugger.adam_history._FIRST_ROOM", 4)
    inquiry = AdamHistory(40, last(2))
    for _ in range(UPDATES):
        session.update()
        answer = replayed(session, inquiry)
    assert answer.values.base is not None
    assert len(answer.values.base) < UPDATES
    whole = replayed(session, AdamHistory(40, ALL))
    assert np.array_equal(answer.values, whole.values[18:])
    assert answer.before == whole.values[17, Column.WEIGHT]


def test_only_the_latest_histories_are_kept(session):
    session.run(2)
    for parameter in range(12):
        replayed(session, AdamHistory(parameter, ALL))
    replayed(session, AdamHistory(11, ALL))
    ask(session, AdamHistory(11, ALL))
    assert not session.is_tracing
    ask(session, AdamHistory(0, ALL))
    assert session.is_tracing


def test_it_fits_parameters_alone(program):
    assert AdamHistory(program.num_parameters - 1, ALL).fits(program)
    assert not AdamHistory(program.num_parameters, ALL).fits(program)
    assert not AdamHistory(-1, ALL).fits(program)
