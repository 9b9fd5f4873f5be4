"""Scratch runs are plain Python's, to the last bit, and leave the session's machine alone."""

from __future__ import annotations

import random

import numpy as np
import pytest

from microgpt import model
from microgpt.program.machine import Fault
from microgpt.program.program import Operation
from microgpt.value import Value
from microgpt_studio.debugger.scratch import Kinks, Scratch, When
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


class HeldValue(Value):
    """A plain Value; the one that is created at a place in the order of creation is held at another number."""

    __slots__ = ()
    created = 0
    place = -1
    number = 0.0

    def __init__(self, data: float, *rest: object) -> None:
        super().__init__(HeldValue.number if HeldValue.created == HeldValue.place else data, *rest)
        HeldValue.created += 1


def plain_loss_with(session: Session, scalar: int, number: float) -> float:
    """The loss of the loaded document in plain Python, with one scalar held."""
    machine, program = session.runner.machine, session.description.program
    ids = [*range(program.num_parameters)]
    for first, stop in program.live_ranges(machine.positions):
        ids += range(first, stop)
    HeldValue.created, HeldValue.place, HeldValue.number = 0, ids.index(scalar), number
    parameters, start = {}, 0
    for name, (rows, columns) in program.config.shapes().items():
        numbers = machine.data[start : start + rows * columns].tolist()
        parameters[name] = [[HeldValue(x) for x in numbers[row * columns : (row + 1) * columns]] for row in range(rows)]
        start += rows * columns
    return model.loss(parameters, program.config, session.snapshot(0, Wanted()).moment.tokens).data


def some_scalars(session: Session) -> list[int]:
    """Of every operation, of the parameters, at random, and in no order."""
    machine, program = session.runner.machine, session.description.program
    live = [*range(program.num_parameters)]
    for start, stop in program.live_ranges(machine.positions):
        live += range(start, stop)
    rng = random.Random(3)
    kinds = {}
    for scalar in live:
        kinds.setdefault((program.operation[scalar], program.constant[scalar] >= 0), scalar)
    chosen = [*kinds.values(), *rng.sample(range(program.num_parameters), 12), *rng.sample(live, 12), program.loss]
    rng.shuffle(chosen)
    return chosen


@pytest.mark.parametrize(("document", "most"), [("ava", 24), ("charlotte", 3)])
def test_the_loss_with_a_number_changed_is_plain_python_s(session: Session, document: str, most: int) -> None:
    while session.update().document != document:
        pass
    machine = session.runner.machine
    scratch = Scratch(session.description.program)
    assert scratch.adopt(machine) == machine.data[session.description.program.loss]
    for i, scalar in enumerate(some_scalars(session)[:most]):
        number = float(machine.data[scalar]) * 1.25 + (0.1 if i % 2 else 1e-3)
        loss = scratch.loss_with(scalar, number)
        assert loss.hex() == float(plain_loss_with(session, scalar, number)).hex(), scalar
        assert scratch.loss_with(scalar, float(machine.data[scalar])) == machine.data[session.description.program.loss]


def test_a_document_after_another_has_its_own_numbers(session: Session) -> None:
    scratch, program = Scratch(session.description.program), session.description.program
    for _ in range(4):
        session.update()
        scratch.adopt(session.runner.machine)
        scratch.loss_with(5, 0.3)
        machine = session.runner.machine
        assert scratch.adopt(machine) == machine.data[program.loss]
        for start, stop in program.live_ranges(machine.positions):
            assert np.array_equal(scratch.base[start:stop], machine.data[start:stop])


def test_the_machine_of_the_session_is_not_touched(session: Session) -> None:
    session.run(3)
    machine = session.runner.machine
    names = ("data", "grad", "m", "v", "m_before", "v_before", "change", "parameters", "first", "constants", "order")
    before = {name: getattr(machine, name).tobytes() for name in names}
    scratch = Scratch(session.description.program)
    scratch.adopt(machine)
    for scalar in some_scalars(session):
        scratch.loss_with(scalar, 0.5)
    assert {name: getattr(machine, name).tobytes() for name in names} == before


def test_before_the_forward_phase_the_scratch_run_knows_the_loss_all_the_same(session: Session) -> None:
    scratch = Scratch(session.description.program)
    loss = scratch.adopt(session.runner.machine)
    session.update()
    assert loss == session.runner.machine.data[session.description.program.loss]


def test_a_fault_is_told_and_the_next_run_is_sound(session: Session) -> None:
    session.run(1)
    machine, program = session.runner.machine, session.description.program
    scratch = Scratch(program)
    scratch.adopt(machine)
    prob = int(machine.first[next(i for i in range(program.num_scalars) if program.operation[i] == Operation.LOG)])
    with pytest.raises(Fault, match="log"):
        scratch.loss_with(prob, -1.0)
    assert scratch.loss_with(0, float(machine.data[0])) == machine.data[program.loss]


def test_a_relu_that_changes_sides_is_found(session: Session) -> None:
    session.run(2)
    machine, addresses = session.runner.machine, session.description.addresses
    scratch = Scratch(session.description.program)
    scratch.adopt(machine)
    unit, relu = addresses.parse("pos0.layer1.mlp.fc1[3]"), addresses.parse("pos0.layer1.mlp.relu[3]")
    sides = []
    for number in (-0.25, -1e-9, 0.0, 1e-9, 0.25):
        scratch.loss_with(unit, number)
        sides.append(scratch.sides())
    for low, high, crosses in ((0, 1, False), (1, 2, False), (2, 3, True), (3, 4, False), (0, 4, True)):
        relus = scratch.kinks(sides[low], sides[high]).relus
        assert (relu in relus) == crosses
        assert all(session.description.program.operation[each] == Operation.RELU for each in relus)
    assert not Kinks()


def test_a_maximum_that_changes_is_found(session: Session) -> None:
    session.run(2)
    machine, addresses = session.runner.machine, session.description.addresses
    scratch = Scratch(session.description.program)
    scratch.adopt(machine)
    logits = [addresses.parse(f"pos1.logit[{i}]") for i in range(session.description.tokenizer.vocab_size)]
    order = sorted(logits, key=lambda each: machine.data[each])
    before = scratch.sides()
    largest = order[-1]
    assert largest in before.largest
    scratch.loss_with(order[0], float(machine.data[largest]) - 1e-9)
    assert not scratch.kinks(before, scratch.sides()).maxima
    scratch.loss_with(order[0], float(machine.data[largest]) + 1e-9)
    assert scratch.kinks(before, scratch.sides()).maxima == (order[0],)


def test_when_is_the_update_that_is_loaded(session: Session) -> None:
    assert When.of(session.execution) == When(1, session.runner.document(0))
    session.run(3)
    assert When.of(session.execution) == When(3, session.runner.document(2))
