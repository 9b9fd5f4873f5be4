"""Spans: which updates of the past a question is about, said as people say it; they become numbers at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """How a span is meant."""

    LAST = 0  # so many updates up to the present moment
    FIRST = 1  # so many from where the session began
    ALL = 2  # every update that was ever done, later ones than the present one too
    BETWEEN = 3  # from one update to another


@dataclass(frozen=True, slots=True)
class Span:
    """Some updates in a row. Build it with `last`, `first`, `between`, or take `ALL`."""

    kind: Kind
    count: int = 0  # LAST, FIRST: how many; BETWEEN: the number of the first update, counted from 1
    end: int = 0  # BETWEEN: the number of the last update

    def bounds(self, began: int, known: int, now: int) -> tuple[int, int]:
        """The updates as finished ones: after `first`, up to `stop`; equal where there is none.

        A session that began after `began` updates stands after `now` and has seen `known`.
        """
        match self.kind:
            case Kind.LAST:
                return max(began, now - self.count), now
            case Kind.FIRST:
                return began, min(began + self.count, known)
            case Kind.ALL:
                return began, known
            case Kind.BETWEEN:
                first = min(max(began, self.count - 1), known)
                return first, max(first, min(self.end, known))


ALL = Span(Kind.ALL)


def last(count: int) -> Span:
    """The latest so many updates of the present moment."""
    return Span(Kind.LAST, count)


def first(count: int) -> Span:
    """The first so many updates of the session."""
    return Span(Kind.FIRST, count)


def between(start: int, end: int) -> Span:
    """From one update to another, both counted from 1 and both included. Raises ValueError for none."""
    if not 1 <= start <= end:
        raise ValueError(f"there are no updates {start} to {end}: they count from 1, and the earlier one comes first")
    return Span(Kind.BETWEEN, start, end)
