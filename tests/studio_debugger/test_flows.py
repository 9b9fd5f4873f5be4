"""What passes between positions in attention, against the contributions of plain Values found by their addresses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.flows import HeadFlows
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted


def answer(session: Session, inquiry):
    return session.snapshot(0, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)


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
    flows, positions = answer(session, HeadFlows()), session.runner.machine.positions
    for pair in pairs(session):
        layer, head, p, t = pair
        reach = flows.weight_reach[pair], flows.value_grad_reach[pair], flows.key_grad_reach[pair]
        if p >= positions:
            assert reach == (Reach.NOT_COMPUTED,) * 3
            assert np.isnan([flows.weight[pair], flows.value_grad[pair], flows.key_grad[pair]]).all()
            continue
        assert reach == (Reach.KNOWN,) * 3
        weight = addresses.parse(f"pos{p}.layer{layer}.attn.head{head}.weight[{t}]")
        assert flows.weight[pair] == plain.values[weight].data
        values = handed_back(session, plain, "v", "out", pair)
        assert flows.value_grad[pair] == norm([contribution for _, contribution in values])
        keys = handed_back(session, plain, "k", "score", pair)
        assert flows.key_grad[pair] == norm([contribution for _, contribution in keys])


def test_what_flows_is_not_nothing(session):
    session.run(2)
    flows = answer(session, HeadFlows())
    known = flows.value_grad_reach == Reach.KNOWN
    assert (flows.value_grad[known] > 0).all()
    asking = np.broadcast_to(np.arange(known.shape[2])[:, None], known.shape)
    several = known & (asking > 0)  # with a single position to look at, the weight is 1 whatever the score
    assert (flows.key_grad[several] > 0).all()
    assert (flows.key_grad[known & ~several] == 0).all()


def test_later_positions_are_outside(session):
    session.update()
    flows, config = answer(session, HeadFlows()), session.description.program.config
    shape = (config.n_layer, config.n_head, config.block_size, config.block_size)
    later = np.broadcast_to(np.triu(np.ones(shape[2:], dtype=bool), 1), shape)
    for numbers, reach in (
        (flows.weight, flows.weight_reach),
        (flows.value_grad, flows.value_grad_reach),
        (flows.key_grad, flows.key_grad_reach),
    ):
        assert numbers.shape == reach.shape == shape
        assert np.array_equal(reach == Reach.OUTSIDE, later)
        assert np.isnan(numbers[later]).all()
        assert not numbers.flags.writeable
        assert not reach.flags.writeable


def test_moments_on_the_way(session, plain_run_of):
    session.execution.go_to(Place(1, 0))
    forward, backward, _ = session.execution.lengths
    plain, positions = plain_run_of(session), session.runner.machine.positions
    addresses = session.description.addresses
    for done in (0, forward // 2, forward, forward + 1, forward + backward // 3, forward + 2 * backward // 3):
        session.execution.go_to(Place(1, done))
        snapshot = session.snapshot(0, Wanted(inquiries=frozenset({HeadFlows()})))
        flows = snapshot.answer(HeadFlows())
        arrivals = session._gradients.at(done)
        seen = set()
        for pair in pairs(session):
            layer, head, p, t = pair
            if p >= positions:
                continue
            weight = addresses.parse(f"pos{p}.layer{layer}.attn.head{head}.weight[{t}]")
            computed = session.execution.number_of(0, weight) < done
            assert (flows.weight_reach[pair] == Reach.KNOWN) == computed
            assert np.isnan(flows.weight[pair]) == (not computed)
            for what, user, numbers, reach in (
                ("v", "out", flows.value_grad, flows.value_grad_reach),
                ("k", "score", flows.key_grad, flows.key_grad_reach),
            ):
                uses = handed_back(session, plain, what, user, pair)
                known = all(arrivals.reach[product] == Reach.KNOWN for product, _ in uses)
                seen.add(known)
                assert reach[pair] == (Reach.KNOWN if known else Reach.NOT_COMPUTED)
                if known:
                    assert numbers[pair] == norm([contribution for _, contribution in uses])
                else:
                    assert np.isnan(numbers[pair])
        assert seen == ({True, False} if done > forward + 1 else {False})
