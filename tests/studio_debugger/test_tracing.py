"""A history that grows in slices is what was read at the time."""

import sys
from collections.abc import Callable

import numpy as np
import pytest

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt_studio.debugger import tracing
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.retrospect import Retrospect
from microgpt_studio.debugger.snapshot import WantedHistory
from microgpt_studio.debugger.tracing import Tracing

DOCUMENTS = ["emma", "ava", "mia", "olivia", "li"]
PROGRAM = record(Configuration(10, n_layer=1, n_embd=4, n_head=2, block_size=5))
ADDRESSES = Addresses(PROGRAM)
ANY = [
    (Quantity.DATA, "layer0.attn_wq[0,0]"),
    (Quantity.GRAD, "layer0.attn_wq[0,0]"),
    (Quantity.M_HAT, "wte[1,2]"),
    (Quantity.UPDATE, "wte[1,2]"),
    (Quantity.GRAD, "pos0.prob[3]"),
    (Quantity.DATA, "pos4.loss"),
    (Quantity.GRAD, "pos3.layer0.attn.q[1].mul[2]"),
]


def wanted(quantity: Quantity = Quantity.GRAD, address: str = "wte[1,2]") -> WantedHistory:
    return WantedHistory(quantity, ADDRESSES.parse(address))


def new_execution(updates: int = 50) -> Execution:
    execution = Execution(Runner(PROGRAM, DOCUMENTS, Adam(), 200, seed=1), History(PROGRAM.num_parameters))
    execution.run(updates)
    return execution


def slices(updates: int) -> Callable[[], bool]:
    """A cancellation after so many updates."""
    left = iter(range(updates - 1, -1, -1))
    return lambda: next(left) == 0


def never() -> bool:
    return False


def values(tracing: Tracing) -> list[float]:
    history = tracing.history()
    assert history is not None
    return history.values.tolist()


def straight(ask: WantedHistory, updates: int, first: int = 0) -> list[float]:
    execution = new_execution(updates)
    return Retrospect(execution).trace(ask.quantity, ask.scalar, first, updates).values.tolist()


@pytest.mark.parametrize("quantity, address", ANY)
def test_slice_by_slice(quantity, address):
    execution = new_execution()
    execution.go_to(Place(12, 77))
    tracing, ask = Tracing(execution, ADDRESSES), wanted(quantity, address)
    assert tracing.history() is None and tracing.is_complete
    tracing.ask(ask)
    history = tracing.history()
    assert history is not None and len(history.values) == 0 and (history.first, history.total) == (0, 50)
    grown = []
    while not tracing.is_complete:
        tracing.advance(slices(7))
        grown.append(len(values(tracing)))
    assert grown == [7, 14, 21, 28, 35, 42, 49, 50]
    np.testing.assert_array_equal(values(tracing), straight(ask, 50))
    history = tracing.history()
    assert history is not None and history.reason is None and history.wanted == ask
    assert not history.values.flags.writeable
    assert execution.place == Place(12, 77)


def test_it_goes_on_when_training_has_gone_on():
    execution = new_execution(20)
    tracing, ask = Tracing(execution, ADDRESSES), wanted()
    tracing.ask(ask)
    tracing.advance(never)
    early = tracing.history()
    assert early is not None and tracing.is_complete
    execution.run(2000)
    execution.go_to(Place(3, sys.maxsize))
    assert not tracing.is_complete
    tracing.advance(never)
    assert values(tracing) == straight(ask, 200)
    assert early.values.tolist() == values(tracing)[:20] and early.total == 20


def test_going_back_to_one_costs_nothing(monkeypatch):
    tracing, first, second = Tracing(new_execution(), ADDRESSES), wanted(Quantity.DATA), wanted(Quantity.M)
    for ask in (first, second):
        tracing.ask(ask)
        tracing.advance(slices(30))
    tracing.ask(None)
    assert tracing.is_complete and tracing.history() is None
    tracing.advance(never)
    tracing.ask(first)
    assert len(values(tracing)) == 30 and not tracing.is_complete
    tracing.advance(never)
    assert values(tracing) == straight(first, 50)


def test_only_the_last_few_are_kept():
    tracing = Tracing(new_execution(5), ADDRESSES)
    asks = [WantedHistory(Quantity.DATA, scalar) for scalar in range(10)]
    for ask in asks:
        tracing.ask(ask)
        tracing.advance(never)
    tracing.ask(asks[2])
    assert len(values(tracing)) == 5
    tracing.ask(asks[1])
    assert len(values(tracing)) == 0
    assert len(tracing._grown) == 8


def test_a_number_that_does_not_exist():
    tracing = Tracing(new_execution(5), ADDRESSES)
    tracing.ask(wanted(Quantity.M, "pos3.layer0.attn.q[1].mul[2]"))
    history = tracing.history()
    assert history is not None and tracing.is_complete and len(history.values) == 0
    assert history.reason == "pos3.layer0.attn.q[1].mul[2] is no parameter: it has data and grad, but no m"


def test_a_session_that_began_later():
    state = new_execution(48).runner.state()
    runner = Runner(PROGRAM, DOCUMENTS, Adam(), 200, seed=1)
    runner.restore(state)
    execution = Execution(runner, History(PROGRAM.num_parameters))
    execution.run(10)
    tracing, ask = Tracing(execution, ADDRESSES), wanted(Quantity.V)
    tracing.ask(ask)
    tracing.advance(never)
    history = tracing.history()
    assert history is not None and (history.first, history.total) == (48, 10)
    assert values(tracing) == straight(ask, 58, 48)


def test_where_the_program_stops():
    execution = new_execution(5)
    lm_head = PROGRAM.tensors[2]
    execution.history._states[0][0, lm_head.start : lm_head.stop] *= 1e6
    tracing = Tracing(execution, ADDRESSES)
    tracing.ask(wanted())
    tracing.advance(never)
    history = tracing.history()
    assert history is not None and tracing.is_complete
    assert history.reason is not None and history.reason.startswith("update 1 stops at pos")


def test_room_for_more(monkeypatch):
    monkeypatch.setattr(tracing, "_FIRST_ROOM", 4)
    growing = Tracing(new_execution(50), ADDRESSES)
    growing.ask(wanted())
    growing.advance(slices(3))
    early = growing.history()
    growing.advance(never)
    assert early is not None and early.values.tolist() == values(growing)[:3]
    assert values(growing) == straight(wanted(), 50)
