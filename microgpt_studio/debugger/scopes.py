"""Scopes: what a person names (an address, a scope, a source line) as operations of the recorded program.

A name that means nothing is refused with the nearest one that does.
"""

from __future__ import annotations

import ast
import difflib
import re
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from microgpt import adam, train, value
from microgpt.program.addresses import AddressError, Addresses
from microgpt.program.program import Ids, Operation, Program, Tensor
from microgpt_studio.debugger.execution import Phase


class ScopeError(LookupError):
    """A scope or a line at which nothing runs; the sentence names the nearest one at which something does."""


def parse_address(address: str, addresses: Addresses) -> int:
    """The id of an address. Raises AddressError, which says for a position beyond the block where the block ends."""
    found = _POSITION.match(address)
    block = addresses.program.config.block_size
    if found is None or int(found[1]) < block:
        return addresses.parse(address)
    last = f"pos{block - 1}"
    try:
        near = addresses.format(addresses.parse(last + found[2].strip()))
    except AddressError:
        near = f"{last}.embed[0]"
    raise AddressError(_beyond(int(found[1]), block, near))


def check_parameter(scalar: int, addresses: Addresses, reason: str) -> None:
    """Raises AddressError, with a reason and the parameter whose name is nearest, where a scalar is not a parameter."""
    program = addresses.program
    if scalar >= program.num_parameters:
        matrices = [tensor.path for tensor in program.tensors if tensor.stop <= program.num_parameters]
        stage = program.tensors[program.tensor[scalar]].stage
        near = difflib.get_close_matches(stage, matrices, n=1, cutoff=0.0)[0]
        raise AddressError(f"{reason}, and {addresses.format(scalar)} is not one; did you mean {near}[0,0]?")


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What belongs to a path: everything at one position, or at each. `groups` are the ids, position by position."""

    path: str
    groups: tuple[Ids, ...]  # of the graph; empty for parameters
    parameters: Ids

    @classmethod
    def of(cls, path: str, program: Program) -> Scope:
        """What has this path or begins with it; where no tensor of the graph does, those whose path without the
        position does. Raises ScopeError.
        """
        text = path.strip()
        parameters = [t for t in program.tensors if t.stop <= program.num_parameters]
        graph = program.tensors[len(parameters) :]
        here = [t for t in graph if _is_inside(t.path, text)] or [t for t in graph if _is_inside(t.stage, text)]
        parameters = [t for t in parameters if _is_inside(t.path, text)]
        if not here and not parameters:
            raise ScopeError(_no_scope(text, program))
        at: dict[int | None, list[Tensor]] = {}
        for tensor in here:
            at.setdefault(tensor.position, []).append(tensor)
        return cls(text, tuple(_ids(group) for group in at.values()), _ids(parameters))


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What a line does: it makes scalars, or it is one of those that walk over them.

    `arrivals` are the scalars before which the line is reached, coming from another one or called anew; a line in
    which several are made in one go is reached once. None: every operation of the phase, or only its beginning.
    """

    phase: Phase
    arrivals: Ids | None = None
    at_start: bool = False


