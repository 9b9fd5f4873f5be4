"""Stop: where a run stands, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from microgpt_studio.debugger.execution import Place


class Reason(StrEnum):
    """Why a run stands."""

    BREAKPOINT = "breakpoint"
    FAULT = "fault"  # plain Python would raise at the next operation
    NONFINITE = "nonfinite"  # the last operation made a nan or an infinity, the first of its update
    FAILURE = "failure"  # an expression of a breakpoint has no value here
    UNTIL = "until"  # the place that was asked for
    END = "end"  # all updates are done
    START = "start"  # going back, nothing was there to stop at
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a logpoint has written."""

    place: Place
    breakpoint: int
    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a run stands, and why, in a sentence."""

    reason: Reason
    place: Place
    sentence: str
    breakpoint: int | None = None  # its id, for BREAKPOINT and FAILURE; the lowest where several stop
    scalar: int | None = None  # of FAULT and NONFINITE; the one that a breakpoint is about, if there is one
    log: tuple[LogLine, ...] = ()  # of this run, the oldest first
    lines_lost: int = 0  # older ones, where there were too many
