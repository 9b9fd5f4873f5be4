"""Which parameters moved, and whose signs changed, against a count by hand over single updates."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from microgpt_studio.debugger.movers import Movers, Sign, _count
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.debugger.update_spans import ALL, last


def ask(session: Session, inquiry: Movers):
    return session.snapshot(1, Wanted(inquiries=frozenset([inquiry]))).answer(inquiry)


def replayed(session: Session, inquiry: Movers):
    ask(session, inquiry)
    session.trace_on(lambda: False)
    return ask(session, inquiry)


def recorded(session: Session, updates: int):
    """The weights before each update and after the last, and what each update subtracted, and the gradients."""
    machine = session.runner.machine
    weights, changes, grads = [machine.parameters.copy()], [], []
    for _ in range(updates):
        session.update()
        weights.append(machine.parameters.copy())
        changes.append(machine.change.copy())
        grads.append(machine.grad[: len(machine.parameters)].copy())
    return weights, changes, grads


def flips(numbers: list[float]) -> int:
    signs = [number > 0 for number in numbers if number != 0]
    return sum(a != b for a, b in pairwise(signs))


def check(answer, weights, changes, grads, first, stop):
    assert (answer.first, answer.done, answer.stop, answer.is_complete) == (first, stop, stop, True)
    assert np.array_equal(answer.before, weights[first])
    assert np.array_equal(answer.after, weights[stop])
    assert np.array_equal(answer.moved, weights[stop] - weights[first])
    for parameter in range(0, len(answer.before), 13):
        told = {sign: int(answer.flips[sign, parameter]) for sign in Sign}
        assert told == {
            Sign.UPDATE: flips([float(change[parameter]) for change in changes[first:stop]]),
            Sign.GRAD: flips([float(grad[parameter]) for grad in grads[first:stop]]),
            Sign.WEIGHT: flips([float(weight[parameter]) for weight in weights[first : stop + 1]]),
        }


def test_distances_and_changes_of_sign_are_those_of_the_single_updates(session):
    history = recorded(session, 18)
    check(replayed(session, Movers(ALL)), *history, 0, 18)
    check(replayed(session, Movers(last(7))), *history, 11, 18)
    answer = replayed(session, Movers(ALL))
    assert (answer.flips[Sign.UPDATE] > 0).any()
    assert (answer.flips[Sign.GRAD] > answer.flips[Sign.UPDATE]).any()


def test_in_the_past_it_is_about_the_past(session):
    history = recorded(session, 18)
    replayed(session, Movers(last(7)))
    session.go_to(9)
    check(replayed(session, Movers(last(7))), *history, 2, 9)
    session.go_to(5)  # a span that begins where the last one might, but ends earlier
    check(replayed(session, Movers(last(7))), *history, 0, 5)
    session.go_to(3)
    check(replayed(session, Movers(last(7))), *history, 0, 3)


def test_it_grows_and_goes_on(session):
    history = recorded(session, 6)
    inquiry = Movers(ALL)
    ask(session, inquiry)
    session.trace_on(lambda: True)
    part = ask(session, inquiry)
    assert (part.first, part.done, part.stop, part.is_complete) == (0, 1, 6, False)
    assert np.array_equal(part.after, history[0][1])
    flips_of_part = part.flips.copy()
    session.trace_on(lambda: False)
    check(ask(session, inquiry), *history, 0, 6)
    assert np.array_equal(part.flips, flips_of_part)
    assert ask(session, inquiry) is ask(session, inquiry)


def test_while_training_is_faster_than_the_replay_a_range_is_still_completed(session):
    history = recorded(session, 4)
    inquiry = Movers(last(4))
    ask(session, inquiry)
    for done in range(1, 5):
        session.run(3)
        session.trace_on(lambda: True)
        answer = ask(session, inquiry)
        assert (answer.first, answer.done, answer.stop) == (0, done, 4)
    check(answer, *history, 0, 4)
    session.go_to(6)  # in the meantime the later range grows, and goes for an earlier moment
    session.trace_on(lambda: False)
    answer = replayed(session, inquiry)
    assert (answer.first, answer.done, answer.stop) == (2, 6, 6)


def test_before_the_first_update_nothing_has_moved(session):
    answer = ask(session, Movers(last(100)))
    assert (answer.first, answer.done, answer.stop, answer.is_complete) == (0, 0, 0, True)


def test_zeros_and_nan_count_for_nothing():
    signs, counts = np.zeros(4, dtype=np.int8), np.zeros(4, dtype=np.int32)
    for row in ([1.0, 0.0, 1.0, 0.0], [0.0, -1.0, np.nan, -0.0], [-1.0, 0.0, -1.0, 0.0], [-2.0, -3.0, 1.0, 0.0]):
        _count(np.array(row), signs, counts)
    assert counts.tolist() == [1, 0, 2, 0]
