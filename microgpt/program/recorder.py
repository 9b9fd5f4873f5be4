"""The recorder: runs the plain model once over recording Values and writes the Program down.

The model does not know it. Each recording Value reports itself from its constructor, the model's own `name` calls
tell the tensors, and tokens that can be told from plain numbers show where a token chooses an operand.
"""

from __future__ import annotations

import ast
import sys
from array import array
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

import numpy as np

from microgpt import model, value
from microgpt.model import Configuration, Vector
from microgpt.program.program import Frame, Ids, Operation, Program, Tensor
from microgpt.program.sites import Lines, Sites
from microgpt.value import Value

Progress = Callable[[int], None]  # told the number of scalars so far; may raise to cancel

_OPERATIONS = {operation.name.lower(): int(operation) for operation in Operation}  # by the words of value.py


class Traced(float):
    """A number that knows which scalar's data it is, so that a constant taken from the data can be told."""

    __slots__ = ("scalar",)
    negated = False
    scalar: int

    @classmethod
    def of(cls, number: float, scalar: int) -> Traced:
        traced = cls(number)
        traced.scalar = scalar
        return traced

    def __neg__(self) -> Traced:
        return Negated.of(-float(self), self.scalar)


class Negated(Traced):
    """The negative of a scalar's data."""

    __slots__ = ()
    negated = True

    def __neg__(self) -> Traced:
        return Traced.of(-float(self), self.scalar)


class TokenAt(int):
    """A token that knows its index in the document."""

    index: int

    @classmethod
    def of(cls, index: int) -> TokenAt:
        token = cls(0)
        token.index = index
        return token


class RecordedValue(Value):
    """A Value with an id. `chosen` is set on what a token chose: (index of the token, ids it can choose from)."""

    __slots__ = ("chosen", "scalar")
    scalar: int
    chosen: tuple[int, list[int]] | None


