"""What Adam makes of every parameter equals plain Python to the last bit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from microgpt.value import Value
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.parameter_numbers import has_ratio, log_ratio, m_hat, root_of_v_hat
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import ParameterNumbers, Wanted


def numbers_of(session: Session) -> ParameterNumbers:
    numbers = session.snapshot(1, Wanted(parameters=True)).parameters
    assert numbers is not None
    return numbers


@pytest.mark.parametrize("updates", [1, 2, 9])
def test_moments_without_bias_and_ratios(session: Session, updates: int) -> None:
    adam = session.settings.adam
    session.run(updates - 1)
    state = session.state()
    session.run(1)
    numbers = numbers_of(session)
    m, v = list(state.m), list(state.v)
    values = [Value(x) for x in state.parameters]
    for value, grad in zip(values, numbers.grad.tolist(), strict=True):
        value.grad = grad
    adam.update(values, m, v, updates - 1, session.settings.num_steps)
    assert [value.data for value in values] == numbers.after.tolist()
    hats = [each / (1 - adam.beta1**updates) for each in m]
    roots = [(each / (1 - adam.beta2**updates)) ** 0.5 for each in v]
    assert m_hat(numbers, adam, updates).tolist() == hats
    assert root_of_v_hat(numbers, adam, updates).tolist() == roots
    rate = adam.rate(updates - 1, session.settings.num_steps)
    changes = [rate * hat / (root + adam.eps) for hat, root in zip(hats, roots, strict=True)]
    assert numbers.change.tolist() == changes
    there, ratios = has_ratio(numbers).tolist(), log_ratio(numbers).tolist()
    for change, before, found, ratio in zip(changes, state.parameters, there, ratios, strict=True):
        assert found == (change != 0.0)
        assert ratio == math.log10(abs(change / before)) if found else math.isnan(ratio)


def test_where_update_or_weight_is_0_there_is_no_ratio(session: Session) -> None:
    session.run(1)
    numbers = numbers_of(session)
    before, change = numbers.before.copy(), numbers.change.copy()
    before[:6] = 0.0, 1.0, -0.0, 1e300, 2.0, 1e-300
    change[:6] = 1.0, 0.0, 0.0, 1e-300, -0.5, 1e300
    with np.errstate(all="raise", over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        changed = replace(numbers, before=before, change=change)
        assert has_ratio(changed)[:6].tolist() == [False, False, False, False, True, True]
        ratios = log_ratio(changed)[:6].tolist()
    assert [math.isnan(ratio) for ratio in ratios] == [True] * 4 + [False] * 2
    assert ratios[4] == math.log10(0.25)
    assert ratios[5] == math.inf


def test_powers_are_those_of_c_not_of_numpy(session: Session) -> None:
    """Numbers on which a square root and a power differ would be caught: plain Python's are the measure."""
    session.run(3)
    numbers = numbers_of(session)
    rng = np.random.default_rng(1)
    changed = replace(numbers, v=10.0 ** rng.uniform(-18, 3, len(numbers.v)))
    adam = session.settings.adam
    found = root_of_v_hat(changed, adam, 3).tolist()
    assert found == [(v / (1 - adam.beta2**3)) ** 0.5 for v in changed.v.tolist()]


def test_half_way_through_adam_what_is_updated_is_known_already(session: Session) -> None:
    session.run(2)
    whole = m_hat(numbers_of(session), session.settings.adam, 2)
    length, count = session.execution.length, session.description.program.num_parameters
    session.execution.go_to(Place(1, length - count + 100))
    half = numbers_of(session)
    assert half.num_updated == 100
    assert m_hat(half, session.settings.adam, 2)[:100].tolist() == whole[:100].tolist()
