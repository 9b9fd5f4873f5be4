"""Targets: what a person's definition of a breakpoint means: the moments of an update at which it may stop.

A moment is a number of operations that are done, as in a Place. What makes a number (a scalar, a gradient, an updated
parameter) stops when the number is there; what is a part of the program (a line, a scope, a position) stops before its
first operation. What means nothing is refused with the nearest thing that does.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np

from microgpt.program.addresses import AddressError, Addresses
from microgpt.program.program import Ids
from microgpt.program.runner import Runner
from microgpt_studio.debugger.conditions import Condition
from microgpt_studio.debugger.execution import Phase
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.scopes import Line, Lines, Scope, ScopeError, check_parameter, parse_address


class Event(StrEnum):
    """When a breakpoint may stop; in brackets, what `where` says."""

    COMPUTED = "computed"  # a scalar of the graph, in the forward phase [address]
    GRADIENT = "gradient"  # a scalar's gradient is complete: the last that uses it has run backward [address]
    UPDATED = "updated"  # a parameter, by Adam [address]
    LINE = "line"  # a source line is reached ["model.py:69"]
    SCOPE = "scope"  # a scope begins, at each position; backward, with its first operation to run [scope]
    UPDATE = "update"  # an update begins [its number, from 1]
    DOCUMENT = "document"  # an update begins that learns from a document [the document]
    CHARACTER = "character"  # a position begins that reads a character [the character]
    CONDITION = "condition"  # every update, at its end []
    SIGN = "sign"  # a value becomes negative, or ceases to be [expression]
    LEVEL = "level"  # a value falls below `level`, or ceases to be below it [expression]


@dataclass(frozen=True, slots=True)
class Definition:
    """A breakpoint as a person makes it.

    The expression of SIGN and LEVEL is looked at as soon as its number is there where it is one quantity, as
    `grad("wte[0,0]")`, and else at the end of every update; it is compared with the last value that there was.
    """

    event: Event
    where: str = ""
    phase: Phase | None = None  # of a scope; None: forward, or Adam for parameters
    level: float | None = None  # of LEVEL
    condition: str = ""  # checked at the moment of the event
    stop_after: int = 1  # the hit, counted from 1, from which on it stops
    message: str = ""  # written instead of stopping; {expression} stands for its value, {{ and }} for braces

    def __str__(self) -> str:
        if self.event is Event.CONDITION:
            return self.condition
        words = _WORDS[self.event].format(where=self.where, level=self.level)
        if self.phase is not None:
            words += f" in the {self.phase.name.lower()} phase"
        return f"{words}, if {self.condition}" if self.condition else words


_WORDS = {
    Event.COMPUTED: "{where} is computed",
    Event.GRADIENT: "the gradient of {where} is complete",
    Event.UPDATED: "{where} is updated",
    Event.LINE: "{where} is reached",
    Event.SCOPE: "{where} begins",
    Event.UPDATE: "update {where} begins",
    Event.DOCUMENT: "an update learns from “{where}”",
    Event.CHARACTER: "the character “{where}” is read",
    Event.SIGN: "{where} changes sign",
    Event.LEVEL: "{where} crosses {level}",
}


class BreakpointError(ValueError):
    """A breakpoint that cannot be: one sentence, the field of the definition that is wrong, and the column in it."""

    def __init__(self, sentence: str, field: str = "where", position: int = 0) -> None:
        super().__init__(sentence)
        self.field = field
        self.position = position


Target = Callable[[Reading], Sequence[int]]  # the moments in the loaded document's update, ascending


class Targets:
    """Finds the targets of definitions for one training run."""

    def __init__(self, addresses: Addresses, runner: Runner) -> None:
        self.lines = Lines(addresses.program)
        self._addresses = addresses
        self._program = addresses.program
        self._runner = runner

    def of(self, definition: Definition, expression: Condition | None) -> Target:
        """The target of a definition; `expression` is what SIGN and LEVEL look at. Raises BreakpointError."""
        where = definition.where.strip()
        try:
            match definition.event:
                case Event.COMPUTED | Event.GRADIENT | Event.UPDATED:
                    return self._scalar(definition.event, where)
                case Event.LINE:
                    return self._line(where)
                case Event.SCOPE:
                    return self._scope(where, definition.phase)
                case Event.UPDATE:
                    return self._update(where)
                case Event.DOCUMENT:
                    return self._document(definition.where)
                case Event.CHARACTER:
                    return self._character(definition.where)
                case Event.CONDITION:
                    return _at_end
                case Event.SIGN | Event.LEVEL:
                    return self._crossing(expression)
        except (AddressError, ScopeError) as error:
            raise BreakpointError(str(error)) from None

    def news_of(self, scalar: int) -> Target:
        """The moments at which something becomes known of a scalar: its data, its complete gradient, its update."""
        return partial(_news, scalar)

    def _scalar(self, event: Event, where: str) -> Target:
        scalar = parse_address(where, self._addresses)
        address = self._addresses.format(scalar)
        if event is Event.COMPUTED:
            if scalar < self._program.num_parameters:
                raise AddressError(
                    f"{address} is a parameter: it is not computed but updated; break on its update or its gradient"
                )
            return partial(_computed, scalar)
        if event is Event.GRADIENT:
            if scalar == self._program.loss:
                raise AddressError("the backward phase begins with the loss: its gradient is always 1")
            return partial(_gradient_complete, scalar)
        check_parameter(scalar, self._addresses, "only parameters are updated")
        return partial(_updated, scalar)

    def _line(self, where: str) -> Target:
        found = re.fullmatch(r"(.+):([0-9]{1,9})", where)
        if found is None:
            file = self.lines.files()[0]
            raise ScopeError(f"{where!r} is not a source line; write one such as {file}:{self.lines.of(file)[0]}")
        line = self.lines.find(found[1], int(found[2]))
        return partial(_walking, line) if line.arrivals is None else partial(_before, line.arrivals)

    def _scope(self, where: str, phase: Phase | None) -> Target:
        scope = Scope.of(where, self._program)
        if phase is None:
            phase = Phase.FORWARD if scope.groups else Phase.ADAM
        if phase is Phase.ADAM:
            if not len(scope.parameters):
                raise BreakpointError(f"{scope.path} has no parameters for Adam; choose forward or backward", "phase")
            return partial(_before_update, int(scope.parameters[0]))
        if not scope.groups:
            raise BreakpointError(f"{scope.path} is made of parameters, which only Adam works on; choose adam", "phase")
        if phase is Phase.FORWARD:
            return partial(_before, np.array([group[0] for group in scope.groups], dtype=np.int32))
        return partial(_scope_backward, scope)

    def _update(self, where: str) -> Target:
        last = self._runner.num_steps
        if not re.fullmatch("[0-9]{1,18}", where):
            raise BreakpointError(f"{where!r} is not the number of an update; there are updates 1 to {last}")
        number = int(where)
        if not 1 <= number <= last:
            near = min(max(number, 1), last)
            raise BreakpointError(f"there is no update {number}; there are updates 1 to {last}: did you mean {near}?")
        return partial(_at_update, number - 1)

    def _document(self, text: str) -> Target:
        documents = self._runner.documents
        if text not in documents:
            alike = {document for document in documents if document[:1] == text[:1]} or set(documents)
            near = difflib.get_close_matches(text, sorted(alike), n=1, cutoff=0.0)[0]
            raise BreakpointError(f"no document is {text!r}; did you mean {near!r}?")
        return partial(_at_document, text)

    def _character(self, text: str) -> Target:
        characters = self._runner.tokenizer.characters
        if text not in characters:
            shown = " ".join(characters[:40]) + (" …" if len(characters) > 40 else "")
            raise BreakpointError(f"{text!r} is not a character of the documents; there are {shown}")
        return partial(_at_character, text)

    def _crossing(self, expression: Condition | None) -> Target:
        assert expression is not None, "SIGN and LEVEL have one"
        if expression.sole is None:
            return _at_end
        quantity, scalar = expression.sole
        if quantity is Quantity.GRAD:
            return partial(_gradient_complete, scalar)
        return partial(_updated if scalar < self._program.num_parameters else _computed, scalar)


def _at_end(reading: Reading) -> Sequence[int]:
    return (reading.length,)


def _at_update(updates: int, reading: Reading) -> Sequence[int]:
    return (0,) if reading.updates == updates else ()


def _at_document(text: str, reading: Reading) -> Sequence[int]:
    return (0,) if reading.document == text else ()


def _at_character(character: str, reading: Reading) -> Sequence[int]:
    """Position 0 reads BOS; position p the character before it, the last one if the block is long enough."""
    read = reading.document[: reading.machine.positions - 1]
    starts = reading.program.position_start - reading.parameters
    return [int(starts[position]) for position, here in enumerate(read, start=1) if here == character]


def _computed(scalar: int, reading: Reading) -> Sequence[int]:
    number = reading.number_of(scalar)
    return () if number is None else (number + 1,)


def _gradient_complete(scalar: int, reading: Reading) -> Sequence[int]:
    last = reading.uses.last(scalar)
    return () if last is None else (reading.forward + last + 1,)


def _updated(parameter: int, reading: Reading) -> Sequence[int]:
    return (reading.forward + reading.backward + parameter + 1,)


def _news(scalar: int, reading: Reading) -> Sequence[int]:
    last = _updated(scalar, reading) if scalar < reading.parameters else ()
    return (*_computed(scalar, reading), *_gradient_complete(scalar, reading), *last)


def _before_update(parameter: int, reading: Reading) -> Sequence[int]:
    return (reading.forward + reading.backward + parameter,)


def _before(scalars: Ids, reading: Reading) -> Sequence[int]:
    """Before the scalars are computed, as far as the document has them; the ids ascend."""
    numbers: list[int] = []
    done = 0
    for start, stop in reading.program.live_ranges(reading.machine.positions):
        first, last = np.searchsorted(scalars, (start, stop))
        numbers += (scalars[first:last] + (done - start)).tolist()
        done += stop - start
    return numbers


def _walking(line: Line, reading: Reading) -> Sequence[int]:
    starts = (0, reading.forward, reading.forward + reading.backward, reading.length)
    start = starts[line.phase]
    return (start,) if line.at_start else range(start, starts[line.phase + 1])


def _scope_backward(scope: Scope, reading: Reading) -> Sequence[int]:
    first = (reading.uses.first(group) for group in scope.groups)
    return sorted(reading.forward + index for index in first if index is not None)
