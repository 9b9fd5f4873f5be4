"""Any moment, however it was reached, has the numbers that plain Python has there."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.model import Configuration, loss
from microgpt.program.machine import Machine
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt.train import Training
from microgpt_studio.debugger.execution import Execution, Phase, Place
from microgpt_studio.debugger.history import FIRST_STRIDE, History

DOCUMENTS = ["emma", "ava", "mia", "olivia", "noah", "liam"]
NUM_STEPS = 60
CONFIG = Configuration(Tokenizer.of(DOCUMENTS).vocab_size, n_layer=1, n_embd=4, n_head=2, block_size=5)


@pytest.fixture(scope="module")
def program():
    return record(CONFIG)


def new_execution(program, limit=1 << 20):
    runner = Runner(program, DOCUMENTS, Adam(), NUM_STEPS, seed=1)
    return Execution(runner, History(program.num_parameters, limit))


def numbers(machine: Machine, place: Place, lengths: tuple[int, int, int]) -> bytes:
    """All that is known at a place: what was computed before it and nothing that was left over."""
    forward = lengths[0]
    data = [machine.data[: machine.program.num_parameters]]
    done = min(place.done, forward)
    for start, stop in machine.program.live_ranges(machine.positions):
        data.append(machine.data[start : min(stop, start + done)])
        done -= min(stop - start, done)
    grad = [machine.grad] if place.done > forward else []
    live = [g[: machine.program.position_start[machine.positions]] for g in grad]
    return b"".join(part.tobytes() for part in (*data, *live, machine.parameters, machine.m, machine.v))


def known(execution: Execution) -> bytes:
    return numbers(execution.machine, execution.place, execution.lengths)


def test_operations_of_an_update(program):
    execution = new_execution(program)
    forward, backward, parameters = execution.lengths
    assert parameters == program.num_parameters
    for number in (0, forward - 1, forward, forward + backward - 1, forward + backward, execution.length - 1):
        operation = execution.operation(number)
        assert execution.number_of(operation.phase, operation.scalar) == number
    assert execution.operation(0).scalar == program.num_parameters
    assert execution.operation(forward).scalar == program.loss
    assert execution.operation(forward - 1).scalar == program.loss
    with pytest.raises(IndexError, match="has operations 0 to"):
        execution.operation(execution.length)
    assert execution.number_of(Phase.ADAM, program.loss) is None
    assert execution.number_of(Phase.FORWARD, 0) is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), limit=st.sampled_from([1, 1 << 20]))
def test_a_moment_is_the_same_however_it_is_reached(program, seed, limit):
    rng = random.Random(seed)
    execution = new_execution(program, limit)
    seen: dict[Place, bytes] = {}
    for _ in range(30):
        move = rng.randrange(4)
        here = execution.place
        if move == 0:
            execution.run(rng.randrange(1, 9))
        elif move == 1:
            execution.go_to(Place(here.updates, rng.randrange(execution.length + 1)))
        elif move == 2:
            execution.go_to(Place(rng.randrange(min(here.updates + 10, NUM_STEPS)), rng.randrange(6000)))
        elif seen:
            execution.go_to(rng.choice(list(seen)))
        assert seen.setdefault(execution.place, known(execution)) == known(execution)
    straight = new_execution(program)
    for place in sorted(seen)[:6]:
        straight.go_to(place)
        assert known(straight) == seen[place]


def test_mid_forward_mid_backward_and_mid_adam_equal_the_plain_engine(program):
    execution = new_execution(program)
    execution.run(FIRST_STRIDE + 3)
    updates = 7
    plain = Training(DOCUMENTS, CONFIG, Adam(), NUM_STEPS, seed=1)
    for _ in range(updates):
        plain.update()
    document = plain.documents[updates % len(DOCUMENTS)]
    value = loss(plain.matrices, CONFIG, plain.tokenizer.encode(document))
    execution.go_to(Place(updates, 0))
    forward, backward, parameters = execution.lengths

    execution.go_to(Place(updates, forward))
    assert execution.machine.data[program.loss] == value.data
    for p in plain.parameters:
        p.grad = 0.0
    order = [v for v in reversed(value.topological_order()) if v.operands]
    assert len(order) == backward
    for done in (1, 2, backward // 2, backward - 1, backward):
        for v in order:
            v.grad = 0.0
        for p in plain.parameters:
            p.grad = 0.0
        value.grad = 1.0
        for v in order[:done]:
            for operand, derivative in zip(v.operands, v.local_derivatives, strict=False):
                if hasattr(operand, "grad"):
                    operand.grad += derivative * v.grad
        execution.go_to(Place(updates, forward + done))
        assert execution.machine.grad[:parameters].tolist() == [p.grad for p in plain.parameters]
        assert execution.machine.grad[execution.order].tolist() == [v.grad for v in order]

    plain.adam.update(plain.parameters, plain.m, plain.v, updates, NUM_STEPS)
    for done in (0, 1, parameters // 3, parameters):
        execution.go_to(Place(updates, forward + backward + done))
        assert execution.machine.parameters[:done].tolist() == [p.data for p in plain.parameters[:done]]
        assert execution.machine.m[:done].tolist() == plain.m[:done]
        before = execution.machine.data[done:parameters]
        assert np.array_equal(execution.machine.parameters[done:], before)
    assert execution.runner.step == updates + 1


def test_history_is_bounded_and_even(program):
    history = History(program.num_parameters, limit=8 * 3 * 8 * program.num_parameters)
    runner = Runner(program, DOCUMENTS, Adam(), 2000, seed=1)
    execution = Execution(runner, history)
    assert execution.run(2000) == 2000
    assert history.num_bytes <= 8 * 3 * 8 * program.num_parameters
    assert history.stride > FIRST_STRIDE
    assert history.nearest(0)[0] == 0
    gaps = [history.nearest(updates)[0] for updates in range(0, 2000, history.stride)]
    assert gaps == list(range(0, 2000, history.stride))


def test_a_run_that_begins_anywhere_can_be_gone_back_in(program):
    first = new_execution(program)
    first.run(FIRST_STRIDE + 5)
    state = first.runner.state()
    runner = Runner(program, DOCUMENTS, Adam(), NUM_STEPS, seed=1)
    runner.restore(state)
    execution = Execution(runner, History(program.num_parameters))
    execution.run(20)
    for updates in (FIRST_STRIDE + 7, FIRST_STRIDE + 5):
        execution.go_to(Place(updates, 100))
        first.go_to(Place(updates, 100))
        assert known(execution) == known(first)
    with pytest.raises(LookupError, match="updates 22 to 60"):
        execution.go_to(Place(FIRST_STRIDE + 4, 0))


def test_a_fault_stops_before_its_operation(program):
    execution = new_execution(program)
    execution.run(3)
    machine = execution.machine
    lm_head = machine.program.tensors[2]
    machine.parameters[lm_head.start : lm_head.stop] *= 1e6
    assert execution.run(1) == 0
    assert execution.fault is not None
    assert execution.place.updates == 3
    assert execution.operation(execution.place.done).scalar == execution.fault.scalar
    assert execution.run(5) == 0
    execution.go_to(Place(3, 4))
    assert execution.fault is None
    execution.go_to(Place(3, execution.length))
    assert execution.fault is not None


def test_moments_that_do_not_exist(program):
    execution = new_execution(program)
    with pytest.raises(LookupError, match="updates 1 to 60"):
        execution.go_to(Place(NUM_STEPS, 0))
    with pytest.raises(LookupError):
        execution.go_to(Place(-1, 0))
