"""Source: the lines of the plain code beside the program that they were recorded as: what a line makes, what runs it.

A line runs once for each layer and head, a line of `linear` once for each call: each time is a run of the line, a
stretch of scalars. What a run leaves for the lines after it is its outcome: the elements of the tensor that it made, or
the scalars of its expression that are used outside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.addresses import Addresses
from microgpt.program.program import Frame, Ids
from microgpt_studio.debugger.execution import Execution, Phase
from microgpt_studio.debugger.snapshot import LineNumbers, Reaches, SourceNumbers, WantedSource
from microgpt_studio.debugger.source_walking import handed_on, source_text, updated, walk

__all__ = ["FILES", "Source", "hands_on", "running", "source_text"]

FILES = ("model.py", "value.py", "adam.py", "train.py")

_OPERATORS = "value.py"  # its lines run anew for every scalar, or for every element


def running(execution: Execution) -> tuple[Frame, ...]:
    """The lines that the next operation of the present update runs, the innermost first; () at the update's end."""
    done = execution.place.done
    if done >= execution.length:
        return ()
    operation = execution.operation(done)
    program = execution.machine.program
    made = program.sites[program.site[operation.scalar]] if operation.phase is Phase.FORWARD else ()
    return (*made, *walk().running(operation.phase))


def hands_on(frames: Sequence[Frame]) -> bool:
    """Whether these lines are those of an operation of the backward phase."""
    return walk().hand_on in frames


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """What a line makes at one position."""

    scalars: Ids  # (n,) ascending
    starts: npt.NDArray[np.intp]  # (r + 1,) into scalars; the last is n

    def at(self, scalar: int) -> Ids:
        """The scalars of the latest run that has begun when a scalar is about to be made; the first if none has."""
        begun = int(np.searchsorted(self.scalars[self.starts[:-1]], scalar, side="right"))
        run = max(begun - 1, 0)
        return self.scalars[self.starts[run] : self.starts[run + 1]]


