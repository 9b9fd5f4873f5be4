"""What if: losses and probabilities are those of plain Python with the number changed, to the last bit."""

from __future__ import annotations

import math

import pytest

from microgpt import model
from microgpt.value import Value
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.debugger.what_if import Outcome, WhatIf, refused_number


def ask(session: Session, scalar: int, number: float, *, is_change: bool = True) -> Outcome:
    inquiry = WhatIf(scalar, number, is_change)
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer


def plain(session: Session, scalar: int, number: float) -> tuple[float, list[list[float]]]:
    """Loss and probabilities in plain Python with a parameter changed."""
    program, machine = session.description.program, session.runner.machine
    numbers = machine.data[: program.num_parameters].tolist()
    numbers[scalar] = number
    parameters, start = {}, 0
    for name, (rows, columns) in program.config.shapes().items():
        parameters[name] = [[Value(numbers[start + r * columns + c]) for c in range(columns)] for r in range(rows)]
        start += rows * columns
    probabilities = []

    def name_(address: str, vector: list[Value]) -> list[Value]:
        if address.endswith(".prob"):
            probabilities.append([value.data for value in vector])
        return vector

    tokens = session.snapshot(0, Wanted()).moment.tokens
    return model.loss(parameters, program.config, tokens, name_).data, probabilities


@pytest.mark.parametrize("address", ["wte[3,1]", "layer0.attn_wq[0,0]", "layer1.mlp_fc2[2,5]", "lm_head[1,2]"])
@pytest.mark.parametrize(("number", "is_change"), [(0.75, True), (-2.5, False)])
def test_loss_and_predictions_are_plain_python_s(
    session: Session, address: str, number: float, is_change: bool
) -> None:
    session.run(3)
    machine = session.runner.machine
    scalar = session.description.addresses.parse(address)
    outcome = ask(session, scalar, number, is_change=is_change)
    after = float(machine.data[scalar]) + number if is_change else number
    loss, probabilities = plain(session, scalar, after)
    loss_before, probabilities_before = plain(session, scalar, float(machine.data[scalar]))
    effect = outcome.effect
    assert effect is not None
    assert (outcome.before, outcome.after, outcome.when.update) == (machine.data[scalar], after, 3)
    assert (effect.loss_before.hex(), effect.loss_after.hex()) == (float(loss_before).hex(), float(loss).hex())
    assert outcome.predicted == loss_before + machine.grad[scalar] * (after - outcome.before)
    tokens = session.snapshot(1, Wanted()).moment.tokens
    assert effect.targets == tokens[1:]
    for p, target in enumerate(effect.targets):
        assert effect.scalars[p] == session.description.addresses.parse(f"pos{p}.prob[{target}]")
        assert effect.before[p] == probabilities_before[p][target]
        assert effect.after[p] == probabilities[p][target]
        assert effect.top_before[p] == probabilities_before[p].index(max(probabilities_before[p]))
        assert effect.top_after[p] == probabilities[p].index(max(probabilities[p]))


def test_the_prediction_holds_for_small_changes(session: Session) -> None:
    session.run(2)
    scalar = session.description.addresses.parse("pos1.layer0.attn.v[2]")
    misses = []
    for number in (1e-2, 1e-3):
        outcome = ask(session, scalar, number)
        assert outcome.effect is not None
        assert outcome.predicted is not None
        misses.append(abs(outcome.effect.loss_after - outcome.predicted))
    assert misses[1] < misses[0] / 50  # the miss shrinks with the square of the change


def test_no_change_changes_nothing(session: Session) -> None:
    session.run(2)
    outcome = ask(session, 5, 0.0)
    effect = outcome.effect
    assert effect is not None
    assert effect.loss_after == effect.loss_before == outcome.predicted
    assert (effect.before == effect.after).all()
    assert not effect.kinks


