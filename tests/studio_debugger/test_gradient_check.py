"""The gradient check believes right gradients and no wrong ones, and says where a kink disturbs it."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from microgpt.program.program import Operation
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.gradient_check import (
    Checked,
    GradientCheck,
    Verdict,
    refused_step,
    relative_error,
    verdict,
)
from microgpt_studio.debugger.scratch import Scratch
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def check(session: Session, scalar: int, h: float | None = None) -> Checked:
    """Asked as a panel asks."""
    inquiry = GradientCheck(scalar, h)
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer


def parse(session: Session, address: str) -> int:
    return session.description.addresses.parse(address)


def test_right_gradients_are_good(session: Session) -> None:
    session.run(3)
    order = session.runner.machine.order.tolist()
    parameters = [s for s in range(session.description.program.num_parameters) if session.runner.machine.grad[s] != 0]
    rng = random.Random(4)
    verdicts = [check(session, scalar).verdict for scalar in [*rng.sample(order, 150), *rng.sample(parameters, 50)]]
    assert set(verdicts) <= {Verdict.GOOD, Verdict.FINE, Verdict.UNRESOLVED}
    assert verdicts.count(Verdict.GOOD) > 180


def test_both_numbers_and_the_formula(session: Session) -> None:
    session.run(2)
    machine = session.runner.machine
    scalar = parse(session, "layer0.attn_wq[0,0]")
    one = check(session, scalar, 1e-4)
    assert (one.when.update, one.when.document) == (2, session.runner.document(1))
    assert one.grad == machine.grad[scalar]
    assert one.value == machine.data[scalar]
    assert one.attempt is not None
    assert (one.attempt.low, one.attempt.high) == (one.value - 1e-4, one.value + 1e-4)
    scratch = Scratch(session.description.program)
    scratch.adopt(machine)
    low, high = scratch.loss_with(scalar, one.value - 1e-4), scratch.loss_with(scalar, one.value + 1e-4)
    quotient = (high - low) / ((one.value + 1e-4) - (one.value - 1e-4))
    assert one.attempt.quotient == quotient
    assert one.error == abs(one.grad - quotient) / max(abs(one.grad), abs(quotient))


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(1 + 1e-5, Verdict.FINE), (1 + 1e-3, Verdict.SUSPICIOUS), (1.05, Verdict.WRONG), (-1.0, Verdict.WRONG)],
)
def test_a_wrong_gradient_is_not_believed(session: Session, factor: float, expected: Verdict) -> None:
    session.run(2)
    scalar = parse(session, "layer0.attn_wv[1,2]")
    assert check(session, scalar).verdict is Verdict.GOOD
    session.runner.machine.grad[scalar] *= factor
    assert check(session, scalar).verdict is expected


def test_a_wrong_local_derivative_is_found(session: Session) -> None:
    """As if exp's derivative were 1: what lies before an exp of the target's path is wrong, what lies after is not."""
    session.run(1)
    machine, program = session.runner.machine, session.description.program
    exps = [i for i in machine.order.tolist() if program.operation[i] == Operation.EXP]
    exp = next(i for i in exps if program.tensors[program.tensor[i]].stage == "prob")
    difference = int(machine.first[exp])
    assert check(session, difference).verdict is Verdict.GOOD
    machine.grad[difference] = machine.grad[exp]
    assert check(session, difference).verdict is Verdict.WRONG
    assert check(session, exp).verdict is Verdict.GOOD


def test_a_wrong_derivative_in_the_backward_phase_is_found(session: Session) -> None:
    """The power's derivative is computed with a wrong exponent: all that flows through an rmsnorm is wrong."""
    machine = session.runner.machine
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(0, forward))
    power = parse(session, "pos0.norm.pow[0]")
    exponent = int(machine.second[power])
    assert machine.constants[exponent] == -0.5
    machine.constants[exponent] = -0.4
    session.execution.go_to(Place(0, forward + backward))
    machine.constants[exponent] = -0.5
    before, after = parse(session, "pos0.embed[1]"), parse(session, "pos0.layer1.mlp.fc2[1]")
    assert check(session, before).verdict is Verdict.WRONG
    assert check(session, after).verdict in (Verdict.GOOD, Verdict.FINE)


def test_what_rounding_explains_is_not_called_wrong(session: Session) -> None:
    session.run(1)
    tokens = session.snapshot(1, Wanted()).moment.tokens
    unused = next(t for t in range(session.description.tokenizer.vocab_size) if t not in tokens[:-1])
    scalar = parse(session, f"wte[{unused},0]")
    for grad, expected in ((1e-15, Verdict.UNRESOLVED), (1e-3, Verdict.WRONG)):
        session.runner.machine.grad[scalar] = grad
        one = check(session, scalar)
        assert (one.error, one.verdict) == (1.0, expected)


def test_numbers_that_are_not_finite_have_no_quotient(session: Session) -> None:
    session.run(1)
    session.runner.machine.data[5] = math.inf
    one = check(session, 5)
    assert one.attempt is None
    assert "No h that was tried" in (one.reason or "")


