"""Watches: expressions whose value, previous value and latest history are wanted at every moment.

What an expression is worth at the end of an update never changes, because replay is exact. So it is kept, and what is
not known is replayed once for all watches together.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from microgpt.program.addresses import AddressError, Addresses
from microgpt.program.program import Floats
from microgpt_studio.debugger.conditions import Condition, ConditionError, ConditionFailure
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.replay import Replay
from microgpt_studio.debugger.scopes import parse_address
from microgpt_studio.debugger.snapshot import WatchRow

VERSION = 1  # of the plain form
SPAN = 48  # updates in a history
_MOST_KEPT = 1024  # values at ends of updates that are kept for a watch


class WatchError(ValueError):
    """Saved watches that cannot be read; one sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """An expression, and what it means to the program; or why it means nothing."""

    id: int
    text: str  # as it was typed
    condition: Condition | None
    problem: str | None = None


class Watches:
    """The watches of one training run, in the order in which they were made. Not for two threads at once."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._watches: dict[int, Watch] = {}
        self._next = 1
        self._past: _Past | None = None

    def __iter__(self) -> Iterator[Watch]:
        return iter(self._watches.values())

    def __len__(self) -> int:
        return len(self._watches)

    @property
    def scalars(self) -> tuple[int, ...]:
        """The scalars that they read, ascending."""
        conditions = (watch.condition for watch in self if watch.condition is not None)
        return tuple(sorted({scalar for condition in conditions for _, scalar in condition.quantities}))

    def __getitem__(self, number: int) -> Watch:
        """The watch with an id. Raises KeyError."""
        return self._watches[number]

    def add(self, text: str) -> Watch:
        """A new watch: an expression, or an address, whose data is meant. Raises ConditionError."""
        made = Watch(self._next, text.strip(), expression(text, self._addresses))
        self._watches[made.id] = made
        self._next += 1
        return made

    def replace(self, number: int, text: str) -> Watch:
        """Another expression under the same id. Raises ConditionError, KeyError."""
        made = Watch(self[number].id, text.strip(), expression(text, self._addresses))
        self._watches[number] = made
        return made

    def remove(self, number: int) -> None:
        """Raises KeyError."""
        del self._watches[number]

    def as_json(self) -> dict[str, object]:
        """The plain form, for a file."""
        return {
            "version": VERSION,
            "next": self._next,
            "watches": [{"id": watch.id, "text": watch.text} for watch in self],
        }

    @classmethod
    def from_json(cls, plain: object, addresses: Addresses) -> Watches:
        """The watches of a plain form. One that means nothing for this program is kept, with its problem.

        Raises WatchError where the form is damaged.
        """
        watches = cls(addresses)
        watches._next, saved = _checked(plain)
        for number, text in saved:
            try:
                watch = Watch(number, text, expression(text, addresses))
            except ConditionError as error:
                watch = Watch(number, text, None, str(error))
            watches._watches[number] = watch
        return watches

    def rows(self, execution: Execution, cancelled: Callable[[], bool] = lambda: False) -> tuple[WatchRow, ...]:
        """Every watch at the moment where the execution stands, and at the ends of the latest updates.

        While updates are finished one by one it replays nothing; otherwise up to `SPAN` updates. Cancelled, what of
        the past is not known then is nan or None; the next call goes on.
        """
        if self._past is None or self._past.execution is not execution:
            self._past = _Past(execution)
        watched = [watch for watch in self if watch.condition is not None]
        self._past.fill([watch.condition for watch in watched if watch.condition is not None], cancelled)
        reading = Reading(execution)
        return tuple(_row(watch, reading, self._past) for watch in self)


def expression(text: str, addresses: Addresses) -> Condition:
    """What a watch's text means: an address alone is its data. Raises ConditionError."""
    try:
        return Condition(f'data("{addresses.format(parse_address(text.strip(), addresses))}")', addresses)
    except AddressError as error:
        if _ADDRESS.fullmatch(text.strip()):
            raise ConditionError(str(error), len(text) - len(text.lstrip())) from None
    return Condition(text, addresses)


_ADDRESS = re.compile(r"[A-Za-z_]\w*(\.\w+|\[[\d\s,]*\])+")  # what was meant as an address


