"""Breakpoints: where a run is to stop, or to write a line; a table that survives the program in its plain form.

What a definition means is settled when it is made: see `targets` and `conditions`. How a run comes to a breakpoint is
not known here: see `continuing`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from microgpt.program.addresses import Addresses
from microgpt.program.program import Ids
from microgpt.program.runner import Runner
from microgpt_studio.debugger.conditions import Condition, ConditionError, ConditionFailure, Context
from microgpt_studio.debugger.execution import Phase
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.targets import BreakpointError, Definition, Event, Target, Targets

VERSION = 1  # of the plain form
AIM = 0  # the id of what is not in the table


@dataclass(slots=True, eq=False)
class Breakpoint:
    """A definition that makes sense for the program, and what has become of it."""

    id: int
    definition: Definition
    target: Target
    condition: Condition | None
    expression: Condition | None  # of SIGN and LEVEL
    message: Message | None
    scalar: int | None = None  # of COMPUTED, GRADIENT and UPDATED
    problem: str | None = None  # why it means nothing for the program; it has no target then
    enabled: bool = True
    hits: int = 0  # going forward
    _hit_updates: set[int] = field(default_factory=set)
    _ascending: Ids | None = None  # the same, as an array

    @property
    def hit_updates(self) -> Ids:
        """(H,) the updates, counted from 1, in which it was hit; ascending. Read-only."""
        if self._ascending is None:
            self._ascending = np.array(sorted(self._hit_updates), dtype=np.int32)
            self._ascending.flags.writeable = False
        return self._ascending

    def count(self, update: int) -> None:
        """A hit in an update, counted from 1."""
        self.hits += 1
        if update not in self._hit_updates:
            self._hit_updates.add(update)
            self._ascending = None

    def forget_hits(self) -> None:
        """Count from 0 again."""
        self.hits = 0
        self._hit_updates = set()
        self._ascending = None

    @property
    def subject(self) -> int | None:
        """The scalar that it is about: where it breaks, or else the first one that it looks at; None for none."""
        if self.scalar is not None:
            return self.scalar
        looked_at = [each for each in (self.expression, self.condition) if each is not None and each.quantities]
        return looked_at[0].quantities[0][1] if looked_at else None

    @property
    def can_stop(self) -> bool:
        """Whether it is enabled, and means something."""
        return self.enabled and self.problem is None


@dataclass(slots=True, eq=False)
class Memory:
    """The last values of what SIGN and LEVEL look at, by breakpoint, and the moment of the run that they belong to."""

    moment: object = None
    values: dict[int, float] = field(default_factory=dict)


class Breakpoints:
    """The breakpoints of one training run, in the order in which they were made. Not for two threads at once."""

    def __init__(self, addresses: Addresses, runner: Runner) -> None:
        self.addresses = addresses
        self.break_on_nonfinite = False
        self.memory = Memory()
        self.aim: Breakpoint | None = None  # of the present run alone, not in the table: where it is to come to
        self._targets = Targets(addresses, runner)
        self._breakpoints: dict[int, Breakpoint] = {}
        self._next = 1

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(self._breakpoints.values())

    def __len__(self) -> int:
        return len(self._breakpoints)

    def __getitem__(self, number: int) -> Breakpoint:
        """The breakpoint with an id. Raises KeyError."""
        return self._breakpoints[number]

    def lines(self, file: str) -> tuple[int, ...]:
        """The lines of a file ("model.py") that can have a breakpoint."""
        return self._targets.lines.of(file)

    def add(self, definition: Definition) -> Breakpoint:
        """A new breakpoint, enabled. Raises BreakpointError, and changes nothing then."""
        made = self._make(self._next, definition)
        self._put(made)
        self._next += 1
        return made

    def replace(self, number: int, definition: Definition) -> Breakpoint:
        """Another definition under the same id; its hits are counted anew. Raises BreakpointError, KeyError."""
        old = self._breakpoints[number]
        made = self._make(number, definition)
        made.enabled = old.enabled
        self._put(made)
        return made

    def aim_at(self, target: int | str) -> Breakpoint:
        """A breakpoint that is not in the table: something becomes known of a scalar, or a source line is reached.

        Raises BreakpointError where that cannot be.
        """
        if isinstance(target, str):
            return self._make(AIM, Definition(Event.LINE, target))
        definition = Definition(Event.COMPUTED, self.addresses.format(target))
        return Breakpoint(AIM, definition, self._targets.news_of(target), None, None, None)

    def remove(self, number: int) -> None:
        """Raises KeyError."""
        del self._breakpoints[number]

    def enable(self, number: int, enabled: bool) -> None:
        """Raises KeyError."""
        self._breakpoints[number].enabled = enabled
        self.memory = Memory()

    def forget_hits(self) -> None:
        """Count from 0 again."""
        for each in self:
            each.forget_hits()

    def as_json(self) -> dict[str, object]:
        """The plain form, for a file."""
        return {
            "version": VERSION,
            "next": self._next,
            "break_on_nonfinite": self.break_on_nonfinite,
            "breakpoints": [
                {"id": each.id, "enabled": each.enabled, "hits": each.hits, **_plain(each.definition)} for each in self
            ],
        }

    @classmethod
    def from_json(cls, plain: object, addresses: Addresses, runner: Runner) -> Breakpoints:
        """The breakpoints of a plain form. One that means nothing for this program is kept, with its problem.

        Raises BreakpointError where the form is damaged.
        """
        breakpoints = cls(addresses, runner)
        version = _checked(plain, "the saved table", {"version": (int,)})["version"]
        if version != VERSION:
            raise BreakpointError(f"the breakpoints were saved as version {version}; this program reads {VERSION}")
        table = _checked(plain, "the saved table", _TABLE)
        for number, row in enumerate(table["breakpoints"], start=1):
            what = f"saved breakpoint {number}"
            values = _checked(row, what, _ROW)
            try:
                definition = _definition(values)
            except BreakpointError as error:
                raise BreakpointError(f"{what}: {error}", error.field, error.position) from None
            try:
                made = breakpoints._make(values["id"], definition)
            except BreakpointError as error:
                made = Breakpoint(values["id"], definition, _nowhere, None, None, None, problem=str(error))
            made.enabled, made.hits = values["enabled"], values["hits"]
            if made.id in breakpoints._breakpoints or not 0 < made.id < table["next"] or made.hits < 0:
                raise BreakpointError(f"{what} is damaged: its id is {made.id}, its hits are {made.hits}")
            breakpoints._put(made)
        breakpoints._next = table["next"]
        breakpoints.break_on_nonfinite = table["break_on_nonfinite"]
        return breakpoints

    def _put(self, made: Breakpoint) -> None:
        self._breakpoints[made.id] = made
        self.memory = Memory()

    def _make(self, number: int, definition: Definition) -> Breakpoint:
        _check_fields(definition)
        crossing = definition.event in (Event.SIGN, Event.LEVEL)
        expression = self._condition(definition.where, "where") if crossing else None
        if expression is not None and expression.is_text:
            raise BreakpointError(f"{definition.where.strip()} is text; only a number can change its sign")
        return Breakpoint(
            id=number,
            definition=definition,
            target=self._targets.of(definition, expression),
            condition=self._condition(definition.condition, "condition") if definition.condition.strip() else None,
            expression=expression,
            message=Message(definition.message, self.addresses) if definition.message else None,
            scalar=self.addresses.parse(definition.where.strip()) if definition.event in _OF_SCALARS else None,
        )

    def _condition(self, text: str, name: str) -> Condition:
        try:
            return Condition(text, self.addresses)
        except ConditionError as error:
            raise BreakpointError(str(error), name, error.position) from None


_OF_SCALARS = frozenset({Event.COMPUTED, Event.GRADIENT, Event.UPDATED})


def _nowhere(_reading: Reading) -> tuple[int, ...]:
    return ()


class Message:
    """What a logpoint writes: text with expressions in braces. Raises BreakpointError for one that cannot be used."""

    def __init__(self, text: str, addresses: Addresses) -> None:
        self._parts: list[str | Condition] = []
        for part in _PARTS.finditer(text):
            word = part[0]
            if word in ("{", "}"):
                raise BreakpointError(
                    f"this brace has no partner; write {word}{word} for a brace", "message", part.start()
                )
            if word in ("{{", "}}"):
                self._parts.append(word[0])
            elif word[0] == "{":
                try:
                    self._parts.append(Condition(word[1:-1], addresses))
                except ConditionError as error:
                    raise BreakpointError(str(error), "message", part.start() + 1 + error.position) from None
            else:
                self._parts.append(word)

    def write(self, context: Context) -> str:
        """The line of this moment: numbers in full, and for what has no value the reason."""
        return "".join(part if isinstance(part, str) else _shown(part, context) for part in self._parts)


_PARTS = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")


def _shown(expression: Condition, context: Context) -> str:
    try:
        return str(expression.evaluate(context))
    except ConditionFailure as failure:
        return f"({failure})"


def _check_fields(definition: Definition) -> None:
    """Raises BreakpointError for a field that does not go with the event."""
    event, level = definition.event, definition.level
    if definition.stop_after < 1:
        raise BreakpointError(f"it can stop at hit 1 or later, not at hit {definition.stop_after}", "stop_after")
    if event is Event.LEVEL and (level is None or not math.isfinite(level)):
        raise BreakpointError("the level to cross has to be a finite number", "level")
    if event is not Event.LEVEL and level is not None:
        raise BreakpointError(f"a level goes with the event “level”, not with “{event}”", "level")
    if event is not Event.SCOPE and definition.phase is not None:
        raise BreakpointError(f"a phase goes with the event “scope”, not with “{event}”", "phase")
    if event is Event.CONDITION and definition.where:
        raise BreakpointError("a condition alone has no place; leave it empty")
    if event is Event.CONDITION and not definition.condition.strip():
        raise BreakpointError("there is no condition; write one such as loss > 3", "condition")


_TABLE = {"version": (int,), "next": (int,), "break_on_nonfinite": (bool,), "breakpoints": (list,)}
_ROW = {
    "id": (int,),
    "enabled": (bool,),
    "hits": (int,),
    "event": (str,),
    "where": (str,),
    "phase": (str, type(None)),
    "level": (float, int, type(None)),
    "condition": (str,),
    "stop_after": (int,),
    "message": (str,),
}


def _plain(definition: Definition) -> dict[str, object]:
    phase = None if definition.phase is None else definition.phase.name.lower()
    return {**asdict(definition), "event": definition.event.value, "phase": phase}


def _definition(values: dict[str, Any]) -> Definition:
    try:
        event = Event(values["event"])
        phase = None if values["phase"] is None else Phase[values["phase"].upper()]
        level = None if values["level"] is None else float(values["level"])
    except (ValueError, KeyError, OverflowError) as error:
        raise BreakpointError(f"it is damaged: {error}") from None
    return Definition(
        event, values["where"], phase, level, values["condition"], values["stop_after"], values["message"]
    )


def _checked(plain: object, what: str, types: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    """The values of a plain object. Raises BreakpointError where one is missing, or is not of its types."""
    if not isinstance(plain, dict):
        raise BreakpointError(f"{what} is damaged: it is not an object but {type(plain).__name__}")
    for name, allowed in types.items():
        if name not in plain:
            raise BreakpointError(f"{what} is damaged: “{name}” is missing")
        if type(plain[name]) not in allowed:
            raise BreakpointError(f"{what} is damaged: “{name}” is {plain[name]!r:.40}")
    return plain
