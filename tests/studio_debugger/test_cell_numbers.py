"""The numbers of all cells, against the answers about single scalars and those of plain Values."""

from __future__ import annotations

import numpy as np

from microgpt_studio.debugger.cell_numbers import CellNumbers
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Cells, Reach, Wanted


def answer(session: Session) -> Cells:
    found = session.snapshot(0, Wanted(inquiries=frozenset({CellNumbers()}))).answer(CellNumbers())
    assert found is not None
    return found


def test_elements_come_first_and_then_what_is_shared(session: Session) -> None:
    session.update()
    expressions = session.description.expressions
    numbers, elements = answer(session), session.snapshot(0, Wanted(cells=True)).cells
    assert len(numbers.data) == expressions.num_cells > len(elements.data) == expressions.num_elements
    for name in ("data", "grad", "data_reach", "grad_reach"):
        assert np.array_equal(getattr(numbers, name)[: len(elements.data)], getattr(elements, name))


def test_data_and_grad_are_those_of_plain_values(session: Session, plain_run_of) -> None:
    session.execution.go_to(Place(2, 0))
    session.execution.go_to(Place(2, session.execution.length))
    plain, numbers = plain_run_of(session), answer(session)
    for cell, scalar in enumerate(session.description.expressions.scalar.tolist()):
        value = plain.values.get(scalar)
        if value is None:
            assert numbers.data_reach[cell] == numbers.grad_reach[cell] == Reach.NOT_COMPUTED
            continue
        assert numbers.data_reach[cell] == Reach.KNOWN
        assert float(numbers.data[cell]).hex() == float(value.data).hex()
        if numbers.grad_reach[cell] == Reach.KNOWN:
            assert float(numbers.grad[cell]).hex() == float(value.grad).hex()
        else:
            assert numbers.grad_reach[cell] == Reach.OUTSIDE


def test_half_way_a_cell_is_known_as_far_as_its_scalar_is(session: Session) -> None:
    session.execution.go_to(Place(1, 0))
    forward, backward, _ = session.execution.lengths
    scalars = session.description.expressions.scalar
    for done in (0, forward // 2, forward + backward // 2, forward + backward):
        session.execution.go_to(Place(1, done))
        numbers = answer(session)
        for cell in [*range(0, len(scalars), 211), len(scalars) - 1, len(scalars) - 9]:
            one = session.snapshot(0, Wanted(selection=int(scalars[cell]))).explanation
            found = numbers.data[cell], numbers.data_reach[cell], numbers.grad[cell], numbers.grad_reach[cell]
            assert found == (one.data, one.data_reach, one.grad, one.grad_reach)


def test_an_answer_stays_as_it_was_and_is_read_only(session: Session) -> None:
    session.update()
    numbers = answer(session)
    arrays = (numbers.data, numbers.grad, numbers.data_reach, numbers.grad_reach)
    before = [array.copy() for array in arrays]
    session.update()
    answer(session)
    for array, copy in zip(arrays, before, strict=True):
        assert not array.flags.writeable
        assert np.array_equal(array, copy)
