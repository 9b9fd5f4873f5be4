"""Watches show what their expressions are worth at the present moment and at the ends of the latest updates."""

import json
import math
import random
import sys

import numpy as np
import pytest

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt_studio.debugger.conditions import Condition, ConditionError, ConditionFailure
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.replay import Replay
from microgpt_studio.debugger.snapshot import WatchRow
from microgpt_studio.debugger.watches import SPAN, WatchError, Watches, expression

DOCUMENTS = ["emma", "ava", "mia", "olivia", "li"]
PROGRAM = record(Configuration(10, n_layer=1, n_embd=4, n_head=2, block_size=5))
ADDRESSES = Addresses(PROGRAM)
NUM_STEPS = 150
TEXTS = [
    "layer0.attn_wq[0,0]",
    'grad("layer0.attn_wq[0,0]") * 2',
    'data("pos4.loss")',
    'grad("pos0.prob[3]")',
    'm_hat("wte[1,2]")',
    "loss > 2.2",
    "document",
    "step * 2",
    "10 ** 400 + step",
    "1 / (step % 3)",
    "grad_norm",
]


def new_execution(updates: int = 0) -> Execution:
    execution = Execution(Runner(PROGRAM, DOCUMENTS, Adam(), NUM_STEPS, seed=1), History(PROGRAM.num_parameters))
    execution.run(updates)
    return execution


def worth(condition: Condition, execution: Execution) -> object:
    """The value, or the reason why there is none, as an exception to compare by its text."""
    try:
        return condition.evaluate(Reading(execution))
    except ConditionFailure as failure:
        return failure


def as_number(value: object) -> float:
    try:
        return float(value) if isinstance(value, float | int) else math.nan
    except OverflowError:
        return math.nan


def check(row: WatchRow, text: str, place: Place) -> None:
    """Compare a row with what an execution reads that visits every moment itself."""
    condition, visited = expression(text, ADDRESSES), new_execution()
    visited.go_to(place)
    step = visited.runner.step
    value = worth(condition, visited)
    assert row.text == text
    if isinstance(value, ConditionFailure):
        assert row.value is None and row.reason == str(value)
    else:
        assert row.value == value and type(row.value) is type(value) and row.reason is None
    history = []
    previous: object = None
    for updates in range(max(0, step - SPAN), step):
        visited.go_to(Place(updates, sys.maxsize))
        then = worth(condition, visited)
        history.append(as_number(then))
        if updates == place.updates - 1 and not isinstance(then, ConditionFailure):
            previous = then
    np.testing.assert_array_equal(row.history, history)
    assert row.first == max(0, step - SPAN) and not row.history.flags.writeable
    assert row.previous == previous
    numbers = [type(each) in (int, float) for each in (row.value, row.previous)]
    if all(numbers) and max(abs(row.value), abs(row.previous)) < 1e300:  # type: ignore[operator, type-var, arg-type]
        assert row.change == row.value - row.previous  # type: ignore[operator]
    elif not all(numbers):
        assert row.change is None


def test_rows_are_what_a_visit_reads():
    execution, watches = new_execution(), Watches(ADDRESSES)
    for text in TEXTS:
        watches.add(text)
    moves = random.Random(0)
    for _ in range(30):
        match moves.randrange(4):
            case 0:
                execution.run(1)
            case 1:
                execution.run(moves.randrange(60))
            case 2:
                execution.go_to(Place(moves.randrange(NUM_STEPS), sys.maxsize))
            case 3:
                execution.go_to(Place(moves.randrange(NUM_STEPS), moves.randrange(6000)))
        rows = watches.rows(execution)
        i = moves.randrange(len(TEXTS))
        assert [row.id for row in rows] == list(range(1, len(TEXTS) + 1))
        check(rows[i], TEXTS[i], execution.place)


def test_stepping_forward_replays_nothing(monkeypatch):
    execution, watches = new_execution(), Watches(ADDRESSES)
    watches.add("loss")
    watches.rows(execution)
    replayed = []
    monkeypatch.setattr(Replay, "update", lambda self: replayed.append(self.step))
    for _ in range(70):
        execution.run(1)
        row = watches.rows(execution)[0]
    assert replayed == [] and np.isfinite(row.history).all() and len(row.history) == SPAN


def test_a_long_run_is_replayed_once_for_all(monkeypatch):
    execution, watches = new_execution(130), Watches(ADDRESSES)
    for text in TEXTS:
        watches.add(text)
    replayed = []
    update = Replay.update
    monkeypatch.setattr(Replay, "update", lambda self: (replayed.append(self.step), update(self))[1])
    watches.rows(execution)
    assert replayed == list(range(80, 129))  # from the saved state before the 48 latest, but for the last
    watches.rows(execution)
    execution.go_to(Place(100, sys.maxsize))
    watches.rows(execution)
    assert replayed[49:] == list(range(48, 80))


def test_cancelled_it_goes_on_the_next_time():
    execution, watches = new_execution(60), Watches(ADDRESSES)
    watches.add("loss")
    asked = iter([False] * 20)
    row = watches.rows(execution, lambda: next(asked, True))[0]
    known = np.isfinite(row.history)
    assert 0 < known.sum() < SPAN and known[-1] and row.value is not None and row.previous is None
    row = watches.rows(execution)[0]
    np.testing.assert_array_equal(row.history, execution.log.losses[12:])
    assert row.previous == execution.log.losses[58]


