"""Samples asked for: so many documents, or one of them token by token, from the parameters of a moment.

The numbers of a moment are copied when it is asked, so an answer that is still growing stays an answer of that moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from microgpt.program.program import Program
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.sampling import Origin, Sampler, SampleTrace

PORTION = 0.03  # seconds that an answer may take before it tells how far it is: 20 names are all drawn by then


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Documents in the order in which they were drawn, as far as they are."""

    asked: DrawSamples
    origin: Origin
    documents: tuple[str, ...]
    starts: tuple[int, ...]  # random numbers that were taken before each
    reason: str | None = None  # why there are no more

    @property
    def is_complete(self) -> bool:
        """Whether there will be no more."""
        return self.reason is not None or len(self.documents) == self.asked.count


@dataclass(frozen=True, slots=True)
class DrawSamples(Inquiry[Samples]):
    """So many new documents, as `microgpt sample` draws them with the same seed and parameters."""

    number: int  # of the request: the same wish at another moment is another question
    count: int
    temperature: float
    seed: int

    def answer(self, sight: Sight) -> Samples:
        return _growing(sight, self, _Drawing).told()


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """A document token by token, or how near it is, or why there is none."""

    asked: TraceSample
    origin: Origin
    before: int  # documents of the same seed drawn before it so far
    trace: SampleTrace | None = None
    reason: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing more to come."""
        return self.trace is not None or self.reason is not None


@dataclass(frozen=True, slots=True)
class TraceSample(Inquiry[Traced]):
    """The nth document of a seed, token by token, from the present parameters or those that others were drawn from."""

    number: int  # of the request
    sample: int  # counted from 1
    temperature: float
    seed: int
    origin: Origin | None = None  # None: the moment that is asked
    start: int | None = None  # random numbers taken before it; None: they are found by drawing those before it

    def fits(self, program: Program) -> bool:
        return self.origin is None or len(self.origin.parameters) == program.num_parameters

    def answer(self, sight: Sight) -> Traced:
        return _growing(sight, self, _Tracing).told()


class _Drawing:
    """Documents, one after the other."""

    def __init__(self, asked: DrawSamples, sight: Sight) -> None:
        self._asked = asked
        self._origin = Origin.of(sight.execution)
        self._documents: list[str] = []
        self._starts: list[int] = []
        self._reason: str | None = None
        self._sampler: Sampler | None = None
        self._told: Samples | None = None
        try:
            self._sampler = _sampler(sight, self._origin, asked.temperature, asked.seed)
        except ValueError as error:
            self._reason = _refusal(self._origin, error)

    @property
    def is_complete(self) -> bool:
        return self._sampler is None

    def advance(self, cancelled: Callable[[], bool]) -> None:
        while self._sampler is not None:
            start = self._sampler.numbers
            try:
                document = self._sampler.draw()
            except (ArithmeticError, ValueError) as error:  # as plain Python raises it, for numbers that have given out
                self._reason = _refusal(self._origin, error)
                self._sampler = None
                break
            self._documents.append(document)
            self._starts.append(start)
            if len(self._documents) == self._asked.count:
                self._sampler = None  # and its memory goes
            elif cancelled():
                break
        self._told = None

    def told(self) -> Samples:
        """What there is so far."""
        if self._told is None:
            documents, starts = tuple(self._documents), tuple(self._starts)
            self._told = Samples(self._asked, self._origin, documents, starts, self._reason)
        return self._told


class _Tracing:
    """The documents before the one that is asked for, and then that one."""

    def __init__(self, asked: TraceSample, sight: Sight) -> None:
        self._asked = asked
        self._origin = asked.origin if asked.origin is not None else Origin.of(sight.execution)
        self._before = 0
        self._trace: SampleTrace | None = None
        self._reason: str | None = None
        self._sampler: Sampler | None = None
        self._told: Traced | None = None
        try:
            self._sampler = _sampler(sight, self._origin, asked.temperature, asked.seed)
        except ValueError as error:
            self._reason = _refusal(self._origin, error)
        if self._sampler is not None and asked.start is not None:
            self._sampler.skip(asked.start)
            self._before = asked.sample - 1

    @property
    def is_complete(self) -> bool:
        return self._sampler is None

    def advance(self, cancelled: Callable[[], bool]) -> None:
        try:
            while self._sampler is not None:
                if self._before == self._asked.sample - 1:
                    self._trace = self._sampler.trace()
                    self._sampler = None
                else:
                    self._sampler.draw()
                    self._before += 1
                if cancelled():
                    break
        except (ArithmeticError, ValueError) as error:
            self._reason = _refusal(self._origin, error)
            self._sampler = None
        self._told = None

    def told(self) -> Traced:
        """What there is so far."""
        if self._told is None:
            self._told = Traced(self._asked, self._origin, self._before, self._trace, self._reason)
        return self._told


_G = TypeVar("_G", _Drawing, _Tracing)


def _growing(sight: Sight, asked: object, make: Callable[..., _G]) -> _G:
    """What an inquiry has begun, or begins now, a portion further. Of each kind one is kept, the latest."""
    kept: dict[object, _G] = sight.keep(make, dict)
    if asked not in kept:
        kept.clear()
        kept[asked] = make(asked, sight)
    growing = kept[asked]
    if not growing.is_complete:
        end = time.monotonic() + PORTION
        growing.advance(lambda: time.monotonic() >= end)
    sight.growing.append(growing)
    return growing


def _sampler(sight: Sight, origin: Origin, temperature: float, seed: int) -> Sampler:
    return Sampler(sight.program, sight.description.tokenizer, origin, temperature, seed)


def _refusal(origin: Origin, error: Exception) -> str:
    return f"No sample can be drawn after update {origin.step}: {error.args[-1]}."