class Lines:
    """The lines of the plain code at which a program can stop."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._walking = _walking_lines()
        making = {(frame.file, frame.line) for site in program.sites for frame in site}
        self._lines: dict[str, list[int]] = {}
        for file, line in sorted(making | set(self._walking)):
            self._lines.setdefault(file, []).append(line)

    def files(self) -> tuple[str, ...]:
        return tuple(self._lines)

    def of(self, file: str) -> tuple[int, ...]:
        """The lines of a file ("model.py") that can be stopped at, in order; none for another file."""
        return tuple(self._lines.get(file, ()))

    def find(self, file: str, line: int) -> Line:
        """What a line does. Raises ScopeError."""
        lines = self._lines.get(file)
        if lines is None:
            raise ScopeError(f"no scalar is made in {file!r}; there are {', '.join(self._lines)}")
        if line not in lines:
            i = bisect_left(lines, line)
            near = min(lines[max(i - 1, 0) : i + 1], key=lambda other: (abs(other - line), -other))
            raise ScopeError(f"{file}:{line} makes no scalar; the nearest line that does is {file}:{near}")
        return self._walking.get((file, line)) or Line(Phase.FORWARD, self._arrivals(file, line))

    def _arrivals(self, file: str, line: int) -> Ids:
        sites = self._program.sites
        calls: dict[object, int] = {}
        call_of = np.full(len(sites), -1)  # what the line was running for, site by site
        anew = np.zeros(len(sites), dtype=np.bool_)  # the line itself makes the scalar: one at a time
        for i, frames in enumerate(sites):
            here = [depth for depth, frame in enumerate(frames) if (frame.file, frame.line) == (file, line)]
            if here:
                call_of[i] = calls.setdefault(frames[here[-1] :], len(calls))
                anew[i] = here[-1] == 0
        call = call_of[self._program.site]
        call[self._program.operation == Operation.PARAMETER] = -1
        changed: npt.NDArray[np.bool_] = np.diff(call, prepend=-1) != 0
        return np.flatnonzero((call >= 0) & (changed | anew[self._program.site])).astype(np.int32)


_POSITION = re.compile(r"\s*pos([0-9]{1,9})(?![0-9])(.*)", re.DOTALL)


def _is_inside(path: str, scope: str) -> bool:
    return path == scope or path.startswith(scope + ".")


def _ids(tensors: list[Tensor]) -> Ids:
    ranges = [np.arange(tensor.start, tensor.stop, dtype=np.int32) for tensor in tensors]
    return np.concatenate(ranges) if ranges else np.empty(0, dtype=np.int32)


def _no_scope(text: str, program: Program) -> str:
    scopes = set()
    for tensor in program.tensors:
        for path in (tensor.path, tensor.stage):
            words = path.split(".")
            scopes |= {".".join(words[:depth]) for depth in range(1, len(words) + 1)}
    found, block = _POSITION.match(text), program.config.block_size
    if found and int(found[1]) >= block:
        near = f"pos{block - 1}{found[2]}"
        return _beyond(int(found[1]), block, near if near in scopes else f"pos{block - 1}")
    path = re.sub(r"\[.*", "", text)
    if path in scopes:
        return f"{text!r} is not a scope: a scope has no index; did you mean {path}?"
    near = difflib.get_close_matches(path, sorted(scopes), n=1, cutoff=0.0)[0]
    return f"there is no scope {text!r}; did you mean {near}?"


def _beyond(position: int, block: int, near: str) -> str:
    return f"there is no position {position}: the block has positions 0 to {block - 1}; did you mean {near}?"


def _walking_lines() -> dict[tuple[str, int], Line]:
    """The lines of the plain code that make no scalar but run once for each, or begin a phase."""
    lines: dict[tuple[str, int], Line] = {}
    for path, function, phase in (
        (value.__file__, "backward", Phase.BACKWARD),
        (adam.__file__, "update", Phase.ADAM),
    ):
        for statement in _body(path, function):
            each = isinstance(statement, ast.For)
            for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1):
                lines[Path(path).name, line] = Line(phase, at_start=not each)
    for statement in _body(train.__file__, "update"):
        for call in ast.walk(statement):
            if isinstance(call, ast.Call) and (phase_begun := _BEGINS.get(ast.unparse(call.func))) is not None:
                lines[Path(train.__file__).name, statement.lineno] = Line(phase_begun, at_start=True)
    return lines


_BEGINS = {"loss": Phase.FORWARD, "mean_loss.backward": Phase.BACKWARD, "self.adam.update": Phase.ADAM}


def _body(path: str, function: str) -> list[ast.stmt]:
    """The statements of a function that a file defines, without its docstring."""
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return node.body[1:]
    raise AssertionError(f"{path} defines no {function}")
