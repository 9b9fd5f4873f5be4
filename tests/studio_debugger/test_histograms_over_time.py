"""The columns are the histograms of the numbers that were there, whenever they are collected."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from microgpt_studio.debugger import histograms_over_time as module
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.histograms_over_time import BINS, HistogramsOverTime, Kind, OverTime, matrix_starts
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


@pytest.fixture(autouse=True)
def _saved_often(session: Session) -> None:
    session.execution.history.stride = 4


def ask(session: Session) -> OverTime:
    answer = session.snapshot(1, Wanted(inquiries=frozenset({HistogramsOverTime()}))).answer(HistogramsOverTime())
    assert answer is not None
    return answer


def whole(session: Session) -> OverTime:
    ask(session)
    session.trace_on(lambda: False)
    return ask(session)


def check(found: OverTime, layers: dict[int, tuple[np.ndarray, ...]], session: Session) -> None:
    """Every column against the arrays of its update, counted by comparing with each edge."""
    ids, starts = matrix_starts(session.description.program)
    for column, updates in enumerate(found.updates.tolist()):
        for kind in Kind:
            for matrix, (start, stop) in enumerate(pairwise(starts)):
                values = layers[updates][kind][ids[start:stop]]
                edges = found.edges(kind, matrix)
                values = values[values != 0.0]
                counts = [int(((low <= values) & (values < high)).sum()) for low, high in pairwise(edges)]
                assert found.counts[kind, matrix, column].tolist() == counts
                assert sum(counts) == len(values)
                assert found.zeros[kind, matrix, column] == stop - start - len(values)


def run(session: Session, updates: int) -> dict[int, tuple[np.ndarray, ...]]:
    """Train on, and write down the numbers of each update by the updates done before it."""
    machine, count = session.runner.machine, session.description.program.num_parameters
    layers = {}
    for _ in range(updates):
        before = machine.parameters.copy()
        session.update()
        layers[session.step - 1] = before, machine.grad[:count].copy(), machine.change.copy()
    return layers


def test_they_are_those_of_the_saved_states(session: Session) -> None:
    layers = run(session, 18)
    session.execution.go_to(Place(9, 77))
    place, grads = session.execution.place, session.runner.machine.grad.tolist()
    found = whole(session)
    assert found.updates.tolist() == [0, 4, 8, 12, 16]
    assert found.is_complete
    check(found, layers, session)
    assert found.sizes.sum() == session.description.program.num_parameters
    assert session.execution.place == place
    assert session.runner.machine.grad.tolist() == grads


def test_they_grow_while_training_goes_on_and_what_was_told_stays(session: Session) -> None:
    layers = run(session, 6)
    first = whole(session)
    assert first.updates.tolist() == [0, 4]
    kept = first.counts.copy()
    layers |= run(session, 12)
    assert not ask(session).is_complete
    for count in (3, 4, 5):
        session.trace_on(lambda: True)
        assert len(ask(session).updates) == count
    check(ask(session), layers, session)
    assert first.counts.tolist() == kept.tolist()
    check(first, layers, session)
    assert not first.counts.flags.writeable


def test_when_there_are_many_every_second_one_goes(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_COLUMNS", 4)
    monkeypatch.setattr(module, "_FIRST_ROOM", 2)
    layers = run(session, 20)
    found = whole(session)
    assert found.updates.tolist() == [0, 8, 16]
    check(found, layers, session)


def test_a_wider_range_puts_bins_together(session: Session) -> None:
    layers = run(session, 2)
    ask(session)
    session.trace_on(lambda: False)
    before = ask(session)
    for step in (8, 12):  # saved states as they might have been, had training gone astray
        state = session.execution.history.nearest(0)[1].copy()
        state[0] *= step
        session.execution.history._states[step] = state
    session.run(16)
    found = whole(session)
    assert (found.limits[Kind.WEIGHTS] >= 4 * before.limits[Kind.WEIGHTS]).all()
    assert np.log2(found.limits[Kind.WEIGHTS]).tolist() == np.log2(found.limits[Kind.WEIGHTS]).round().tolist()
    ids, starts = matrix_starts(session.description.program)
    values = layers[0][0][ids[starts[2] : starts[3]]]
    edges = found.edges(Kind.WEIGHTS, 2)
    counts = np.histogram(values, edges)[0]
    assert found.counts[Kind.WEIGHTS, 2, 0].tolist() == counts.tolist()
    assert found.counts.shape[3] == BINS


def test_before_the_first_update_there_is_nothing(session: Session) -> None:
    found = whole(session)
    assert (len(found.updates), found.is_complete) == (0, True)


def test_a_fault_ends_them_with_the_reason(session: Session) -> None:
    run(session, 5)
    session.execution.history._states[4] = session.execution.history.nearest(0)[1] * 1e6
    found = whole(session)
    assert found.updates.tolist() == [0]
    assert found.reason is not None
    assert found.reason.startswith("update 5 stops at")
    assert found.is_complete
