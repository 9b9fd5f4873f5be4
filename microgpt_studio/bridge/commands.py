"""Commands: what the window asks of the worker. Frozen; carried out one after the other in the worker's thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from microgpt.settings import Settings
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.questions import Question
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.debugger.stepping import Grain
from microgpt_studio.debugger.targets import Definition


@dataclass(frozen=True, slots=True)
class Start:
    """Begin a new session. Where it is refused, the running one goes on."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class Open:
    """Go on from a checkpoint, with the documents that `data` names (None: the embedded ones)."""

    checkpoint: Path
    data: Path | None


@dataclass(frozen=True, slots=True)
class CancelPreparation:
    """Give up the session that is being prepared. It is heard at once, not when its turn comes."""


@dataclass(frozen=True, slots=True)
class Save:
    """Write a checkpoint of the present moment."""

    checkpoint: Path


@dataclass(frozen=True, slots=True)
class Run:
    """Train until so many updates are done; None: until the end."""

    until: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Stand still after the update that is running."""


@dataclass(frozen=True, slots=True)
class Step:
    """Do one update, then stand still."""


@dataclass(frozen=True, slots=True)
class Take:
    """Take a step by the items of a grain, forwards or back, standing still."""

    move: Move
    grain: Grain


@dataclass(frozen=True, slots=True)
class Choose:
    """The grain of a run whose speed is limited: so many of its items a second. Unlimited runs do whole updates."""

    grain: Grain


@dataclass(frozen=True, slots=True)
class GoTo:
    """To the moment after so many updates, past or future, standing still."""

    step: int


@dataclass(frozen=True, slots=True)
class GoToPlace:
    """To any moment, standing still."""

    place: Place


@dataclass(frozen=True, slots=True)
class RunTo:
    """Run until something becomes known of a scalar (its data, its gradient, its update), or a source line is reached
    ("model.py:69").
    """

    target: int | str


@dataclass(frozen=True, slots=True)
class RunBack:
    """Back to the latest moment at which a breakpoint's event came; or something became known of a scalar, or a source
    line was reached, if one is given. To the beginning where there is none.
    """

    target: int | str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Search the past, and go to the answer."""

    question: Question


@dataclass(frozen=True, slots=True, eq=False)
class AddBreakpoint:
    """A new breakpoint. Answered by Accepted or EditRefused, as every edit is."""

    definition: Definition


@dataclass(frozen=True, slots=True, eq=False)
class ReplaceBreakpoint:
    """Another definition for a breakpoint; its hits are counted anew."""

    id: int
    definition: Definition


@dataclass(frozen=True, slots=True, eq=False)
class RemoveBreakpoint:
    """Remove a breakpoint."""

    id: int


@dataclass(frozen=True, slots=True, eq=False)
class EnableBreakpoint:
    """Enable or disable a breakpoint."""

    id: int
    enabled: bool


@dataclass(frozen=True, slots=True, eq=False)
class BreakOnNonfinite:
    """Whether the first nan or infinity of an update stops a run."""

    enabled: bool


@dataclass(frozen=True, slots=True, eq=False)
class ForgetHits:
    """Count all hits from 0 again."""


@dataclass(frozen=True, slots=True, eq=False)
class AddWatch:
    """Watch an expression."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class ReplaceWatch:
    """Another expression for a watch."""

    id: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class RemoveWatch:
    """Remove a watch."""

    id: int


@dataclass(frozen=True, slots=True, eq=False)
class SetBookmark:
    """Mark a moment, or take its mark away; None: the present one, whose mark is taken away if it has one."""

    place: Place | None = None
    marked: bool | None = None


@dataclass(frozen=True, slots=True)
class Restart:
    """Back to before the first update, standing still."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Let a parameter be another number from the beginning of the update that is shown, standing still."""

    parameter: int
    number: float


@dataclass(frozen=True, slots=True)
class LimitSpeed:
    """At most so many updates a second; None: as fast as it goes."""

    updates_per_second: float | None


@dataclass(frozen=True, slots=True)
class Show:
    """From now on, put these parts into snapshots; and take one now."""

    wanted: Wanted


Edit = (
    AddBreakpoint
    | ReplaceBreakpoint
    | RemoveBreakpoint
    | EnableBreakpoint
    | BreakOnNonfinite
    | ForgetHits
    | AddWatch
    | ReplaceWatch
    | RemoveWatch
    | SetBookmark
)
Command = (
    Start
    | Open
    | CancelPreparation
    | Save
    | Run
    | Pause
    | Step
    | Take
    | Choose
    | GoTo
    | GoToPlace
    | RunTo
    | RunBack
    | Ask
    | Restart
    | Keep
    | LimitSpeed
    | Show
    | Edit
)
