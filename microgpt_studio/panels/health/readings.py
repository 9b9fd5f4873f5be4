"""Readings: each figure of a moment beside its past, its usual range, and what it is called outside of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.health import HealthNumbers, Shown
from microgpt_studio.debugger.health_figures import DEAD_FOR, Figure, HealthPlaces, Kind
from microgpt_studio.debugger.health_history import HealthRows
from microgpt_studio.debugger.health_ranges import Mark, Usual, judge, usual
from microgpt_studio.debugger.snapshot import Reach, Reaches

GROUPS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("Gradient norm", (Kind.GRADIENT,)),
    ("Update ÷ weight", (Kind.UPDATE,)),
    ("Silent units", (Kind.SILENT, Kind.DEAD)),
    ("Attention entropy", (Kind.ENTROPY,)),
    ("Stream norm", (Kind.STREAM,)),
)


_GLIMPSES = 20  # of a history while it grows


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What is known of other updates: of all in a row, as far as they are replayed, or of those that were shown."""

    first: int  # finished updates before those that it is about
    stop: int  # and after them
    updates: npt.NDArray[np.int64]  # (U,) that it has figures of, counted from 1, ascending
    values: Floats  # (U, F)
    reach: Reaches  # (U, F)
    silent: Ids  # (U, L, H) for how many of the updates looked at, up to this one, a unit has fired nowhere
    measured: int  # how many were looked at, up to the last one
    rows: HealthRows | None  # None: only of updates that were shown

    @classmethod
    def of_rows(cls, rows: HealthRows) -> History:
        """All updates in a row."""
        return cls(
            rows.first,
            rows.stop,
            np.arange(rows.first + 1, rows.done + 1),
            rows.values,
            rows.reach,
            rows.silent,
            rows.done - rows.counted_from,
            rows,
        )

    @classmethod
    def of_shown(cls, shown: Shown, update: int) -> History:
        """Those that were shown, up to an update."""
        first = int(shown.updates[0]) - 1 if len(shown.updates) else update - 1
        return cls(first, update, shown.updates, shown.values, shown.reach, shown.silent, len(shown.updates), None)

    @property
    def count(self) -> int:
        """U."""
        return len(self.updates)

    def row(self, update: int) -> int | None:
        """The row of an update; None where it is not there."""
        i = int(np.searchsorted(self.updates, update))
        return i if i < self.count and self.updates[i] == update else None

    def nearest(self, update: float) -> int | None:
        """The update nearest to a place on the axis among those that have figures; None where none has."""
        if not self.count:
            return None
        return int(self.updates[int(np.argmin(np.abs(self.updates - update)))])

    def beside(self, update: int, steps: int) -> int:
        """The update so many further on among those that have figures; there is one."""
        i = int(np.searchsorted(self.updates, update)) + steps
        return int(self.updates[min(max(i, 0), self.count - 1)])


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One figure, as it is shown."""

    figure: Figure
    label: str  # in a tile: "attn_wq"
    value: float  # nan where the reach is not KNOWN
    reach: Reach
    update: int  # that the value is of, counted from 1
    usual: Usual
    mark: Mark
    past: Floats  # (U,) nan where the past reach is not KNOWN
    past_reach: Reaches  # (U,)

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.reach is Reach.KNOWN

    @property
    def extremes(self) -> tuple[float, float] | None:
        """The smallest and the largest number of its past; None where there is none."""
        finite = self.past[np.isfinite(self.past)]
        return (float(finite.min()), float(finite.max())) if len(finite) else None


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """All figures of a moment that have a tile, group after group."""

    numbers: HealthNumbers
    history: History
    groups: tuple[tuple[Reading, ...], ...]

    @property
    def all(self) -> tuple[Reading, ...]:
        """In the order of the tiles."""
        return tuple(reading for group in self.groups for reading in group)

    @property
    def marked(self) -> tuple[Reading, ...]:
        """Those outside their usual range."""
        return tuple(reading for reading in self.all if reading.mark is not Mark.NONE)

    @property
    def places(self) -> HealthPlaces:
        """Of the program."""
        return self.numbers.places

    @property
    def last(self) -> int:
        """The latest update that curves have room for: the present one too, if nothing lies between."""
        update = self.numbers.update
        return update if update == self.history.stop + 1 else self.history.stop

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the update that is shown."""
        return not (self.numbers.reach == Reach.KNOWN).any()

    def is_hardly_less_than(self, later: Readings) -> bool:
        """Whether others say the same of the update, and their history, which still grows, is little longer."""
        mine, its = self.history, later.history
        if its.rows is None or its.rows.is_complete or (mine.first, mine.stop) != (its.first, its.stop):
            return False
        same = self.numbers.update == later.numbers.update and mine.rows is not None
        grown = its.count - mine.count
        return (
            same
            and 0 <= grown < (its.stop - its.first) / _GLIMPSES
            and np.array_equal(self.numbers.reach, later.numbers.reach)
        )

    def nats(self, reading: Reading) -> float | None:
        """An attention entropy in nats; None where it is not known."""
        kinds = self.places.columns(Kind.ENTROPY).start, self.places.columns(Kind.NATS).start
        column = reading.figure.column - kinds[0] + kinds[1]
        return float(self.numbers.values[column]) if self.numbers.reach[column] == Reach.KNOWN else None


def read(numbers: HealthNumbers, rows: HealthRows | None, step: int) -> Readings:
    """All readings after so many finished updates; without rows their histories are of what was shown."""
    history = History.of_shown(numbers.shown, numbers.update) if rows is None else History.of_rows(rows)
    groups = tuple(
        tuple(
            _read(numbers, history, figure, step)
            for place in range(len(numbers.places.figures_of(kinds[0])))
            for figure in (numbers.places.figures_of(kind)[place] for kind in kinds)
        )
        for _, kinds in GROUPS
    )
    return Readings(numbers, history, groups)


def _read(numbers: HealthNumbers, history: History, figure: Figure, step: int) -> Reading:
    column = figure.column
    past, past_reach = history.values[:, column], history.reach[:, column]
    value, reach, update = float(numbers.values[column]), Reach(int(numbers.reach[column])), numbers.update
    if figure.kind is Kind.DEAD:  # of finished updates: the present one, or the latest that is looked at already
        update = step if history.row(step) is not None else int(history.updates[-1]) if history.count else step
        row = history.row(update)
        value = float("nan") if row is None else float(past[row])
        reach = Reach.NOT_COMPUTED if row is None else Reach(int(past_reach[row]))
    limits = usual(numbers.places, figure, numbers.values, numbers.reach, past)
    mark = judge(figure, value, limits) if reach is Reach.KNOWN else Mark.NONE
    return Reading(figure, _label(numbers.places, figure), value, reach, update, limits, mark, past, past_reach)


def _label(places: HealthPlaces, figure: Figure) -> str:
    """Without "layer" where there is one layer only: "attn_wq" or "0.attn_wq"."""
    prefix, dot, rest = figure.name.partition(".")
    layer = "" if not dot or len(places.relu) == 1 else prefix.removeprefix("layer") + "."
    if figure.kind is Kind.SILENT:
        return f"{layer}now"
    if figure.kind is Kind.DEAD:
        return f"{layer}last {DEAD_FOR}"
    return layer + rest if dot else figure.name
