"""The machine: any phase in any pieces is the whole phase, and each operation is what plain Python computes."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.kernels import Code
from microgpt.program.machine import Fault, Machine
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.value import Value

CONFIG = Configuration(6, n_layer=2, n_embd=6, n_head=2, block_size=4)
EDGES = [0.0, -0.0, 1.0, -1.0, 5e-324, 1e-308, 1e-162, 1e155, -1e200, 709.0, 710.0, -746.0, math.inf, -math.inf]
ANY = st.one_of(st.sampled_from([*EDGES, math.nan]), st.floats())
TOKENS = [5, 0, 3, 3, 5]


@pytest.fixture(scope="module")
def program() -> Program:
    return record(CONFIG)


@pytest.fixture(scope="module")
def new_machine(program) -> Callable[[], Machine]:
    """For hypothesis, which would print a whole program."""
    return lambda: machine_of(program)


def machine_of(program: Program) -> Machine:
    machine = Machine(program)
    rng = random.Random(7)
    machine.parameters[:] = [rng.gauss(0, 0.3) for _ in range(program.num_parameters)]
    machine.m[:] = [rng.gauss(0, 0.1) for _ in range(program.num_parameters)]
    machine.v[:] = [rng.random() for _ in range(program.num_parameters)]
    return machine


@st.composite
def pieces(draw: st.DrawFn, start: int, stop: int) -> list[tuple[int, int]]:
    """The range cut at some places: anywhere, or into single operations somewhere."""
    cuts = draw(st.sets(st.integers(start, stop), max_size=8))
    single = draw(st.integers(start, stop))
    cuts |= set(range(single, min(single + 40, stop)))
    bounds = sorted({start, stop, *cuts})
    return list(itertools.pairwise(bounds))


@given(data=st.data(), length=st.integers(2, 5))
def test_pieces_make_a_whole(new_machine, bits, data, length):
    """A run of products and sums is one loop of the kernel; a cut inside it changes nothing."""
    whole, cut = new_machine(), new_machine()
    program = whole.program
    for machine in (whole, cut):
        machine.load(TOKENS[:length])
    whole.forward_all()
    for start, stop in program.live_ranges(cut.positions):
        for piece in data.draw(pieces(start, stop)):
            cut.forward(*piece)
    assert bits(cut.data) == bits(whole.data)
    whole.backward_all()
    cut.start_backward()
    for piece in data.draw(pieces(0, len(cut.order))):
        cut.backward(*piece)
    assert bits(cut.grad) == bits(whole.grad)
    whole.update(Adam(), 3, 10, 0, program.num_parameters)
    for piece in data.draw(pieces(0, program.num_parameters)):
        cut.update(Adam(), 3, 10, *piece)
    for numbers in ("parameters", "m", "v", "change"):
        assert bits(getattr(cut, numbers)) == bits(getattr(whole, numbers))


def test_one_operation_at_a_time(program, bits):
    whole, single = machine_of(program), machine_of(program)
    for machine in (whole, single):
        machine.load(TOKENS)
    whole.forward_all()
    whole.backward_all()
    made = slice(program.num_parameters, None)
    single.data[made] = np.nan
    for start, stop in program.live_ranges(single.positions):
        for scalar in range(start, stop):
            single.forward(scalar, scalar + 1)
            assert np.all(np.isnan(single.data[scalar + 1 :])), "the kernel ran on"
    single.start_backward()
    for place, scalar in enumerate(single.order.tolist()):
        before = single.grad.copy()
        single.backward(place, place + 1)
        operands = {int(single.first[scalar]), int(program.second[scalar])}
        assert set(np.flatnonzero(single.grad != before)) <= operands, "the kernel ran on"
    assert bits(single.data) == bits(whole.data)
    assert bits(single.grad) == bits(whole.grad)


def test_update_keeps_what_was_before(program):
    """Panels show the parameters that the forward pass used, and the moments before the update."""
    machine = machine_of(program)
    parameters, m, v = machine.parameters.copy(), machine.m.copy(), machine.v.copy()
    machine.load(TOKENS)
    machine.forward_all()
    machine.backward_all()
    machine.update(Adam(), 0, 10, 0, program.num_parameters)
    assert machine.data[: program.num_parameters].tolist() == parameters.tolist()
    assert machine.m_before.tolist() == m.tolist()
    assert machine.v_before.tolist() == v.tolist()
    assert machine.parameters.tolist() == (parameters - machine.change).tolist()
    assert np.any(machine.change)


MANY = settings(max_examples=8 * settings().max_examples)
KINDS = [code for code in Code if code not in (Code.PARAMETER, Code.SUM_MAXIMUM)]


@pytest.mark.parametrize("kind", KINDS)
@MANY
@given(data=st.data(), a=ANY, b=ANY, gradient=ANY)
def test_operation(new_machine, bits, kind, data, a, b, gradient):
    """Each operation, for any numbers: the same result, the same derivative, a fault where plain Python raises."""
    machine = new_machine()
    program = machine.program
    machine.load(TOKENS)
    order = machine.order[machine.code[machine.order] == kind]
    scalar = int(data.draw(st.sampled_from(order[:: max(1, len(order) // 50)].tolist())))
    first, second = int(machine.first[scalar]), int(program.second[scalar])
    operands = [Value(a), Value(b) if second not in (-1, first) else None]
    if second == first:
        operands[1] = operands[0]
    machine.data[first] = a
    if operands[1]:
        machine.data[second] = operands[1].data
    constant = float(machine.constants[program.constant[scalar]])  # where there is one
    if kind is Code.POW and constant % 1:
        assume(not a < 0)  # plain Python makes a complex number of it; the model's bases are never negative
    try:
        expected = apply(kind, *operands, constant)
        derivatives = expected.local_derivatives
    except (ArithmeticError, ValueError):
        with pytest.raises(Fault) as fault:
            machine.forward(scalar, scalar + 1)
        assert fault.value.scalar == scalar
        assert repr(a) in fault.value.reason
        return
    machine.forward(scalar, scalar + 1)
    assert bits([machine.data[scalar]]) == bits([expected.data])
    machine.grad[scalar] = gradient
    place = int(np.flatnonzero(machine.order == scalar)[0])
    machine.backward(place, place + 1)
    for operand, derivative in zip(expected.operands, derivatives, strict=False):
        if isinstance(operand, Value):
            operand.grad += derivative * gradient
    grads = [operand.grad for operand in operands if operand]
    assert bits(machine.grad[[first, second][: len(grads)]]) == bits(grads)


def apply(kind: Code, a: Value, b: Value | None, constant: float) -> Value:
    operations = {
        Code.SUM: lambda: a + b,
        Code.SUM_CONSTANT: lambda: a + constant,
        Code.MUL: lambda: a * b,
        Code.MUL_CONSTANT: lambda: a * constant,
        Code.POW: lambda: a**constant,
        Code.LOG: a.log,
        Code.EXP: a.exp,
        Code.RELU: a.relu,
    }
    return operations[kind]()


@MANY
@given(
    adam=st.builds(
        Adam,
        learning_rate=st.floats(1e-10, 1e10),
        beta1=st.floats(0, 1, exclude_max=True),
        beta2=st.floats(0, 1, exclude_max=True),
        eps=st.floats(5e-324, 1.0),
    ),
    step=st.integers(0, 999),
    numbers=st.tuples(ANY, ANY, ANY, st.floats(0)),
)
def test_adam(new_machine, bits, adam, step, numbers):
    machine = new_machine()
    parameter, m, v = Value(numbers[0]), [numbers[2]], [numbers[3]]
    parameter.grad = numbers[1]
    machine.data[4], machine.grad[4], machine.m[4], machine.v[4] = numbers
    try:
        adam.update([parameter], m, v, step, 1000)
    except OverflowError:
        with pytest.raises(Fault) as fault:
            machine.update(adam, step, 1000, 4, 5)
        assert fault.value.scalar == 4
        assert bits([machine.m[4], machine.v[4]]) == bits(numbers[2:])  # not touched, unlike m in plain Python
    else:
        machine.update(adam, step, 1000, 4, 5)
        assert bits([machine.parameters[4], machine.m[4], machine.v[4]]) == bits([parameter.data, m[0], v[0]])


def test_the_largest_logit_is_taken_when_it_is_there(program):
    """The constant that softmax subtracts depends on the data, and is set at its first use."""
    machine = machine_of(program)
    machine.load(TOKENS)
    machine.forward_all()
    paths = {tensor.path: program.elements(tensor) for tensor in program.tensors}
    for position in range(machine.positions):
        logits = machine.data[paths[f"pos{position}.logit"]]
        probs = machine.data[paths[f"pos{position}.prob"]]
        exps = [math.exp(x - max(logits)) for x in logits]
        total = 0.0
        for e in exps:
            total += e
        assert probs.tolist() == [e * total**-1 for e in exps]


def test_fault_in_the_model(program):
    """One logit far above the others: the target's probability is 0, its logarithm the fault."""
    machine = machine_of(program)
    paths = {tensor.path: tensor for tensor in program.tensors}
    head = paths["lm_head"]
    machine.parameters[head.start : head.stop] = 0.0
    machine.load(TOKENS)
    for start, stop in program.live_ranges(machine.positions)[:1]:
        machine.forward(start, stop)
    x = machine.data[program.elements(paths["pos1.layer1.mlp.residual"])]
    machine.parameters[head.start + 12 : head.start + 18] = np.sign(x) * 1e6  # token 2, which is no target
    machine.load(TOKENS)
    with pytest.raises(Fault, match=r"log\(0.0\) is not defined") as fault:
        machine.forward_all()
    tensor = program.tensors[program.tensor[fault.value.scalar]]
    assert tensor.stage == "loss"
    assert math.isnan(machine.data[program.loss]) or machine.data[program.loss] == 0.0


