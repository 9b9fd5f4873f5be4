"""Health: the figures that tell whether training is well, of the update that is shown, as far as it is computed.

Those of finished updates are kept a while once they were shown: a history of what was seen, which costs no replay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.health_figures import DEAD_FOR, HealthPlaces, Kind
from microgpt_studio.debugger.health_measuring import Extent, Measured, long_silent, measure
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach, Reaches

_Array = TypeVar("_Array", npt.NDArray[np.int64], Floats, Reaches, Ids)

MOST_SHOWN = 200  # updates that are kept: at four a second those of the last 50 seconds


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """F figures of K finished updates that were shown, with gaps between them, the earliest first. Read-only."""

    updates: npt.NDArray[np.int64]  # (K,) counted from 1
    values: Floats  # (K, F) nan where the reach is not KNOWN; those of Kind.DEAD are of the latest ones shown
    reach: Reaches  # (K, F)
    silent: Ids  # (K, L, H) for how many of those shown, one after the other up to this one, a unit has fired nowhere


@dataclass(frozen=True, slots=True, eq=False)
class HealthNumbers:
    """F figures of one update. Where the reach is not KNOWN the value is nan; OUTSIDE: there is no such number."""

    places: HealthPlaces
    update: int  # counted from 1
    positions: int
    values: Floats  # (F,) read-only
    reach: Reaches  # (F,) read-only; of Kind.DEAD never KNOWN: see HealthHistory
    shown: Shown  # up to this update


@dataclass(frozen=True, slots=True)
class Health(Inquiry[HealthNumbers]):
    """The figures of the update that is shown."""

    is_slow: ClassVar[bool] = True  # they are read

    def answer(self, sight: Sight) -> HealthNumbers:
        places, execution, machine = HealthPlaces.of(sight), sight.execution, sight.machine
        update = execution.place.updates + 1
        num_updated = max(0, execution.place.done - execution.length + machine.program.num_parameters)
        measured = measure(places, machine, Extent(sight.data_reach, sight.arrivals.reach, num_updated))
        memory = sight.keep(Health, lambda: _Memory(places))
        memory.go_to(update)
        if execution.place.done == execution.length:
            memory.add(update, measured)
        return HealthNumbers(places, update, machine.positions, measured.values, measured.reach, memory.told())


class _Memory:
    """Rows that are written once; where others follow there is a new array, so that what was handed out stays true."""

    def __init__(self, places: HealthPlaces) -> None:
        self._dead = places.columns(Kind.DEAD)
        self._count = 0
        figures, layers, units = len(places.figures), places.relu.shape[0], places.relu.shape[2]
        self._updates = np.empty(2 * MOST_SHOWN, dtype=np.int64)
        self._values = np.empty((2 * MOST_SHOWN, figures))
        self._reach = np.empty((2 * MOST_SHOWN, figures), dtype=np.uint8)
        self._silent = np.empty((2 * MOST_SHOWN, layers, units), dtype=np.int32)

    def go_to(self, update: int) -> None:
        """Forget what comes after an update."""
        kept = int(np.searchsorted(self._updates[: self._count], update, side="right"))
        if kept < self._count:
            self._keep(slice(0, kept))

    def add(self, update: int, measured: Measured) -> None:
        """Keep a finished update, which is none of those before the last one."""
        if self._count and self._updates[self._count - 1] == update:
            return
        if self._count == len(self._updates):
            self._keep(slice(self._count - MOST_SHOWN, self._count))
        row = self._count
        self._updates[row], self._values[row], self._reach[row] = update, measured.values, measured.reach
        before = self._silent[row - 1] if row else 0
        self._silent[row] = np.where(measured.fired, 0, before + 1)
        self._count += 1
        if self._count >= DEAD_FOR:
            self._values[row, self._dead] = long_silent(self._silent[row])
            self._reach[row, self._dead] = Reach.KNOWN

    def told(self) -> Shown:
        """The latest of them."""
        rows = slice(max(self._count - MOST_SHOWN, 0), self._count)
        parts = self._updates[rows], self._values[rows], self._reach[rows], self._silent[rows]
        for array in parts:
            array.flags.writeable = False
        return Shown(*parts)

    def _keep(self, rows: slice) -> None:
        self._count = rows.stop - rows.start
        self._updates = _moved(self._updates, rows)
        self._values = _moved(self._values, rows)
        self._reach = _moved(self._reach, rows)
        self._silent = _moved(self._silent, rows)


def _moved(old: _Array, rows: slice) -> _Array:
    """A new array, which begins with some rows of the old one."""
    new = np.empty_like(old)
    new[: rows.stop - rows.start] = old[rows]
    return new
