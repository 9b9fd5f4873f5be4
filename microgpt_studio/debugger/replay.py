"""Replay: the past of an execution, run again on a machine of its own from the saved states.

The execution stands where it stood, and the numbers are the ones that it had, to the last bit. What is wanted of them,
and for how long to go on, is for the caller to know.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable

from microgpt.program.addresses import Addresses
from microgpt.program.machine import Machine
from microgpt.program.program import Floats
from microgpt_studio.debugger.conditions import NotComputed
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.reading import Reading, Uses


class Replay:
    """Stands at the end of an update of the past, and goes on from there update by update.

    Not for two threads at once, nor while the execution runs in another.
    """

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._twin: _Twin | None = None  # made when it is needed: it takes some megabytes

    @property
    def step(self) -> int:
        """Updates that are finished where it stands."""
        return self._ready().runner.step

    @property
    def fault(self) -> str | None:
        """Why the next update cannot be finished, once that has been tried."""
        fault = self._ready().fault
        if fault is None:
            return None
        address = Addresses(self.execution.machine.program).format(fault.scalar)
        return f"update {self.step + 1} stops at {address}: {fault.reason}"

    def restore(self, updates: int) -> None:
        """Stand at the latest saved state that is not after so many finished updates. Raises LookupError."""
        twin = self._ready()
        twin.go_to(Place(twin.history.nearest(updates)[0], 0))

    def approach(self, updates: int) -> None:
        """Stand there, or between there and so many finished updates if it does already. Raises LookupError."""
        twin = self._ready()
        if not twin.history.nearest(updates)[0] <= self.step <= updates:
            self.restore(updates)

    def update(self) -> bool:
        """Finish the next update; False where that is not possible, which `fault` explains, or there is none."""
        return self._ready().run(1) == 1

    def reading(self) -> Reading:
        """The latest update at its end; not for use after the next one."""
        return self._ready().reading()

    def length(self, updates: int) -> int:
        """How many operations the update after so many finished ones has. It stands at its beginning afterwards."""
        twin = self._ready()
        twin.go_to(Place(updates, 0))
        return twin.length

    def _ready(self) -> _Twin:
        if self._twin is None:
            self._twin = _Twin(self.execution)
        return self._twin


def read(reading: Reading, quantity: Quantity, scalar: int) -> float | None:
    """A number at a moment; None where it is not computed."""
    try:
        return _READERS[quantity](reading, scalar)
    except NotComputed:
        return None


def check_quantity(quantity: Quantity, scalar: int, addresses: Addresses) -> None:
    """Raises ValueError where a scalar has no such number, IndexError where there is no such scalar."""
    address = addresses.format(scalar)
    if quantity not in (Quantity.DATA, Quantity.GRAD) and scalar >= addresses.program.num_parameters:
        raise ValueError(f"{address} is no parameter: it has data and grad, but no {quantity}")


_READERS: dict[Quantity, Callable[[Reading, int], float]] = {
    Quantity.DATA: Reading.data,
    Quantity.GRAD: Reading.grad,
    Quantity.M: Reading.m,
    Quantity.V: Reading.v,
    Quantity.M_HAT: Reading.m_hat,
    Quantity.V_HAT: Reading.v_hat,
    Quantity.UPDATE: Reading.update,
}


class _Twin(Execution):
    """The same training once more: it shares the program, the documents, the settings and the saved states."""

    def __init__(self, execution: Execution) -> None:
        runner = copy.copy(execution.runner)
        machine = runner.machine = Machine(runner.program)
        runner.step, (machine.parameters[:], machine.m[:], machine.v[:]) = execution.history.nearest(execution.first)
        super().__init__(runner, _Shared(execution.history))
        self._uses = Uses(machine)

    def reading(self) -> Reading:
        return Reading(self, None, self._uses)


class _Shared(History):
    """The saved states of another, to read: nothing is ever due to be saved."""

    def __init__(self, history: History) -> None:
        self._history = history

    @property
    def num_bytes(self) -> int:
        return 0

    def is_due(self, _updates_done: int) -> bool:
        return False

    def nearest(self, updates_done: int) -> tuple[int, Floats]:
        return self._history.nearest(updates_done)

    def updates_until_due(self, _updates_done: int) -> int:
        return sys.maxsize
