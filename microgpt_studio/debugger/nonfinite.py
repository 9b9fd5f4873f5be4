"""The first number of an update that is not finite, and the operation that made it.

What is computed in the forward phase, and by Adam, stays as it is, so that the first one is there to be read. A
gradient grows by contributions: the operation is found by running the phase again to its middle, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.addresses import Addresses
from microgpt.program.program import Floats
from microgpt_studio.debugger.execution import Execution, Place


@dataclass(frozen=True, slots=True)
class NonFinite:
    """After `done` operations of the update the scalar has a number that is nan or infinite, and none had before."""

    done: int
    scalar: int
    sentence: str


def first_nonfinite(execution: Execution, addresses: Addresses, done: int) -> NonFinite | None:
    """The first one within so many operations of the present update, all of which have to be done.

    Where one is found the execution may stand at any moment of the update afterwards, else where it stood. An update
    whose parameters or moments are not finite to begin with has none: the cause is not there.
    """
    machine = execution.machine
    parameters = machine.program.num_parameters
    if not all(map(_is_finite, (machine.data[:parameters], machine.m_before, machine.v_before))):
        return None
    forward, backward, _ = execution.lengths
    found = _first_data(execution, min(done, forward))
    if found is not None or done <= forward:
        return _found(execution, addresses, found, "data") if found is not None else None
    if not _is_finite(machine.grad):
        return _first_grad(execution, addresses, done)
    updated = slice(0, done - forward - backward if done > forward + backward else 0)
    first: tuple[int, str] | None = None
    for name in ("m", "v", "change", "parameters"):
        numbers: Floats = getattr(machine, name)[updated]
        if not _is_finite(numbers):
            index = int(np.flatnonzero(~np.isfinite(numbers))[0])
            if first is None or index < first[0]:
                first = index, {"change": "update", "parameters": "data"}.get(name, name)
    return None if first is None else _found(execution, addresses, forward + backward + first[0], first[1])


def _is_finite(numbers: Floats) -> bool:
    return bool(np.isfinite(numbers).all())


def _first_data(execution: Execution, done: int) -> int | None:
    """The number of the operation whose scalar is the first that is not finite."""
    machine, before = execution.machine, 0
    for start, stop in machine.program.live_ranges(machine.positions):
        data = machine.data[start : min(stop, start + max(done - before, 0))]
        if not _is_finite(data):
            return before + int(np.flatnonzero(~np.isfinite(data))[0])
        before += stop - start
    return None


def _found(execution: Execution, addresses: Addresses, number: int, quantity: str) -> NonFinite:
    scalar = execution.operation(number).scalar
    array = {"data": "parameters" if scalar < addresses.program.num_parameters else "data", "update": "change"}
    value = float(getattr(execution.machine, array.get(quantity, quantity))[scalar])
    update = execution.place.updates + 1
    sentence = (
        f"In update {update} {quantity} of {addresses.format(scalar)} became {value}: the first that is not finite."
    )
    return NonFinite(number + 1, scalar, sentence)


def _first_grad(execution: Execution, addresses: Addresses, done: int) -> NonFinite | None:
    """Some gradient is not finite by now, which it stays once it is."""
    machine, updates = execution.machine, execution.place.updates
    forward, backward, _ = execution.lengths
    here = execution.place
    finite, infinite = forward, min(here.done, forward + backward)
    while infinite - finite > 1:
        middle = (finite + infinite) // 2
        execution.go_to(Place(updates, middle))
        if _is_finite(machine.grad):
            finite = middle
        else:
            infinite = middle
    if infinite > done:
        execution.go_to(here)
        return None
    execution.go_to(Place(updates, infinite))
    consumer = execution.operation(infinite - 1).scalar
    scalar = int(np.flatnonzero(~np.isfinite(machine.grad))[0])
    sentence = (
        f"In update {updates + 1} grad of {addresses.format(scalar)} became {float(machine.grad[scalar])}, the first "
        f"that is not finite, when {addresses.format(consumer)} handed its gradient on."
    )
    return NonFinite(infinite, scalar, sentence)
