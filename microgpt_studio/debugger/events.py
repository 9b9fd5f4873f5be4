"""Events: what happened once and must not be lost on its way to the window. Requests for them are here too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from microgpt_studio.debugger.session import FaultReport
from microgpt_studio.debugger.snapshot import Description


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
class SessionStarted:
    """A new session; everything before is void."""

    description: Description


@dataclass(frozen=True, slots=True)
class Stopped:
    """Training stands at its goal, at the end, or at a fault."""

    step: int
    fault: FaultReport | None


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """How to draw samples. A later request has a larger number."""

    number: int
    count: int
    temperature: float
    seed: int


@dataclass(frozen=True, slots=True)
class SamplesDrawn:
    """The answer to a request, from the parameters after `step` updates."""

    request: SampleRequest
    step: int
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SamplesRefused:
    """No samples can be drawn as requested; nothing else is changed."""

    request: SampleRequest
    sentence: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint was written."""

    path: Path
    step: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Something was asked for that cannot be done; the session goes on as it was."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """A mistake in the program itself; the session goes on, if there is one."""

    sentence: str
    traceback: str


Event = Preparing | SessionStarted | Stopped | SamplesDrawn | SamplesRefused | Saved | Refused | Crashed
