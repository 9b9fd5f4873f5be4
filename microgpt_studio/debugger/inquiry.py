"""Inquiries: what a panel asks of a moment beyond the parts that every snapshot may have.

A panel puts inquiries into its request; the session answers each from a Sight of the moment, and the answers travel in
the snapshot. So a new kind of question is a new class, and neither session, worker nor snapshot has to know it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from microgpt.program.addresses import Addresses
from microgpt.program.machine import Machine
from microgpt.program.program import Program
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.partial import Arrivals
from microgpt_studio.debugger.snapshot import Description, Reaches

A_co = TypeVar("A_co", covariant=True)
K = TypeVar("K")


class Growing(Protocol):
    """An answer that takes long: it grows between two snapshots, for as long as its inquiry is asked."""

    @property
    def is_complete(self) -> bool:
        """Whether `advance` has nothing more to do."""

    def advance(self, cancelled: Callable[[], bool]) -> None:
        """Go on until it is complete or cancelled: at least a little. Raises nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """The numbers of one moment, to be read while an inquiry is answered and not kept: they change afterwards."""

    execution: Execution
    description: Description
    data_reach: Reaches  # (N,) Reach of every scalar's data
    arrivals: Arrivals
    kept: dict[Hashable, Any] = field(default_factory=dict)  # what answers keep for later ones, a training run long
    growing: list[Growing] = field(default_factory=list)  # what answers want to be advanced until the next snapshot

    @property
    def addresses(self) -> Addresses:
        return self.description.addresses

    @property
    def machine(self) -> Machine:
        return self.execution.machine

    @property
    def program(self) -> Program:
        return self.execution.machine.program

    def keep(self, key: Hashable, make: Callable[[], K]) -> K:
        """What was kept under a key, or made now: for what does not change within a training run."""
        if key not in self.kept:
            self.kept[key] = make()
        found: K = self.kept[key]
        return found


class Inquiry(ABC, Generic[A_co]):
    """One question. Subclasses are frozen dataclasses: equal questions have the same answer at one moment.

    An answer is frozen, its arrays are read-only, and it does not refer to the Sight. One that takes long is kept as a
    Growing, which every answer appends to `sight.growing`, and told as far as it has come; it is not slow then.
    """

    is_slow: ClassVar[bool] = False  # while training runs it is answered 4 times a second, not with every picture

    @abstractmethod
    def answer(self, sight: Sight) -> A_co:
        """The answer at a moment."""

    def fits(self, program: Program) -> bool:  # noqa: ARG002 - for subclasses
        """Whether the question makes sense for a program; one about a scalar that it does not have makes none."""
        return True
