"""What is asked afterwards is what would have been read at the time."""

import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.retrospect import (
    Condition,
    Retrospect,
    been_larger,
    changed_sign,
    crossed,
    fired,
)

DOCUMENTS = ["emma", "ava", "mia", "olivia", "li"]
NUM_STEPS = 300
DONE = 200
ADAM = Adam()
PROGRAM = record(Configuration(10, n_layer=1, n_embd=4, n_head=2, block_size=5))
ADDRESSES = Addresses(PROGRAM)
P = PROGRAM.num_parameters
TWO_STATES = 2 * 3 * 8 * P  # bytes


def new_retrospect(updates: int = DONE, limit: int = TWO_STATES * 50) -> Retrospect:
    runner = Runner(PROGRAM, DOCUMENTS, ADAM, NUM_STEPS, seed=1)
    execution = Execution(runner, History(P, limit))
    execution.run(updates)
    return Retrospect(execution)


RETROSPECT = new_retrospect()
SPARSE = new_retrospect(limit=TWO_STATES)


@cache
def straight() -> dict[Quantity, list[list[float | None]]]:
    """Every number after each update, read operation by operation at its end; None where there is none."""
    runner = Runner(PROGRAM, DOCUMENTS, ADAM, NUM_STEPS, seed=1)
    execution = Execution(runner, History(P))
    machine = execution.machine
    table: dict[Quantity, list[list[float | None]]] = {quantity: [] for quantity in Quantity}
    for updates in range(DONE):
        execution.go_to(Place(updates, 0))
        execution.go_to(Place(updates, execution.length))
        live = set(range(P))
        for start, stop in PROGRAM.live_ranges(machine.positions):
            live.update(range(start, stop))
        reached = set(range(P)) | set(machine.order.tolist())
        data = machine.parameters.tolist() + machine.data[P:].tolist()
        grad = machine.grad.tolist()
        table[Quantity.DATA].append([x if i in live else None for i, x in enumerate(data)])
        table[Quantity.GRAD].append([x if i in reached else None for i, x in enumerate(grad)])
        m, v = machine.m.tolist(), machine.v.tolist()
        table[Quantity.M].append(m)
        table[Quantity.V].append(v)
        table[Quantity.M_HAT].append([x / (1 - ADAM.beta1 ** (updates + 1)) for x in m])
        table[Quantity.V_HAT].append([x / (1 - ADAM.beta2 ** (updates + 1)) for x in v])
        table[Quantity.UPDATE].append(machine.change.tolist())
    return table


def read_at_the_time(quantity: Quantity, scalar: int, first: int, stop: int) -> list[float | None]:
    return [numbers[scalar] for numbers in straight()[quantity][first:stop]]


@st.composite
def questions(draw: st.DrawFn) -> tuple[Quantity, int]:
    quantity = draw(st.sampled_from(Quantity))
    any_scalar = quantity in (Quantity.DATA, Quantity.GRAD)
    probs = [int(i) for tensor in PROGRAM.tensors if tensor.stage == "prob" for i in PROGRAM.elements(tensor)]
    special = [*probs, *range(PROGRAM.sums_start, PROGRAM.num_scalars)]
    scalars = st.integers(0, P - 1)
    if any_scalar:
        scalars = scalars | st.integers(P, PROGRAM.num_scalars - 1) | st.sampled_from(special)
    return quantity, draw(scalars)


