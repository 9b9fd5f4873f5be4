"""What a crossing is compared with is the last value before, however many saved states ago that was."""

from __future__ import annotations

from functools import cache

import pytest

from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt_studio.debugger.breakpoints import Breakpoints
from microgpt_studio.debugger.continuing import never
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.history import FIRST_STRIDE, History
from microgpt_studio.debugger.lookout import END, Lookout
from microgpt_studio.debugger.targets import Definition, Event

SHORT, LONG = "b", "cab"
NUM_STEPS = 4 * FIRST_STRIDE
CONFIG = Configuration(Tokenizer.of([SHORT, LONG]).vocab_size, n_layer=1, n_embd=2, n_head=1, block_size=4)
PROGRAM = record(CONFIG)
ADDRESSES = Addresses(PROGRAM)
RARE = "pos3.loss"  # LONG has it, SHORT has not
ROOM = {"tight": 1, "roomy": 1 << 20}  # bytes for saved states: two of them, or all


def new_execution(long: frozenset[int], room: str = "roomy") -> Execution:
    """The updates after so many finished ones learn from LONG, all others from SHORT."""
    runner = Runner(PROGRAM, [SHORT, LONG], Adam(), NUM_STEPS, seed=1)
    runner.documents = [LONG if updates in long else SHORT for updates in range(NUM_STEPS)]
    return Execution(runner, History(PROGRAM.num_parameters, ROOM[room]))


@cache
def straight(long: frozenset[int], address: str) -> dict[int, float]:
    """The value in each update that has it, read at its end on a straight run."""
    execution, scalar, values = new_execution(long), ADDRESSES.parse(address), {}
    for updates in range(NUM_STEPS):
        execution.go_to(Place(updates, END))
        if address != RARE or updates in long:
            values[updates] = float(execution.machine.data[scalar])
    return values


def last(values: dict[int, float], updates: int) -> float | None:
    """The last value before the update that follows so many."""
    before = [update for update in values if update < updates]
    return values[max(before)] if before else None


def new_lookout(execution: Execution) -> tuple[Lookout, int, int]:
    """Looks at a value that is rare, and at one that every update has; and their breakpoints' ids."""
    breakpoints = Breakpoints(ADDRESSES, execution.runner)
    rare = breakpoints.add(Definition(Event.SIGN, f'data("{RARE}")'))
    common = breakpoints.add(Definition(Event.SIGN, 'data("loss")'))
    return Lookout(execution, breakpoints), rare.id, common.id


@pytest.mark.parametrize("room", ROOM)
@pytest.mark.parametrize("second", range(1, 3 * FIRST_STRIDE))
def test_the_last_value_is_found_wherever_saved_states_lie(second, room):
    """It is in each update in turn: the first one after a saved state, the last one before it, and all others."""
    long = frozenset({0, second})
    rare_values, common_values = straight(long, RARE), straight(long, "loss")
    assert rare_values[0] != rare_values[second]
    execution = new_execution(long, room)
    execution.run(NUM_STEPS)
    lookout, rare, common = new_lookout(execution)
    for updates in {1, second, second + 1, second + FIRST_STRIDE - 1, second + FIRST_STRIDE, NUM_STEPS}:
        assert lookout.recall(updates, never)
        assert lookout.last == {rare: last(rare_values, updates), common: last(common_values, updates)}


def test_before_the_first_update_there_is_no_last_value():
    lookout, *_ = new_lookout(new_execution(frozenset({0})))
    assert lookout.recall(0, never)
    assert lookout.last == {}


def test_a_run_that_began_later_is_searched_to_its_beginning():
    """Its first state need not be one that would be saved by its number."""
    long = frozenset({3, FIRST_STRIDE + 5})
    early = new_execution(long)
    early.run(FIRST_STRIDE + 5)
    runner = new_execution(long).runner
    runner.restore(early.runner.state())
    execution = Execution(runner, History(PROGRAM.num_parameters))
    execution.run(2 * FIRST_STRIDE)
    lookout, rare, _ = new_lookout(execution)
    assert lookout.recall(NUM_STEPS - 20, never)
    assert lookout.last[rare] == straight(long, RARE)[FIRST_STRIDE + 5]
    assert lookout.recall(FIRST_STRIDE + 5, never)
    assert lookout.last == {}


@pytest.mark.parametrize("looks", [0, 1, FIRST_STRIDE - 1, 2 * FIRST_STRIDE - 3])
def test_a_search_can_be_given_up(looks):
    """Updates that are run again are looked after; the last value is at the end of the second stretch of them."""
    execution = new_execution(frozenset({FIRST_STRIDE - 1}))
    execution.run(NUM_STEPS)
    lookout, rare, _ = new_lookout(execution)
    calls = iter([False] * looks)
    assert not lookout.recall(NUM_STEPS, lambda: next(calls, True))
    assert rare not in lookout.last


def test_values_are_kept_of_moments_that_are_over():
    execution = new_execution(frozenset({0, 2}))
    lookout, rare, common = new_lookout(execution)
    execution.go_to(Place(2, 0))
    number = ADDRESSES.parse(RARE) - PROGRAM.num_parameters  # position 3 is the last: nothing before it is left out
    execution.go_to(Place(2, number))
    lookout.keep()
    assert lookout.last == {}
    execution.go_to(Place(2, number + 1))
    lookout.keep()
    assert lookout.last == {rare: straight(frozenset({0, 2}), RARE)[2]}
    execution.go_to(Place(2, END))
    lookout.keep()
    assert set(lookout.last) == {rare, common}
