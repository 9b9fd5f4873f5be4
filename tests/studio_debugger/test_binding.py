"""What tokens choose is what the machine reads when it has loaded them."""

from __future__ import annotations

from microgpt_studio.debugger.binding import bound_first
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def test_the_operands_are_those_of_the_machine(session: Session) -> None:
    program = session.description.program
    for _ in range(6):
        session.update()
        machine = session.runner.machine
        first = bound_first(program, session.snapshot(0, Wanted()).moment.tokens)
        for start, stop in program.live_ranges(machine.positions):
            assert first[start:stop].tolist() == machine.first[start:stop].tolist()
