"""The gradient check of a whole tensor, which grows a few scalars at a time while it is asked for.

It is about the update at which it was begun: from then on it runs on numbers of its own, whatever training does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger.gradient_check import Checked, Verdict, checked
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.scratch import Scratch, When
from microgpt_studio.debugger.snapshot import Reach

_MOST_TOLD = 10  # of the worst


@dataclass(frozen=True, slots=True, eq=False)
class MatrixChecked:
    """A tensor's check as far as it is. Elements that the loss does not depend on have no gradient to check."""

    tensor: int
    when: When
    done: int
    total: int  # elements that have a gradient
    counts: Mapping[Verdict | None, int]  # None: of those for which there is no quotient
    worst: tuple[Checked, ...]  # those with the largest relative errors, the largest first; at most 10
    kinks: int  # scalars for which a ReLU changed sides
    reason: str | None = None  # why there is nothing to check

    @property
    def is_complete(self) -> bool:
        """Whether all are checked that can be."""
        return self.done == self.total


@dataclass(frozen=True, slots=True)
class MatrixCheck(Inquiry[MatrixChecked]):
    """Check the gradients of all elements of a tensor."""

    tensor: int  # index into program.tensors
    h: float | None = None  # as in GradientCheck
    number: int = 0

    def fits(self, program: Program) -> bool:
        return 0 <= self.tensor < len(program.tensors)

    def answer(self, sight: Sight) -> MatrixChecked:
        last: list[_Growing] = sight.keep(MatrixCheck, list)  # at most one is kept
        if not last or last[0].inquiry != self:
            last[:] = [_Growing(self, sight)]
        growing = last[0]
        sight.growing.append(growing)
        return growing.told()


class _Growing:
    """The check of one tensor, with its own numbers of the update at which it began."""

    def __init__(self, inquiry: MatrixCheck, sight: Sight) -> None:
        self.inquiry = inquiry
        self._when = When.of(sight.execution)
        program = sight.program
        elements = program.elements(program.tensors[inquiry.tensor])
        reach = sight.arrivals.reach[elements]
        self._reason = _why_not(reach)
        self._scalars: Ids = elements[reach == Reach.KNOWN] if self._reason is None else elements[:0]
        self._grads: Floats = sight.machine.grad[self._scalars]
        self._counts: dict[Verdict | None, int] = {}
        self._worst: list[Checked] = []
        self._kinks = 0
        self._done = 0
        self._scratch: Scratch | None = None
        self._told: MatrixChecked | None = None
        if not self.is_complete:
            self._scratch = Scratch(program)
            self._scratch.adopt(sight.machine)

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to check."""
        return self._done == len(self._scalars)

    def advance(self, cancelled: Callable[[], bool]) -> None:
        """Check on until all are, or it is cancelled: at least one."""
        while self._scratch is not None:
            scalar, grad = int(self._scalars[self._done]), float(self._grads[self._done])
            self._add(checked(self._scratch, self._when, scalar, grad, self.inquiry.h))
            self._done += 1
            if self.is_complete:
                self._scratch = None  # and its memory goes
            elif cancelled():
                break
        self._told = None

    def told(self) -> MatrixChecked:
        """What there is to tell so far."""
        if self._told is None:
            self._told = MatrixChecked(
                self.inquiry.tensor,
                self._when,
                self._done,
                len(self._scalars),
                MappingProxyType(dict(self._counts)),
                tuple(self._worst),
                self._kinks,
                self._reason,
            )
        return self._told

    def _add(self, one: Checked) -> None:
        self._counts[one.verdict] = self._counts.get(one.verdict, 0) + 1
        self._kinks += one.attempt is not None and bool(one.attempt.kinks.relus)
        self._worst = sorted([*self._worst, one], key=_badness, reverse=True)[:_MOST_TOLD]


def _badness(one: Checked) -> tuple[int, float]:
    """What counts as worse: no quotient, then an error that is no number, then a larger error that is not rounding."""
    if one.attempt is None:
        return 2, 0.0
    if np.isnan(one.error):
        return 2, -1.0
    return (0 if one.verdict is Verdict.UNRESOLVED else 1), one.error


def _why_not(reach: np.ndarray) -> str | None:
    if (reach == Reach.PARTIAL).any():
        return "The gradients are not complete yet: the backward phase is still adding to them."
    if not (reach == Reach.NOT_COMPUTED).any():
        return None if (reach == Reach.KNOWN).any() else "The loss depends on none of them."
    return "There are no gradients to check: the backward phase has not come here, or the document is too short."
