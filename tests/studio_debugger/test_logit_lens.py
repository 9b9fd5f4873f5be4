"""At the last stage the lens is the program, and at every stage it is plain Value code, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt import model
from microgpt.value import Value
from microgpt_studio.debugger.execution import Phase, Place
from microgpt_studio.debugger.logit_lens import LensNumbers, LogitLens
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted
from microgpt_studio.debugger.stream import Stages


def ask(session: Session) -> LensNumbers:
    answer = session.snapshot(1, Wanted(inquiries=frozenset({LogitLens()}))).answer(LogitLens())
    assert answer is not None
    return answer


def of_program(session: Session, what: str, positions: int) -> list[list[float]]:
    program, data = session.description.program, session.runner.machine.data
    tensors = {tensor.path: tensor for tensor in program.tensors}
    return [data[program.elements(tensors[f"pos{p}.{what}"])].tolist() for p in range(positions)]


@pytest.mark.parametrize("updates", [1, 2, 9])
def test_the_last_stage_is_the_program(session: Session, updates: int) -> None:
    session.run(updates)
    lens, n = ask(session), session.runner.machine.positions
    assert lens.logits[-1].tolist() == of_program(session, "logit", n)
    assert lens.probs[-1].tolist() == of_program(session, "prob", n)


@pytest.mark.parametrize("updates", [1, 6])
def test_every_stage_is_plain_value_code(session: Session, updates: int) -> None:
    session.run(updates)
    lens, machine, program = ask(session), session.runner.machine, session.description.program
    head = next(tensor for tensor in program.tensors if tensor.path == "lm_head")
    rows = machine.data[program.elements(head)].reshape(head.shape).tolist()
    lm_head = [[Value(w) for w in row] for row in rows]
    stream = Stages.of_program(program).stream
    for s in range(stream.shape[0]):
        for p in range(machine.positions):
            x = [Value(number) for number in machine.data[stream[s, p]].tolist()]
            logits = model.linear(x, lm_head)
            assert lens.logits[s, p].tolist() == [logit.data for logit in logits]
            assert lens.probs[s, p].tolist() == [prob.data for prob in model.softmax(logits)]
    assert (lens.reach == Reach.KNOWN).all()


def test_ranks_and_best_tokens_are_those_of_a_sorted_list(session: Session) -> None:
    session.run(5)
    lens, n = ask(session), session.runner.machine.positions
    moment = session.snapshot(1, Wanted()).moment
    targets = np.array(moment.tokens[1:], dtype=np.int32)
    probs, ranks, top = lens.probs_of(targets), lens.ranks_of(targets), lens.top()
    for s in range(lens.probs.shape[0]):
        for p in range(n):
            numbers = lens.probs[s, p].tolist()
            in_order = sorted(range(len(numbers)), key=lambda token: -numbers[token])
            assert lens.best(s, p, 5) == in_order[:5]
            assert top[s, p] == in_order[0]
            assert probs[s, p] == numbers[targets[p]]
            assert ranks[s, p] == in_order.index(targets[p]) + 1


def test_equal_probabilities_share_the_better_rank() -> None:
    probs = np.array([[[0.25, 0.25, 0.5, 0.0]]])
    lens = LensNumbers(probs, probs, np.full((1, 1), Reach.KNOWN, dtype=np.uint8))
    ranks = [int(lens.ranks_of(np.array([token], dtype=np.int32))[0, 0]) for token in range(4)]
    assert ranks == [2, 2, 1, 4]
    assert lens.best(0, 0, 3) == [2, 0, 1]


def test_half_way_the_stages_that_are_there_are_read(session: Session) -> None:
    """The lens needs the stream and lm_head alone: it sees a stage long before the logits are computed."""
    session.update()
    whole = ask(session)
    last = session.description.addresses.parse("pos2.layer0.attn.residual[7]")
    done = session.execution.number_of(Phase.FORWARD, last)
    assert done is not None
    session.execution.go_to(Place(0, done + 1))
    lens = ask(session)
    known = lens.reach == Reach.KNOWN
    assert known.sum(axis=1).tolist() == [3, 3, 3, 2, 2, 2]
    assert lens.probs[known].tolist() == whole.probs[known].tolist()
    assert np.isnan(lens.probs[~known]).all() and np.isnan(lens.logits[~known]).all()
    session.execution.go_to(Place(0, done))
    assert (ask(session).reach == Reach.KNOWN).sum(axis=1).tolist() == [3, 3, 2, 2, 2, 2]


def test_it_is_the_same_in_the_past(session: Session) -> None:
    session.run(3)
    then = ask(session)
    session.run(4)
    session.go_to(3)
    again = ask(session)
    assert again.probs.tolist() == then.probs.tolist()
    assert not again.probs.flags.writeable


def test_what_is_no_number_has_no_rank(session: Session) -> None:
    state = session.state()
    state.parameters[session.description.addresses.parse("lm_head[3,0]")] = float("nan")
    session.restore(state)
    session.execution.go_to(Place(0, session.execution.lengths[0]))
    lens = ask(session)
    assert np.isnan(lens.probs).any(axis=2).all()
    assert (lens.reach == Reach.KNOWN).all()
    assert not lens.ranks_of(np.zeros(lens.probs.shape[1], dtype=np.int32)).any()
    assert (lens.top() == -1).all()