def test_a_probability_that_is_no_target_s_changes_the_winner_and_no_loss(session: Session) -> None:
    session.run(1)
    target = session.snapshot(1, Wanted()).moment.tokens[1]
    other = (target + 1) % 3
    outcome = ask(session, session.description.addresses.parse(f"pos0.prob[{other}]"), 5.0, is_change=False)
    effect = outcome.effect
    assert effect is not None
    assert (effect.grad, outcome.predicted) == (None, None)
    assert effect.loss_after == effect.loss_before
    assert effect.top_after[0] == other


def test_half_way_through_an_update(session: Session) -> None:
    """The forward phase runs to its end on numbers of its own; a gradient is not invented."""
    forward, backward, parameters = session.execution.lengths
    session.execution.go_to(Place(0, forward // 2))
    early = ask(session, 5, 0.1)
    session.execution.go_to(Place(0, forward + backward + parameters // 2))
    late = ask(session, 5, 0.1)
    assert early.effect is not None
    assert late.effect is not None
    assert (early.predicted, early.effect.loss_after) == (None, late.effect.loss_after)
    assert late.predicted is not None


def test_a_number_with_which_plain_python_raises(session: Session) -> None:
    session.run(1)
    target = session.snapshot(1, Wanted()).moment.tokens[1]
    outcome = ask(session, session.description.addresses.parse(f"pos0.prob[{target}]"), -1.0, is_change=False)
    assert outcome.effect is None
    assert outcome.reason == "Plain Python would raise: log(-1.0) is not defined at pos0.loss.log[0]."
    assert outcome.predicted is None


def test_a_scalar_that_the_document_does_not_have(session: Session) -> None:
    while session.update().document != "mia":
        pass
    assert ask(session, session.description.addresses.parse("pos6.loss"), 1.0).reason is not None


def test_nothing_is_kept(session: Session) -> None:
    session.run(2)
    machine = session.runner.machine
    names = ("data", "grad", "m", "v", "m_before", "v_before", "change", "parameters", "first", "constants")
    before = {name: getattr(machine, name).tobytes() for name in names}
    losses = session.execution.log.losses.tolist()
    for scalar in (0, 700, session.description.addresses.parse("pos0.layer1.mlp.relu[0]")):
        ask(session, scalar, 3.0)
    assert {name: getattr(machine, name).tobytes() for name in names} == before
    assert session.execution.log.losses.tolist() == losses


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-inf", "1e999", "1,5"])
def test_what_is_no_number(text: str) -> None:
    assert refused_number(text)


@pytest.mark.parametrize("text", ["0", "-0.25", " 1e-3 ", "-1e3"])
def test_what_is_a_number(text: str) -> None:
    assert refused_number(text) is None
    assert math.isfinite(float(text))


def test_what_is_kept_does_what_was_foretold_and_training_goes_on_from_there(session: Session) -> None:
    for _ in range(4):
        session.update()
    weight = session.description.addresses.parse("layer0.attn_wq[1,2]")
    asked = WhatIf(weight, 0.25, False)
    outcome = session.snapshot(1, Wanted(inquiries=frozenset({asked}))).answer(asked)
    session.keep(weight, 0.25)
    moment = session.snapshot(2, Wanted()).moment
    assert (moment.step, moment.update) == (4, 4)
    assert moment.loss == outcome.effect.loss_after
    assert session.runner.machine.data[weight] == 0.25
    losses = session.snapshot(2, Wanted()).losses.tolist()
    assert [math.isnan(loss) for loss in losses[:3]] == [True, True, True]
    assert losses[3:] == [outcome.effect.loss_after]
    session.update()
    assert session.step == 5
    with pytest.raises(ValueError, match="there is no moment after update 2"):
        session.go_to(2)
    session.restart()
    assert session.step == 0


def test_what_cannot_be_kept_is_refused_and_changes_nothing(session: Session) -> None:
    session.update()
    before = session.runner.machine.parameters.tolist()
    with pytest.raises(ValueError, match="only a parameter"):
        session.keep(session.description.program.loss, 1.0)
    with pytest.raises(ValueError, match="finite"):
        session.keep(0, float("nan"))
    assert session.runner.machine.parameters.tolist() == before
