"""A step leads to where its item ends or begins, found here by going through the operations one by one."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt.train import State
from microgpt_studio.debugger.execution import Execution, Phase, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.stepping import Grain, Step, Stepping

DOCUMENTS = ["emma", "ava", "mia", "olivia", "li"]  # 9 letters; the longest fills the block
NUM_STEPS = 12
CONFIG = Configuration(10, n_layer=2, n_embd=4, n_head=2, block_size=5)
PROGRAM = record(CONFIG)
ADDRESSES = Addresses(PROGRAM)


def new_stepping() -> Stepping:
    runner = Runner(PROGRAM, DOCUMENTS, Adam(), NUM_STEPS, seed=1)
    return Stepping(Execution(runner, History(PROGRAM.num_parameters)))


STEPPING = new_stepping()  # the answers depend on nothing that steps change


@cache
def labels(document: str) -> list[tuple[object, ...]]:
    """For each operation of an update its items from coarse to fine, told from addresses."""
    execution = STEPPING.execution
    updates = execution.runner.documents.index(document)
    execution.go_to(Place(updates, 0))
    return [label(execution, number) for number in range(execution.length)]


def label(execution: Execution, number: int) -> tuple[object, ...]:
    operation = execution.operation(number)
    scalar = operation.scalar
    tensor = PROGRAM.tensors[PROGRAM.tensor[scalar]]
    parts = tensor.path.split(".")
    position = parts.pop(0) if tensor.path.startswith("pos") else "none"
    if operation.phase is Phase.BACKWARD and tensor.path == "loss" and scalar != PROGRAM.loss:
        position = f"pos{scalar - PROGRAM.sums_start}"
        parts, name = ["loss"], f"sum {scalar}"
    else:
        name = tensor.path
    block = ".".join(parts[:1] if len(parts) < 3 else parts[:2])
    element = ADDRESSES.format(scalar).removeprefix(tensor.path).partition("]")[0]
    element = element if element.startswith("[") else str(int(PROGRAM.element[scalar]))
    return "update", operation.phase, position, block, name, element, number


def same_item(items: list[tuple[object, ...]], number: int, grain: Grain) -> list[int]:
    return [i for i, item in enumerate(items) if item[: grain + 1] == items[number][: grain + 1]]


def expected_over(place: Place, grain: Grain) -> Place:
    items = labels(STEPPING.execution.runner.document(place.updates))
    if place.done >= len(items):
        if place.updates + 1 == NUM_STEPS:
            return place
        return expected_over(Place(place.updates + 1, 0), grain)
    return Place(place.updates, same_item(items, place.done, grain)[-1] + 1)


def expected_back(place: Place, grain: Grain) -> Place:
    if place.done == 0:
        if place.updates == 0:
            return place
        length = len(labels(STEPPING.execution.runner.document(place.updates - 1)))
        return expected_back(Place(place.updates - 1, length), grain)
    items = labels(STEPPING.execution.runner.document(place.updates))
    return Place(place.updates, same_item(items, place.done - 1, grain)[0])


@st.composite
def places(draw: st.DrawFn) -> Place:
    updates = draw(st.integers(0, NUM_STEPS - 1))
    length = STEPPING.length(updates)
    bounds = st.sampled_from([0, 1, length - 1, length])
    return Place(updates, draw(bounds | st.integers(0, length)))


@settings(max_examples=300, deadline=None)
@given(place=places(), grain=st.sampled_from(Grain))
def test_every_step_equals_a_walk_through_the_operations(place, grain):
    assert STEPPING.over(place, grain).place == expected_over(place, grain)
    assert STEPPING.back_over(place, grain).place == expected_back(place, grain)
    assert STEPPING.into(place).place == expected_over(place, Grain.OPERATION)
    assert STEPPING.back_into(place).place == expected_back(place, Grain.OPERATION)
    if grain is not Grain.UPDATE:
        coarser = Grain(grain - 1)
        assert STEPPING.out(place, grain) == STEPPING.over(place, coarser)
        assert STEPPING.back_out(place, grain) == STEPPING.back_over(place, coarser)


@settings(max_examples=50, deadline=None)
@given(place=places(), moves=st.lists(st.tuples(st.booleans(), st.sampled_from(Grain)), max_size=8))
def test_every_place_can_be_visited_and_stepping_does_not_depend_on_where_the_run_stands(place, moves):
    stepping = new_stepping()
    execution = stepping.execution
    execution.go_to(place)
    for forwards, grain in moves:
        step = stepping.over(execution.place, grain) if forwards else stepping.back_over(execution.place, grain)
        elsewhere = STEPPING.over if forwards else STEPPING.back_over
        assert step == elsewhere(execution.place, grain)
        assert (step.place == execution.place) == (step.reason is not None)
        assert execution.go_to(step.place) == step.place
        assert 0 <= step.place.done <= execution.length == stepping.length(step.place.updates)


def test_into_goes_through_all_of_training_and_back():
    place, visited = Place(0, 0), [Place(0, 0)]
    while (step := STEPPING.into(place)).reason is None:
        place = step.place
        visited.append(place)
    assert place == Place(NUM_STEPS - 1, STEPPING.length(NUM_STEPS - 1))
    assert len(visited) == 1 + sum(STEPPING.length(updates) for updates in range(NUM_STEPS))
    assert STEPPING.back_into(Place(1, 0)).place == Place(0, STEPPING.length(0) - 1)


def test_the_positions_come_one_after_the_other_in_both_directions():
    """With the sums of the losses counted to their positions, no position waits for another."""
    place, trail = Place(0, 0), []
    positions = len(STEPPING.execution.runner.documents[0]) + 1
    while place.done < STEPPING.length(0):
        trail.append(STEPPING.breadcrumb(place)[1:3])
        place = STEPPING.over(place, Grain.POSITION).place
    forward = [("forward", f"pos {p}") for p in range(positions)] + [("forward", "loss")]
    backward = [("backward", "loss")] + [("backward", f"pos {p}") for p in reversed(range(positions))]
    assert trail == [*forward, *backward, ("adam", "wte")]


def test_adam_goes_by_matrix_and_parameter():
    forward, backward, _ = (STEPPING.execution.go_to(Place(0, 0)), STEPPING.execution.lengths)[1]
    start = Place(0, forward + backward)
    wte, wpe = PROGRAM.tensors[:2]
    assert STEPPING.over(start, Grain.TENSOR).place.done == start.done + wte.stop
    assert STEPPING.over(start, Grain.BLOCK).place.done == start.done + wte.stop
    assert STEPPING.over(Place(0, start.done + wpe.start + 1), Grain.TENSOR).place.done == start.done + wpe.stop
    assert STEPPING.over(start, Grain.ELEMENT).place.done == start.done + 1
    assert STEPPING.over(start, Grain.POSITION) == STEPPING.over(start, Grain.PHASE)
    layer = next(tensor for tensor in PROGRAM.tensors if tensor.path.startswith("layer1"))
    inside = Place(0, start.done + layer.start)
    assert STEPPING.over(inside, Grain.BLOCK).place.done == STEPPING.length(0)


def test_the_ends_of_training_answer():
    end = Place(NUM_STEPS - 1, STEPPING.length(NUM_STEPS - 1))
    for grain in Grain:
        assert STEPPING.over(end, grain) == Step(end, "Training is over: all 12 updates are done.")
        assert STEPPING.back_over(Place(0, 0), grain) == Step(Place(0, 0), "This is the beginning of training.")
    assert STEPPING.out(end, Grain.PHASE).reason == "Training is over: all 12 updates are done."
    for step in (STEPPING.out(Place(3, 5), Grain.UPDATE), STEPPING.back_out(Place(3, 5), Grain.UPDATE)):
        assert step.place == Place(3, 5)
        assert step.reason is not None and step.reason.startswith("Nothing encloses an update")
    assert STEPPING.over(Place(0, 10**9), Grain.UPDATE).place == Place(1, STEPPING.length(1))  # beyond means the end


def test_a_session_that_began_later_has_a_later_beginning():
    runner = Runner(PROGRAM, DOCUMENTS, Adam(), NUM_STEPS, seed=1)
    zeros = [0.0] * PROGRAM.num_parameters
    runner.restore(State(4, zeros, zeros, zeros))
    stepping = Stepping(Execution(runner, History(PROGRAM.num_parameters)))
    answer = stepping.back_over(Place(4, 0), Grain.UPDATE)
    assert answer == Step(Place(4, 0), "This session began with update 5: nothing before it can be visited.")
    assert stepping.back_over(Place(4, 7), Grain.PHASE) == Step(Place(4, 0))


def test_a_fault_is_where_the_program_cannot_go_on():
    stepping = new_stepping()
    execution = stepping.execution
    lm_head = PROGRAM.tensors[2]
    execution.machine.parameters[lm_head.start : lm_head.stop] *= 1e6
    assert execution.run(2) == 0
    answer = stepping.into(execution.place)
    assert answer.place == execution.place
    assert answer.reason is not None and "cannot go on: it stopped at pos" in answer.reason
    assert stepping.back_into(execution.place).reason is None


@pytest.mark.parametrize(
    ("phase", "address", "path"),
    [
        (Phase.FORWARD, "pos0.embed[1]", ("pos 0", "embed", "[1]")),
        (Phase.FORWARD, "pos1.layer1.attn.q[2].mul[3]", ("pos 1", "layer1.attn", "q", "[2]", "mul[3]")),
        (Phase.BACKWARD, "pos1.layer0.attn.head1.weight[1]", ("pos 1", "layer0.attn", "head1.weight", "[1]")),
        (Phase.FORWARD, "pos2.norm.mul[0]", ("pos 2", "norm", "mul[0]")),
        (Phase.FORWARD, "loss.sum[2]", ("loss", "sum[2]")),
        (Phase.BACKWARD, "loss.sum[2]", ("pos 2", "loss", "sum[2]")),
        (Phase.BACKWARD, "pos2.loss", ("pos 2", "loss")),
        (Phase.BACKWARD, "loss", ("loss",)),
        (Phase.ADAM, "wte[3,1]", ("wte", "[3,1]")),
        (Phase.ADAM, "layer1.attn_wq[0,2]", ("layer1", "attn_wq", "[0,2]")),
    ],
)
def test_breadcrumb(phase, address, path):
    execution = STEPPING.execution
    execution.go_to(Place(2, 0))
    number = execution.number_of(phase, ADDRESSES.parse(address))
    assert number is not None
    assert STEPPING.breadcrumb(Place(2, number)) == ("update 3", phase.name.lower(), *path)
    assert STEPPING.breadcrumb(Place(2, execution.length)) == ("update 3", "end")
