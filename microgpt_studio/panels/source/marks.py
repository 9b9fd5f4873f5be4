"""Marks: what is to be seen of the lines of a file beside their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from microgpt.program.program import Frame
from microgpt_studio.debugger.snapshot import BreakpointRow
from microgpt_studio.debugger.targets import Event


class Arrow(Enum):
    """What a line has to do with the next operation."""

    RUNNING = auto()  # it runs
    CALLING = auto()  # it has called the line that runs
    MADE = auto()  # it made the scalar whose gradient is handed on


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one file, by line."""

    arrows: dict[int, Arrow] = field(default_factory=dict)
    selected: frozenset[int] = frozenset()  # that make the selected scalar
    breakpoints: dict[int, tuple[BreakpointRow, ...]] = field(default_factory=dict)
    breakable: frozenset[int] = frozenset()


def arrows(file: str, running: Sequence[Frame], made: Sequence[Frame]) -> dict[int, Arrow]:
    """The arrows of a file: `running` and `made` are lines, the innermost first.

    Of the lines that run, those of the innermost function in the file run, the others call.
    """
    result: dict[int, Arrow] = {}
    if (line := innermost(file, made)) is not None:
        result[line] = Arrow.MADE
    here = [frame for frame in running if frame.file == file]
    for frame in reversed(here):
        result[frame.line] = Arrow.RUNNING if frame.function == here[0].function else Arrow.CALLING
    return result


def innermost(file: str, frames: Sequence[Frame]) -> int | None:
    """The innermost line in a file."""
    return next((frame.line for frame in frames if frame.file == file), None)


def breakpoints(file: str, rows: Sequence[BreakpointRow]) -> dict[int, tuple[BreakpointRow, ...]]:
    """The line breakpoints of a file."""
    result: dict[int, tuple[BreakpointRow, ...]] = {}
    for row in rows:
        name, _, line = row.definition.where.strip().rpartition(":")
        if row.definition.event is Event.LINE and name == file and line.isdecimal():
            result[int(line)] = (*result.get(int(line), ()), row)
    return result
