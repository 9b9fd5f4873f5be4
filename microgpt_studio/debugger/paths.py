"""Paths: the ways from a scalar to the loss, the strongest of them, and what share of the gradient flows where.

All numbers are of the moment: parameters as the forward pass used them. What lies on a path is known as soon as the
document is; the strongest chain when the forward phase is done; the shares when the scalar's gradient is complete.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids, Operation, Program
from microgpt_studio.debugger import paths_kernels as kernels
from microgpt_studio.debugger.derivatives import local_derivatives
from microgpt_studio.debugger.explain import is_live
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.shares import Points, Shares, share_out
from microgpt_studio.debugger.snapshot import Reach


class Obstacle(Enum):
    """Why no path leads from a scalar to the loss."""

    NOT_LIVE = "not live"  # the document is too short to have the scalar
    OUTSIDE = "outside"  # computed, but the loss does not depend on it
    UNUSED = "unused"  # a parameter that this document does not use


class Strength(Enum):
    """What there is to say of the strongest chain's product."""

    NUMBER = "number"
    ZERO = "zero"  # every path has a derivative of 0 on it
    NOT_FINITE = "not finite"  # a derivative on it is infinite or nan
    BEYOND_FLOATS = "beyond floats"  # no derivative is 0 or infinite, but so is their product, rounded


@dataclass(frozen=True, slots=True)
class PathLink:
    """A scalar of a chain, and the edge that leads to it from the one before."""

    scalar: int
    address: str
    operation: str  # "parameter", "sum", "mul", …
    data: float
    grad: float | None  # None where it is not complete
    derivative: float | None  # d(this) / d(the one before); None for the first
    side: int  # which operand of this the one before is: 0 or 1
    product: float  # of the derivatives so far: d(this) / d(the first) along this chain


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """The ways from a scalar to the loss at one moment."""

    scalar: int
    obstacle: Obstacle | None  # why there are none; the rest is empty then
    on_path: Ids  # (n,) what lies on any of them, the scalar and the loss included; ascending
    num_paths: float  # exact up to 2**53, rounded above; may be infinite
    chain: tuple[PathLink, ...]  # the strongest, from the scalar to the loss; () while the loss is not computed
    strength: Strength
    log10: float  # of the size of the chain's product without its zeros; infinite where that is not finite
    grad: float | None  # of the scalar; None where it is not complete
    shares: Shares | None  # None where the gradient is not complete, 0 or not finite

    @property
    def product(self) -> float | None:
        """d(loss) / d(scalar) along the strongest chain alone."""
        return self.chain[-1].product if self.chain else None

    @property
    def chain_share(self) -> float | None:
        """What part of the gradient comes on the strongest chain alone."""
        if self.product is None or self.shares is None or self.grad is None:
            return None
        return self.product / self.grad

    @property
    def chain_ids(self) -> Ids:
        """The scalars of the strongest chain, ascending."""
        ids = np.array([link.scalar for link in self.chain], dtype=np.int32)
        ids.flags.writeable = False
        return ids


@dataclass(frozen=True, slots=True)
class PathsOf(Inquiry[Paths]):
    """All about the paths from a scalar to the loss."""

    scalar: int

    is_slow: ClassVar[bool] = True

    def fits(self, program: Program) -> bool:
        return 0 <= self.scalar < program.num_scalars

    def answer(self, sight: Sight) -> Paths:
        machine, program = sight.machine, sight.program
        obstacle = _obstacle(machine, self.scalar, sight.arrivals.expected)
        reach = sight.arrivals.reach[self.scalar]
        grad = machine.grad.item(self.scalar) if reach == Reach.KNOWN and obstacle is not Obstacle.NOT_LIVE else None
        if obstacle is not None:
            return Paths(self.scalar, obstacle, _no_ids(), 0.0, (), Strength.NUMBER, 0.0, grad, None)
        room = sight.keep(_Room, lambda: _Room.of(program))
        ids, num_paths = _on_path(machine, self.scalar, sight.arrivals.expected, room)
        chain: tuple[PathLink, ...] = ()
        strength, log10 = Strength.NUMBER, 0.0
        if sight.data_reach[program.loss] == Reach.KNOWN:
            chain = _chain(sight, ids, room)
            strength, log10 = _strength(chain, self.scalar, room)
        shares = None
        if grad is not None and grad != 0.0 and math.isfinite(grad):
            points = sight.keep(Points, lambda: Points.of(program))
            shares = share_out(machine, points, ids, room.on_path, room.tangent)
        return Paths(self.scalar, None, ids, num_paths, chain, strength, log10, grad, shares)


