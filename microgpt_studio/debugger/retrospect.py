"""Retrospect: the history of any number, asked afterwards, and questions to it.

The past is run again on a machine of its own, from saved states: the execution stands where it stood, and the numbers
are the ones that it had, to the last bit.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np
import numpy.typing as npt

from microgpt.program.addresses import Addresses
from microgpt.program.machine import Machine
from microgpt.program.program import Floats
from microgpt.program.runner import Runner
from microgpt_studio.debugger.execution import Execution, Place

Progress = Callable[[int, int], None]  # told how many updates are done, and of how many
Cancelled = Callable[[], bool]
Bools = npt.NDArray[np.bool_]

_REPORT_INTERVAL = 0.02  # seconds
_FIRST_SEARCH = 64  # updates; each further search goes twice as far back


class Quantity(StrEnum):
    """A number that a scalar has. All but the first two belong to parameters."""

    DATA = "data"
    GRAD = "grad"
    M = "m"
    V = "v"
    M_HAT = "m_hat"
    V_HAT = "v_hat"
    UPDATE = "update"  # what the update subtracted


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One number after each of U updates in a row, from the one after `first` finished ones. Read-only.

    A parameter's data is what the update made of it. Where a document has no such scalar, or its loss does not depend
    on it and the gradient was asked for, the value is nan and not computed.
    """

    quantity: Quantity
    scalar: int
    first: int
    values: Floats  # (U,)
    computed: Bools  # (U,)
    cut: str | None = None  # why it ends before the update that was asked for

    @property
    def stop(self) -> int:
        """One past the last update."""
        return self.first + len(self.values)


@dataclass(frozen=True, slots=True)
class Condition:
    """What may be true of a number after an update, in words: "update 7 is the last in which data of x has …"."""

    words: str
    holds: Callable[[Trace], Bools]  # (U,) after each update; it may look back, and sees more when it is asked again


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of an update, or None, and a sentence that says which and why."""

    place: Place | None
    sentence: str


def _no_progress(_done: int, _total: int) -> None:
    """Nobody is told."""


def _never() -> bool:
    """Nobody cancels."""
    return False


class Retrospect:
    """Asks the past of one execution. Not for two threads at once, nor while the execution runs in another."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._addresses = Addresses(execution.machine.program)
        self._machine: Machine | None = None  # kept: it knows the backward orders once it has found them

    def trace(
        self,
        quantity: Quantity,
        scalar: int,
        first: int,
        stop: int,
        progress: Progress = _no_progress,
        cancelled: Cancelled = _never,
    ) -> Trace:
        """The number after each update from the one after `first` finished ones up to the one before `stop`.

        Cancelled, or stopped by a fault, it is cut. Raises ValueError or IndexError where there is no such number,
        LookupError where an update is beyond the training or before the first that can be visited.
        """
        self._check(quantity, scalar)
        runner = self._replaying()
        self._check_updates(first, stop)
        machine = runner.machine
        runner.step, (machine.parameters[:], machine.m[:], machine.v[:]) = self.execution.history.nearest(first)
        begun, total = runner.step, stop - runner.step
        numbers = _array(machine, quantity, scalar)
        known = _Known(runner, quantity, scalar)
        values, computed = np.full(stop - first, np.nan), np.zeros(stop - first, dtype=np.bool_)
        cut = None
        told = -np.inf
        while runner.step < stop and cut is None:
            if time.monotonic() - told >= _REPORT_INTERVAL:
                progress(runner.step - begun, total)
                told = time.monotonic()
            fault = runner.run(1).fault
            i = runner.step - 1 - first
            if fault is not None:
                cut = f"update {runner.step + 1} stops at {self._addresses.format(fault.scalar)}: {fault.reason}"
            elif i >= 0 and known.now():
                values[i], computed[i] = numbers[scalar], True
            if cut is None and runner.step < stop and cancelled():
                cut = f"cancelled after update {runner.step}"
        progress(runner.step - begun, total)
        done = max(runner.step - first, 0)
        values = _corrected(runner, quantity, values[:done], first)
        for array in (values, computed):
            array.flags.writeable = False
        return Trace(quantity, scalar, first, values, computed[:done], cut)

    def last_time(
        self,
        quantity: Quantity,
        scalar: int,
        condition: Condition,
        before: int | None = None,
        progress: Progress = _no_progress,
        cancelled: Cancelled = _never,
    ) -> Answer:
        """The latest of the first `before` updates (None: of those that are finished) after which a condition holds.

        It searches from there into the past, and no further than needed. Raises as `trace` does.
        """
        before = self.execution.runner.step if before is None else before
        self._check_updates(before, before)
        earliest = self.execution.first
        subject = f"{quantity} of {self._addresses.format(scalar)}"
        start, reach = before, _FIRST_SEARCH
        trace = Trace(quantity, scalar, before, np.empty(0), np.empty(0, dtype=np.bool_))
        while start > earliest:
            first = max(start - reach, earliest)
            inner = partial(_scaled, progress, before - start, start - first, before - earliest)
            piece = self.trace(quantity, scalar, first, start, inner, cancelled)
            if piece.cut is not None:
                searched = f"nothing found in updates {start + 1} to {before}, " if start < before else ""
                return Answer(None, f"No answer: {searched}{piece.cut}.")
            trace = _joined(piece, trace)
            found = np.flatnonzero(condition.holds(trace))
            if len(found):
                updates = first + int(found[-1])
                words = f"Update {updates + 1} is the last in which {subject} has {condition.words}."
                return Answer(self._end(updates), words)
            start, reach = first, 2 * reach
        if before == earliest:
            return Answer(None, f"There is no update yet in which {subject} could have {condition.words}.")
        return Answer(None, f"{subject} has not {condition.words} in updates {earliest + 1} to {before}.")

    def _replaying(self) -> Runner:
        """A runner that shares the program, the documents and the settings with the execution's, but no numbers."""
        runner = copy.copy(self.execution.runner)
        self._machine = self._machine or Machine(runner.program)
        runner.machine = self._machine
        return runner

    def _check(self, quantity: Quantity, scalar: int) -> None:
        address = self._addresses.format(scalar)
        if quantity not in (Quantity.DATA, Quantity.GRAD) and scalar >= self.execution.machine.program.num_parameters:
            raise ValueError(f"{address} is no parameter: it has data and grad, but no {quantity}")

    def _check_updates(self, first: int, stop: int) -> None:
        earliest, latest = self.execution.first, self.execution.runner.num_steps
        if not earliest <= first <= stop <= latest:
            raise LookupError(f"updates {first + 1} to {stop} are not among updates {earliest + 1} to {latest}")

    def _end(self, updates: int) -> Place:
        runner = self._replaying()
        machine = runner.machine
        machine.load(runner.tokenizer.encode(runner.document(updates)))
        forward = sum(stop - start for start, stop in machine.program.live_ranges(machine.positions))
        return Place(updates, forward + len(machine.order) + machine.program.num_parameters)


