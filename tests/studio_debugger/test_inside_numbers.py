"""The numbers inside cells, against those of plain Values and of the explanations of single scalars."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt.value import Value
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.inside_numbers import CellDerivatives, InsideCells
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted


def answer(session: Session, inquiry):
    return session.snapshot(0, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)


def inside_all(session: Session) -> InsideCells:
    """Every cell is asked about, so that the answers are those of all scalars by id."""
    return InsideCells.of(np.arange(session.description.expressions.num_cells))


def moments(session: Session) -> list[int]:
    """Numbers of operations done: none, half of each phase, the borders, all."""
    forward, backward, parameters = session.execution.lengths
    return [
        0,
        forward // 2,
        forward,
        forward + 1,
        forward + backward // 2,
        forward + backward,
        forward + backward + parameters // 2,
        session.execution.length,
    ]


def same(found: float, plain: float) -> bool:
    return np.float64(found).tobytes() == np.float64(plain).tobytes()


@pytest.mark.parametrize("update", [0, 1, 4])
def test_data_and_grad_are_those_of_plain_values(session, plain_run_of, update):
    session.execution.go_to(Place(update, 0))
    session.execution.go_to(Place(update, session.execution.length))
    plain = plain_run_of(session)
    numbers = answer(session, inside_all(session))
    for scalar, value in plain.values.items():
        assert numbers.data_reach[scalar] == Reach.KNOWN
        assert same(numbers.data[scalar], value.data)
        assert numbers.grad_reach[scalar] in (Reach.KNOWN, Reach.OUTSIDE)
        if numbers.grad_reach[scalar] == Reach.KNOWN:
            assert same(numbers.grad[scalar], value.grad)
    others = np.setdiff1d(np.arange(len(numbers.data)), list(plain.values))
    assert (numbers.data_reach[others] == Reach.NOT_COMPUTED).all()
    assert (numbers.grad_reach[others] == Reach.NOT_COMPUTED).all()


def test_numbers_and_reach_are_those_of_single_scalars_at_every_moment(session):
    session.execution.go_to(Place(1, 0))
    scalars = [*range(0, session.description.program.num_scalars, 997), session.description.program.loss]
    for done in moments(session):
        session.execution.go_to(Place(1, done))
        numbers = answer(session, inside_all(session))
        for scalar in scalars:
            one = session.snapshot(0, Wanted(selection=scalar)).explanation
            found = numbers.data[scalar], numbers.data_reach[scalar], numbers.grad[scalar], numbers.grad_reach[scalar]
            assert found == (one.data, one.data_reach, one.grad, one.grad_reach)


def test_an_answer_stays_as_it_was_and_is_read_only(session):
    session.update()
    numbers = answer(session, inside_all(session))
    arrays = (numbers.data, numbers.grad, numbers.data_reach, numbers.grad_reach)
    before = [array.copy() for array in arrays]
    session.update()
    session.execution.go_to(Place(0, 5))
    answer(session, inside_all(session))
    for array, copy in zip(arrays, before, strict=True):
        assert not array.flags.writeable
        assert np.array_equal(array, copy)


def plain_derivatives(plain, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of all scalars: (first, second, whether there is a first, whether there is a second)."""
    first, second = np.full(n, np.nan), np.full(n, np.nan)
    has_first, has_second = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for scalar, value in plain.values.items():
        pairs = list(zip(value.operands, value.local_derivatives, strict=False))
        for (operand, derivative), numbers, has in zip(pairs, (first, second), (has_first, has_second), strict=False):
            if isinstance(operand, Value):
                numbers[scalar], has[scalar] = derivative, True
    return first, second, has_first, has_second