class Source:
    """The lines of one program. What is structure is worked out when it is first asked for, and kept."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._program = addresses.program
        caller = walk().callers[Phase.FORWARD]
        self._sites = tuple((*frames, caller) if frames else () for frames in self._program.sites)
        self._lines = {file: sorted(self._making(file)) for file in FILES}
        self._calls: dict[tuple[str, int], tuple[npt.NDArray[np.int16], npt.NDArray[np.bool_]]] = {}
        self._runs: dict[tuple[str, int, int], dict[int, _Runs]] = {}
        self._outcomes: dict[tuple[str, int, int, int], tuple[Ids, str]] = {}

    def lines(self, file: str) -> tuple[int, ...]:
        """The lines of a file that make scalars, ascending."""
        return tuple(self._lines.get(file, ()))

    def numbered(self, file: str) -> frozenset[int]:
        """The lines of a file that have numbers at some moment: those that make scalars, and those of `walk`."""
        frames = (walk().hand_on, *walk().update.values())
        return frozenset((*self.lines(file), *(frame.line for frame in frames if frame.file == file)))

    def line_of(self, scalar: int) -> tuple[Frame, ...]:
        """The lines that make a scalar, the innermost first; () for a parameter."""
        return self._sites[self._program.site[scalar]]

    def made_by(self, file: str, line: int, position: int, positions: int) -> Ids:
        """All scalars that a line makes at a position of a document of so many positions; empty for none."""
        if not 0 <= position < positions:
            return np.empty(0, dtype=np.int32)
        runs = self._runs_at(file, position, positions).get(line)
        return np.empty(0, dtype=np.int32) if runs is None else runs.scalars

    def numbers(
        self, execution: Execution, wanted: WantedSource, cursor: int | None, data_reach: Reaches
    ) -> SourceNumbers:
        """The numbers beside the lines of a file at the present moment.

        `cursor` is the position that the next operation counts to, None for none; `data_reach` is (N,) Reach. A line
        that ran more than once shows the run that is going on, or the latest before; going backward, that of the moment
        in which the scalar was made whose gradient is handed on.
        """
        machine, file = execution.machine, wanted.file
        position = wanted.position
        if position is None:
            position = machine.positions - 1 if cursor is None else cursor
        # A position beyond the document's is one of the block's: its lines are there, its numbers are not.
        runs = self._runs_at(file, position, max(machine.positions, position + 1))
        scalar = self._scalar(execution)
        lines = []
        for line, of_line in runs.items():
            scalars, label = self._outcome(file, line, of_line.at(scalar))
            lines.append(_line_numbers(line, label, scalars, machine.data[scalars], data_reach[scalars]))
        if file == walk().hand_on.file and (gradient := handed_on(execution, self._addresses)) is not None:
            lines.append(gradient)
        if file == next(iter(walk().update.values())).file:
            lines += updated(execution, self._addresses)
        return SourceNumbers(file, position, tuple(sorted(lines, key=_line)))

    def _making(self, file: str) -> set[int]:
        return {frame.line for frames in self._sites for frame in frames if frame.file == file}

    def _scalar(self, execution: Execution) -> int:
        """The scalar that the runs are told from; beyond all of them where the graph is done with."""
        done = execution.place.done
        forward, backward, _ = execution.lengths
        return execution.operation(done).scalar if done < forward + backward else self._program.num_scalars

    def _runs_at(self, file: str, position: int, positions: int) -> dict[int, _Runs]:
        key = file, position, positions
        if key not in self._runs:
            if len(self._runs) >= _POSITIONS_KEPT:
                self._runs.clear()
            ids = self._ids(file, position, positions)
            found = {line: self._runs_of(file, line, ids) for line in self.lines(file)}
            self._runs[key] = {line: runs for line, runs in found.items() if len(runs.scalars)}
        return self._runs[key]

    def _ids(self, file: str, position: int, positions: int) -> Ids:
        """What is made at a position, and the mean over the positions, which belongs to each.

        An operator's latest use at a position is not in the mean, unless nothing but the mean comes after it.
        """
        program = self._program
        ids = np.arange(*program.position_start[position : position + 2], dtype=np.int32)
        if file == _OPERATORS and position < positions - 1:
            return ids
        sums = np.arange(program.sums_start, program.sums_start + positions, dtype=np.int32)
        return np.concatenate([ids, sums, [program.loss]]).astype(np.int32)

    def _runs_of(self, file: str, line: int, ids: Ids) -> _Runs:
        program = self._program
        call, innermost = self._calls_of(file, line)
        sites = program.site[ids]
        here = np.flatnonzero(call[sites] >= 0)
        scalars, sites = ids[here], sites[here]
        new: npt.NDArray[np.bool_] = np.diff(call[sites], prepend=-1) != 0
        new[1:] |= np.diff(here) != 1
        if file == _OPERATORS:
            new |= innermost[sites]
            new[1:] |= np.diff(program.element[scalars]) != 0
        return _Runs(scalars, np.append(np.flatnonzero(new), len(scalars)))

    def _calls_of(self, file: str, line: int) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.bool_]]:
        """For each site, the call in which the line runs there (-1: it does not), and whether nothing runs within."""
        if (file, line) not in self._calls:
            calls: dict[tuple[Frame, ...], int] = {}
            call = np.full(len(self._sites), -1, dtype=np.int16)
            innermost = np.zeros(len(self._sites), dtype=np.bool_)
            for i, frames in enumerate(self._sites):
                here = [depth for depth, frame in enumerate(frames) if (frame.file, frame.line) == (file, line)]
                if here:
                    call[i] = calls.setdefault(frames[here[-1] :], len(calls))
                    innermost[i] = here[-1] == 0
            self._calls[file, line] = call, innermost
        return self._calls[file, line]

    def _outcome(self, file: str, line: int, run: Ids) -> tuple[Ids, str]:
        """What a run leaves, and its name."""
        key = file, line, int(run[0]), int(run[-1])
        if key not in self._outcomes:
            if len(self._outcomes) >= _OUTCOMES_KEPT:
                self._outcomes.clear()
            self._outcomes[key] = self._leaves(run)
        return self._outcomes[key]

    def _leaves(self, run: Ids) -> tuple[Ids, str]:
        program = self._program
        tensor = program.tensors[program.tensor[run[-1]]]
        elements = program.elements(tensor)
        whole = np.isin(elements, run)
        if whole.all():
            return elements, tensor.path
        users = np.setdiff1d(np.arange(tensor.start, tensor.stop, dtype=np.int32), run, assume_unique=True)
        used = np.isin(run, program.first[users]) | np.isin(run, program.second[users]) | np.isin(run, elements)
        left = run[used] if used.any() else run[-1:]
        name = self._addresses.format(int(left[-1]))
        left.flags.writeable = False
        return left, name if len(left) == 1 else re.sub(r"\[[0-9]+\]$", "", name)


_POSITIONS_KEPT = 48  # of a file each; about 100 kB at the largest
_OUTCOMES_KEPT = 4096


def _line_numbers(line: int, label: str, scalars: Ids, data: npt.NDArray[np.float64], reach: Reaches) -> LineNumbers:
    data.flags.writeable = False
    reach.flags.writeable = False
    return LineNumbers(line, label, scalars, data, reach)


def _line(numbers: LineNumbers) -> int:
    return numbers.line
