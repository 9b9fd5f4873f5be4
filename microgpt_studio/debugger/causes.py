"""Causes: from a number that is not finite, or that plain Python cannot compute, back to the first one out of line.

Data is followed to an operand, a gradient to the consumer whose contribution is the worst, or to the data that made the
local derivative. The way ends where what a number was made from is ordinary. It looks at one moment, at no other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from microgpt.program.addresses import Addresses
from microgpt.program.machine import Machine
from microgpt.program.program import Operation
from microgpt_studio.debugger.derivatives import local_derivatives, operand_ids
from microgpt_studio.debugger.partial import Arrivals
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.snapshot import Consumer, Link, Reach, Reaches

LONGEST = 12  # links
_LARGE, _SMALL = 1e2, 1e-30  # what is not between these is out of the ordinary: a model's numbers are about 1


@dataclass(frozen=True, slots=True)
class _Step:
    """A number on the way; None where plain Python raises instead of computing it."""

    scalar: int
    quantity: Quantity
    value: float | None


@dataclass(frozen=True, slots=True)
class _Part:
    """A contribution to a gradient."""

    consumer: int
    grad: float  # of the consumer
    derivative: float

    @property
    def badness(self) -> float:
        size = abs(self.derivative * self.grad)
        return size if math.isfinite(size) else math.inf


def chain(
    machine: Machine,
    addresses: Addresses,
    scalar: int,
    data_reach: Reaches,
    arrivals: Arrivals,
    consumers: Sequence[Consumer],
) -> tuple[Link, ...]:
    """The way back from a scalar of the loaded document, itself first; () where nothing is wrong with its numbers.

    `data_reach` is (N,); `consumers` are the scalar's, as far as they have handed on their part. Of sums that add up
    one element in a row the first and the last are links.
    """
    way = _Way(machine, scalar, data_reach, arrivals, consumers)
    links: list[Link] = []
    for step in way:
        operation = Operation(machine.program.operation[step.scalar]).name.lower()
        link = Link(step.scalar, addresses.format(step.scalar), operation, step.quantity, step.value, 0, False)
        if len(links) > 1 and _in_a_row(machine, links[-2], links[-1]) and _in_a_row(machine, links[-1], link):
            links[-1] = replace(link, skipped=links[-1].skipped + 1)
        elif len(links) == LONGEST:
            return tuple(links)
        else:
            links.append(link)
    return (*links[:-1], replace(links[-1], origin=True)) if links else ()


def is_ordinary(x: float) -> bool:
    """Whether a number is such as a model has when nothing is wrong."""
    return _SMALL < abs(x) < _LARGE


class _Way:
    """The steps from a scalar back to the cause, one by one."""

    def __init__(
        self, machine: Machine, scalar: int, data_reach: Reaches, arrivals: Arrivals, consumers: Sequence[Consumer]
    ) -> None:
        self._machine = machine
        self._scalar = scalar
        self._data_reach = data_reach
        self._arrivals = arrivals
        self._consumers = consumers

    def __iter__(self) -> Iterator[_Step]:
        step = self._first()
        while step is not None:
            yield step
            step = self._before_data(step) if step.quantity is Quantity.DATA else self._before_grad(step.scalar)

    def _first(self) -> _Step | None:
        machine, scalar = self._machine, self._scalar
        data, grad = float(machine.data[scalar]), float(machine.grad[scalar])
        if self._data_reach[scalar] == Reach.KNOWN:
            if not math.isfinite(data):
                return _Step(scalar, Quantity.DATA, data)
        elif self._raises(scalar):
            return _Step(scalar, Quantity.DATA, None)
        if self._arrivals.reach[scalar] in (Reach.KNOWN, Reach.PARTIAL):
            parameter = scalar < machine.program.num_parameters
            if not math.isfinite(grad) or (parameter and math.isinf(grad * grad)):  # Adam squares it
                return _Step(scalar, Quantity.GRAD, grad)
        return None

    def _raises(self, scalar: int) -> bool:
        """Whether plain Python would raise, where the operand is known."""
        machine, program = self._machine, self._machine.program
        operation = Operation(program.operation[scalar])
        if operation not in (Operation.POW, Operation.LOG, Operation.EXP):
            return False
        operand = int(machine.first[scalar])
        if self._data_reach[operand] != Reach.KNOWN:
            return False
        x = float(machine.data[operand])
        try:
            if operation is Operation.POW:
                pow(x, float(machine.constants[program.constant[scalar]]))
            else:
                (math.log if operation is Operation.LOG else math.exp)(x)
        except (ArithmeticError, ValueError):
            return True
        return False

    def _before_data(self, step: _Step) -> _Step | None:
        """The operand that made the number so, unless all operands are ordinary."""
        operands = self._operands(step.scalar)
        wrong = [operand for operand in operands if not math.isfinite(operand[1])]
        if wrong:  # the sum so far, if that is wrong already, or else what was made first
            cause = min(wrong, key=lambda operand: (not _same_sum(self._machine, step.scalar, operand[0]), operand[0]))
        elif operands:
            small = step.value is not None and abs(step.value) <= _SMALL
            product = self._machine.program.operation[step.scalar] == Operation.MUL
            cause = (min if small and product else max)(operands, key=_size)
            if is_ordinary(cause[1]):
                return None
        else:
            return None
        return _Step(cause[0], Quantity.DATA, float(self._machine.data[cause[0]]))

    def _operands(self, scalar: int) -> list[tuple[int, float]]:
        """(scalar, its number in the operation) of each; for a softmax's maximum the number that it is."""
        machine, program = self._machine, self._machine.program
        operands = [(operand, float(machine.data[operand])) for operand in operand_ids(machine, scalar)]
        maximum = int(program.constant[scalar]) - program.maximum_constant
        if program.constant[scalar] >= 0 and 0 <= maximum < len(program.maximum_first):
            constant = float(machine.constants[program.constant[scalar]])
            members = program.maximum_members[program.maximum_start[maximum] : program.maximum_start[maximum + 1]]
            data = machine.data[members]
            same = members[(data == -constant) | (np.isnan(data) & math.isnan(constant))]
            if len(same):
                operands.append((int(same[0]), constant))
        return operands

    def _before_grad(self, scalar: int) -> _Step | None:
        """The consumer whose contribution is the worst, or the data in its derivative."""
        parts = self._parts(scalar)
        if not parts:
            return None
        worst = max(parts, key=_badness)
        by_derivative = not math.isfinite(worst.derivative) or (
            math.isfinite(worst.grad) and abs(worst.derivative) > abs(worst.grad)
        )
        if not by_derivative:
            return None if is_ordinary(worst.grad) else _Step(worst.consumer, Quantity.GRAD, worst.grad)
        source = self._source(worst.consumer, scalar)
        data = float(self._machine.data[source])
        return None if is_ordinary(data) else _Step(source, Quantity.DATA, data)

    def _parts(self, scalar: int) -> list[_Part]:
        """The contributions to a gradient; of the first scalar those that were added, in their order."""
        if scalar == self._scalar:
            return [_Part(c.scalar, c.grad, c.local_derivative) for c in self._consumers]
        machine = self._machine
        uses = np.flatnonzero((machine.first == scalar) | (machine.program.second == scalar))
        uses = uses[self._arrivals.reach[uses] == Reach.KNOWN]
        return [
            _Part(consumer, float(machine.grad[consumer]), derivative)
            for consumer in reversed(uses.tolist())
            for operand, derivative in zip(
                operand_ids(machine, consumer), local_derivatives(machine, consumer), strict=True
            )
            if operand == scalar
        ]

    def _source(self, consumer: int, operand: int) -> int:
        """The scalar whose data the local derivative of a consumer by one of its operands is made from."""
        program = self._machine.program
        operation = Operation(program.operation[consumer])
        if operation is Operation.EXP:
            return consumer
        first, *other = operand_ids(self._machine, consumer)
        return first if operation is not Operation.MUL or not other or operand != first else other[0]


def _size(operand: tuple[int, float]) -> float:
    return abs(operand[1])


def _badness(part: _Part) -> float:
    return part.badness


def _in_a_row(machine: Machine, a: Link, b: Link) -> bool:
    return a.quantity is b.quantity and _same_sum(machine, a.scalar, b.scalar)


def _same_sum(machine: Machine, a: int, b: int) -> bool:
    """Whether both are sums that add up the same element."""
    program = machine.program
    return bool(
        program.operation[a] == program.operation[b] == Operation.SUM
        and program.tensor[a] == program.tensor[b]
        and program.element[a] == program.element[b]
    )
