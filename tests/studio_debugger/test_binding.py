"""What tokens choose is what the machine reads when it has loaded them, and who reads what is found."""

from __future__ import annotations

import numpy as np

from microgpt_studio.debugger.binding import Binding
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def test_the_operands_are_those_of_the_machine(session: Session) -> None:
    program = session.description.program
    for _ in range(6):
        session.update()
        machine = session.runner.machine
        tokens = session.snapshot(0, Wanted()).moment.tokens
        for start, stop in program.live_ranges(machine.positions):
            first = Binding(program).first_of(np.arange(start, stop), tokens)
            assert first.tolist() == machine.first[start:stop].tolist()
        some = np.concatenate([program.chooser[:1], [program.loss], program.chooser[:3], [program.loss - 1]])
        assert Binding(program).first_of(some, tokens).tolist() == machine.first[some].tolist()


def test_consumers_are_those_that_read_a_scalar(session: Session) -> None:
    program = session.description.program
    binding = Binding(program)
    for _ in range(3):
        session.update()
        machine, tokens = session.runner.machine, session.snapshot(0, Wanted()).moment.tokens
        live = np.concatenate([np.arange(start, stop) for start, stop in program.live_ranges(machine.positions)])
        for scalar in range(0, program.num_scalars, 97):
            reads = (machine.first[live] == scalar) | (program.second[live] == scalar)
            assert binding.consumers(np.array([scalar]), tokens).tolist() == live[reads].tolist()
