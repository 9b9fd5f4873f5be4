"""The runner: many updates in one go are as many single ones, and its reader reads any number of documents."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.adam import Adam
from microgpt.model import Configuration
from microgpt.program.machine import Fault
from microgpt.program.recorder import record
from microgpt.program.runner import Reader, Runner

DOCUMENTS = ["abc", "a", "cabbac", "ba"]
CONFIG = Configuration(4, n_layer=1, n_embd=4, n_head=2, block_size=4)


@pytest.fixture(scope="module")
def new_runner() -> Callable[[], Runner]:
    program = record(CONFIG)
    return lambda: Runner(program, DOCUMENTS, Adam(), 30, 3)


@given(laps=st.lists(st.integers(1, 7), max_size=6))
def test_laps(new_runner, bits, laps):
    """After each lap everything is as after single updates: also what a panel looks at."""
    single, lapping = new_runner(), new_runner()
    for updates in laps:
        expected = [single.update() for _ in range(updates)]
        lap = lapping.run(updates)
        assert lap.losses.tolist() == [update.loss for update in expected]
        assert lap.grad_norms.tolist() == [update.grad_norm for update in expected]
        assert lap.fault is None
        assert lapping.state() == single.state()
        for numbers in ("data", "grad", "change", "m_before", "v_before", "order"):
            assert bits(getattr(lapping.machine, numbers)) == bits(getattr(single.machine, numbers))


def test_lap_into_a_fault(new_runner, bits):
    """It ends before the update that cannot be done, as single updates do, at the same scalar."""
    single, lapping = new_runner(), new_runner()
    for runner in (single, lapping):
        runner.machine.parameters[:] *= 3.0
        runner.adam = Adam(learning_rate=40.0, beta1=0.0, beta2=0.0)
    losses = []
    with pytest.raises(Fault) as fault:
        while True:
            losses.append(single.update().loss)
    lap = lapping.run(30)
    assert len(lap.losses) >= 1
    assert lap.losses.tolist() == losses
    assert lap.fault is not None
    assert (lap.fault.scalar, lap.fault.reason) == (fault.value.scalar, fault.value.reason)
    assert lapping.step == single.step == len(losses)
    assert lapping.machine.positions == single.machine.positions
    assert lapping.state() == single.state()
    assert bits(lapping.machine.data[: fault.value.scalar]) == bits(single.machine.data[: fault.value.scalar])


def test_documents_come_again(new_runner):
    runner = new_runner()
    updates = [runner.update() for _ in range(9)]
    assert [update.document for update in updates] == [runner.document(step) for step in range(9)]
    assert updates[4].document == updates[0].document
    assert sorted(update.document for update in updates[:4]) == sorted(DOCUMENTS)


def test_restore(new_runner):
    runner = new_runner()
    runner.run(3)
    state = runner.state()
    expected = [runner.update() for _ in range(5)]
    runner.restore(state)
    assert runner.state() == state
    assert [runner.update() for _ in range(5)] == expected


def test_reader(new_runner):
    runner = new_runner()
    runner.run(5)
    reader = Reader(runner.program, runner.machine.parameters)
    tokens = [3, 0, 1, 0]
    first = [[x.data for x in reader.next_logits(token, i)] for i, token in enumerate(tokens)]
    runner.run(5)  # does not touch what the reader reads with
    assert [[x.data for x in reader.next_logits(token, i)] for i, token in enumerate(tokens)] == first
    again = reader.next_logits(2, 2)  # back to position 2, with another token
    assert [x.data for x in again] != first[2]
    assert [x.data for x in reader.next_logits(1, 2)] == first[2]
    with pytest.raises(ValueError, match="position 2 does not follow position 0"):
        reader.next_logits(0, 0)
        reader.next_logits(0, 2)


def test_sampling_leaves_training_alone(new_runner, bits):
    straight, sampling = new_runner(), new_runner()
    for _ in range(6):
        expected = straight.update()
        assert sampling.update() == expected
        sampling.predictor()(3, 0)
        assert bits(sampling.machine.data) == bits(straight.machine.data)
    assert np.any(sampling.machine.grad)