def changed_sign() -> Condition:
    """From positive to negative or back; what is 0, or not computed, in between does not count."""
    return Condition("changed sign", partial(_changed_side, level=0.0))


def crossed(level: float) -> Condition:
    """From below a level to above it or back; what equals it in between does not count."""
    return Condition(f"crossed {level:g}", partial(_changed_side, level=level))


def been_larger(level: float) -> Condition:
    """Its magnitude was above a level."""
    return Condition(f"had a magnitude above {level:g}", partial(_is_larger, level=level))


def fired() -> Condition:
    """A ReLU let something through."""
    return Condition("been above 0", _is_positive)


def _changed_side(trace: Trace, level: float) -> Bools:
    above, below = trace.values > level, trace.values < level  # neither for nan
    somewhere = np.flatnonzero(above | below)
    changed = np.zeros(len(trace.values), dtype=np.bool_)
    changed[somewhere[1:]] = above[somewhere[1:]] != above[somewhere[:-1]]
    return changed


def _is_larger(trace: Trace, level: float) -> Bools:
    larger: Bools = np.abs(trace.values) > level
    return larger


def _is_positive(trace: Trace) -> Bools:
    return trace.values > 0


class _Known:
    """Whether the document of the latest update has a number at all."""

    def __init__(self, runner: Runner, quantity: Quantity, scalar: int) -> None:
        program = runner.program
        self.runner = runner
        self._scalar = scalar
        self._always = scalar < program.num_parameters or scalar == program.loss
        self._position = int(np.searchsorted(program.position_start, scalar, side="right")) - 1
        self._asks_order = quantity is Quantity.GRAD and scalar < program.sums_start
        if scalar >= program.sums_start:
            self._position = scalar - program.sums_start
        self._reached: dict[int, bool] = {}  # target → whether the loss depends on the scalar

    def now(self) -> bool:
        if self._always:
            return True
        machine = self.runner.machine
        if self._position >= machine.positions:
            return False
        if not self._asks_order:
            return True
        tokens = self.runner.tokenizer.encode(self.runner.document(self.runner.step - 1))
        target = tokens[self._position + 1]
        if target not in self._reached:
            self._reached[target] = bool((machine.order == self._scalar).any())
        return self._reached[target]


def _array(machine: Machine, quantity: Quantity, scalar: int) -> Floats:
    """Where the machine keeps a quantity; of both moments, before they are corrected."""
    data = machine.parameters if scalar < machine.program.num_parameters else machine.data
    arrays: dict[Quantity, Floats] = {
        Quantity.DATA: data,
        Quantity.GRAD: machine.grad,
        Quantity.M: machine.m,
        Quantity.V: machine.v,
        Quantity.M_HAT: machine.m,
        Quantity.V_HAT: machine.v,
        Quantity.UPDATE: machine.change,
    }
    return arrays[quantity]


def _corrected(runner: Runner, quantity: Quantity, values: Floats, first: int) -> Floats:
    """The moments without the bias of their beginning at 0 (Kingma and Ba 2014, algorithm 1); the rest as it is."""
    betas = {Quantity.M_HAT: runner.adam.beta1, Quantity.V_HAT: runner.adam.beta2}
    if quantity not in betas:
        return values
    corrected: Floats = values / np.array([1 - betas[quantity] ** (first + i + 1) for i in range(len(values))])
    return corrected


def _joined(earlier: Trace, later: Trace) -> Trace:
    return Trace(
        earlier.quantity,
        earlier.scalar,
        earlier.first,
        np.concatenate([earlier.values, later.values]),
        np.concatenate([earlier.computed, later.computed]),
    )


def _scaled(progress: Progress, before: int, share: int, total: int, done: int, of: int) -> None:
    """Progress of one search among several, the longest lead-in included."""
    progress(before + (share * done // of if of else share), total)