class Recording:
    """The growing record: columns of scalars, and what the model said about them."""

    def __init__(self, config: Configuration, progress: Progress) -> None:
        self.config = config
        self.progress = progress
        self.operation = array("B")
        self.first, self.second, self.constant = array("i"), array("i"), array("i")
        self.site = array("h")
        self.sites = Sites(_record.__code__)
        self.constants: dict[float, int] = {}
        self.maxima: dict[int, tuple[int, list[int]]] = {}  # scalar of the largest → (first user, members)
        self.maximum_users: list[tuple[int, int]] = []  # (scalar that adds it, scalar of the largest)
        self.choosers: list[tuple[int, int, list[int]]] = []
        self.tensors: list[Tensor] = []
        self.element_ids = array("i")
        self.element, self.ordinal = array("i"), array("i")
        self.named = 0  # scalars that belong to a tensor
        self.position_start: list[int] = []
        self.value_class = self._value_class()

    def _value_class(self) -> type[RecordedValue]:
        """The class whose constructor is the one place where scalars are intercepted."""
        recording = self

        class Recorded(RecordedValue):
            __slots__ = ()

            def __init__(
                self,
                data: float,
                operation: str = "parameter",
                operands: tuple[Value | float, ...] = (),
                local_derivatives: tuple[float, ...] = (),  # noqa: ARG002 - numbers of a run; a program holds none
            ) -> None:
                self.chosen = None
                self.scalar = scalar = recording.add(_OPERATIONS[operation], operands, sys._getframe(1))
                Value.__init__(self, Traced.of(data, scalar), operation)

        return Recorded

    def add(self, operation: int, operands: tuple[Value | float, ...], frame: FrameType) -> int:
        """Write one scalar down; the first operand is a Value, the second may be a constant."""
        scalar = len(self.operation)
        first = second = constant = -1
        if operands:
            operand = operands[0]
            assert isinstance(operand, RecordedValue)
            first = operand.scalar
            if operand.chosen is not None:
                self.choosers.append((scalar, *operand.chosen))
        if len(operands) == 2:
            operand = operands[1]
            if isinstance(operand, RecordedValue):
                assert operand.chosen is None, "a token chooses first operands only"
                second = operand.scalar
            elif isinstance(operand, Traced):
                self._add_maximum(scalar, operation, first, operand)
            else:
                constant = self.constants.setdefault(float(operand), len(self.constants))  # type: ignore[arg-type]
        self.operation.append(operation)
        self.first.append(first)
        self.second.append(second)
        self.constant.append(constant)
        self.site.append(self.sites.of(frame) if operands else 0)
        return scalar

    def _add_maximum(self, scalar: int, operation: int, member: int, constant: Traced) -> None:
        """A constant that is a scalar's data: the model has one such, softmax's subtracted maximum."""
        assert operation == Operation.SUM and constant.negated, "only a maximum to subtract is taken from the data"
        _, members = self.maxima.setdefault(constant.scalar, (scalar, []))
        members.append(member)
        self.maximum_users.append((scalar, constant.scalar))

    def name(self, path: str, vector: Vector) -> Vector:
        """The model's word that everything since the last name was computed for this vector."""
        caller = sys._getframe(1).f_code
        head = path.split(".", maxsplit=1)[0]
        position = int(head[3:]) if head.startswith("pos") else None
        if position is not None and position == len(self.position_start):
            self.position_start.append(self.named)
        elements = [element.scalar for element in vector if isinstance(element, RecordedValue)]
        shape = () if path.endswith("loss") else (len(vector),)
        self._add_tensor(path, shape, position, np.array(elements, dtype=np.int32), caller)
        self.sites.forget_callers()
        self.progress(len(self.operation))
        return Chosen(vector)

    def _add_tensor(
        self, path: str, shape: tuple[int, ...], position: int | None, elements: Ids, caller: CodeType | None
    ) -> None:
        start, stop = self.named, len(self.operation)
        self.tensors.append(Tensor(path, shape, position, start, stop, len(self.element_ids)))
        self.element_ids.frombytes(elements.tobytes())
        element = np.searchsorted(elements, np.arange(start, stop, dtype=np.int32)).astype(np.int32)
        if caller is not None:
            sites = np.frombuffer(self.site, dtype=np.int16)[start:stop].copy()  # a view would forbid it to grow
            statements = {int(site): _statement(self.sites.lines[site], caller) for site in np.unique(sites)}
            of_elements = statements[int(sites[-1])]
            shared = [site for site, statement in statements.items() if statement != of_elements]
            if shared:
                serves_all = np.isin(sites, shared)
                serves_all[elements - start] = False
                element[serves_all] = -1
        if shape == ():
            element[:-1] = -1
        operation = np.frombuffer(self.operation, dtype=np.uint8)[start:stop].copy()
        ordinal = _running_number(element.astype(np.int64) * len(Operation) + operation)
        ordinal[elements - start] = -1
        self.element.frombytes(element.tobytes())
        self.ordinal.frombytes(ordinal.tobytes())
        self.named = stop

    def let_go(self) -> None:
        """Give the memory back: the class of the Values knows this record, and a class lives until the garbage is
        collected.
        """
        vars(self).clear()

    def program(self) -> Program:
        """The finished record."""
        config = self.config
        constant = np.array(self.constant, dtype=np.int32)
        maximum_constant = len(self.constants)
        index = {largest: i for i, largest in enumerate(self.maxima)}
        for scalar, largest in self.maximum_users:
            constant[scalar] = maximum_constant + index[largest]
        mean_constant = maximum_constant + len(self.maxima)
        loss = len(self.operation) - 1
        constant[loss] = mean_constant
        members = [members for _, members in self.maxima.values()]
        assert all(largest in members for largest, (_, members) in self.maxima.items())
        sums_start = loss - config.block_size
        chooser = np.array([scalar for scalar, _, _ in self.choosers], dtype=np.int32)
        position_start = np.array([*self.position_start, sums_start], dtype=np.int32)
        return Program(
            config=config,
            operation=np.array(self.operation, dtype=np.uint8),
            first=np.array(self.first, dtype=np.int32),
            second=np.array(self.second, dtype=np.int32),
            constant=constant,
            constants=np.array([*self.constants, *([np.nan] * (len(self.maxima) + 1))]),
            tensor=np.repeat(np.arange(len(self.tensors), dtype=np.int32), [t.stop - t.start for t in self.tensors]),
            element=np.array(self.element, dtype=np.int32),
            ordinal=np.array(self.ordinal, dtype=np.int32),
            site=np.array(self.site, dtype=np.int16),
            tensors=tuple(self.tensors),
            element_ids=np.array(self.element_ids, dtype=np.int32),
            sites=tuple(
                tuple(Frame(Path(code.co_filename).name, code.co_name, line) for code, line in lines)
                for lines in self.sites.lines
            ),
            position_start=position_start,
            chooser=chooser,
            chooser_token=np.array([token for _, token, _ in self.choosers], dtype=np.int32),
            choices=np.array([choices for _, _, choices in self.choosers], dtype=np.int32),
            chooser_stop=np.searchsorted(chooser, position_start).astype(np.int32),
            maximum_constant=maximum_constant,
            maximum_start=np.cumsum([0, *map(len, members)], dtype=np.int32),
            maximum_members=np.array([m for group in members for m in group], dtype=np.int32),
            maximum_first=np.array([user for user, _ in self.maxima.values()], dtype=np.int32),
            mean_constant=mean_constant,
        )