def test_a_kink_within_h_is_warned_of(session: Session) -> None:
    session.run(2)
    machine = session.runner.machine
    units = [parse(session, f"pos{p}.layer1.mlp.fc1[{i}]") for p in range(3) for i in range(32)]
    unit = min((u for u in units if machine.data[u] > 0 and machine.grad[u] != 0), key=lambda u: machine.data[u])
    distance = float(machine.data[unit])
    beside, across = check(session, unit, distance / 2), check(session, unit, 2 * distance)
    assert beside.attempt is not None
    assert across.attempt is not None
    assert not beside.attempt.kinks
    (relu,) = across.attempt.kinks.relus
    assert machine.first[relu] == unit
    assert across.verdict in (Verdict.SUSPICIOUS, Verdict.WRONG)


def test_h_is_chosen_without_a_look_at_the_gradient(session: Session) -> None:
    session.run(2)
    scalar = parse(session, "layer0.attn_wv[1,2]")
    right = check(session, scalar)
    session.runner.machine.grad[scalar] = 12.0
    wrong = check(session, scalar)
    assert right.attempt == wrong.attempt
    assert right.tried == wrong.tried
    assert right.attempt in right.tried
    assert [a.h for a in right.tried] == [10.0**-k for k in range(3, 10)]


def test_small_numbers_get_a_small_h(session: Session) -> None:
    """A probability of almost 0 lies closer to log's pole than any usual h."""
    session.run(1)
    machine, program = session.runner.machine, session.description.program
    log = next(i for i in machine.order.tolist() if program.operation[i] == Operation.LOG)
    prob = int(machine.first[log])
    one = check(session, prob)
    assert one.verdict is Verdict.GOOD
    assert one.attempt is not None
    assert one.attempt.h < one.value
    assert "plain Python would raise" in (check(session, prob, 2.0).reason or "")


@pytest.mark.parametrize("h", [1e-30, 1e308, math.inf])
def test_an_h_that_changes_nothing_or_all_is_refused(session: Session, h: float) -> None:
    session.run(1)
    one = check(session, 0, h)
    assert (one.attempt, one.verdict) == (None, None)
    assert one.reason is not None
    assert math.isnan(one.error)


def test_where_there_is_no_gradient_the_reason_is_told(session: Session) -> None:
    assert "has not come here" in (check(session, 0).reason or "")
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(0, forward + backward // 2))
    partial = session.snapshot(1, Wanted(cells=True))
    assert partial.cells is not None
    scalar = parse(session, "layer0.attn_wv[1,2]")
    assert check(session, scalar).reason is not None
    session.update()
    target = session.snapshot(1, Wanted()).moment.tokens[1]
    assert "does not depend" in (check(session, parse(session, f"pos0.prob[{(target + 1) % 3}]")).reason or "")
    while session.update().document != "mia":
        pass
    assert "does not have it" in (check(session, parse(session, "pos6.loss")).reason or "")


def test_a_gradient_of_0_that_is_0_is_good(session: Session) -> None:
    session.run(1)
    tokens = session.snapshot(1, Wanted()).moment.tokens
    unused = next(t for t in range(session.description.tokenizer.vocab_size) if t not in tokens[:-1])
    one = check(session, parse(session, f"wte[{unused},0]"))
    assert (one.grad, one.error, one.verdict) == (0.0, 0.0, Verdict.GOOD)


def test_nothing_of_the_session_changes(session: Session) -> None:
    session.run(2)
    machine = session.runner.machine
    names = ("data", "grad", "m", "v", "m_before", "v_before", "change", "parameters", "first", "constants")
    before = {name: getattr(machine, name).tobytes() for name in names}
    place = session.execution.place
    for scalar in (0, 300, parse(session, "pos0.layer0.attn.q[5]"), session.description.program.loss):
        check(session, scalar)
    assert {name: getattr(machine, name).tobytes() for name in names} == before
    assert session.execution.place == place


def test_the_loss_s_own_gradient_is_1(session: Session) -> None:
    session.run(1)
    one = check(session, session.description.program.loss)
    assert (one.grad, one.verdict) == (1.0, Verdict.GOOD)


@pytest.mark.parametrize(
    ("error", "within", "expected"),
    [
        (0.0, False, Verdict.GOOD),
        (1e-7, False, Verdict.GOOD),
        (1.1e-7, False, Verdict.FINE),
        (1e-4, True, Verdict.FINE),
        (1.1e-4, False, Verdict.SUSPICIOUS),
        (1e-2, False, Verdict.SUSPICIOUS),
        (1.1e-2, False, Verdict.WRONG),
        (1.1e-2, True, Verdict.UNRESOLVED),
        (math.nan, False, Verdict.WRONG),
    ],
)
def test_the_usual_thresholds(error: float, within: bool, expected: Verdict) -> None:
    assert verdict(error, within) is expected


def test_the_relative_error() -> None:
    assert relative_error(2.0, 1.0) == 0.5
    assert relative_error(-1.0, 1.0) == 2.0
    assert relative_error(0.0, -0.0) == 0.0
    assert np.isnan(relative_error(math.nan, 1.0))


@pytest.mark.parametrize("text", ["", "x", "1e-5 h", "0", "0.0", "-1e-5", "nan", "inf", "-inf", "1e999"])
def test_what_is_no_h(text: str) -> None:
    assert refused_step(text)


@pytest.mark.parametrize("text", ["1e-5", " 0.25 ", "3"])
def test_what_is_one(text: str) -> None:
    assert refused_step(text) is None
