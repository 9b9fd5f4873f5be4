"""Histories of the health figures against a second session that is stepped update by update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from microgpt_studio.debugger import health_history
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.health import Health, HealthNumbers
from microgpt_studio.debugger.health_figures import DEAD_FOR, Kind
from microgpt_studio.debugger.health_history import HealthHistory, HealthRows
from microgpt_studio.debugger.mlp_units import MlpUnits
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted
from microgpt_studio.debugger.update_spans import ALL, Span, between, first, last


def asked(session: Session, span: Span) -> HealthRows:
    """As far as it is."""
    inquiry = HealthHistory(span)
    rows = session.snapshot(0, Wanted(inquiries=frozenset([inquiry]))).answer(inquiry)
    assert rows is not None
    return rows


def complete(session: Session, span: Span) -> HealthRows:
    asked(session, span)
    session.trace_on(lambda: False)
    return asked(session, span)


class Stepped:
    """What a session of its own shows after each update."""

    def __init__(self, session: Session, updates: int) -> None:
        self.session = Session(session.settings, session.documents, session.description.program, "again")
        self.numbers: list[HealthNumbers] = []
        self.fires: list[np.ndarray] = []  # (L, H) each
        for _ in range(updates):
            self.session.run(1)
            snapshot = self.session.snapshot(0, Wanted(inquiries=frozenset([Health(), MlpUnits()])))
            self.numbers.append(snapshot.answer(Health()))
            self.fires.append(snapshot.answer(MlpUnits()).fires.any(axis=1))

    def silent(self, update: int, counted_from: int) -> np.ndarray:
        """(L, H) for how many updates in a row up to one each unit has been silent, by looking at each."""
        layers, units = self.fires[0].shape
        found = np.zeros((layers, units), dtype=int)
        for layer, unit in np.ndindex(layers, units):
            while update - found[layer, unit] > counted_from:
                if self.fires[update - 1 - found[layer, unit]][layer, unit]:
                    break
                found[layer, unit] += 1
        return found


@pytest.fixture
def stepped(session) -> Stepped:
    """All updates that there are."""
    return Stepped(session, 20)


@pytest.fixture
def check(stepped: Stepped) -> Callable[[HealthRows], None]:
    """Compare every row with what the other session shows."""

    def check(rows: HealthRows) -> None:
        places = stepped.numbers[0].places
        single = np.ones(len(places.figures), dtype=bool)
        single[places.columns(Kind.DEAD)] = False
        for row, update in enumerate(range(rows.first + 1, rows.done + 1)):
            expected = stepped.numbers[update - 1]
            assert rows.values[row, single].tolist() == expected.values[single].tolist()
            assert (rows.reach[row, single] == expected.reach[single]).all()
            silent = stepped.silent(update, rows.counted_from)
            assert (rows.silent[row] == silent).all()
            dead = rows.values[row, places.columns(Kind.DEAD)]
            if update - rows.counted_from < DEAD_FOR:
                assert np.isnan(dead).all()
                assert (rows.reach[row, places.columns(Kind.DEAD)] == Reach.NOT_COMPUTED).all()
            else:
                assert dead.tolist() == [sum(n >= DEAD_FOR for n in layer) / len(layer) for layer in silent.tolist()]

    return check


@pytest.mark.parametrize(
    ("span", "bounds"),
    [(ALL, (0, 17)), (last(5), (12, 17)), (last(100), (0, 17)), (first(4), (0, 4)), (between(3, 14), (2, 14))],
)
def test_every_row_is_what_a_session_shows_there(session, check, span, bounds):
    session.run(17)
    rows = complete(session, span)
    assert (rows.first, rows.stop) == bounds
    assert rows.is_complete
    assert rows.done == rows.stop
    assert rows.reason is None
    check(rows)


def test_units_that_never_fire_are_counted(session):
    """A row of mlp_fc1 that is 0 never fires."""
    program = session.description.program
    fc1 = next(tensor for tensor in program.tensors if tensor.path == "layer1.mlp_fc1")
    state = session.state()
    parameters = list(state.parameters)
    for unit in (3, 30):
        start = fc1.start + unit * 8
        parameters[start : start + 8] = [0.0] * 8
    session.restore(replace(state, parameters=parameters))
    session.run(14)
    rows = complete(session, ALL)
    places = session.snapshot(0, Wanted(inquiries=frozenset([Health()]))).answer(Health()).places
    dead = places.columns(Kind.DEAD)
    assert set(np.flatnonzero(rows.silent[-1, 1] == 14).tolist()) == {3, 30}
    assert np.isnan(rows.values[DEAD_FOR - 2, dead]).all()
    assert rows.values[DEAD_FOR - 1 :, dead].tolist() == [[0.0, 2 / 32]] * 5


def test_it_grows_update_by_update_and_can_be_stopped_after_each(session, check):
    session.run(6)
    assert asked(session, last(4)).done == 2
    lengths = []
    while session.is_tracing:
        session.trace_on(lambda: True)
        rows = asked(session, last(4))
        lengths.append(rows.done)
        check(rows)
    assert lengths[-1] == 6
    assert sorted(set(lengths) - {2}) == [3, 4, 5, 6]
    assert rows.is_complete


def test_what_is_there_goes_on_with_training(session, check):
    session.run(5)
    early = complete(session, last(4))
    values = early.values.copy()
    session.run(3)
    asked(session, last(4))
    session.trace_on(lambda: False)
    late = asked(session, last(4))
    assert (late.first, late.stop, late.done) == (4, 8, 8)
    assert late.counted_from == 1  # the units were looked at before the first row already
    check(late)
    assert (early.first, early.stop) == (1, 5)
    assert np.array_equal(early.values, values, equal_nan=True)


def test_a_gap_begins_anew(session, check):
    session.run(3)
    complete(session, last(2))
    session.run(9)
    waiting = asked(session, last(2))
    assert (waiting.first, waiting.stop) == (1, 3)  # until the new one is there
    session.trace_on(lambda: False)
    rows = asked(session, last(2))
    assert (rows.first, rows.stop, rows.counted_from) == (10, 12, 10)
    check(rows)


def test_in_the_past_it_is_about_that_past(session, check):
    session.run(15)
    complete(session, last(5))
    session.go_to(7)
    rows = complete(session, last(5))
    assert (rows.first, rows.stop) == (2, 7)
    check(rows)


def test_half_way_it_is_about_finished_updates(session, check):
    session.run(9)
    session.go_to_place(Place(6, 1000))
    rows = complete(session, last(5))
    assert (rows.first, rows.stop) == (1, 6)
    check(rows)


def test_before_the_first_update_there_is_no_row(session):
    rows = complete(session, last(5))
    assert (rows.first, rows.stop, len(rows.values)) == (0, 0, 0)
    assert rows.is_complete


def test_a_new_question_puts_the_old_one_aside(session):
    session.run(12)
    asked(session, last(10))
    session.trace_on(lambda: True)
    assert complete(session, last(3)).is_complete
    assert asked(session, last(10)).done < 12


def test_more_rows_than_there_is_room_for_at_first(session, check, monkeypatch):
    monkeypatch.setattr(health_history, "_FIRST_ROOM", 2)
    for step in (3, 6, 9, 12, 15, 18):
        session.go_to(step)
        rows = complete(session, last(4))
        assert (rows.first, rows.stop) == (max(0, step - 4), step)
        check(rows)


def test_rows_by_update(session):
    session.run(6)
    rows = complete(session, last(4))
    assert [rows.row(update) for update in range(1, 8)] == [None, None, 0, 1, 2, 3, None]


def test_training_does_not_notice(session, stepped):
    for _ in range(10):
        session.run(1)
        complete(session, last(5))
    other = stepped.session
    other.go_to(10)
    assert session.runner.machine.parameters.tolist() == other.runner.machine.parameters.tolist()


def test_answers_are_read_only(session):
    session.run(4)
    rows = complete(session, ALL)
    for array in (rows.values, rows.reach, rows.silent):
        assert not array.flags.writeable
