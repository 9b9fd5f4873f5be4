"""Earlier weights: how the heads would look at the present document with the parameters of another update.

The document is the same, so that two moments of training can be compared. The parameters come from a replay of the
past, and the document runs forward on a machine of its own: what trains is not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from microgpt.program.machine import Fault, Machine
from microgpt.program.program import Floats
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.head_places import HeadPlaces
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.replay import Replay

_MOST_KEPT = 8  # states of parameters


@dataclass(frozen=True, slots=True, eq=False)
class WeightChange:
    """The weights of the present document now and with the parameters after `updates` finished updates. Read-only."""

    updates: int
    first: int  # updates at the earliest moment that can be asked for
    now: Floats  # (L, H, B, B) [layer, head, query, key]; nan where not computed yet, and where there is no key
    then: Floats | None  # the same with the other parameters; all of the document. None: not found yet, or never
    change: Floats | None  # now - then; nan where one is nan
    reason: str | None = None  # why it is not there, or not yet


@dataclass(frozen=True, slots=True)
class EarlierWeights(Inquiry[WeightChange]):
    """How the weights of the present document differ from those with the parameters after so many updates."""

    updates: int  # finished

    def answer(self, sight: Sight) -> WeightChange:
        places = HeadPlaces.of(sight)
        now = _read_only(HeadPlaces.numbers(sight, places.weight))
        execution = sight.execution
        if not execution.first <= self.updates <= execution.log.known:
            span = f"{execution.first} to {execution.log.known}"
            return WeightChange(
                self.updates, execution.first, now, None, None, f"update {self.updates} is not known: {span} are"
            )
        earlier = sight.keep(EarlierWeights, lambda: _Earlier(execution))
        parameters = earlier.parameters(self.updates)
        if parameters is None:
            sight.growing.append(earlier)
            reason = earlier.fault or f"update {self.updates} is being replayed"
            return WeightChange(self.updates, execution.first, now, None, None, reason)
        try:
            data = earlier.run(sight.machine, parameters)
        except Fault as fault:
            where = sight.addresses.format(fault.scalar)
            return WeightChange(
                self.updates, execution.first, now, None, None, f"with them {where} cannot be computed: {fault.reason}"
            )
        live = np.arange(places.weight.shape[2]) < sight.machine.positions
        there = (places.weight >= 0) & live[:, None]
        then = _read_only(np.where(there, data[places.weight], np.nan))
        return WeightChange(self.updates, execution.first, now, then, _read_only(now - then))


class _Earlier:
    """Finds the parameters of past updates, and runs documents forward with them. A Growing."""

    def __init__(self, execution: Execution) -> None:
        self.fault: str | None = None
        self._replay = Replay(execution)
        self._machine: Machine | None = None  # made when it is needed: it takes some megabytes
        self._states: dict[int, Floats] = {}  # updates → (P,); the latest asked for comes last
        self._wanted: int | None = None
        self._program = execution.machine.program

    def parameters(self, updates: int) -> Floats | None:
        """Those after so many finished updates; None where `advance` still has to find them."""
        found = self._states.pop(updates, None)
        if found is not None:
            self._states[updates] = found
            self._wanted = None
        elif updates != self._wanted:
            self._wanted, self.fault = updates, None
        return found

    @property
    def is_complete(self) -> bool:
        return self._wanted is None or self.fault is not None

    def advance(self, cancelled: Callable[[], bool]) -> None:
        """Replay towards the wanted update, at least one; keep its parameters when it is reached."""
        replay, wanted = self._replay, self._wanted
        if wanted is None or self.fault is not None:
            return
        replay.approach(wanted)
        while replay.step < wanted:
            if not replay.update():
                self.fault = replay.fault
                return
            if replay.step < wanted and cancelled():
                return
        self._states[wanted] = replay.reading().machine.parameters.copy()
        self._wanted = None
        if len(self._states) > _MOST_KEPT:
            del self._states[next(iter(self._states))]

    def run(self, loaded: Machine, parameters: Floats) -> Floats:
        """(N,) the data of the document that a machine has loaded, with other parameters. Raises Fault."""
        if self._machine is None:
            self._machine = Machine(self._program)
        own = self._machine
        own.first[:], own.constants[:], own.positions = loaded.first, loaded.constants, loaded.positions
        own.data[: self._program.num_parameters] = parameters
        own.forward_all()
        return own.data


def _read_only(numbers: Floats) -> Floats:
    numbers.flags.writeable = False
    return numbers
