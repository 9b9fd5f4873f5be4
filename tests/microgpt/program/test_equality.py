"""The recorded program against plain Values: every scalar's data and grad, every update, for equality of every bit."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt import model
from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.model import Configuration
from microgpt.program.machine import Fault, Machine
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt.sample import generate
from microgpt.value import Value

SCALES = st.sampled_from([1.0, 1.0, 30.0, 1e5, 1e160])
ALPHABET = st.sampled_from("abcdeé字🎲 \t\u202e")


@st.composite
def data_sets(draw: st.DrawFn) -> list[str]:
    """One to five documents; some longer than any block, some of one character."""
    text = st.text(ALPHABET, min_size=1, max_size=9)
    return draw(st.lists(text, min_size=1, max_size=5))


@st.composite
def sizes(draw: st.DrawFn) -> dict[str, int]:
    """Sizes down to the smallest: a width of 1, heads of width 1, a block of 1."""
    n_head = draw(st.integers(1, 4))
    return {
        "n_layer": draw(st.integers(1, 3)),
        "n_embd": n_head * draw(st.integers(1, 3)),
        "n_head": n_head,
        "block_size": draw(st.integers(1, 6)),
    }


adams = st.builds(
    Adam,
    learning_rate=st.sampled_from([0.01, 1e-4, 0.5]),
    beta1=st.floats(0, 0.99),
    beta2=st.floats(0, 0.999),
    eps=st.sampled_from([1e-8, 1e-300, 1.0]),
)


@given(documents=data_sets(), sizes=sizes(), adam=adams, seed=st.integers(), scale=SCALES)
def test_every_scalar_of_every_update(watched_training, live_ids, bits, documents, sizes, adam, seed, scale):
    """Large parameters make gradients vanish or overflow, and plain Python raise: at the very same scalar."""
    config = Configuration(Tokenizer.of(documents).vocab_size, **sizes)
    plain = watched_training(documents, config, adam, 4, seed)
    runner = Runner(record(config), documents, adam, 4, seed)
    program, machine = runner.program, runner.machine
    for p in plain.parameters:
        p.data *= scale
    machine.parameters[:] *= scale
    for _ in range(4):
        before = [p.data for p in plain.parameters]
        try:
            expected = plain.update()
        except (ArithmeticError, ValueError):
            with pytest.raises(Fault) as fault:
                runner.update()
            ids = live_ids(program, machine.positions).tolist()
            raising = ids[len(plain.created)] if len(plain.created) < len(ids) else first_too_steep(plain.parameters)
            assert fault.value.scalar == raising
            return
        update = runner.update()
        assert (update.step, update.document, update.lr) == (expected.step, expected.document, expected.lr)
        assert bits([update.loss, update.grad_norm]) == bits([expected.loss, expected.grad_norm])
        assert bits(machine.data[: program.num_parameters]) == bits(before)
        ids = live_ids(program, machine.positions)
        assert bits(machine.data[ids]) == bits([value.data for value in plain.created])
        assert bits(machine.grad[ids]) == bits([value.grad for value in plain.created])
        assert bits(machine.grad[: program.num_parameters]) == bits([p.grad for p in plain.parameters])
        have, want = runner.state(), plain.state()
        assert have.step == want.step
        for numbers in ("parameters", "m", "v"):
            assert bits(getattr(have, numbers)) == bits(getattr(want, numbers))


def first_too_steep(parameters: list[Value]) -> int:
    """The parameter at which Adam's square of the gradient overflows."""
    return next(i for i, p in enumerate(parameters) if math.isfinite(p.grad) and math.isinf(p.grad * p.grad))


@given(documents=data_sets(), sizes=sizes(), seed=st.integers())
def test_order_of_the_backward_phase(watched_training, live_ids, documents, sizes, seed):
    """It is the reverse of the plain topological order, which a recursive build would make."""
    config = Configuration(Tokenizer.of(documents).vocab_size, **sizes)
    plain = watched_training(documents, config, Adam(), 1, seed)
    machine = Machine(record(config))
    for document in documents:
        plain.created.clear()
        tokens = plain.tokenizer.encode(document)
        order = model.loss(plain.matrices, config, tokens).topological_order()
        machine.load(tokens)
        ids = dict(zip(map(id, plain.created), live_ids(machine.program, machine.positions).tolist(), strict=True))
        assert machine.order.tolist() == [ids[id(value)] for value in reversed(order) if id(value) in ids]


