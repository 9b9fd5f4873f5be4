"""Questions to the past: when was something last true of a number, or at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from microgpt.program.addresses import Addresses
from microgpt.program.program import Operation
from microgpt_studio.debugger import retrospect
from microgpt_studio.debugger.conditions import Condition, ConditionFailure
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.replay import check_quantity
from microgpt_studio.debugger.retrospect import Answer, Cancelled, Progress, Retrospect


class Was(StrEnum):
    """What may have been the case. The first four ask about one number, at the ends of updates."""

    SIGN = "changed sign"
    CROSSED = "crossed"  # `level`
    LARGER = "was larger than"  # `level`, in magnitude
    FIRED = "fired"  # a ReLU: was above 0
    CONDITION = "was true"  # `condition`, at the end of an update


@dataclass(frozen=True, slots=True)
class Question:
    """When was it last so, before the moment that is shown?"""

    was: Was
    quantity: Quantity = Quantity.DATA
    scalar: int = 0
    level: float | None = None
    condition: str = ""


class Questions:
    """Answers questions to the past of one execution, which stays where it is. Not for two threads at once."""

    def __init__(self, execution: Execution, addresses: Addresses) -> None:
        self._execution = execution
        self._addresses = addresses
        self._retrospect = Retrospect(execution)

    def answer(
        self, question: Question, progress: Progress = retrospect.unheard, cancelled: Cancelled = retrospect.never
    ) -> Answer:
        """The latest finished update of which it is true; of those before this one, if that is where it stands.

        Cancelled, there is no answer, and the sentence says so. Raises ValueError (ConditionError, AddressError) or
        IndexError where the question makes no sense.
        """
        search = self._search(question)
        place = self._execution.place
        found = search(self._execution.runner.step, progress, cancelled)
        if found.place is None or found.place != place:
            return found
        earlier = search(place.updates, progress, cancelled)
        return Answer(earlier.place, f"Before update {place.updates + 1}: {earlier.sentence}")

    def _search(self, question: Question) -> _Search:
        if question.was is Was.CONDITION:
            condition = Condition(question.condition, self._addresses)
            if condition.is_text:
                raise ValueError(f'{condition.text.strip()} is text, not a condition; write "a" in document')
            return _ConditionSearch(condition, self._execution, self._retrospect)
        quantity = Quantity.DATA if question.was is Was.FIRED else question.quantity
        return _NumberSearch(self._retrospect, quantity, question.scalar, self._case(question))

    def _case(self, question: Question) -> retrospect.Condition:
        """What may have been true of the number. Raises ValueError or IndexError."""
        scalar, level = question.scalar, question.level
        check_quantity(question.quantity, scalar, self._addresses)
        if question.was is Was.SIGN:
            return retrospect.changed_sign()
        if question.was is Was.FIRED:
            if self._addresses.program.operation[scalar] != Operation.RELU:
                raise ValueError(f"{self._addresses.format(scalar)} is no ReLU; only a ReLU fires")
            return retrospect.fired()
        if level is None or not math.isfinite(level):
            raise ValueError("the level has to be a finite number, as 0.5")
        return retrospect.crossed(level) if question.was is Was.CROSSED else retrospect.been_larger(level)


def title(question: Question, addresses: Addresses) -> str:
    """What is searched for, as the beginning of a sentence. Raises IndexError where there is no such scalar."""
    if question.was is Was.CONDITION:
        return f"Searching for the last update in which {question.condition.strip()} was true"
    address = addresses.format(question.scalar)
    number = address if question.quantity is Quantity.DATA else f"{question.quantity} of {address}"
    match question.was:
        case Was.SIGN:
            return f"Searching for the last sign change of {number}"
        case Was.FIRED:
            return f"Searching for the last time that {address} fired"
        case Was.CROSSED:
            return f"Searching for the last time that {number} crossed {_level(question)}"
        case Was.LARGER:
            return f"Searching for the last time that {number} was larger than {_level(question)}"


_Search = Callable[[int, Progress, Cancelled], Answer]  # among so many first updates


@dataclass(frozen=True, slots=True)
class _NumberSearch:
    past: Retrospect
    quantity: Quantity
    scalar: int
    case: retrospect.Condition

    def __call__(self, before: int, progress: Progress, cancelled: Cancelled) -> Answer:
        return self.past.last_time(self.quantity, self.scalar, self.case, before, progress, cancelled)


class _ConditionSearch:
    """Looks for the last update at whose end an expression is true. Where it has no value, it is not true."""

    def __init__(self, condition: Condition, execution: Execution, past: Retrospect) -> None:
        self._condition = condition
        self._earliest = execution.first
        self._past = past
        self._found: int | None = None
        self._failed = 0  # updates at whose end it has no value
        self._failure = ""

    def __call__(self, before: int, progress: Progress, cancelled: Cancelled) -> Answer:
        self._found, self._failed, self._failure = None, 0, ""
        text, earliest = self._condition.text.strip(), self._earliest
        for first, stop in retrospect.pieces(earliest, before):
            inner = retrospect.share(progress, before - stop, stop - first, before - earliest)
            cut = self._past.replay_each(first, stop, self._look, inner, cancelled)
            if cut is not None:
                return Answer(None, retrospect.no_answer(stop, before, cut))
            if self._found is not None:
                words = f"Update {self._found + 1} is the last at whose end {text} was true."
                return Answer(self._past.end(self._found), words)
        if before == earliest:
            return Answer(None, f"There is no update yet at whose end {text} could have been true.")
        sentence = f"{text} was not true at the end of any of updates {earliest + 1} to {before}."
        if self._failed:
            sentence += f" At the end of {self._failed} of them it has no value: {self._failure}."
        return Answer(None, sentence)

    def _look(self, reading: Reading) -> None:
        try:
            if self._condition.holds(reading):
                self._found = reading.updates
        except ConditionFailure as failure:
            self._failed += 1
            self._failure = self._failure or str(failure)


def _level(question: Question) -> str:
    return "a level" if question.level is None else f"{question.level:g}"
