"""A replay reads what the execution would have read, and leaves it where it stands."""

import sys

import numpy as np
import pytest

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.replay import Replay, check_quantity, read

DOCUMENTS = ["emma", "ava", "mia", "olivia", "li"]
PROGRAM = record(Configuration(10, n_layer=1, n_embd=4, n_head=2, block_size=5))
ADDRESSES = Addresses(PROGRAM)
P = PROGRAM.num_parameters
DONE = 60


def new_execution(updates: int = DONE) -> Execution:
    execution = Execution(Runner(PROGRAM, DOCUMENTS, Adam(), 100, seed=1), History(P))
    execution.run(updates)
    return execution


def numbers(reading: Reading) -> dict[Quantity, list[float | None]]:
    ids = {
        quantity: P if quantity not in (Quantity.DATA, Quantity.GRAD) else PROGRAM.num_scalars for quantity in Quantity
    }
    return {quantity: [read(reading, quantity, scalar) for scalar in range(stop)] for quantity, stop in ids.items()}


def test_the_end_of_an_update_reads_as_it_was():
    visited, execution = new_execution(), new_execution()
    replay = Replay(execution)
    for updates in (20, 21, 3, 59):
        replay.approach(updates)
        while replay.step <= updates:
            assert replay.update()
        visited.go_to(Place(updates, sys.maxsize))
        assert replay.reading().updates == updates
        assert numbers(replay.reading()) == numbers(Reading(visited))
        assert replay.length(updates) == visited.length


def test_it_disturbs_nothing():
    execution = new_execution()
    execution.go_to(Place(30, 1000))
    states, losses = execution.history.num_bytes, execution.log.losses.copy()
    machine = execution.machine
    before = [array.tobytes() for array in (machine.data, machine.grad, machine.parameters, machine.m, machine.v)]
    replay = Replay(execution)
    replay.restore(0)
    while replay.update():
        pass
    assert replay.step == 100 and replay.fault is None
    assert execution.place == Place(30, 1000) and execution.runner.step == 30
    assert execution.history.num_bytes == states and execution.log.known == DONE
    np.testing.assert_array_equal(execution.log.losses, losses)
    assert before == [
        array.tobytes() for array in (machine.data, machine.grad, machine.parameters, machine.m, machine.v)
    ]


def test_it_goes_on_where_it_stands_if_it_can():
    replay = Replay(new_execution())
    replay.approach(20)
    assert replay.step == 16  # a saved state
    assert replay.update() and replay.update()
    replay.approach(20)
    assert replay.step == 18
    replay.approach(17)
    assert replay.step == 16
    replay.restore(16)
    assert replay.step == 16
    replay.approach(40)
    assert replay.step == 32
    with pytest.raises(LookupError):
        replay.restore(-1)


def test_a_fault_is_told():
    execution = new_execution(0)
    lm_head = PROGRAM.tensors[2]
    execution.history._states[0][0, lm_head.start : lm_head.stop] *= 1e6
    replay = Replay(execution)
    assert not replay.update()
    assert replay.fault is not None and replay.fault.startswith("update 1 stops at pos")
    assert execution.fault is None


def test_what_does_not_exist():
    with pytest.raises(ValueError, match=r"^pos0\.loss is no parameter: it has data and grad, but no update$"):
        check_quantity(Quantity.UPDATE, ADDRESSES.parse("pos0.loss"), ADDRESSES)
    with pytest.raises(IndexError, match="there is no scalar"):
        check_quantity(Quantity.DATA, PROGRAM.num_scalars, ADDRESSES)
    execution = new_execution(1)
    too_long = ADDRESSES.parse(f"pos{execution.machine.positions}.loss") if execution.machine.positions < 5 else None
    prob = ADDRESSES.parse("pos0.prob[0]")
    reading = Reading(execution)
    assert read(reading, Quantity.GRAD, prob) is None or prob in execution.order
    if too_long is not None:
        assert read(reading, Quantity.DATA, too_long) is None
