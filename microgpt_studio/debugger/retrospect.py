"""Retrospect: the history of any number, asked afterwards, and questions to it.

The past is run again on a machine of its own, from saved states: the execution stands where it stood, and the numbers
are the ones that it had, to the last bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from microgpt.program.addresses import Addresses
from microgpt.program.program import Floats
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.replay import Replay, check_quantity, read

Progress = Callable[[int, int], None]  # told how many updates are done, and of how many
Cancelled = Callable[[], bool]
Bools = npt.NDArray[np.bool_]

_REPORT_INTERVAL = 0.02  # seconds
_FIRST_SEARCH = 64  # updates; each further search goes twice as far back


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


def unheard(_done: int, _total: int) -> None:
    """Nobody is told."""


def never() -> bool:
    """Nobody cancels."""
    return False


class Retrospect:
    """Asks the past of one execution. Not for two threads at once, nor while the execution runs in another."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._addresses = Addresses(execution.machine.program)
        self._replay = Replay(execution)  # kept: it knows the backward orders once it has found them

    def trace(
        self,
        quantity: Quantity,
        scalar: int,
        first: int,
        stop: int,
        progress: Progress = unheard,
        cancelled: Cancelled = never,
    ) -> Trace:
        """The number after each update from the one after `first` finished ones up to the one before `stop`.

        Cancelled, or stopped by a fault, it is cut. Raises ValueError or IndexError where there is no such number,
        LookupError where an update is beyond the training or before the first that can be visited.
        """
        check_quantity(quantity, scalar, self._addresses)
        values: list[float | None] = []
        cut = self.replay_each(
            first, stop, lambda reading: values.append(read(reading, quantity, scalar)), progress, cancelled
        )
        computed = np.array([value is not None for value in values], dtype=np.bool_)
        numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        for array in (numbers, computed):
            array.flags.writeable = False
        return Trace(quantity, scalar, first, numbers, computed, cut)

    def replay_each(
        self,
        first: int,
        stop: int,
        visit: Callable[[Reading], object],
        progress: Progress = unheard,
        cancelled: Cancelled = never,
    ) -> str | None:
        """Show the end of each update from the one after `first` finished ones up to the one before `stop`.

        Returns why that ended early, if it did. Raises LookupError as `trace` does.
        """
        self._check_updates(first, stop)
        if first == stop:
            progress(0, 0)
            return None
        replay = self._replay
        replay.restore(first)
        begun, total = replay.step, stop - replay.step
        cut = None
        told = -np.inf
        while replay.step < stop and cut is None:
            if time.monotonic() - told >= _REPORT_INTERVAL:
                progress(replay.step - begun, total)
                told = time.monotonic()
            if not replay.update():
                cut = replay.fault
            elif replay.step > first:
                visit(replay.reading())
            if cut is None and replay.step < stop and cancelled():
                cut = f"cancelled after update {replay.step}"
        progress(replay.step - begun, total)
        return cut

    def last_time(
        self,
        quantity: Quantity,
        scalar: int,
        condition: Condition,
        before: int | None = None,
        progress: Progress = unheard,
        cancelled: Cancelled = never,
    ) -> Answer:
        """The latest of the first `before` updates (None: of those that are finished) after which a condition holds.

        It searches from there into the past, and no further than needed. Raises as `trace` does.
        """
        before = self.execution.runner.step if before is None else before
        self._check_updates(before, before)
        earliest = self.execution.first
        subject = f"{quantity} of {self._addresses.format(scalar)}"
        trace = Trace(quantity, scalar, before, np.empty(0), np.empty(0, dtype=np.bool_))
        for first, start in pieces(earliest, before):
            inner = share(progress, before - start, start - first, before - earliest)
            piece = self.trace(quantity, scalar, first, start, inner, cancelled)
            if piece.cut is not None:
                return Answer(None, no_answer(start, before, piece.cut))
            trace = _joined(piece, trace)
            found = np.flatnonzero(condition.holds(trace))
            if len(found):
                updates = first + int(found[-1])
                words = f"Update {updates + 1} is the last in which {subject} has {condition.words}."
                return Answer(self.end(updates), words)
        if before == earliest:
            return Answer(None, f"There is no update yet in which {subject} could have {condition.words}.")
        return Answer(None, f"{subject} has not {condition.words} in updates {earliest + 1} to {before}.")

    def end(self, updates: int) -> Place:
        """The end of the update after so many finished ones."""
        return Place(updates, self._replay.length(updates))

    def _check_updates(self, first: int, stop: int) -> None:
        earliest, latest = self.execution.first, self.execution.runner.num_steps
        if not earliest <= first <= stop <= latest:
            raise LookupError(f"updates {first + 1} to {stop} are not among updates {earliest + 1} to {latest}")


def pieces(earliest: int, before: int) -> Iterator[tuple[int, int]]:
    """The updates from `earliest` to `before` in ranges (first, stop), the latest one first and each twice as long."""
    stop, reach = before, _FIRST_SEARCH
    while stop > earliest:
        first = max(stop - reach, earliest)
        yield first, stop
        stop, reach = first, 2 * reach


def share(progress: Progress, before: int, length: int, total: int) -> Progress:
    """Progress for one search among several, its lead-in included."""
    return partial(_scaled, progress, before, length, total)


def no_answer(searched: int, before: int, cut: str) -> str:
    """The sentence for a search that ended early, when all from `searched` to `before` was in vain."""
    nothing = f"nothing found in updates {searched + 1} to {before}, " if searched < before else ""
    return f"No answer: {nothing}{cut}."


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


def _joined(earlier: Trace, later: Trace) -> Trace:
    return Trace(
        earlier.quantity,
        earlier.scalar,
        earlier.first,
        np.concatenate([earlier.values, later.values]),
        np.concatenate([earlier.computed, later.computed]),
    )


def _scaled(progress: Progress, before: int, length: int, total: int, done: int, of: int) -> None:
    progress(before + (length * done // of if of else length), total)
