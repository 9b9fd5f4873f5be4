"""What passes between positions in attention, against the contributions of plain Values found by their addresses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.flows import FlowNumbers, HeadFlows, HeadWeights, WeightNumbers
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted


def answer(session: Session, inquiry):
    return session.snapshot(0, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)


def answers(session: Session) -> tuple[list[WeightNumbers], list[FlowNumbers]]:
    """The answers about every position."""
    positions = range(session.description.program.config.block_size)
    return [answer(session, HeadWeights(p)) for p in positions], [answer(session, HeadFlows(p)) for p in positions]


def pairs(session: Session):
    """(layer, head, p, t) of all pairs that a program has."""
    config = session.description.program.config
    return [
        (layer, head, p, t)
        for layer in range(config.n_layer)
        for head in range(config.n_head)
        for p in range(config.block_size)
        for t in range(p + 1)
    ]


def handed_back(session: Session, plain, what: str, user: str, pair) -> list[tuple[int, float]]:
    """(product, contribution) to each component of t's `what` in p's `user`, from the plain run."""
    layer, head, p, t = pair
    addresses, program = session.description.addresses, session.description.program
    tensors = {tensor.path: tensor for tensor in program.tensors}
    tensor = tensors[f"pos{p}.layer{layer}.attn.head{head}.{user}"]
    found = []
    for j in range(head * program.config.head_size, (head + 1) * program.config.head_size):
        value = plain.values[addresses.parse(f"pos{t}.layer{layer}.attn.{what}[{j}]")]
        uses = [use for use in plain.contributions[value] if tensor.start <= use[0] < tensor.stop]
        ((product, grad, derivative),) = uses
        found.append((product, derivative * grad))
    return found


def norm(contributions: list[float]) -> float:
    square = 0.0
    for contribution in contributions:
        square += contribution * contribution
    return math.sqrt(square)


@pytest.mark.parametrize("update", [0, 1, 4])
def test_finished_updates(session, plain_run_of, update):
    session.execution.go_to(Place(update, 0))
    session.execution.go_to(Place(update, session.execution.length))
    plain, addresses = plain_run_of(session), session.description.addresses
    (weights, flows), positions = answers(session), session.runner.machine.positions
    for pair in pairs(session):
        layer, head, p, t = pair
        place = layer, head, t
        reach = weights[p].weight_reach[place], flows[p].value_grad_reach[place], flows[p].key_grad_reach[place]
        if p >= positions:
            assert reach == (Reach.NOT_COMPUTED,) * 3
            assert np.isnan([weights[p].weight[place], flows[p].value_grad[place], flows[p].key_grad[place]]).all()
            continue
        assert reach == (Reach.KNOWN,) * 3
        weight = addresses.parse(f"pos{p}.layer{layer}.attn.head{head}.weight[{t}]")
        assert weights[p].weight[place] == plain.values[weight].data
        values = handed_back(session, plain, "v", "out", pair)
        assert flows[p].value_grad[place] == norm([contribution for _, contribution in values])
        keys = handed_back(session, plain, "k", "score", pair)
        assert flows[p].key_grad[place] == norm([contribution for _, contribution in keys])


def test_what_flows_is_not_nothing(session):
    session.run(2)
    _, flows = answers(session)
    for p, numbers in enumerate(flows[: session.runner.machine.positions]):
        assert (numbers.value_grad > 0).all()
        # with a single position to look at, the weight is 1 whatever the score
        assert (numbers.key_grad > 0).all() if p else (numbers.key_grad == 0).all()


def test_answers_have_a_number_for_each_position_that_is_looked_at(session):
    session.update()
    config = session.description.program.config
    for p, (weights, flows) in enumerate(zip(*answers(session), strict=True)):
        for array in (
            weights.weight,
            weights.weight_reach,
            flows.value_grad,
            flows.value_grad_reach,
            flows.key_grad,
            flows.key_grad_reach,
        ):
            assert array.shape == (config.n_layer, config.n_head, p + 1)
            assert not array.flags.writeable


def test_positions_beyond_the_block_are_no_question(session):
    program = session.description.program
    for inquiry in (HeadWeights, HeadFlows):
        assert inquiry(program.config.block_size - 1).fits(program)
        assert not inquiry(program.config.block_size).fits(program)
        assert not inquiry(-1).fits(program)


def test_moments_on_the_way(session, plain_run_of):
    session.execution.go_to(Place(1, 0))
    forward, backward, _ = session.execution.lengths
    plain, positions = plain_run_of(session), session.runner.machine.positions
    addresses = session.description.addresses
    for done in (0, forward // 2, forward, forward + 1, forward + backward // 3, forward + 2 * backward // 3):
        session.execution.go_to(Place(1, done))
        weights, flows = answers(session)
        arrivals = session._gradients.at(done)
        seen = set()
        for pair in pairs(session):
            layer, head, p, t = pair
            if p >= positions:
                continue
            weight = addresses.parse(f"pos{p}.layer{layer}.attn.head{head}.weight[{t}]")
            computed = session.execution.number_of(0, weight) < done
            place = layer, head, t
            assert (weights[p].weight_reach[place] == Reach.KNOWN) == computed
            assert np.isnan(weights[p].weight[place]) == (not computed)
            for what, user, numbers, reach in (
                ("v", "out", flows[p].value_grad, flows[p].value_grad_reach),
                ("k", "score", flows[p].key_grad, flows[p].key_grad_reach),
            ):
                uses = handed_back(session, plain, what, user, pair)
                known = all(arrivals.reach[product] == Reach.KNOWN for product, _ in uses)
                seen.add(known)
                assert reach[place] == (Reach.KNOWN if known else Reach.NOT_COMPUTED)
                if known:
                    assert numbers[place] == norm([contribution for _, contribution in uses])
                else:
                    assert np.isnan(numbers[place])
        assert seen == ({True, False} if done > forward + 1 else {False})
