"""Contributions to a chosen scalar: how it depends on every scalar below it, as its own backward pass would tell.

The chain rule starts at the chosen scalar instead of the loss, and walks the same graph in the order in which plain
Python would: so the derivatives are those of `Value.backward()`, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program import kernels
from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger import graph_kernels
from microgpt_studio.debugger.explain import is_live
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.inside_numbers import scalars_of
from microgpt_studio.debugger.partial import Arrivals
from microgpt_studio.debugger.snapshot import Reach, Reaches


@dataclass(frozen=True, slots=True, eq=False)
class ContributionNumbers:
    """What K scalars contribute to a chosen one. All arrays (K,), read-only.

    The reach says OUTSIDE where the chosen scalar does not depend on one, NOT_COMPUTED where it does and is not
    computed yet; both numbers are nan then.
    """

    chosen: int
    derivative: Floats  # d(chosen) / d(scalar), by all ways
    contribution: Floats  # derivative × data: its part of the chosen scalar, to first order
    reach: Reaches


@dataclass(frozen=True, slots=True)
class Contributions(Inquiry[ContributionNumbers]):
    """What all N scalars contribute to a chosen one. For a sum of products, those of the products add up to it."""

    chosen: int

    def fits(self, program: Program) -> bool:
        return 0 <= self.chosen < program.num_scalars

    def answer(self, sight: Sight) -> ContributionNumbers:
        return _walk(sight).numbers(self.chosen, sight, self.scalars(sight))

    def scalars(self, sight: Sight) -> Ids | None:  # noqa: ARG002 - for subclasses
        """Ids of those whose contributions are told; None: all."""
        return None


@dataclass(frozen=True, slots=True)
class CellContributions(Contributions):
    """What each of all C cells contributes, by what stands for it."""

    def scalars(self, sight: Sight) -> Ids | None:
        return sight.description.expressions.scalar


@dataclass(frozen=True, slots=True)
class InsideContributions(Contributions):
    """What the scalars inside some cells, and their operands, contribute: in the order of the answer of InsideCells."""

    cells: bytes  # of int32, as those of InsideCells

    def scalars(self, sight: Sight) -> Ids | None:
        return scalars_of(sight, np.frombuffer(self.cells, dtype=np.int32))


def _walk(sight: Sight) -> _Walk:
    machine = sight.machine
    return sight.keep(Contributions, lambda: _Walk(machine))


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
        self._is_embedding = program.choices[:, 0] < program.num_parameters  # of the choosers
        self._is_decided = np.zeros(n, dtype=bool)
        self._is_decided[program.chooser[~self._is_embedding]] = True
        self._is_decided[program.loss] = True
        self._first = program.first.copy()  # the operands that no document decides, and for an embedding itself
        self._first[program.chooser[self._is_embedding]] = program.chooser[self._is_embedding]
        self._used: dict[int, npt.NDArray[np.uint8]] = {}  # parameters that way down has for operands, by its length
        self._seen = np.zeros(n, dtype=np.uint8)
        self._stack, self._found = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
        # Sums of products that stand in one piece do so below any scalar: nothing else uses what is inside them.
        self._run = np.zeros(n, dtype=np.int32)
        kernels.find_runs(machine.code, program.first, machine.second, program.constants, self._run)
        self._told: tuple[int, Arrivals] | None = None  # to whom, and of which moment, the numbers below are
        self._reach = np.empty(n, dtype=np.uint8)
        self._own, self._derivative = np.zeros(n), np.zeros(0)  # the latter is the former, or the machine's own grads

    def numbers(self, chosen: int, sight: Sight, scalars: Ids | None) -> ContributionNumbers:
        """What some scalars, or all, contribute at a moment."""
        if self._told is None or self._told[0] != chosen or self._told[1] is not sight.arrivals:
            self._told = None
            self._go_down(chosen, sight)
            self._told = chosen, sight.arrivals
        if scalars is None:
            scalars = np.arange(len(self._reach), dtype=np.int32)
        count = len(scalars)
        derivative, contribution, reach = np.empty(count), np.empty(count), np.empty(count, dtype=np.uint8)
        whole = self._derivative, self._machine.data, self._reach
        graph_kernels.contributions(scalars, *whole, derivative, contribution, reach)
        for array in (derivative, contribution, reach):
            array.flags.writeable = False
        return ContributionNumbers(chosen, derivative, contribution, reach)

    def _go_down(self, chosen: int, sight: Sight) -> None:
        machine, known = self._machine, int(sight.data_reach[chosen])
        if chosen == machine.program.loss and sight.arrivals.is_complete:
            self._reach[:] = sight.arrivals.reach  # what the update's own backward phase has reached
            self._derivative = machine.grad
            if chosen != self._chosen or machine.positions not in self._used:
                self._start_at(chosen)
        else:
            self._start_at(chosen)
            self._mark_scalars(known)
            self._own.fill(0.0)
            self._derivative = self._own
            if known == Reach.KNOWN:
                self._differentiate()
        if is_live(machine, chosen):
            self._mark_parameters(known)

    def _start_at(self, chosen: int) -> None:
        """Find the order in which gradients flow from a scalar; empty for one without operands or not there."""
        machine = self._machine
        if chosen == self._chosen and (self._document is None or self._document is machine.order):
            return
        if chosen != self._chosen:
            self._used.clear()
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

    def _mark_scalars(self, known: int) -> None:
        """Write (N,) Reach but those of parameters, where `known` is that of the chosen scalar's data."""
        machine, program, reach = self._machine, self._machine.program, self._reach
        reach.fill(Reach.NOT_COMPUTED)
        if not is_live(machine, self._chosen):
            return
        for start, stop in program.live_ranges(machine.positions):
            reach[start:stop] = Reach.OUTSIDE
        reach[self._chosen] = known
        graph_kernels.mark(self._order, known, reach)

    def _mark_parameters(self, known: int) -> None:
        """Write (P,) Reach of the parameters that something on the way is made from."""
        machine, program = self._machine, self._machine.program
        parameters = self._reach[: program.num_parameters]
        parameters.fill(Reach.OUTSIDE)
        if self._chosen < program.num_parameters:
            parameters[self._chosen] = known
        parameters[self._fixed_parameters().view(bool)] = known
        stop = program.chooser_stop[machine.positions]
        embeddings = program.chooser[:stop][self._is_embedding[:stop]]
        embeddings = embeddings[self._reach[embeddings] == known]
        parameters[machine.first[embeddings]] = known

    def _fixed_parameters(self) -> npt.NDArray[np.uint8]:
        """(P,) 1 for the parameters on the way but those that only a document's tokens decide.

        The way down from the loss is another one for other targets; but whatever the targets are, the softmax of a
        position has used all that their probabilities are made from. What remains is how many positions there are.
        """
        machine, program = self._machine, self._machine.program
        key = machine.positions if self._chosen == program.loss else -1 if self._document is None else 0
        used = self._used.get(key)
        if used is None or key == 0:
            used = np.zeros(program.num_parameters, dtype=np.uint8)
            graph_kernels.mark_parameters(
                self._order, machine.code, self._first, machine.second, program.num_parameters, used
            )
            self._used[key] = used
        return used

    def _differentiate(self) -> None:
        """Add up d(chosen) / d(scalar) in zeros."""
        machine = self._machine
        self._own[self._chosen] = 1.0
        kernels.backward(
            machine.code,
            machine.first,
            machine.second,
            machine.constants,
            self._run,
            machine.data,
            self._own,
            self._order,
            0,
            len(self._order),
        )