def test_little_room_for_orders(program, monkeypatch, bits):
    """The pool of backward orders grows, and when it is large enough it is emptied: the numbers do not change."""
    roomy = machine_of(program)
    monkeypatch.setattr("microgpt.program.machine._FIRST_ROOM", 10)
    monkeypatch.setattr("microgpt.program.machine._MOST_ROOM", 2 * program.num_scalars)
    cramped, looping = machine_of(program), machine_of(program)
    rng = random.Random(3)
    documents = [[5, *(rng.randrange(5) for _ in range(rng.randint(1, 4))), 5] for _ in range(40)]
    for step, tokens in enumerate(documents):
        for machine in (roomy, cramped):
            machine.load(tokens)
            machine.forward_all()
            machine.backward_all()
            machine.update(Adam(), step, 40, 0, program.num_parameters)
        assert cramped.order.tolist() == roomy.order.tolist()
        assert bits(cramped.grad) == bits(roomy.grad)
    lap = looping.train(documents, Adam(), 0, 40)
    assert (len(lap.losses), lap.fault) == (40, None)
    assert looping.order.tolist() == roomy.order.tolist()
    for numbers in ("grad", "parameters", "m", "v", "m_before", "v_before", "change"):
        assert bits(getattr(looping, numbers)) == bits(getattr(roomy, numbers))


def test_undo(program, bits):
    machine = machine_of(program)
    machine.load(TOKENS)
    before = [bits(machine.parameters), bits(machine.m), bits(machine.v)]
    machine.forward_all()
    machine.backward_all()
    machine.update(Adam(), 0, 10, 0, program.num_parameters // 2)
    assert [bits(machine.parameters), bits(machine.m), bits(machine.v)] != before
    machine.undo_update()
    assert [bits(machine.parameters), bits(machine.m), bits(machine.v)] == before
