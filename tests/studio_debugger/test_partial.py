"""What has arrived of each gradient, counted here contribution by contribution."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt.value import Value
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.partial import Gradients
from microgpt_studio.debugger.snapshot import Reach

DOCUMENTS = ["emma", "ava", "mia", "olivia", "li"]
NUM_STEPS = 8
PROGRAM = record(Configuration(10, n_layer=1, n_embd=4, n_head=2, block_size=5))


def new_gradients() -> Gradients:
    runner = Runner(PROGRAM, DOCUMENTS, Adam(), NUM_STEPS, seed=1)
    return Gradients(Execution(runner, History(PROGRAM.num_parameters)))


GRADIENTS = new_gradients()


def counted(execution: Execution, operations: int) -> list[int]:
    """Contributions to each scalar's gradient that so many operations of the backward phase make."""
    machine = execution.machine
    counts = [0] * PROGRAM.num_scalars
    for scalar in machine.order[:operations].tolist():
        counts[machine.first[scalar]] += 1
        if PROGRAM.second[scalar] >= 0:
            counts[PROGRAM.second[scalar]] += 1
    return counts


@settings(max_examples=60, deadline=None)
@given(data=st.data(), updates=st.integers(0, NUM_STEPS - 1))
def test_counts_and_codes_at_any_moment(data, updates):
    execution = GRADIENTS.execution
    execution.go_to(Place(updates, 0))
    forward, backward, parameters = execution.lengths
    ends = [0, forward, forward + 1, forward + backward - 1, forward + backward, execution.length]
    done = data.draw(st.sampled_from(ends) | st.integers(0, execution.length))
    execution.go_to(Place(updates, done))
    arrivals = GRADIENTS.at(done)
    operations = min(max(done - forward, 0), backward)
    received, expected = counted(execution, operations), counted(execution, backward)
    assert arrivals.received.tolist() == received
    assert arrivals.expected.tolist() == expected
    assert arrivals.received.dtype == arrivals.expected.dtype == np.int32
    live = set(range(parameters))
    for start, stop in PROGRAM.live_ranges(execution.machine.positions):
        live.update(range(start, stop))
    order = set(execution.order.tolist())
    for scalar, reach in enumerate(arrivals.reach.tolist()):
        if scalar not in live:
            assert reach == Reach.NOT_COMPUTED
        elif scalar >= parameters and scalar not in order:
            assert reach == Reach.OUTSIDE
        elif operations == 0 or (received[scalar] == 0 and expected[scalar] > 0):
            assert reach == Reach.NOT_COMPUTED
        else:
            assert reach == (Reach.KNOWN if received[scalar] == expected[scalar] else Reach.PARTIAL)
    assert not any(array.flags.writeable for array in (arrivals.received, arrivals.expected, arrivals.reach))


@settings(max_examples=20, deadline=None)
@given(updates=st.integers(0, NUM_STEPS - 1), share=st.floats(0, 1))
def test_known_gradients_are_final_and_what_has_received_nothing_is_zero(updates, share):
    execution = GRADIENTS.execution
    execution.go_to(Place(updates, 0))
    forward, backward, _ = execution.lengths
    place = execution.go_to(Place(updates, forward + 1 + int(share * (backward - 1))))
    arrivals, grad = GRADIENTS.at(place.done), execution.machine.grad.copy()
    execution.go_to(Place(updates, forward + backward))
    known = arrivals.reach == Reach.KNOWN
    assert np.array_equal(grad[known], execution.machine.grad[known])
    nothing = (arrivals.received == 0) & (np.arange(len(grad)) != PROGRAM.loss)
    assert not grad[nothing].any()


def test_a_scalar_used_twice_by_one_consumer_receives_two_at_once():
    execution = GRADIENTS.execution
    execution.go_to(Place(0, 0))
    square = Addresses(PROGRAM).parse("pos0.norm.mul[0]")
    operand = int(execution.machine.first[square])
    assert PROGRAM.second[square] == operand
    forward = execution.lengths[0]
    k = int(np.flatnonzero(execution.order == square)[0])
    before, after = GRADIENTS.at(forward + k), GRADIENTS.at(forward + k + 1)
    assert after.received[operand] == before.received[operand] + 2


def test_the_counts_are_those_of_the_plain_engine(session, plain_run_of):
    plain = plain_run_of(session)
    gradients = Gradients(session.execution)
    forward = session.execution.lengths[0]
    order = [value for value in plain.backward_order if value.operands]
    for operations in (1, 100, len(order) // 2, len(order)):
        done = {plain.ids[value] for value in order[:operations]}
        arrivals = gradients.at(forward + operations)
        for scalar, value in plain.values.items():
            contributions = plain.contributions.get(value, [])
            assert isinstance(value, Value)
            assert arrivals.expected[scalar] == len(contributions)
            assert arrivals.received[scalar] == sum(consumer in done for consumer, _, _ in contributions)


@pytest.mark.parametrize(("layers", "heads"), [(1, 1), (2, 2), (3, 1)])
def test_what_no_backward_phase_reaches_is_outside_in_every_document(layers, heads):
    program = record(Configuration(10, n_layer=layers, n_embd=4, n_head=heads, block_size=5))
    runner = Runner(program, [*DOCUMENTS, "aaaaaa", "o"], Adam(), 3 * NUM_STEPS, seed=1)
    gradients = Gradients(Execution(runner, History(program.num_parameters)))
    execution = gradients.execution
    for update in [*range(7), 2, 0]:  # among them lengths and targets that have been seen
        execution.go_to(Place(update, 0))
        expected = np.full(program.num_scalars, Reach.NOT_COMPUTED)
        for start, stop in program.live_ranges(execution.machine.positions):
            expected[start:stop] = Reach.OUTSIDE
        expected[: program.num_parameters] = Reach.KNOWN
        expected[execution.order] = Reach.KNOWN
        assert np.array_equal(gradients.at(execution.length).reach, expected)


def test_another_document_is_counted_anew():
    gradients = new_gradients()
    first = gradients.at(0).expected
    gradients.execution.go_to(Place(1, 0))
    second = gradients.at(0)
    assert first.sum() != second.expected.sum()
    assert gradients.at(0).expected is second.expected


def test_contributions_that_are_counted_later_are_those_of_their_moment():
    gradients = new_gradients()
    execution = gradients.execution
    forward, backward, _ = execution.lengths
    counts = [counted(execution, operations) for operations in (0, backward // 2, backward)]
    arrivals = [gradients.at(forward + operations) for operations in (0, backward // 2, backward)]
    reaches = [each.reach.copy() for each in arrivals]
    execution.go_to(Place(1, execution.length))
    gradients.at(execution.length)
    for each, count, reach in zip(arrivals, counts, reaches, strict=True):
        assert each.received.tolist() == count
        assert each.expected.tolist() == counts[-1]
        assert np.array_equal(each.reach, reach)


@pytest.mark.parametrize("update", range(len(DOCUMENTS)))
def test_all_the_way_through_a_backward_phase(update):
    gradients = new_gradients()
    gradients.execution.go_to(Place(update, 0))
    forward, backward, _ = gradients.execution.lengths
    finished = gradients.at(forward + backward)
    expected = np.array(counted(gradients.execution, backward))
    for operations in range(1, backward, 61):
        received = np.array(counted(gradients.execution, operations))
        reach = finished.reach.copy()
        reach[received < expected] = Reach.NOT_COMPUTED
        reach[(received > 0) & (received < expected)] = Reach.PARTIAL
        assert np.array_equal(gradients.at(forward + operations).reach, reach)