@settings(max_examples=150, deadline=None)
@given(question=questions(), ends=st.tuples(st.integers(0, DONE), st.integers(0, DONE)), sparse=st.booleans())
def test_a_trace_is_what_was_read_at_the_time(question, ends, sparse):
    first, stop = sorted(ends)
    retrospect = SPARSE if sparse else RETROSPECT
    execution = retrospect.execution
    before = (execution.place, execution.machine.grad.tobytes(), execution.machine.parameters.tobytes())
    trace = retrospect.trace(*question, first, stop)
    read = read_at_the_time(*question, first, stop)
    assert [x if known else None for x, known in zip(trace.values.tolist(), trace.computed, strict=True)] == read
    assert np.isnan(trace.values[~trace.computed]).all()
    assert (trace.first, trace.stop, trace.cut) == (first, stop, None)
    assert not trace.values.flags.writeable and not trace.computed.flags.writeable
    assert before == (execution.place, execution.machine.grad.tobytes(), execution.machine.parameters.tobytes())


def test_a_trace_disturbs_no_half_done_update():
    retrospect = new_retrospect(20)
    execution = retrospect.execution
    execution.go_to(Place(7, 1000))
    retrospect.trace(Quantity.DATA, 3, 0, 20)
    assert execution.place == Place(7, 1000)
    execution.run(1)
    assert execution.runner.step == 8
    numbers = straight()[Quantity.DATA][7][:P]
    assert execution.machine.parameters.tolist() == numbers


def oracle(values: list[float | None], holds) -> int | None:
    """The last index at which holds(value, the values before it)."""
    return max((i for i in range(len(values)) if values[i] is not None and holds(values[i], values[:i])), default=None)


def side(x: float | None, level: float) -> int:
    return 0 if x is None else (x > level) - (x < level)


def changes(level: float):
    def holds(x, earlier):
        sides = [side(y, level) for y in earlier if side(y, level)]
        return bool(sides) and side(x, level) == -sides[-1]

    return holds


QUESTIONS = [
    (changed_sign(), changes(0.0)),
    (crossed(0.01), changes(0.01)),
    (been_larger(0.02), lambda x, _: abs(x) > 0.02),
    (been_larger(1e9), lambda x, _: abs(x) > 1e9),
    (fired(), lambda x, _: x > 0),
    (Condition("been negative", lambda trace: trace.values < 0), lambda x, _: x < 0),
]


@settings(max_examples=150, deadline=None)
@given(question=questions(), before=st.integers(0, DONE), kind=st.sampled_from(QUESTIONS))
def test_the_last_time_is_what_a_walk_back_finds(question, before, kind):
    condition, holds = kind
    answer = RETROSPECT.last_time(*question, condition, before)
    found = oracle(read_at_the_time(*question, 0, before), holds)
    subject = f"{question[0]} of {ADDRESSES.format(question[1])}"
    assert subject in answer.sentence and condition.words in answer.sentence
    if found is None:
        assert answer.place is None
        assert "has not" in answer.sentence or before == 0
    else:
        assert answer.sentence == f"Update {found + 1} is the last in which {subject} has {condition.words}."
        assert answer.place is not None and answer.place.updates == found
        visited = new_retrospect(0).execution
        visited.go_to(Place(found, 0))
        assert answer.place.done == visited.length


def test_a_relu_that_last_fired():
    relu = ADDRESSES.parse("pos0.layer0.mlp.relu[3]")
    answer = RETROSPECT.last_time(Quantity.DATA, relu, fired())
    assert answer.place is not None
    execution = new_retrospect(0).execution
    execution.go_to(answer.place)
    assert execution.place == answer.place
    assert execution.machine.data[relu] > 0


def test_the_default_is_what_is_finished_where_the_run_stands():
    retrospect = new_retrospect(30)
    everything = Condition("been there", lambda trace: trace.computed)
    last = retrospect.last_time(Quantity.DATA, 0, everything)
    assert last.place == retrospect.execution.place
    retrospect.execution.go_to(Place(9, 4))
    assert (retrospect.last_time(Quantity.DATA, 0, everything).place or Place(0, 0)).updates == 8
    nothing = new_retrospect(0).last_time(Quantity.DATA, 0, everything)
    assert nothing.place is None and nothing.sentence.startswith("There is no update yet")


