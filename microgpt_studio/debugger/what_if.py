"""What if: another number for one scalar, and what becomes of the loss and the predictions. Nothing of it is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from microgpt.program.machine import Fault
from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger.explain import is_live
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.scratch import Kinks, Scratch, When
from microgpt_studio.debugger.snapshot import Reach


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What a change does to a document of n positions. Arrays are read-only."""

    loss_before: float
    loss_after: float
    grad: float | None  # of the scalar; None where there is none at this moment
    targets: tuple[int, ...]  # (n,) tokens
    scalars: Ids  # (n,) the ids of the targets' probabilities
    before: Floats  # (n,) the probability of the target
    after: Floats
    top_before: npt.NDArray[np.int64]  # (n,) the likeliest token
    top_after: npt.NDArray[np.int64]
    kinks: Kinks


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A scalar's number, another one instead, and what that does; or the reason why it cannot be told."""

    scalar: int
    when: When
    before: float = math.nan  # nan where there is not even a document to change
    after: float = math.nan
    effect: Effect | None = None
    reason: str | None = None

    @property
    def delta(self) -> float:
        """By how much the two numbers differ, as floats hold them."""
        return self.after - self.before

    @property
    def predicted(self) -> float | None:
        """The loss that the gradient predicts: loss + grad · delta; None where there is no gradient."""
        if self.effect is None or self.effect.grad is None:
            return None
        return self.effect.loss_before + self.effect.grad * self.delta


@dataclass(frozen=True, slots=True)
class WhatIf(Inquiry[Outcome]):
    """What if a scalar were another number: changed by one, or set to one."""

    is_slow: ClassVar[bool] = True

    scalar: int
    number: float  # finite
    is_change: bool  # it is added to what the scalar is, instead of taking its place

    def fits(self, program: Program) -> bool:
        return 0 <= self.scalar < program.num_scalars

    def answer(self, sight: Sight) -> Outcome:
        when, scalar, machine = When.of(sight.execution), self.scalar, sight.machine
        if not is_live(machine, scalar):
            return Outcome(scalar, when, reason="This document's graph does not have it.")
        scratch = sight.keep(Scratch, lambda: Scratch(sight.program))
        try:
            loss_before = scratch.adopt(machine)
        except Fault as fault:
            return Outcome(scalar, when, reason=f"There is no loss to begin with: {_told(fault, sight)}.")
        sides = scratch.sides()
        before = float(scratch.base[scalar])
        after = before + self.number if self.is_change else self.number
        try:
            loss_after = scratch.loss_with(scalar, after)
        except Fault as fault:
            return Outcome(scalar, when, before, after, reason=f"Plain Python would raise: {_told(fault, sight)}.")
        ids = sight.keep(WhatIf, lambda: _probabilities(sight.program))[: machine.positions]
        tokens = sight.execution.runner.tokenizer.encode(when.document)[1 : machine.positions + 1]
        scalars = ids[np.arange(machine.positions), tokens]
        effect = Effect(
            loss_before=loss_before,
            loss_after=loss_after,
            grad=float(machine.grad[scalar]) if sight.arrivals.reach[scalar] == Reach.KNOWN else None,
            targets=tuple(tokens),
            scalars=scalars,
            before=scratch.base[scalars],
            after=scratch.data[scalars],
            top_before=scratch.base[ids].argmax(axis=1),
            top_after=scratch.data[ids].argmax(axis=1),
            kinks=scratch.kinks(sides, scratch.sides()),
        )
        for array in (effect.scalars, effect.before, effect.after, effect.top_before, effect.top_after):
            array.flags.writeable = False
        return Outcome(scalar, when, before, after, effect)


def refused_number(text: str) -> str | None:
    """Why a text is no number that a scalar could have; None where it is one."""
    try:
        number = float(text)
    except ValueError:
        return f"“{text}” is not a number"
    if not math.isfinite(number):
        return f"{text.strip()} is not a finite number"
    return None


def _told(fault: Fault, sight: Sight) -> str:
    return f"{fault.reason} at {sight.addresses.format(fault.scalar)}"


def _probabilities(program: Program) -> Ids:
    """(B, vocabulary) the ids of the probabilities."""
    tensors = [tensor for tensor in program.tensors if tensor.stage == "prob"]
    return np.stack([program.elements(tensor) for tensor in tensors])
