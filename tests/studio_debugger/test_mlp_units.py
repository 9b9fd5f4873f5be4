"""The units are the program's; a unit is called silent only where every position is known."""

from __future__ import annotations

import numpy as np

from microgpt_studio.debugger.execution import Phase, Place
from microgpt_studio.debugger.mlp_units import MlpUnits, UnitNumbers, Units
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted


def ask(session: Session) -> UnitNumbers:
    answer = session.snapshot(1, Wanted(inquiries=frozenset({MlpUnits()}))).answer(MlpUnits())
    assert answer is not None
    return answer


def test_every_unit_is_the_programs(session: Session) -> None:
    session.run(4)
    numbers, machine = ask(session), session.runner.machine
    parse = session.description.addresses.parse
    assert numbers.relu.shape == (2, machine.positions, 32)
    for layer in range(2):
        for p in range(machine.positions):
            fired = []
            for i in range(32):
                before = machine.data[parse(f"pos{p}.layer{layer}.mlp.fc1[{i}]")]
                after = machine.data[parse(f"pos{p}.layer{layer}.mlp.relu[{i}]")]
                assert numbers.fc1[layer, p, i] == before and numbers.relu[layer, p, i] == after == max(0.0, before)
                fired.append(bool(before > 0))
            assert numbers.fires[layer, p].tolist() == fired
    assert numbers.silent.tolist() == (~(numbers.relu > 0).any(axis=1)).tolist()
    assert numbers.is_complete.tolist() == [True, True]
    units = Units.of_program(session.description.program)
    assert session.description.addresses.format(int(units.relu[1, 4, 7])) == "pos4.layer1.mlp.relu[7]"


def test_half_way_nothing_is_called_silent(session: Session) -> None:
    session.run(2)
    whole = ask(session)
    n = session.runner.machine.positions
    last = session.description.addresses.parse(f"pos{n - 1}.layer0.mlp.relu[31]")
    done = session.execution.number_of(Phase.FORWARD, last)
    assert done is not None
    session.execution.go_to(Place(1, done))
    numbers = ask(session)
    assert numbers.is_complete.tolist() == [False, False]
    assert not numbers.silent.any()
    assert int((numbers.relu_reach[0] == Reach.KNOWN).sum()) == n * 32 - 1
    assert (numbers.fc1_reach[0] == Reach.KNOWN).all()
    known = numbers.relu_reach == Reach.KNOWN
    assert numbers.relu[known].tolist() == whole.relu[known].tolist()
    assert np.isnan(numbers.relu[~known]).all()
    session.execution.go_to(Place(1, done + 1))
    numbers = ask(session)
    assert numbers.is_complete.tolist() == [True, False]
    assert numbers.silent[0].tolist() == whole.silent[0].tolist()
    assert not numbers.silent[1].any()
