"""Events: what happened once and must not be lost on its way to the window. Requests for them are here too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.debugger.stop import LogLine, Reason, Stop


class Phase(StrEnum):
    """What is being prepared."""

    RECORDING = "Recording the program"
    COMPILING = "Compiling the kernels"


@dataclass(frozen=True, slots=True)
class Preparing:
    """A session is being prepared; an earlier one stands as it was."""

    phase: Phase
    scalars: int  # recorded so far
    expected: int


@dataclass(frozen=True, slots=True)
class PreparationCancelled:
    """No session is prepared any more; an earlier one goes on as it was."""


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """A new session; everything before is void."""

    description: Description


@dataclass(frozen=True, slots=True)
class Stopped:
    """A run has ended; `stop` says where and why. What logpoints wrote on the way, Logged has told."""

    step: int  # updates done
    stop: Stop

    @property
    def fault(self) -> Stop | None:
        """The stop, where it is a fault."""
        return self.stop if self.stop.reason is Reason.FAULT else None


@dataclass(frozen=True, slots=True)
class Logged:
    """What logpoints have written while training goes on."""

    lines: tuple[LogLine, ...]
    lost: int  # lines before these, where there were too many


@dataclass(frozen=True, slots=True)
class Accepted:
    """An edit of the breakpoints, watches or bookmarks was made; `command` is the very object that asked for it."""

    command: object


@dataclass(frozen=True, slots=True)
class EditRefused:
    """An edit that cannot be made; nothing is changed."""

    command: object
    sentence: str
    field: str = ""  # of the definition
    position: int = 0  # the column in it, from 0


@dataclass(frozen=True, slots=True)
class Searching:
    """The past is being searched; a Pause gives it up."""

    what: str  # a sentence's beginning: "Going back to the last breakpoint"
    done: int  # updates
    total: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of a search."""

    sentence: str
    found: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint was written."""

    path: Path
    step: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Something was asked for that cannot be done; the session goes on as it was."""

    sentence: str
    another_is_prepared: bool = False  # the session that was asked for before this one


@dataclass(frozen=True, slots=True)
class Crashed:
    """A mistake in the program itself; the session goes on, if there is one."""

    sentence: str
    traceback: str


Event = (
    Preparing
    | PreparationCancelled
    | SessionStarted
    | Stopped
    | Logged
    | Accepted
    | EditRefused
    | Searching
    | Answered
    | Saved
    | Refused
    | Crashed
)
