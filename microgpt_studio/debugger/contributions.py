"""Contributions to a chosen scalar: how it depends on every scalar below it, as its own backward pass would tell.

The chain rule starts at the chosen scalar instead of the loss, and walks the same graph in the order in which plain
Python would: so the derivatives are those of `Value.backward()`, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program import kernels
from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger import graph_kernels
from microgpt_studio.debugger.explain import is_live
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach, Reaches


@dataclass(frozen=True, slots=True, eq=False)
class ContributionNumbers:
    """What every scalar contributes to a chosen one. All arrays (N,), read-only.

    The reach says OUTSIDE where the chosen scalar does not depend on one, NOT_COMPUTED where it does and is not
    computed yet; both numbers are nan then.
    """

    chosen: int
    derivative: Floats  # d(chosen) / d(scalar), by all ways
    contribution: Floats  # derivative × data: its part of the chosen scalar, to first order
    reach: Reaches


@dataclass(frozen=True, slots=True)
class Contributions(Inquiry[ContributionNumbers]):
    """What every scalar contributes to a chosen one. For a sum of products, those of the products add up to it."""

    chosen: int

    def fits(self, program: Program) -> bool:
        return 0 <= self.chosen < program.num_scalars

    def answer(self, sight: Sight) -> ContributionNumbers:
        machine = sight.machine
        walk = sight.keep(Contributions, lambda: _Walk(machine))
        walk.start_at(self.chosen)
        reach = walk.reach_when(Reach(int(sight.data_reach[self.chosen])))
        derivative = np.zeros(sight.program.num_scalars)
        if reach[self.chosen] == Reach.KNOWN:
            walk.differentiate(derivative)
        contribution = np.empty(sight.program.num_scalars)
        graph_kernels.contributions(derivative, machine.data, reach, contribution)
        for array in (derivative, contribution, reach):
            array.flags.writeable = False
        return ContributionNumbers(self.chosen, derivative, contribution, reach)


class _Walk:
    """The way down from a chosen scalar, found again only where a document decides it."""

    def __init__(self, machine: Machine) -> None:
        program = machine.program
        n = program.num_scalars
        self._machine = machine
        self._chosen = -1
        self._order = np.empty(0, dtype=np.int32)
        self._document: Ids | None = None  # the document's backward order, where the way holds for that document only
        # Only the targets and the loss have scalars for operands that a document decides; embeddings have parameters.
        self._is_decided = np.zeros(n, dtype=bool)
        self._is_decided[program.chooser[program.choices[:, 0] >= program.num_parameters]] = True
        self._is_decided[program.loss] = True
        self._seen = np.zeros(n, dtype=np.uint8)
        self._stack, self._found = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
        # Sums of products that stand in one piece do so below any scalar: nothing else uses what is inside them.
        self._run = np.zeros(n, dtype=np.int32)
        kernels.find_runs(machine.code, program.first, machine.second, program.constants, self._run)

    def start_at(self, chosen: int) -> None:
        """Find the order in which gradients flow from a scalar; empty for one without operands or not there."""
        machine = self._machine
        if chosen == self._chosen and (self._document is None or self._document is machine.order):
            return
        self._chosen = chosen
        if chosen == machine.program.loss:
            self._order = self._document = machine.order
        elif not is_live(machine, chosen):
            self._order, self._document = self._order[:0], machine.order
        else:
            self._order = self._found[: self._depth_first(chosen)][::-1].copy()
            self._document = machine.order if self._is_decided[self._order].any() else None

    def _depth_first(self, chosen: int) -> int:
        """Write the scalars below a chosen one, itself included, but no parameters to `_found`; returns how many."""
        machine, parameters = self._machine, self._machine.program.num_parameters
        if chosen < parameters:
            return 0
        count: int = kernels.depth_first(
            chosen, parameters, machine.code, machine.first, machine.second, self._seen, self._stack, self._found
        )
        return count

    def reach_when(self, known: Reach) -> Reaches:
        """(N,) Reach, where `known` is that of the chosen scalar's data."""
        machine, program = self._machine, self._machine.program
        reach = np.full(program.num_scalars, Reach.NOT_COMPUTED, dtype=np.uint8)
        if not is_live(machine, self._chosen):
            return reach
        reach[: program.num_parameters] = Reach.OUTSIDE
        for start, stop in program.live_ranges(machine.positions):
            reach[start:stop] = Reach.OUTSIDE
        reach[self._chosen] = known
        graph_kernels.mark_dependencies(
            self._order, machine.code, machine.first, machine.second, program.num_parameters, int(known), reach
        )
        return reach

    def differentiate(self, derivative: Floats) -> None:
        """Add up d(chosen) / d(scalar) in an array (N,) of zeros."""
        machine = self._machine
        derivative[self._chosen] = 1.0
        kernels.backward(
            machine.code,
            machine.first,
            machine.second,
            machine.constants,
            self._run,
            machine.data,
            derivative,
            self._order,
            0,
            len(self._order),
        )