class Chosen(Vector):
    """A list in which a TokenAt chooses, which is remembered, and a plain index reads, which is not."""

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        item: object = super().__getitem__(index)
        if not isinstance(index, TokenAt):
            return item
        if isinstance(item, list):  # a matrix: the token chooses a row
            return [self._chosen([row[j] for row in self], index) for j in range(len(item))]  # type: ignore[index]
        return self._chosen(self, index)

    @staticmethod
    def _chosen(candidates: Vector, token: TokenAt) -> RecordedValue:
        """A stand-in for whichever candidate the token will choose; not a scalar of its own."""
        scalars = [candidate.scalar for candidate in candidates if isinstance(candidate, RecordedValue)]
        value_class = type(candidates[0])
        chosen = value_class.__new__(value_class)
        assert isinstance(chosen, RecordedValue)
        chosen.data = candidates[0].data
        chosen.scalar = scalars[0]
        chosen.chosen = (token.index, scalars)
        return chosen


def record(config: Configuration, progress: Progress = lambda _scalars: None) -> Program:
    """Run the plain model once for a document that fills the block, with all parameters 0, and write it down.

    `progress` is told the number of scalars now and then, and may raise to cancel.
    """
    recording = Recording(config, progress)
    try:
        return _record(recording)
    finally:
        recording.let_go()


def _record(recording: Recording) -> Program:
    config, matrices = recording.config, {}
    for path, (rows, columns) in config.shapes().items():
        matrix = [[recording.value_class(0.0) for _ in range(columns)] for _ in range(rows)]
        elements = np.arange(recording.named, recording.named + rows * columns, dtype=np.int32)
        recording._add_tensor(path, (rows, columns), None, elements, None)
        matrices[path] = Chosen(matrix)  # type: ignore[arg-type]
        recording.progress(len(recording.operation))
    tokens = [TokenAt.of(index) for index in range(config.block_size + 1)]
    model.loss(matrices, config, tokens, recording.name)  # type: ignore[arg-type]
    return recording.program()


def _running_number(keys: np.ndarray) -> Ids:
    """For each key, how many equal ones stand before it."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    new = np.flatnonzero(np.diff(ranked, prepend=ranked[:1] - 1))
    counts = np.diff(np.append(new, len(keys)))
    numbers = np.empty(len(keys), dtype=np.int32)
    numbers[order] = np.arange(len(keys)) - np.repeat(new, counts)
    return numbers


def _statement(lines: Lines, caller: CodeType) -> tuple[int, int]:
    """The statement that was running in the function that names the tensor, and in the one that it called.

    What the statement that makes the elements computes belongs to the elements; what an earlier statement of the
    called function computes (softmax's total, rmsnorm's scale) serves them all.
    """
    functions = [
        (code, line)
        for code, line in reversed(lines)
        if code.co_filename != value.__file__ and not code.co_name.startswith("<")
    ]
    depth = next(i for i, (code, _) in enumerate(functions) if code is caller)
    inner = [_first_lines()[line] for _, line in functions[depth + 1 : depth + 2]]
    return _first_lines()[functions[depth][1]], inner[0] if inner else 0


@cache
def _first_lines() -> dict[int, int]:
    """For each line of model.py, the first line of the innermost statement that spans it."""
    first = {}
    for node in ast.walk(ast.parse(Path(model.__file__).read_text(encoding="utf-8"))):  # parents before children
        if isinstance(node, ast.stmt):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                first[line] = node.lineno
    return first
