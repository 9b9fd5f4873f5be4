"""Sessions on a few documents, and the plain run that they have to agree with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from microgpt import model
from microgpt.model import Configuration
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt.value import Value
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted

DOCUMENTS = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte", "amelia"]
SETTINGS = Settings(n_layer=2, n_embd=8, n_head=2, block_size=8, num_steps=20)


class LoggedValue(Value):
    """A plain Value that is listed in the order of creation."""

    __slots__ = ()
    created: list[Value] = []  # noqa: RUF012 - emptied by each run

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.created.append(self)


@dataclass
class PlainRun:
    """All Values of one document's graph, by the ids of the program."""

    values: dict[int, Value]
    ids: dict[Value, int]
    backward_order: list[Value]
    contributions: dict[Value, list[tuple[int, float, float]]]  # consumer, its grad, local derivative; in their order

    @classmethod
    def of(cls, session: Session) -> PlainRun:
        """The document that the session has loaded, with the parameters that it used, forward and backward."""
        machine, program = session.runner.machine, session.description.program
        LoggedValue.created.clear()
        parameters, start = {}, 0
        for name, (rows, columns) in program.config.shapes().items():
            numbers = machine.data[start : start + rows * columns].tolist()
            parameters[name] = [
                [LoggedValue(x) for x in numbers[row * columns : (row + 1) * columns]] for row in range(rows)
            ]
            start += rows * columns
        loss = model.loss(parameters, program.config, session.snapshot(0, Wanted()).moment.tokens)
        loss.backward()
        ids = list(range(program.num_parameters))
        for first, stop in program.live_ranges(machine.positions):
            ids += range(first, stop)
        values = dict(zip(ids, LoggedValue.created, strict=True))
        ids_of = {value: scalar for scalar, value in values.items()}
        order = list(reversed(loss.topological_order()))
        contributions: dict[Value, list[tuple[int, float, float]]] = {}
        for consumer in order:
            for operand, derivative in zip(consumer.operands, consumer.local_derivatives, strict=False):
                if isinstance(operand, Value):
                    contributions.setdefault(operand, []).append((ids_of[consumer], consumer.grad, derivative))
        return cls(values, ids_of, order, contributions)


@pytest.fixture(scope="session")
def program() -> Program:
    return record(Configuration(len(set("".join(DOCUMENTS))) + 1, n_layer=2, n_embd=8, n_head=2, block_size=8))


@pytest.fixture
def session(program: Program) -> Session:
    """Nothing is computed yet."""
    return Session(SETTINGS, DOCUMENTS, program, "eight names")


@pytest.fixture(scope="session")
def plain_run_of() -> Callable[[Session], PlainRun]:
    """The plain run of the document that a session has loaded."""
    return PlainRun.of
