"""Explanations say what plain Python did, to the last bit."""

import random

import numpy as np
import pytest

from microgpt.value import Value
from microgpt_studio.debugger.snapshot import Explanation, Reach, Wanted


def explained(session, scalar: int) -> Explanation:
    explanation = session.snapshot(1, Wanted(selection=scalar)).explanation
    assert explanation is not None
    return explanation


def chosen_scalars(session, run) -> list[int]:
    """Some of every operation and tensor, and some at random."""
    program = session.description.program
    kinds: dict[tuple[int, int, bool], int] = {}
    for scalar in run.values:
        kinds.setdefault((program.tensor[scalar], program.operation[scalar], program.constant[scalar] >= 0), scalar)
    return [*kinds.values(), *random.Random(1).sample(sorted(run.values), 300), program.loss]


@pytest.mark.parametrize("updates", [1, 2, 7])
def test_every_number_is_the_plain_run_s(session, plain_run_of, updates):
    for _ in range(updates):
        session.update()
    run = plain_run_of(session)
    reached = set(run.backward_order) | {run.values[p] for p in range(session.description.program.num_parameters)}
    for scalar in chosen_scalars(session, run):
        value, explanation = run.values[scalar], explained(session, scalar)
        assert explanation.address == session.description.addresses.format(scalar)
        assert explanation.operation == (value.operation or "parameter")
        assert explanation.live
        assert explanation.data_reach is Reach.KNOWN
        assert explanation.data.hex() == float(value.data).hex()
        assert explanation.grad_reach is (Reach.KNOWN if value in reached else Reach.OUTSIDE)
        assert len(explanation.operands) == len(value.operands)
        derivatives = [*value.local_derivatives[: len(value.operands)], None]
        for shown, operand, derivative in zip(explanation.operands, value.operands, derivatives, strict=False):
            if isinstance(operand, Value):
                assert shown.scalar == run.ids[operand]
                assert shown.address == session.description.addresses.format(shown.scalar)
                assert shown.data == operand.data
                assert shown.local_derivative == derivative
                known = value in reached
                assert shown.contribution == (derivative * value.grad if known else None)
            else:
                assert (shown.scalar, shown.data) == (None, operand)
                assert shown.local_derivative is None
                assert shown.contribution is None


@pytest.mark.parametrize("updates", [1, 2, 7])
def test_consumers_add_up_to_the_gradient_in_their_order(session, plain_run_of, updates):
    for _ in range(updates):
        session.update()
    run = plain_run_of(session)
    for scalar in chosen_scalars(session, run):
        explanation, value = explained(session, scalar), run.values[scalar]
        shown = [(c.scalar, c.grad, c.local_derivative) for c in explanation.consumers]
        if explanation.grad_reach is Reach.OUTSIDE:
            assert shown == []
            continue
        assert explanation.grad.hex() == value.grad.hex()
        assert shown == run.contributions.get(value, [])
        total = 0.0
        for consumer in explanation.consumers:
            assert consumer.address == session.description.addresses.format(consumer.scalar)
            assert consumer.operation == run.values[consumer.scalar].operation
            assert consumer.contribution == consumer.local_derivative * consumer.grad
            total += consumer.contribution
            assert consumer.total == total
        if explanation.consumers:
            assert explanation.consumers[-1].total.hex() == explanation.grad.hex()
        elif scalar != session.description.program.loss:
            assert explanation.grad == 0.0


def test_a_scalar_that_is_used_twice_by_one_consumer_stands_there_twice(session):
    session.update()
    embed = session.description.addresses.parse("pos0.embed[0]")
    square = session.description.addresses.parse("pos0.norm.mul[0]")
    twice = [consumer for consumer in explained(session, embed).consumers if consumer.scalar == square]
    assert len(twice) == 2


def test_the_loss_has_gradient_1_and_no_consumers(session):
    session.update()
    explanation = explained(session, session.description.program.loss)
    assert (explanation.grad, explanation.grad_reach, explanation.consumers) == (1.0, Reach.KNOWN, ())
    assert explanation.operands[-1].address == "1 / number of positions"


def test_probabilities_of_other_tokens_are_outside_the_graph(session):
    session.update()
    tokens = session.snapshot(1, Wanted()).moment.tokens
    for token in range(session.description.tokenizer.vocab_size):
        explanation = explained(session, session.description.addresses.parse(f"pos0.prob[{token}]"))
        assert explanation.grad_reach is (Reach.KNOWN if token == tokens[1] else Reach.OUTSIDE)


def test_the_softmax_s_maximum_is_named(session):
    session.update()
    program = session.description.program
    (maximum,) = {
        int(program.constant[scalar])
        for scalar in range(program.num_parameters, program.sums_start)
        if program.tensors[program.tensor[scalar]].path == "pos0.prob"
        and program.maximum_constant <= program.constant[scalar] < program.mean_constant
    }
    differences = np.flatnonzero(program.constant == maximum)
    assert len(differences) == session.description.tokenizer.vocab_size
    difference = explained(session, int(differences[0]))
    assert difference.operands[-1].address == "−max(pos0.logit)"
    logits = [explained(session, s).data for s in logit_ids(session)]
    assert difference.operands[-1].data == -max(logits)


def logit_ids(session) -> list[int]:
    tensor = next(tensor for tensor in session.description.program.tensors if tensor.path == "pos0.logit")
    return session.description.program.elements(tensor).tolist()


def test_nothing_is_known_before_the_first_update_but_the_parameters(session):
    addresses = session.description.addresses
    parameter = explained(session, addresses.parse("wte[0,0]"))
    assert (parameter.data_reach, parameter.grad_reach) == (Reach.KNOWN, Reach.NOT_COMPUTED)
    assert parameter.data == session.runner.machine.data[0]
    q = explained(session, addresses.parse("pos0.layer0.attn.q[5]"))
    assert (q.data_reach, q.grad_reach, q.operands, q.consumers) == (Reach.NOT_COMPUTED, Reach.NOT_COMPUTED, (), ())


def test_a_position_beyond_the_document_is_not_live(session):
    while session.update().document != "mia":
        pass
    scalar = session.description.addresses.parse("pos6.layer0.attn.q[5]")
    explanation = explained(session, scalar)
    assert not explanation.live
    assert (explanation.data_reach, explanation.grad_reach) == (Reach.NOT_COMPUTED, Reach.NOT_COMPUTED)
    assert (explanation.operands, explanation.consumers) == ((), ())


def test_the_site_is_the_line_that_made_it(session):
    session.update()
    site = explained(session, session.description.addresses.parse("pos0.layer0.attn.q[5]")).site
    assert "linear" in [frame.function for frame in site]
    assert site[-1].function == "loss"