@given(documents=data_sets(), sizes=sizes(), seed=st.integers())
def test_named_tensors(watched_training, documents, sizes, seed):
    """What the model names is what the program's tensors hold, element by element, probabilities of no target too."""
    config = Configuration(Tokenizer.of(documents).vocab_size, **sizes)
    plain = watched_training(documents, config, Adam(), 1, seed)
    runner = Runner(record(config), documents, Adam(), 1, seed)
    machine, program = runner.machine, runner.program
    tensors = {tensor.path: tensor for tensor in program.tensors}
    named: dict[str, list[Value]] = {}

    def name(path: str, vector: list[Value]) -> list[Value]:
        named[path] = vector
        return vector

    tokens = runner.tokenizer.encode(documents[0])
    model.loss(plain.matrices, config, tokens, name).backward()
    machine.load(tokens)
    machine.forward_all()
    machine.backward_all()
    for path, vector in named.items():
        ids = program.elements(tensors[path])
        assert machine.data[ids].tolist() == [value.data for value in vector], path
        assert machine.grad[ids].tolist() == [value.grad for value in vector], path
    matrices = {path for path, tensor in tensors.items() if tensor.position is None and path != "loss"}
    assert matrices == set(plain.matrices)
    live = {path for path, tensor in tensors.items() if (tensor.position or 0) < machine.positions}
    assert set(named) == live - matrices


@given(documents=data_sets(), sizes=sizes(), seed=st.integers(), temperature=st.floats(0.1, 3.0), scale=SCALES)
def test_samples(watched_training, documents, sizes, seed, temperature, scale):
    """Probabilities of 0 are no fault here: no one takes their logarithm."""
    config = Configuration(Tokenizer.of(documents).vocab_size, **sizes)
    plain = watched_training(documents, config, Adam(), 2, seed)
    runner = Runner(record(config), documents, Adam(), 2, seed)
    for p in plain.parameters:
        p.data *= scale
    runner.machine.parameters[:] *= scale
    for _ in range(5):
        drawn = []
        for trainer in (plain, runner):
            next_logits = trainer.predictor()
            try:
                drawn.append(generate(next_logits, trainer.tokenizer, config.block_size, trainer.rng, temperature))
            except (ArithmeticError, ValueError):
                drawn.append(None)
        assert drawn[0] == drawn[1]
    assert plain.rng.random() == runner.rng.random()


def test_documents_of_every_length(watched_training, bits):
    """Shorter, longer and shorter again, so that nothing of a longer document is left in a shorter one's numbers."""
    documents = ["abcdef", "a", "abcd", "ab", "abcdefabcdef", "b"]
    config = Configuration(Tokenizer.of(documents).vocab_size, n_layer=2, n_embd=6, n_head=3, block_size=5)
    plain = watched_training(documents, config, Adam(), 30, 1)
    runner = Runner(record(config), documents, Adam(), 30, 1)
    lengths = set()
    for _ in range(30):
        assert plain.update() == runner.update()
        lengths.add(runner.machine.positions)
        assert bits(runner.machine.parameters) == bits([p.data for p in plain.parameters])
    assert lengths == {2, 3, 5}


def test_vocabulary_that_documents_do_not_use_up():
    """Tokens without a document keep their embedding, and their gradient is 0."""
    program = record(Configuration(9, n_embd=4, n_head=2, block_size=4))
    machine = Machine(program)
    rng = random.Random(1)
    machine.parameters[:] = [rng.gauss(0, 0.08) for _ in range(program.num_parameters)]
    machine.load([8, 2, 8])
    machine.forward_all()
    machine.backward_all()
    gradient = machine.grad[: 9 * 4].reshape(9, 4)  # of wte
    assert set(np.flatnonzero(np.any(gradient != 0, axis=1))) == {2, 8}
