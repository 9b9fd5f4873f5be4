"""Movers: how far every parameter has moved in a span of updates, and how often its signs changed, in one replay."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import partial

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.machine import Machine
from microgpt.program.program import Floats
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.span_replay import SpanReplay
from microgpt_studio.debugger.update_spans import Span

_MOST_KEPT = 4

Counts = npt.NDArray[np.int32]


class Sign(IntEnum):
    """Whose changes of sign are counted."""

    UPDATE = 0  # of what each update subtracted
    GRAD = 1
    WEIGHT = 2  # the weight before the first update included


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """P parameters in the updates after `first` finished ones, as far as they are replayed: up to `done`. Read-only.

    A sign changes where a number and the last one before it that was not 0 are on different sides of 0: a number that
    is 0, or nan, counts for nothing.
    """

    first: int
    done: int
    stop: int  # up to which updates they are to come
    before: Floats  # (P,) the weights before the first of them
    after: Floats  # (P,) and after the last
    flips: Counts  # (len(Sign), P) how often each sign changed
    reason: str | None = None  # why it ends early

    @property
    def is_complete(self) -> bool:
        """Whether none is missing."""
        return self.done >= self.stop

    @property
    def moved(self) -> Floats:
        """(P,) after - before."""
        return np.asarray(self.after - self.before)


@dataclass(frozen=True, slots=True)
class Movers(Inquiry[Moved]):
    """How the parameters moved in a span of updates."""

    span: Span

    def answer(self, sight: Sight) -> Moved:
        kept: dict[Movers, SpanReplay[_Tally]] = sight.keep(Movers, dict)
        growing = kept.pop(self, None) or SpanReplay(sight, partial(_Tally, sight.program.num_parameters))
        kept[self] = growing  # the latest asked for comes last
        if len(kept) > _MOST_KEPT:
            del kept[next(iter(kept))]
        growing.aim(sight, self.span)
        sight.growing.append(growing)
        tally = growing.shown
        assert tally is not None, "it has an aim"
        return tally.told(growing.shown_aim[1], growing.reason)


class _Tally:
    """A Collection."""

    def __init__(self, parameters: int, first: int) -> None:
        self.first = first
        self.stop = first
        self._before = np.full(parameters, np.nan)
        self._after = self._before
        self._signs = np.zeros((len(Sign), parameters), dtype=np.int8)  # of the last number that was not 0
        self._flips = np.zeros((len(Sign), parameters), dtype=np.int32)
        self._told: Moved | None = None

    def begin(self, machine: Machine) -> None:
        self._before = self._after = _read_only(machine.parameters.copy())
        self._signs[Sign.WEIGHT] = np.sign(np.nan_to_num(self._before))

    def add(self, machine: Machine) -> None:
        parameters = len(self._before)
        for sign, numbers in (
            (Sign.UPDATE, machine.change),
            (Sign.GRAD, machine.grad[:parameters]),
            (Sign.WEIGHT, machine.parameters),
        ):
            _count(numbers, self._signs[sign], self._flips[sign])
        self._after = _read_only(machine.parameters.copy())
        self.stop += 1

    def continues(self, first: int, stop: int) -> bool:
        return first == self.first and stop >= self.stop

    def told(self, stop: int, reason: str | None) -> Moved:
        """What there is to tell so far, of what is to go up to `stop`."""
        told = self._told
        if told is None or (told.done, told.stop, told.reason) != (self.stop, stop, reason):
            flips = self._flips.copy()
            flips.flags.writeable = False
            told = self._told = Moved(self.first, self.stop, stop, self._before, self._after, flips, reason)
        return told


def _read_only(numbers: Floats) -> Floats:
    numbers.flags.writeable = False
    return numbers


@compiled
def _count(numbers, signs, flips):  # type: ignore[no-untyped-def]
    """Count up where a number has another sign than the last one that had any."""
    for i in range(len(numbers)):
        sign = 1 if numbers[i] > 0.0 else (-1 if numbers[i] < 0.0 else 0)
        if sign != 0:
            if signs[i] == -sign:
                flips[i] += 1
            signs[i] = sign