def test_another_execution_is_another_past():
    watches = Watches(ADDRESSES)
    watches.add("loss")
    runner = Runner(PROGRAM, DOCUMENTS, Adam(learning_rate=0.5), NUM_STEPS, seed=2)
    for execution in (new_execution(10), Execution(runner, History(PROGRAM.num_parameters))):
        execution.run(5)
        np.testing.assert_array_equal(watches.rows(execution)[0].history, execution.log.losses)


def test_half_way_there_is_a_reason():
    execution, watches = new_execution(3), Watches(ADDRESSES)
    watches.add("loss")
    execution.go_to(Place(3, 10))
    row = watches.rows(execution)[0]
    assert row.value is None and row.change is None
    assert row.reason == 'data("loss") is not computed yet'
    assert row.previous == execution.log.losses[2] and len(row.history) == 3


def test_before_the_first_update_there_is_nothing_before():
    watches = Watches(ADDRESSES)
    watches.add("wte[0,0]")
    row = watches.rows(new_execution())[0]
    assert isinstance(row.value, float) and row.previous is None and row.change is None and len(row.history) == 0


def test_an_address_is_its_data():
    for text in ("wte[1,2]", " pos3.layer0.attn.q[1].mul[2] ", "loss"):
        condition = expression(text, ADDRESSES)
        assert condition.sole is not None and condition.sole[1] == ADDRESSES.parse(text)
    watch = Watches(ADDRESSES).add("  wte[1,2] ")
    assert watch.text == "wte[1,2]" and watch.problem is None


@pytest.mark.parametrize(
    "text, position, words",
    [
        ("", 0, "there is no expression here"),
        ("loss >", 6, "not finished"),
        ("lss", 0, "did you mean loss?"),
        (" wte[99,0]", 1, "wte"),
        ("layer0.attn_wp[0,0]", 0, "did you mean layer0.attn_w"),
        ("pos9.loss", 0, "there is no position 9"),
        ('data("wte[99,0]")', 5, "wte"),
        ("wte", 0, "there is no wte"),
    ],
)
def test_what_cannot_be_watched_is_refused_and_changes_nothing(text, position, words):
    watches = Watches(ADDRESSES)
    watches.add("loss")
    before = watches.as_json()
    for edit in (watches.add, lambda text: watches.replace(1, text)):
        with pytest.raises(ConditionError) as error:
            edit(text)
        assert error.value.position == position and words in str(error.value)
    assert watches.as_json() == before


def test_edits():
    watches = Watches(ADDRESSES)
    first, second = watches.add("loss"), watches.add("step")
    assert (first.id, second.id, len(watches)) == (1, 2, 2)
    assert watches.replace(1, "lr").text == "lr" and watches[1].text == "lr"
    watches.remove(2)
    assert [watch.id for watch in watches] == [1]
    assert watches.add("step").id == 3
    for edit in (watches.remove, lambda number: watches.replace(number, "loss")):
        with pytest.raises(KeyError):
            edit(2)


def test_the_plain_form_reads_back():
    watches = Watches(ADDRESSES)
    for text in TEXTS:
        watches.add(text)
    watches.remove(2)
    again = Watches.from_json(json.loads(json.dumps(watches.as_json())), ADDRESSES)
    assert again.as_json() == watches.as_json()
    assert [(watch.id, watch.text) for watch in again] == [(watch.id, watch.text) for watch in watches]
    assert again.add("loss").id == len(TEXTS) + 1


def test_one_that_means_nothing_here_is_kept_with_its_problem():
    plain = {"version": 1, "next": 4, "watches": [{"id": 1, "text": "wte[99,0]"}, {"id": 3, "text": "loss"}]}
    watches = Watches.from_json(plain, ADDRESSES)
    assert watches.as_json() == plain
    strange, loss = watches.rows(new_execution(2))
    assert strange.value is None and strange.reason == watches[1].problem is not None
    assert "wte" in strange.reason and len(strange.history) == 0 and strange.previous is None
    assert loss.value is not None


GOOD = {"version": 1, "next": 2, "watches": [{"id": 1, "text": "loss"}]}


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {},
        {**GOOD, "version": 2},
        {**GOOD, "version": "x" * 1000},
        {**GOOD, "next": "2"},
        {**GOOD, "next": True},
        {**GOOD, "next": 1},
        {**GOOD, "next": -3},
        {**GOOD, "watches": {}},
        {**GOOD, "watches": [[]]},
        {**GOOD, "watches": [{"id": 1}]},
        {**GOOD, "watches": [{"id": 1, "text": None}]},
        {**GOOD, "watches": [{"id": 1.0, "text": "loss"}]},
        {**GOOD, "watches": [{"id": 0, "text": "loss"}]},
        {**GOOD, "watches": [{"id": 1, "text": "loss"}, {"id": 1, "text": "loss"}]},
    ],
)
def test_a_damaged_plain_form_is_refused(plain):
    with pytest.raises(WatchError) as error:
        Watches.from_json(plain, ADDRESSES)
    assert isinstance(error.value, ValueError) and len(str(error.value)) < 150
