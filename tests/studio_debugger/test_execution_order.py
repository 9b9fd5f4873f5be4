"""When scalars have their turn, against the execution's own operations, one by one."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt_studio.debugger.execution import Phase, Place
from microgpt_studio.debugger.execution_order import CellOrder, InsideOrder, Turns
from microgpt_studio.debugger.inside_numbers import InsideCells
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def told(session: Session, inquiry):
    found = session.snapshot(0, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert found is not None
    return found


def turns_of_all(session: Session, backward: bool) -> tuple[np.ndarray, Turns]:
    """The ids of all scalars that are in a cell, or an operand there, and when they have their turn."""
    cells = InsideCells.of(range(session.description.expressions.num_cells))
    return told(session, cells).ids, told(session, InsideOrder(backward, cells.cells))


def expected(session: Session, backward: bool) -> np.ndarray:
    """(N,) the turn of every scalar, as the execution has it."""
    rank = np.full(session.description.program.num_scalars, -1)
    forward, length, _ = session.execution.lengths
    for number in range(forward, forward + length) if backward else range(forward):
        operation = session.execution.operation(number)
        assert operation.phase is (Phase.BACKWARD if backward else Phase.FORWARD)
        rank[operation.scalar] = operation.index
    return rank


@pytest.mark.parametrize("backward", [False, True])
def test_every_operation_is_the_turn_of_its_scalar(session, backward):
    scalars = session.description.expressions.scalar
    for update in (0, 1, 4, 1):  # among them a document whose targets have been seen
        session.execution.go_to(Place(update, 0))
        rank = expected(session, backward)
        ids, inside = turns_of_all(session, backward)
        cells = told(session, CellOrder(backward))
        assert len(ids) == session.description.program.num_scalars
        assert np.array_equal(inside.rank, rank[ids])
        assert np.array_equal(cells.rank, rank[scalars])
        assert (cells.rank[: session.description.program.num_parameters] == -1).all()
        for found in (inside, cells):
            assert found.rank.dtype == np.int32
            assert not found.rank.flags.writeable


def test_a_few_scalars_have_the_ranks_that_they_have_among_all(session):
    session.run(3)
    q = session.description.addresses.parse("pos1.layer0.attn.q[5]")
    some = InsideCells.of([session.description.expressions.cell[q], session.description.expressions.cell[3]])
    ids = told(session, some).ids
    assert 0 < len(ids) < 200
    for backward in (False, True):
        assert np.array_equal(told(session, InsideOrder(backward, some.cells)).rank, expected(session, backward)[ids])


def test_how_many_turns_are_done(session):
    forward, backward, parameters = session.execution.lengths
    end = forward + backward
    for done, there, back in (
        (0, 0, 0),
        (100, 100, 0),
        (forward, forward, 0),
        (forward + 7, forward, 7),
        (end, forward, backward),
        (end + 3, forward, backward),
        (end + parameters, forward, backward),
    ):
        session.execution.go_to(Place(0, done))
        assert (told(session, CellOrder(False)).done, told(session, CellOrder(True)).done) == (there, back)
        assert (turns_of_all(session, False)[1].done, turns_of_all(session, True)[1].done) == (there, back)


def test_scalars_whose_turn_has_been_are_the_ones_that_are_computed(session):
    forward, backward, _ = session.execution.lengths
    for done in (0, 50, forward - 1, forward + backward // 2):
        session.execution.go_to(Place(0, done))
        ids, found = turns_of_all(session, False)
        computed = {session.execution.operation(number).scalar for number in range(min(done, forward))}
        assert set(ids[(found.rank >= 0) & (found.rank < found.done)].tolist()) == computed
        ids, found = turns_of_all(session, True)
        handed = set(session.execution.order[: max(done - forward, 0)].tolist())
        assert set(ids[(found.rank >= 0) & (found.rank < found.done)].tolist()) == handed


def test_an_answer_stays_what_it_was_when_another_document_is_loaded(session):
    first = told(session, CellOrder(True)).rank
    kept = first.copy()
    session.execution.go_to(Place(1, 0))
    assert not np.array_equal(told(session, CellOrder(True)).rank, kept)
    assert np.array_equal(first, kept)
