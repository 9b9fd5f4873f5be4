"""Norms and cosines are those of a plain loop over plain Values, to the last bit; what is not computed is not told."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.program.program import Operation
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.execution import Phase, Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted
from microgpt_studio.debugger.stream import Measure, Stages, Stream, StreamNumbers

N = Reach.NOT_COMPUTED


def ask(session: Session) -> StreamNumbers:
    answer = session.snapshot(1, Wanted(inquiries=frozenset({Stream()}))).answer(Stream())
    assert answer is not None
    return answer


def norm(x: Sequence[float]) -> float:
    square = 0.0
    for component in x:
        square += component * component
    return math.sqrt(square)


def dot(x: Sequence[float], y: Sequence[float]) -> float:
    total = 0.0
    for a, b in zip(x, y, strict=True):
        total += a * b
    return total


def cosine(x: Sequence[float], y: Sequence[float]) -> float:
    return dot(x, y) / (norm(x) * norm(y))


def known(measure: Measure) -> list[list[bool]]:
    return (measure.reach == Reach.KNOWN).tolist()


@pytest.mark.parametrize("updates", [1, 2, 7])
def test_every_number_is_that_of_a_plain_loop(session: Session, plain_run_of, updates: int) -> None:
    session.run(updates)
    values, program = plain_run_of(session).values, session.description.program
    moment = session.snapshot(1, Wanted()).moment
    numbers = ask(session)
    e = program.config.n_embd
    for p, token in enumerate(moment.tokens[: moment.positions]):

        def vector(path: str, p: int = p) -> list[float]:
            tensor = next(tensor for tensor in program.tensors if tensor.path == f"pos{p}.{path}")
            return [values[scalar].data for scalar in program.elements(tensor).tolist()]

        wte = [values[token * e + j].data for j in range(e)]
        start = (program.config.vocab_size + p) * e
        wpe = [values[start + j].data for j in range(e)]
        stream, added = [wte, vector("embed"), vector("norm")], [wpe, None]
        for layer in range(program.config.n_layer):
            stream += [vector(f"layer{layer}.attn.residual"), vector(f"layer{layer}.mlp.residual")]
            added += [vector(f"layer{layer}.attn.proj"), vector(f"layer{layer}.mlp.fc2")]
        assert numbers.norm.values[:, p].tolist() == [norm(x) for x in stream[1:]]
        assert numbers.cosine.values[:, p].tolist() == [
            cosine(x, y) for x, y in zip(stream[1:], stream[:-1], strict=True)
        ]
        for stage, (branch, before) in enumerate(zip(added, stream[:-1], strict=True)):
            if branch is None:
                assert numbers.added.reach[stage, p] == numbers.added_cosine.reach[stage, p] == Reach.OUTSIDE
                assert np.isnan(numbers.added.values[stage, p]) and np.isnan(numbers.added_cosine.values[stage, p])
            else:
                assert numbers.added.values[stage, p] == norm(branch)
                assert numbers.added_cosine.values[stage, p] == cosine(branch, before)
        assert numbers.toward.reach[0, p] == Reach.OUTSIDE
        target = moment.tokens[p + 1]
        head = (program.config.vocab_size + program.config.block_size + target) * e
        row = [values[head + j].data for j in range(e)]
        parts = [dot(row, vector("norm")), *(dot(row, branch) for branch in added[2:])]
        assert numbers.toward.values[1:, p].tolist() == parts
        logit = vector("logit")[target]
        assert numbers.logit.values[p] == logit == pytest.approx(sum(parts))
        scale = session.description.addresses.parse(f"pos{p}.norm.pow[0]")
        assert numbers.scale.values[p] == values[scale].data
    assert numbers.norm.values.shape == (2 + 2 * program.config.n_layer, moment.positions)
    assert all(
        np.all(each.reach == Reach.KNOWN) for each in (numbers.norm, numbers.cosine, numbers.scale, numbers.logit)
    )


def test_the_stages_are_those_of_the_model(session: Session) -> None:
    program, addresses = session.description.program, session.description.addresses
    stages = Stages.of_program(program)
    assert stages.names == ("embed", "norm", "layer0.attn", "layer0.mlp", "layer1.attn", "layer1.mlp")
    assert stages.count == 6
    for s, path in enumerate(("embed", "norm", "layer0.attn.residual", "layer0.mlp.residual")):
        assert addresses.format(int(stages.stream[s, 3, 5])) == f"pos3.{path}[5]"
    assert addresses.format(int(stages.added[0, 3, 5])) == "wpe[3,5]"
    assert (stages.added[1] == -1).all()
    assert addresses.format(int(stages.added[4, 2, 1])) == "pos2.layer1.attn.proj[1]"
    assert addresses.format(int(stages.added[5, 2, 1])) == "pos2.layer1.mlp.fc2[1]"
    assert (program.operation[stages.scale] == Operation.POW).all()


def test_before_an_update_nothing_is_known_but_wpe(session: Session) -> None:
    numbers = ask(session)
    assert not any(map(any, known(numbers.norm) + known(numbers.cosine)))
    assert not (numbers.scale.reach == Reach.KNOWN).any()
    assert (numbers.added.reach[0] == Reach.KNOWN).all()
    assert (numbers.added_cosine.reach[0] == Reach.KNOWN).all()  # wte and wpe are parameters: they are there
    assert (numbers.added.reach[2:] == N).all()
    assert np.isnan(numbers.norm.values).all()


def test_half_way_only_what_is_computed_is_told(session: Session) -> None:
    """After attn.proj of the second layer at position 1, of which the residual is still to come."""
    session.update()
    whole = ask(session)
    session.go_to(1)
    last = session.description.addresses.parse("pos1.layer1.attn.proj[7]")
    done = session.execution.number_of(Phase.FORWARD, last)
    assert done is not None
    session.execution.go_to(Place(0, done + 1))
    numbers = ask(session)
    n = whole.norm.values.shape[1]
    assert known(numbers.norm) == [
        [True, s < 4, *[False] * (n - 2)] if s >= 4 else [True, True, *[False] * (n - 2)] for s in range(6)
    ]
    assert known(numbers.added)[4] == [True, True, *[False] * (n - 2)]
    assert known(numbers.added_cosine)[4] == [True, True, *[False] * (n - 2)]
    assert known(numbers.toward)[4] == [True, True, *[False] * (n - 2)]
    assert not (numbers.logit.reach == Reach.KNOWN)[1:].any() and numbers.logit.reach[0] == Reach.KNOWN
    assert known(numbers.added)[5] == [True, False, *[False] * (n - 2)]
    for part in ("norm", "cosine", "added", "added_cosine", "toward", "scale", "logit"):
        now, then = getattr(numbers, part), getattr(whole, part)
        is_known = now.reach == Reach.KNOWN
        assert now.values[is_known].tolist() == then.values[is_known].tolist()
        assert np.isnan(now.values[~is_known]).all()
    session.execution.go_to(Place(0, done))
    assert known(ask(session).added)[4][1] is False


def test_a_vector_of_length_0_has_no_cosine() -> None:
    program = record(Configuration(3, n_layer=1, n_embd=2, n_head=1, block_size=2))
    session = Session(Settings(n_layer=1, n_embd=2, n_head=1, block_size=2), ["ab"], program, "one")
    state = session.state()
    for name in ("layer0.mlp_fc2[0,0]", "layer0.mlp_fc2[1,0]"):
        start = session.description.addresses.parse(name)
        for k in range(start, start + 8):
            state.parameters[k] = 0.0
    session.restore(state)
    session.execution.go_to(Place(0, session.execution.lengths[0]))
    numbers = ask(session)
    assert numbers.added.values[3].tolist() == [0.0, 0.0]
    assert np.isnan(numbers.added_cosine.values[3]).all()
    assert (numbers.added_cosine.reach[3] == Reach.OUTSIDE).all()
    assert numbers.cosine.values[3] == pytest.approx(1.0)


def test_it_is_the_same_in_the_past(session: Session) -> None:
    session.run(3)
    then = ask(session)
    session.run(4)
    assert ask(session).norm.values.tolist() != then.norm.values.tolist()
    session.go_to(3)
    again = ask(session)
    assert again.norm.values.tolist() == then.norm.values.tolist()
    assert again.cosine.values.tolist() == then.cosine.values.tolist()
    assert not again.norm.values.flags.writeable