def test_progress_is_told_and_grows():
    told: list[tuple[int, int]] = []
    RETROSPECT.trace(Quantity.GRAD, 0, 5, 60, lambda *progress: told.append(progress))
    assert told[0] == (0, 60) and told[-1] == (60, 60)
    assert told == sorted(told)
    told.clear()
    RETROSPECT.last_time(Quantity.GRAD, 0, been_larger(1e9), progress=lambda *progress: told.append(progress))
    assert told[-1] == (DONE, DONE)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_progress_is_told_every_few_hundredths_of_a_second():
    told: list[int] = []
    slow = 0.005  # seconds that each update takes at least
    RETROSPECT.trace(Quantity.GRAD, 0, 0, 60, lambda done, _: told.append(done), lambda: bool(time.sleep(slow)))
    assert max(np.diff(told)) <= 0.04 / slow


def test_cancelled():
    asked = iter([False] * 20)
    trace = RETROSPECT.trace(Quantity.GRAD, 7, 10, DONE, cancelled=lambda: next(asked, True))
    assert trace.cut == "cancelled after update 21"
    assert trace.values.tolist() == read_at_the_time(Quantity.GRAD, 7, 10, 21)
    assert len(RETROSPECT.trace(Quantity.M_HAT, 7, 10, DONE, cancelled=lambda: True).values) == 0
    answer = RETROSPECT.last_time(Quantity.GRAD, 7, been_larger(1e9), cancelled=lambda: True)
    assert answer.place is None and answer.sentence.startswith("No answer: cancelled after update ")
    asked = iter([False] * 100)
    answer = RETROSPECT.last_time(Quantity.GRAD, 7, been_larger(1e9), cancelled=lambda: next(asked, True))
    assert answer.sentence.startswith("No answer: nothing found in updates 137 to 200, cancelled after update ")


def test_a_trace_ends_where_the_program_stops():
    retrospect = new_retrospect(0)
    lm_head = PROGRAM.tensors[2]
    execution = retrospect.execution
    execution.history._states[0][0, lm_head.start : lm_head.stop] *= 1e6
    trace = retrospect.trace(Quantity.DATA, 0, 0, 5)
    assert len(trace.values) == 0
    assert trace.cut is not None and trace.cut.startswith("update 1 stops at pos")


def test_a_session_that_began_later():
    state = new_retrospect(48).execution.runner.state()
    runner = Runner(PROGRAM, DOCUMENTS, ADAM, NUM_STEPS, seed=1)
    runner.restore(state)
    execution = Execution(runner, History(P))
    execution.run(60)
    retrospect = Retrospect(execution)
    assert retrospect.trace(Quantity.V, 5, 48, 108).values.tolist() == read_at_the_time(Quantity.V, 5, 48, 108)
    with pytest.raises(LookupError, match="updates 48 to 108 are not among updates 49 to 300"):
        retrospect.trace(Quantity.V, 5, 47, 108)
    answer = retrospect.last_time(Quantity.V, 5, been_larger(1e9))
    assert answer.sentence == "v of wte[1,1] has not had a magnitude above 1e+09 in updates 49 to 108."


def test_bad_questions():
    with pytest.raises(ValueError, match=r"pos0\.embed\[0\] is no parameter: it has data and grad, but no m_hat"):
        RETROSPECT.trace(Quantity.M_HAT, ADDRESSES.parse("pos0.embed[0]"), 0, 5)
    with pytest.raises(IndexError, match="there is no scalar"):
        RETROSPECT.trace(Quantity.DATA, PROGRAM.num_scalars, 0, 5)
    for first, stop in ((-1, 5), (6, 5), (0, NUM_STEPS + 1)):
        with pytest.raises(LookupError, match="among updates 1 to 300"):
            RETROSPECT.trace(Quantity.DATA, 0, first, stop)
    with pytest.raises(LookupError):
        RETROSPECT.last_time(Quantity.DATA, 0, fired(), before=NUM_STEPS + 1)
