"""The numbers of all scalars at once, against those of plain Values and of the explanations of single scalars."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.scalar_numbers import AllScalars
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted


@pytest.fixture
def plain_run_of(request):
    """Found through pytest, because test folders are no packages."""
    return next(
        plugin.PlainRun
        for plugin in request.config.pluginmanager.get_plugins()
        if hasattr(plugin, "PlainRun") and hasattr(plugin, "LoggedValue")
    ).of


def answer(session: Session, inquiry):
    return session.snapshot(0, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)


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


@pytest.mark.parametrize("update", [0, 2, 3])
def test_data_and_grad_are_those_of_plain_values(session, plain_run_of, update):
    session.execution.go_to(Place(update, 0))
    session.execution.go_to(Place(update, session.execution.length))
    plain = plain_run_of(session)
    numbers = answer(session, AllScalars())
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
        numbers = answer(session, AllScalars())
        for scalar in scalars:
            one = session.snapshot(0, Wanted(selection=scalar)).explanation
            found = numbers.data[scalar], numbers.data_reach[scalar], numbers.grad[scalar], numbers.grad_reach[scalar]
            assert found == (one.data, one.data_reach, one.grad, one.grad_reach)


def test_an_answer_stays_as_it_was_and_is_read_only(session):
    session.update()
    numbers = answer(session, AllScalars())
    arrays = (numbers.data, numbers.grad, numbers.data_reach, numbers.grad_reach)
    before = [array.copy() for array in arrays]
    session.update()
    session.execution.go_to(Place(0, 5))
    answer(session, AllScalars())
    for array, copy in zip(arrays, before, strict=True):
        assert not array.flags.writeable
        assert np.array_equal(array, copy)