@dataclass(frozen=True, slots=True)
class _Nothing:
    """In place of a value: why there is none."""

    reason: str


class _Past:
    """What conditions are worth at the ends of finished updates of one execution."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._replay = Replay(execution)
        self._values: dict[Condition, dict[int, object]] = {}  # by condition and update, counted from 0

    def at(self, condition: Condition, updates: int) -> object:
        """The value at the end of the update after so many finished ones; None where it is not known."""
        return self._values[condition].get(updates)

    def fill(self, conditions: list[Condition], cancelled: Callable[[], bool]) -> None:
        """Get to know the latest updates. What is not among the conditions is forgotten."""
        self._values = {condition: self._values.get(condition, {}) for condition in conditions}
        execution = self.execution
        stop = execution.runner.step
        if execution.place.done == execution.length:
            self._note(execution.place.updates, Reading(execution))
            stop = execution.place.updates
        unknown = [u for u in range(self.first, stop) if any(u not in known for known in self._values.values())]
        if not unknown:
            return
        self._replay.approach(unknown[0])
        while self._replay.step <= unknown[-1] and not cancelled() and self._replay.update():
            self._note(self._replay.step - 1, self._replay.reading())

    @property
    def first(self) -> int:
        """Updates done before those of the histories."""
        return max(self.execution.first, self.execution.runner.step - SPAN)

    def _note(self, updates: int, reading: Reading) -> None:
        for condition, known in self._values.items():
            if updates not in known:
                known[updates] = _value(condition, reading)
                if len(known) > _MOST_KEPT:
                    del known[next(iter(known))]


def _value(condition: Condition, reading: Reading) -> object:
    try:
        return condition.evaluate(reading)
    except ConditionFailure as failure:
        return _Nothing(str(failure))


def _row(watch: Watch, reading: Reading, past: _Past) -> WatchRow:
    first, step = past.first, past.execution.runner.step
    condition = watch.condition
    if condition is None:
        return WatchRow(watch.id, watch.text, None, watch.problem, None, None, first, _read_only(np.empty(0)))
    value = _value(condition, reading)
    previous = past.at(condition, reading.updates - 1)
    reason = value.reason if isinstance(value, _Nothing) else None
    value, previous = (None if isinstance(each, _Nothing) else each for each in (value, previous))
    history = np.array([_number(past.at(condition, updates)) for updates in range(first, step)], dtype=np.float64)
    change = _change(value, previous)
    return WatchRow(watch.id, watch.text, value, reason, previous, change, first, _read_only(history))


def _number(value: object) -> float:
    """A value in a history: a truth is 1 or 0, what is no number nan."""
    if not isinstance(value, float | int):
        return math.nan
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return math.nan


def _change(value: object, previous: object) -> float | None:
    for each in (value, previous):
        if not isinstance(each, float | int) or isinstance(each, bool):
            return None
    try:
        return float(value - previous)  # type: ignore[operator]
    except OverflowError:
        return None


def _read_only(history: Floats) -> Floats:
    history.flags.writeable = False
    return history


def _checked(plain: object) -> tuple[int, list[tuple[int, str]]]:
    """The next id, and the id and text of each watch. Raises WatchError."""
    if not isinstance(plain, dict):
        raise WatchError(f"the saved watches are damaged: they are not an object but {type(plain).__name__}")
    if plain.get("version") != VERSION:
        raise WatchError(
            f"the watches were saved as version {plain.get('version')!r:.40}; this program reads {VERSION}"
        )
    following, rows = plain.get("next"), plain.get("watches")
    if type(following) is not int or not 0 < following <= sys.maxsize or not isinstance(rows, list):
        raise WatchError("the saved watches are damaged: “next” or “watches” is missing or wrong")
    saved: dict[int, str] = {}
    for i, row in enumerate(rows, start=1):
        number, text = (row.get("id"), row.get("text")) if isinstance(row, dict) else (None, None)
        if type(number) is not int or not 0 < number < following or number in saved or not isinstance(text, str):
            raise WatchError(f"saved watch {i} is damaged: {row!r:.60}")
        saved[number] = text
    return following, list(saved.items())
