"""Health history: the health figures of many updates, collected in one replay of the past.

How long a unit has been silent is counted over the updates that were replayed, and says nothing about those before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.health_figures import DEAD_FOR, HealthPlaces, Kind
from microgpt_studio.debugger.health_measuring import Extent, long_silent, measure
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach, Reaches
from microgpt_studio.debugger.span_replay import SpanReplay
from microgpt_studio.debugger.update_spans import Span

_MOST_KEPT = 3  # histories
_FIRST_ROOM = 256  # updates

_Array = TypeVar("_Array", Floats, Reaches, Ids)


@dataclass(frozen=True, slots=True, eq=False)
class HealthRows:
    """F figures of U updates, as far as they are replayed: row i is update first + i + 1. Read-only."""

    first: int  # finished updates before the first row
    stop: int  # and after the last one that is to come
    values: Floats  # (U, F) nan where the reach is not KNOWN
    reach: Reaches  # (U, F)
    silent: Ids  # (U, L, H) for how many measured updates in a row, this one included, a unit has fired nowhere
    counted_from: int  # finished updates before those that are measured, which may be earlier than the first row
    reason: str | None = None  # why it ends early

    @property
    def done(self) -> int:
        """Finished updates after the last row."""
        return self.first + len(self.values)

    @property
    def is_complete(self) -> bool:
        """Whether no row is missing."""
        return self.done >= self.stop

    def row(self, update: int) -> int | None:
        """The row of an update, counted from 1; None where it is not there."""
        return update - self.first - 1 if self.first < update <= self.done else None


@dataclass(frozen=True, slots=True)
class HealthHistory(Inquiry[HealthRows]):
    """The figures of a span of updates."""

    span: Span

    def answer(self, sight: Sight) -> HealthRows:
        kept: dict[HealthHistory, SpanReplay[_Rows]] = sight.keep(HealthHistory, dict)
        growing = kept.pop(self, None) or SpanReplay(sight, partial(_Rows, HealthPlaces.of(sight)))
        kept[self] = growing  # the latest asked for comes last
        if len(kept) > _MOST_KEPT:
            del kept[next(iter(kept))]
        growing.aim(sight, self.span)
        sight.growing.append(growing)
        rows = growing.shown
        assert rows is not None, "it has an aim"
        return rows.told(*growing.shown_aim, growing.reason)


class _Rows:
    """A Collection. What was written never changes, so a view that was handed out stays true."""

    def __init__(self, places: HealthPlaces, first: int) -> None:
        self.first = first
        self.stop = first
        self._needed_from = first  # rows before it may go
        self._places = places
        self._extent: Extent | None = None
        self._values = np.empty((_FIRST_ROOM, len(places.figures)))
        self._reach = np.empty(self._values.shape, dtype=np.uint8)
        self._counted_from = first
        self._silent = np.empty((_FIRST_ROOM, places.relu.shape[0], places.relu.shape[2]), dtype=np.int32)
        self._silent_now: Ids = np.zeros(self._silent.shape[1:], dtype=np.int32)

    def begin(self, machine: Machine) -> None:
        self._extent = Extent.whole(machine)

    def add(self, machine: Machine) -> None:
        assert self._extent is not None, "it has begun"
        if self.stop - self.first == len(self._values):
            self._make_room()
        measured, row = measure(self._places, machine, self._extent), self.stop - self.first
        self._values[row], self._reach[row] = measured.values, measured.reach
        self._silent_now[:] = np.where(measured.fired, 0, self._silent_now + 1)
        self._silent[row] = self._silent_now
        self.stop += 1
        if self.stop - self._counted_from >= DEAD_FOR:
            dead = self._places.columns(Kind.DEAD)
            self._values[row, dead], self._reach[row, dead] = long_silent(self._silent_now), Reach.KNOWN

    def continues(self, first: int, _stop: int) -> bool:
        return self.first <= first <= self.stop

    def told(self, first: int, stop: int, reason: str | None) -> HealthRows:
        """The rows after so many finished updates, up to others, as far as they are."""
        self._needed_from = first
        rows = slice(first - self.first, max(first, min(stop, self.stop)) - self.first)
        values, reach, silent = self._values[rows], self._reach[rows], self._silent[rows]
        for array in (values, reach, silent):
            array.flags.writeable = False
        return HealthRows(first, stop, values, reach, silent, self._counted_from, reason)

    def _make_room(self) -> None:
        """Twice the rows, or without those that are no longer needed."""
        gone = max(self._needed_from - self.first, 0)
        self.first += gone
        self._values, self._reach = _longer(self._values[gone:]), _longer(self._reach[gone:])
        self._silent = _longer(self._silent[gone:])


def _longer(rows: _Array) -> _Array:
    """The same rows, and room for as many more."""
    room = np.empty((max(len(rows), _FIRST_ROOM), *rows.shape[1:]), dtype=rows.dtype)
    longer: _Array = np.concatenate([rows, room])
    return longer
