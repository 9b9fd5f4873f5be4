"""The gradient check: the gradient of one scalar against a centred difference of losses.

The quotient is (loss(x₊) − loss(x₋)) / (x₊ − x₋) with x₊ = x + h and x₋ = x − h as floats hold them. It knows no more
of calculus than that; where the two numbers differ, either the gradient is wrong, or h is too large or too small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np

from microgpt.program.machine import Fault
from microgpt.program.program import Program
from microgpt_studio.debugger.explain import is_live
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.scratch import Kinks, Scratch, When
from microgpt_studio.debugger.snapshot import Reach

GOOD_UP_TO = 1e-7
FINE_UP_TO = 1e-4
WRONG_ABOVE = 1e-2
_STEPS = tuple(10.0**-k for k in range(3, 10))  # that are tried, times the larger of 1 and |x|
_ROUNDING = 4.0  # units in the last place by which the difference of two losses may be off; most are off by less


class Verdict(Enum):
    """What a relative error is usually taken to mean. The value is the word for it."""

    GOOD = "good"
    FINE = "fine"  # with kinks, as a ReLU has one
    SUSPICIOUS = "suspicious"
    WRONG = "wrong"
    UNRESOLVED = "too small to tell"  # the numbers differ, but by no more than rounding explains


@dataclass(frozen=True, slots=True)
class Attempt:
    """One centred difference."""

    h: float
    low: float  # x − h, as a float holds it
    high: float
    loss_low: float
    loss_high: float
    kinks: Kinks

    @property
    def quotient(self) -> float:
        """The difference of the losses over the difference of the numbers."""
        return (self.loss_high - self.loss_low) / (self.high - self.low)

    @property
    def rounding(self) -> float:
        """How far rounding of the two losses may put the quotient off; an estimate."""
        larger = max(1.0, abs(self.loss_low), abs(self.loss_high))  # logits and probabilities are about 1
        return _ROUNDING * float(np.spacing(larger)) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Checked:
    """One scalar's check. Where there is a `reason` why there is none, the other numbers but h mean nothing."""

    scalar: int
    when: When
    value: float = math.nan
    grad: float = math.nan
    attempt: Attempt | None = None
    tried: tuple[Attempt, ...] = ()  # with other h, the largest first; empty where h was given
    reason: str | None = None

    @property
    def error(self) -> float:
        """|grad − quotient| / max(|grad|, |quotient|); 0 where both are 0."""
        return relative_error(self.grad, self.attempt.quotient) if self.attempt is not None else math.nan

    @property
    def verdict(self) -> Verdict | None:
        """What that means; None where there is a reason why there is none."""
        if self.attempt is None:
            return None
        return verdict(self.error, abs(self.grad - self.attempt.quotient) <= self.attempt.rounding)


@dataclass(frozen=True, slots=True)
class GradientCheck(Inquiry[Checked]):
    """Check the gradient of a scalar."""

    is_slow: ClassVar[bool] = True

    scalar: int
    h: float | None = None  # positive and finite; None: several are tried, and the one that disturbs least is taken
    number: int = 0  # of the request: another one is another question, even of the same scalar

    def fits(self, program: Program) -> bool:
        return 0 <= self.scalar < program.num_scalars

    def answer(self, sight: Sight) -> Checked:
        when, scalar, machine = When.of(sight.execution), self.scalar, sight.machine
        reason = why_not(sight, scalar)
        if reason is not None:
            return Checked(scalar, when, reason=reason)
        scratch = sight.keep(Scratch, lambda: Scratch(sight.program))
        scratch.adopt(machine)  # there is a gradient, so there was no fault
        return checked(scratch, when, scalar, float(machine.grad[scalar]), self.h, is_thorough=True)


def why_not(sight: Sight, scalar: int) -> str | None:
    """Why a scalar has no gradient at this moment that could be checked."""
    if not is_live(sight.machine, scalar):
        return "This document's graph does not have it."
    reach = sight.arrivals.reach[scalar]
    if reach == Reach.OUTSIDE:
        return "The loss does not depend on it: there is no gradient to check."
    if reach == Reach.PARTIAL:
        return "Its gradient is not complete yet: the backward phase is still adding to it."
    if reach == Reach.NOT_COMPUTED:
        return "There is no gradient to check yet: the backward phase has not come here."
    return None


def checked(
    scratch: Scratch, when: When, scalar: int, grad: float, h: float | None, *, is_thorough: bool = False
) -> Checked:
    """Check one scalar of the document that the scratch run has adopted; `h` as in GradientCheck.

    A thorough check also tries those h that can no longer be the best; it takes the same one.
    """
    value = float(scratch.base[scalar])
    if h is not None:
        attempt = attempted(scratch, scalar, h)
        if isinstance(attempt, str):
            return Checked(scalar, when, value, grad, reason=attempt)
        return Checked(scalar, when, value, grad, attempt)
    attempts: list[Attempt] = []
    best, least = None, math.inf
    for step in _STEPS:
        if not is_thorough and attempts and 5.0 * attempts[-1].rounding > least:
            break  # a smaller h is worse: rounding grows tenfold, or fivefold where the loss passes a power of 2
        tried = attempted(scratch, scalar, step * max(1.0, abs(value)))
        if isinstance(tried, str):
            continue
        attempts.append(tried)
        if len(attempts) > 1:
            # A centred difference is off by c·h², so that before by 100 times as much: that much less 1 is seen.
            disturbance = abs(attempts[-2].quotient - tried.quotient) / 99.0 + tried.rounding
            if disturbance < least:
                best, least = tried, disturbance
    if best is None:
        reason = "No h that was tried leads to two finite losses, or even to other numbers than x itself."
        return Checked(scalar, when, value, grad, tried=tuple(attempts), reason=reason)
    return Checked(scalar, when, value, grad, best, tuple(attempts))


def attempted(scratch: Scratch, scalar: int, h: float) -> Attempt | str:
    """One centred difference, or why there is none."""
    value = float(scratch.base[scalar])
    low, high = value - h, value + h
    if not (low < value < high and math.isfinite(high - low)):
        return f"x ± h is not another number than x: {h!r} is too small beside {value!r}, or too large."
    try:
        loss_low = scratch.loss_with(scalar, low)
        low_sides = scratch.sides()
        loss_high = scratch.loss_with(scalar, high)
    except Fault as fault:
        return f"With h = {h!r} plain Python would raise on the way to the loss: {fault.reason}."
    return Attempt(h, low, high, loss_low, loss_high, scratch.kinks(low_sides, scratch.sides()))


def relative_error(a: float, n: float) -> float:
    """|a − n| / max(|a|, |n|); 0 where both are 0."""
    larger = max(abs(a), abs(n))
    return abs(a - n) / larger if larger != 0.0 else 0.0


def verdict(error: float, within_rounding: bool) -> Verdict:
    """What a relative error is usually taken to mean; nan is as wrong as can be."""
    if error <= GOOD_UP_TO:
        return Verdict.GOOD
    if error <= FINE_UP_TO:
        return Verdict.FINE
    if within_rounding:
        return Verdict.UNRESOLVED
    return Verdict.SUSPICIOUS if error <= WRONG_ABOVE else Verdict.WRONG


def refused_step(text: str) -> str | None:
    """Why a text is no h; None where it is one."""
    try:
        h = float(text)
    except ValueError:
        return f"“{text}” is not a number; h is one as 1e-5"
    if not math.isfinite(h) or h <= 0.0:
        return f"h is {text.strip()}, but it has to be a number above 0, as 1e-5"
    return None