@pytest.mark.parametrize("update", [0, 1, 4])
def test_local_derivatives_are_those_of_plain_values_as_far_as_they_are_computed(session, plain_run_of, update):
    session.execution.go_to(Place(update, 0))
    n = session.description.program.num_scalars
    first, second, has_first, has_second = plain_derivatives(plain_run_of(session), n)
    for done in moments(session):
        session.execution.go_to(Place(update, done))
        numbers, everything = answer(session, inside_all(session)).derivatives, answer(session, inside_all(session))
        for found, reach, plain, has in (
            (numbers.first, numbers.first_reach, first, has_first),
            (numbers.second, numbers.second_reach, second, has_second),
        ):
            known = reach == Reach.KNOWN
            assert np.array_equal(known, has & (everything.data_reach == Reach.KNOWN))
            assert np.array_equal(found[known].view(np.int64), plain[known].view(np.int64))
            assert np.isnan(found[~known]).all()
            live = np.isin(np.arange(n), session_live(session))
            assert np.array_equal(reach[live] == Reach.OUTSIDE, ~has[live])


def session_live(session: Session) -> list[int]:
    program, machine = session.description.program, session.runner.machine
    live = list(range(program.num_parameters))
    for start, stop in program.live_ranges(machine.positions):
        live += range(start, stop)
    return live


def test_the_larger_derivative_keeps_its_sign(session):
    session.update()
    numbers = answer(session, inside_all(session)).derivatives
    larger = numbers.larger()
    assert not larger.flags.writeable
    assert (larger < 0).any()
    for a, b, reach, found in zip(numbers.first, numbers.second, numbers.second_reach, larger, strict=True):
        if np.isnan(a):
            assert np.isnan(found)
        elif reach != Reach.KNOWN:
            assert same(found, a)
        else:
            assert same(found, max(a, b, key=abs))


def test_where_one_derivative_is_nan_the_larger_is_nan(session):
    session.update()
    machine, program = session.runner.machine, session.description.program
    product = session.description.addresses.parse("pos1.layer0.attn.q[1].mul[2]")
    assert machine.first[product] != program.second[product]
    for operand in (machine.first[product], program.second[product]):
        kept = machine.data[operand]
        machine.data[operand] = np.nan
        numbers = answer(session, inside_all(session)).derivatives
        machine.data[operand] = kept
        assert numbers.first_reach[product] == numbers.second_reach[product] == Reach.KNOWN
        assert np.isnan(numbers.larger()[product])


def test_local_derivatives_are_read_only(session):
    session.update()
    numbers = answer(session, inside_all(session)).derivatives
    arrays = (numbers.first, numbers.second, numbers.first_reach, numbers.second_reach)
    assert not any(array.flags.writeable for array in arrays)


def test_some_cells_have_their_scalars_and_what_these_are_made_from(session):
    session.update()
    machine, expressions = session.runner.machine, session.description.expressions
    cells = [session.description.addresses.parse(a) for a in ("pos1.layer0.attn.q[3]", "pos0.embed[2]", "pos1.loss")]
    cells = expressions.cell[cells]
    numbers = answer(session, InsideCells.of(cells))
    members = np.concatenate([expressions.of(cell) for cell in cells])
    operands = np.concatenate([machine.first[members], machine.program.second[members]])
    assert numbers.ids.tolist() == sorted({*members.tolist(), *operands[operands >= 0].tolist()})
    assert numbers.cells.tolist() == cells.tolist()
    assert numbers.data.tolist() == machine.data[numbers.ids].tolist()
    everything = answer(session, inside_all(session))
    for found, whole in (
        (numbers.grad, everything.grad),
        (numbers.grad_reach, everything.grad_reach),
        (numbers.derivatives.first, everything.derivatives.first),
        (numbers.derivatives.second_reach, everything.derivatives.second_reach),
    ):
        assert np.array_equal(found, whole[numbers.ids], equal_nan=True)
    assert numbers.ids[numbers.places(members)].tolist() == members.tolist()
    assert [numbers.place(int(scalar)) for scalar in members[:4]] == numbers.places(members[:4]).tolist()
    assert numbers.place(machine.program.loss) is None


def test_the_derivatives_of_cells_are_those_of_what_stands_for_them(session):
    session.update()
    everything = answer(session, inside_all(session)).derivatives
    of_cells = answer(session, CellDerivatives())
    scalars = session.description.expressions.scalar
    assert np.array_equal(of_cells.first, everything.first[scalars], equal_nan=True)
    assert np.array_equal(of_cells.larger(), everything.larger()[scalars], equal_nan=True)