@dataclass(frozen=True, slots=True, eq=False)
class _Room:
    """Where answers are computed, kept for the next one: (N,) each. A new one would cost more than the answer."""

    on_path: npt.NDArray[np.bool_]
    count: Floats
    consumer: Ids
    side: npt.NDArray[np.int8]
    exponent: Ids
    mantissa: Floats
    tangent: Floats

    @classmethod
    def of(cls, program: Program) -> _Room:
        n = program.num_scalars
        numbers = np.zeros(n)  # one after the other
        return cls(
            on_path=np.zeros(n, dtype=np.bool_),
            count=numbers,
            consumer=np.zeros(n, dtype=np.int32),
            side=np.zeros(n, dtype=np.int8),
            exponent=np.zeros(n, dtype=np.int32),
            mantissa=numbers,
            tangent=numbers,
        )


def _obstacle(machine: Machine, scalar: int, expected: Ids) -> Obstacle | None:
    if not is_live(machine, scalar):
        return Obstacle.NOT_LIVE
    if scalar == machine.program.loss or expected[scalar]:
        return None
    return Obstacle.UNUSED if scalar < machine.program.num_parameters else Obstacle.OUTSIDE


def _no_ids() -> Ids:
    ids = np.empty(0, dtype=np.int32)
    ids.flags.writeable = False
    return ids


def _on_path(machine: Machine, scalar: int, expected: Ids, room: _Room) -> tuple[Ids, float]:
    """What lies on a path, ascending, and the number of paths."""
    program = machine.program
    ranges = np.array(program.live_ranges(machine.positions), dtype=np.int64)
    room.on_path[:] = False
    kernels.mark(
        scalar,
        program.loss,
        ranges,
        machine.code,
        machine.first,
        machine.second,
        expected,
        room.on_path,
        room.count,
    )
    ids = np.flatnonzero(room.on_path).astype(np.int32)
    ids.flags.writeable = False
    return ids, room.count.item(program.loss)


def _chain(sight: Sight, ids: Ids, room: _Room) -> tuple[PathLink, ...]:
    """The strongest chain; the whole forward phase is done."""
    machine, program = sight.machine, sight.program
    graph = machine.code, machine.first, machine.second, machine.constants, machine.data, room.on_path
    kernels.strongest(ids, *graph, room.consumer, room.side, room.exponent, room.mantissa)
    links = []
    scalar, product = int(ids[0]), 1.0
    derivative, side = None, 0
    while scalar >= 0:
        has_grad = sight.arrivals.reach[scalar] == Reach.KNOWN
        links.append(
            PathLink(
                scalar,
                sight.addresses.format(scalar),
                Operation(program.operation[scalar]).name.lower(),
                machine.data.item(scalar),
                machine.grad.item(scalar) if has_grad else None,
                derivative,
                side,
                product,
            )
        )
        consumer, side = room.consumer.item(scalar), room.side.item(scalar)
        if consumer >= 0:
            derivative = local_derivatives(machine, consumer)[side]
            product *= derivative
        scalar = consumer
    return tuple(links)


def _strength(chain: tuple[PathLink, ...], scalar: int, room: _Room) -> tuple[Strength, float]:
    product, exponent = chain[-1].product, room.exponent.item(scalar)
    if exponent == kernels.NOT_FINITE:
        return Strength.NOT_FINITE, math.inf
    zeros = round(-exponent / kernels.ZERO)
    log10 = math.log10(room.mantissa[scalar]) + (exponent + zeros * kernels.ZERO) * math.log10(kernels.STEP)
    if zeros:
        return Strength.ZERO, log10
    return Strength.NUMBER if product and math.isfinite(product) else Strength.BEYOND_FLOATS, log10
