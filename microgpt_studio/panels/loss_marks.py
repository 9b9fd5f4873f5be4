"""The marks of a run along its updates: hits of breakpoints, bookmarks, and where training stands; no pixels.

The end of update u stands at u, a moment within it between u - 1 and u. A hit stands at the end of its update.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.program import Ids
from microgpt_studio.bridge.commands import GoTo, GoToPlace
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.snapshot import BreakpointRow, Moment, Snapshot
from microgpt_studio.debugger.stop import Reason

Goal = GoTo | GoToPlace

_TROUBLE = {Reason.FAULT, Reason.NONFINITE, Reason.FAILURE}
_MOST_SENTENCES = 4  # of a kind in one description
_LONGEST = 60  # characters of a breakpoint's definition


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A marked moment."""

    place: Place
    position: float  # on the axis of updates
    words: str  # where that is, for people


@dataclass(frozen=True, slots=True)
class Target:
    """A mark to go to."""

    position: float
    goal: Goal


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What is marked at one moment."""

    breakpoints: tuple[BreakpointRow, ...] = ()  # those that are enabled and were hit
    bookmarks: tuple[Bookmark, ...] = ()  # ascending
    position: float = 0.0  # where training stands
    standing: str = ""  # the same in words
    trouble: str | None = None  # the fault, or the like, at which it stands

    def after(self, position: float) -> Target | None:
        """The first mark after a position; of two at one position the bookmark."""
        places = [(row.hit_updates, int(row.hit_updates.searchsorted(position, "right"))) for row in self.breakpoints]
        hits = [_to_hit(int(updates[i])) for updates, i in places if i < len(updates)]
        bookmarks = [_to_bookmark(bookmark) for bookmark in self.bookmarks if bookmark.position > position]
        return min([*bookmarks, *hits], key=_position, default=None)

    def before(self, position: float) -> Target | None:
        """The last mark before a position; of two at one position the bookmark."""
        places = [(row.hit_updates, int(row.hit_updates.searchsorted(position, "left"))) for row in self.breakpoints]
        hits = [_to_hit(int(updates[i - 1])) for updates, i in places if i > 0]
        bookmarks = [_to_bookmark(bookmark) for bookmark in self.bookmarks if bookmark.position < position]
        return max([*bookmarks, *hits], key=_position, default=None)

    def bookmark_near(self, position: float, low: float, high: float) -> Bookmark | None:
        """Of the bookmarks from `low` to `high` the nearest to a position."""
        there = [bookmark for bookmark in self.bookmarks if low <= bookmark.position <= high]
        return min(there, key=lambda bookmark: abs(bookmark.position - position), default=None)

    def hit_near(self, position: float, low: float, high: float) -> int | None:
        """Of the updates from `low` to `high` with a hit the nearest to a position."""
        there = [updates for row in self.breakpoints if len(updates := _hits(row, low, high))]
        nearest = [int(updates[np.abs(updates - position).argmin()]) for updates in there]
        return min(nearest, key=lambda update: abs(update - position), default=None)

    def describe_bookmarks(self, low: float, high: float) -> list[str]:
        """A sentence for each bookmark from `low` to `high`."""
        there = [f"Bookmark: {bookmark.words}" for bookmark in self.bookmarks if low <= bookmark.position <= high]
        return _shortened(there, "bookmarks")

    def describe_hits(self, low: float, high: float) -> list[str]:
        """A sentence for each breakpoint that was hit in updates from `low` to `high`."""
        return _shortened(
            [
                f"Breakpoint {row.id} ({_elided(str(row.definition))}) was hit in {updates_in_words(hits.tolist())}"
                for row in self.breakpoints
                if len(hits := _hits(row, low, high))
            ],
            "breakpoints",
        )

    def count_hits(self) -> int:
        """In how many updates breakpoints were hit."""
        hits = [row.hit_updates for row in self.breakpoints]
        return len(hits[0]) if len(hits) == 1 else len(np.unique(np.concatenate(hits))) if hits else 0


class MarksReader:
    """Reads the marks off snapshots.

    A bookmark tells how many operations of its update are done, but not of how many: that is known of the update that
    a snapshot shows, and kept. Until its update was seen, a bookmark within it stands in its middle.
    """

    def __init__(self) -> None:
        self._lengths: dict[int, int] = {}  # operations of the update after so many finished ones
        self._words: dict[Place, str] = {}

    def read(self, snapshot: Snapshot) -> Marks:
        """The marks of this moment."""
        moment = snapshot.moment
        here = Place(moment.update - 1, moment.cursor.done)
        words = " › ".join(moment.cursor.breadcrumb)
        if any(place.updates == here.updates for place in snapshot.bookmarks):
            self._lengths[here.updates] = moment.cursor.length
        if here in snapshot.bookmarks:
            self._words[here] = words
        stop = moment.stop
        standing = [f"Training stands at {words}", *([stop.sentence] if stop is not None else [])]
        return Marks(
            tuple(row for row in snapshot.breakpoints if row.enabled and len(row.hit_updates)),
            tuple(Bookmark(place, self.position(place), self._in_words(place)) for place in snapshot.bookmarks),
            position_of(moment),
            "\n".join(standing),
            stop.sentence if stop is not None and stop.reason in _TROUBLE else None,
        )

    def position(self, place: Place) -> float:
        """Where a place is on the axis of updates."""
        if place.done == 0:
            return float(place.updates)
        length = self._lengths.get(place.updates)
        return place.updates + (0.5 if length is None else min(place.done / length, 1.0))

    def _in_words(self, place: Place) -> str:
        if place in self._words:
            return self._words[place]
        update = f"update {place.updates + 1}"
        if place.done == 0:
            return f"{update} › start"
        length = self._lengths.get(place.updates)
        if length is not None and place.done >= length:
            return f"{update} › end"
        return f"{update} › after {place.done:,} operations"


def position_of(moment: Moment) -> float:
    """Where a moment is on the axis of updates."""
    cursor = moment.cursor
    return moment.update - 1 + cursor.done / max(cursor.length, 1)


def updates_in_words(updates: list[int]) -> str:
    """Ascending numbers of updates in a few words."""
    first, last, count = updates[0], updates[-1], len(updates)
    if count == 1:
        return f"update {first}"
    if count == 2:
        return f"updates {first} and {last}"
    if last - first + 1 == count:
        return f"updates {first} to {last}"
    return f"{count} of the updates {first} to {last}"


def _to_bookmark(bookmark: Bookmark) -> Target:
    return Target(bookmark.position, GoToPlace(bookmark.place))


def _to_hit(update: int) -> Target:
    return Target(float(update), GoTo(update))


def _position(target: Target) -> float:
    return target.position


def _hits(row: BreakpointRow, low: float, high: float) -> Ids:
    """The updates from `low` to `high` in which a breakpoint was hit."""
    first, stop = row.hit_updates.searchsorted(low, "left"), row.hit_updates.searchsorted(high, "right")
    return row.hit_updates[first:stop]


def _elided(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _shortened(sentences: list[str], what: str) -> list[str]:
    beyond = len(sentences) - _MOST_SENTENCES
    return sentences if beyond <= 0 else [*sentences[:_MOST_SENTENCES], f"and {beyond} more {what}"]
