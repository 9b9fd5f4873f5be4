"""Search: which scalars of a moment a query means, with their numbers. It is answered where the numbers are.

Only scalars of the loaded document's graph are found, and a condition on a number holds only where it is known:
neither half-way through an update nor outside of the graph is a number guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats, Ids, Operation
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search_names import Flags, Meaning, Names
from microgpt_studio.debugger.search_query import USUAL, Comparison, Query, Relation
from microgpt_studio.debugger.snapshot import Reach, Reaches

MOST_LISTED = 1_000
MOST_LIT = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """The scalars that a query means, in order: the first R of them are listed. Arrays are read-only.

    Ranked ones stand in the order of their rank, equal ones and all others in that of computation, elements before
    the operations inside of elements.
    """

    query: Query
    scalars: Ids  # (R,)
    addresses: tuple[str, ...]  # (R,)
    operations: tuple[str, ...]  # (R,)
    data: Floats  # (R,)
    data_reach: Reaches  # (R,)
    grad: Floats  # (R,)
    grad_reach: Reaches  # (R,)
    other: Quantity | None  # one more number that the query is about: m, v or update
    others: Floats  # (R,) where it is there
    other_reach: Reaches  # (R,)
    total: int  # scalars that were found
    searched: int  # among so many: those that the words, the scope and the operation leave
    ranked: int  # among so many the largest were looked for: those whose number is there; 0 where nothing is ranked
    unranked: int  # of them nan, which has no rank
    lit: Ids  # (min(total, MOST_LIT),) all that were found, ascending, or the first of them
    reason: str  # why nothing was found; empty where something was


@dataclass(frozen=True, slots=True)
class Search(Inquiry[Results]):
    """The scalars that a query means at a moment."""

    is_slow: ClassVar[bool] = True

    query: Query

    def answer(self, sight: Sight) -> Results:
        return _Finding(sight, self.query).results()


class _NothingError(LookupError):
    """Nothing is left, and why."""


class _Finding:
    """One search at one moment."""

    def __init__(self, sight: Sight, query: Query) -> None:
        self.sight = sight
        self.query = query
        self.names: Names = sight.keep("search", self._make_names)
        self.searched = 0
        self.ranked = 0
        self.unranked = 0

    def results(self) -> Results:
        try:
            found = self._found()
        except _NothingError as nothing:
            return self._results(np.empty(0, dtype=np.int32), str(nothing))
        return self._results(found, "")

    def _make_names(self) -> Names:
        return Names(self.sight.addresses)

    def _found(self) -> Ids:
        """All ids, in their order. Raises _NothingError."""
        query, program = self.query, self.sight.program
        ids = self._named(self._in_scope())
        if query.operation is not None:
            ids = self._made_by(ids, query.operation)
        self.searched = len(ids)
        if query.nonfinite:
            ids = self._nonfinite(ids)
        for comparison in query.comparisons:
            ids = self._compared(ids, comparison)
        if query.by is not None:
            return self._ranked(ids, query.by)
        is_inner = program.ordinal[ids] >= 0
        return np.concatenate([ids[~is_inner], ids[is_inner]])

    # Names

    def _in_scope(self) -> Flags:
        """(T,) the tensors of the scope."""
        scope = self.query.scope
        if scope is None:
            return np.ones(len(self.names.paths), dtype=np.bool_)
        tensors = self.names.scope(scope)
        if not tensors.any():
            raise _NothingError(self.names.why_no_scope(scope))
        return tensors

    def _named(self, scope: Flags) -> Ids:
        """The ids in the graph that the words mean, ascending."""
        words = self.query.words
        meanings = self.names.find(words, scope & self._of_kind()) if words else [Meaning(scope)]
        meanings = meanings or self.names.find(words, scope)
        if not meanings:
            raise _NothingError(self._why_none(scope))
        found = [self._meant(meaning) for meaning in meanings]
        ids = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        if len(ids):
            return ids
        what = f"called {' '.join(words)!r}" if words else "there"
        if not any(self._runs(meaning.tensors) for meaning in meanings):
            raise _NothingError(f"nothing of this document's graph is {what}: {self._size()}")
        raise _NothingError(f"nothing is {what}: no operation inside of {_first_path(self.names, meanings)} is so")

    def _of_kind(self) -> Flags:
        """(T,) the tensors that can have the operation and the numbers that are asked for."""
        is_parameter, query = self.names.is_parameter, self.query
        kind: Flags = np.ones(len(is_parameter), dtype=np.bool_)
        if query.operation is not None:
            kind &= is_parameter == (query.operation is Operation.PARAMETER)
        if any(quantity not in (Quantity.DATA, Quantity.GRAD) for quantity in query.quantities):
            kind &= is_parameter
        return kind

    def _why_none(self, scope: Flags) -> str:
        """Why the words mean nothing in the scope."""
        elsewhere = self.names.find(self.query.words, ~scope)
        if elsewhere:
            near, called = _first_path(self.names, elsewhere), " ".join(self.query.words)
            return f"nothing in {self.query.scope} is called {called!r}, but {near} is"
        return self.names.why_none(self.query.words)

    def _meant(self, meaning: Meaning) -> Ids:
        program = self.sight.program
        ids: Ids = _ranges(self._runs(meaning.tensors))
        if meaning.scalar is not None:
            ids = ids[ids == meaning.scalar]
        if meaning.index:
            low, high = self._elements(meaning)
            tensor, element = program.tensor[ids], program.element[ids]
            ids = ids[(low[tensor] <= element) & (element < high[tensor])]
        if meaning.operation is not None:
            ids = ids[program.operation[ids] == meaning.operation]
        if meaning.ordinal is not None:
            ids = ids[program.ordinal[ids] == meaning.ordinal]
        return ids

    def _elements(self, meaning: Meaning) -> tuple[Ids, Ids]:
        """(T,) and (T,): the elements that an index means in each tensor, from and to."""
        low, high = np.zeros((2, len(self.names.paths)), dtype=np.int32)
        for i in np.flatnonzero(meaning.tensors).tolist():
            shape = self.sight.program.tensors[i].shape
            first, width = meaning.index[0], 1
            if len(shape) == 2 and len(meaning.index) == 2:
                first = first * shape[1] + meaning.index[1]
            elif len(shape) == 2:
                first, width = first * shape[1], shape[1]
            low[i], high[i] = first, first + width
        return low, high

    def _runs(self, tensors: Flags) -> list[tuple[int, int]]:
        """The id ranges of tensors, as far as they are in the document's graph; what touches is one range."""
        machine, program = self.sight.machine, self.sight.program
        live = ((0, program.num_parameters), *program.live_ranges(machine.positions))
        edges = np.flatnonzero(np.diff(tensors.astype(np.int8), prepend=0, append=0))
        runs = []
        for first, last in edges.reshape(-1, 2).tolist():
            start, stop = int(self.names.starts[first]), int(self.names.stops[last - 1])
            runs += [(max(start, a), min(stop, b)) for a, b in live if max(start, a) < min(stop, b)]
        return runs

    def _made_by(self, ids: Ids, operation: Operation) -> Ids:
        operations = self.sight.program.operation[ids]
        found: Ids = ids[operations == operation]
        if not len(found):
            there = ", ".join(Operation(each).name.lower() for each in np.unique(operations).tolist())
            word = operation.name.lower()
            raise _NothingError(f"none of {_scalars(len(ids))} is made by {word}; there are {there}")
        return found

    # Numbers

    def _numbers(self, ids: Ids, quantity: Quantity) -> tuple[Floats, Reaches]:
        """(n,) and (n,): a number of every scalar, and whether it is there."""
        sight, machine = self.sight, self.sight.machine
        if quantity is Quantity.DATA:
            return machine.data[ids], sight.data_reach[ids]
        if quantity is Quantity.GRAD:
            return machine.grad[ids], sight.arrivals.reach[ids]
        p = sight.program.num_parameters
        known = p
        if quantity is Quantity.UPDATE:
            execution = sight.execution
            known = max(0, execution.place.done - execution.length + p)
        array = {Quantity.M: machine.m, Quantity.V: machine.v, Quantity.UPDATE: machine.change}[quantity]
        reach = np.where(ids < known, Reach.KNOWN, np.where(ids < p, Reach.NOT_COMPUTED, Reach.OUTSIDE))
        return array[np.minimum(ids, p - 1)], reach.astype(np.uint8)

    def _known(self, ids: Ids, quantity: Quantity) -> tuple[Ids, Floats]:
        """Those whose number is there, and the number. Raises _NothingError where none is."""
        numbers, reach = self._numbers(ids, quantity)
        known = reach == Reach.KNOWN
        if not known.all():
            if not known.any():
                raise _NothingError(self._unknown(len(ids), quantity, reach))
            ids, numbers = ids[known], numbers[known]
        return ids, numbers

    def _nonfinite(self, ids: Ids) -> Ids:
        bad = np.zeros(len(ids), dtype=np.bool_)
        known = 0
        for quantity in (Quantity.DATA, Quantity.GRAD):
            numbers, reach = self._numbers(ids, quantity)
            is_known = reach == Reach.KNOWN
            known += int(np.count_nonzero(is_known))
            bad |= is_known & ~np.isfinite(numbers)
        if not bad.any():
            numbers_known = f"all {known:,} numbers that are known" if known else "no number is known yet"
            raise _NothingError(f"{numbers_known} of {_scalars(len(ids))} are finite" if known else numbers_known)
        found: Ids = ids[bad]
        return found

    def _compared(self, ids: Ids, comparison: Comparison) -> Ids:
        ids, numbers = self._known(ids, comparison.quantity)
        if comparison.absolute:
            numbers = np.abs(numbers)
        found: Ids = ids[comparison.relation.holds(numbers, comparison.limit)]
        if not len(found):
            raise _NothingError(f"none of {_scalars(len(ids))} has {comparison}{_nearest(numbers, comparison)}")
        return found

    def _ranked(self, ids: Ids, by: Quantity) -> Ids:
        """The largest absolute values first; of equal ones the one that is computed first."""
        ids, numbers = self._known(ids, by)
        self.ranked = len(ids)
        sizes = np.abs(numbers)
        is_nan = np.isnan(sizes)
        self.unranked = int(np.count_nonzero(is_nan))
        if self.unranked:
            ids, sizes = ids[~is_nan], sizes[~is_nan]
        if not len(ids):
            raise _NothingError(f"{by} of {_scalars(self.unranked)} is nan, which has no rank")
        total = min(self.query.top or len(ids), len(ids))
        first = _largest(sizes, min(total, MOST_LISTED))
        first = first[np.argsort(-sizes[first], kind="stable")]
        if total == len(first):
            return ids[first]
        # What is not listed is only lit, or counted: its order does not matter.
        is_left: Flags = np.ones(len(ids), dtype=np.bool_)
        is_left[first] = False
        if total > MOST_LIT or total < len(ids):
            lit = _largest(sizes, min(total, MOST_LIT))
            lit = lit[is_left[lit]]
            is_left[lit] = False
            left = np.flatnonzero(is_left)[: total - len(first) - len(lit)]
            return np.concatenate([ids[first], ids[lit], ids[left]])
        return np.concatenate([ids[first], ids[is_left]])

    # Answers

    def _results(self, found: Ids, reason: str) -> Results:
        program, addresses = self.sight.program, self.sight.addresses
        listed = found[: min(self.query.top or USUAL, MOST_LISTED)].astype(np.int32)
        data, data_reach = self._numbers(listed, Quantity.DATA)
        grad, grad_reach = self._numbers(listed, Quantity.GRAD)
        other = next((q for q in self.query.quantities if q not in (Quantity.DATA, Quantity.GRAD)), None)
        others, other_reach = self._numbers(listed, other or Quantity.M)
        lit = np.sort(found[:MOST_LIT])
        for array in (listed, data, data_reach, grad, grad_reach, others, other_reach, lit):
            array.flags.writeable = False
        return Results(
            query=self.query,
            scalars=listed,
            addresses=tuple(addresses.format(scalar) for scalar in listed.tolist()),
            operations=tuple(Operation(each).name.lower() for each in program.operation[listed].tolist()),
            data=data,
            data_reach=data_reach,
            grad=grad,
            grad_reach=grad_reach,
            other=other,
            others=others,
            other_reach=other_reach,
            total=len(found),
            searched=self.searched,
            ranked=self.ranked,
            unranked=self.unranked,
            lit=lit,
            reason=reason,
        )

    def _size(self) -> str:
        n = self.sight.machine.positions
        return f"it has {n} position{'s' if n > 1 else ''}, pos0 to pos{n - 1}" if n > 1 else "it has 1 position, pos0"

    def _unknown(self, count: int, quantity: Quantity, reach: Reaches) -> str:
        """Why a number of none of them is there."""
        these = _scalars(count)
        if quantity not in (Quantity.DATA, Quantity.GRAD):
            if (reach == Reach.OUTSIDE).all():
                return f"only parameters have {quantity}, and none of {these} is one"
            return f"{quantity} is not computed yet of any of {these}"
        if (reach == Reach.OUTSIDE).all():
            return f"the loss depends on none of {these}: they have no gradient"
        if (reach == Reach.PARTIAL).any():
            return f"no {quantity} of {these} is complete yet"
        return f"{quantity} is not computed yet of any of {these}"


def _largest(sizes: Floats, count: int) -> npt.NDArray[np.intp]:
    """Where the largest numbers are, ascending; of equal ones the first. None is nan."""
    if count >= len(sizes):
        return np.arange(len(sizes))
    some = sizes[:: min(64, len(sizes) // (8 * count) + 1)]
    if len(some) > count:  # as many as are wanted are at least this large: the others need not be looked at again
        among = np.flatnonzero(sizes >= _size_of_rank(some, count))
        sizes = sizes[among]
    else:
        among = np.arange(len(sizes))
    least = _size_of_rank(sizes, count)
    larger = np.flatnonzero(sizes > least)
    equal = np.flatnonzero(sizes == least)[: count - len(larger)]
    found: npt.NDArray[np.intp] = among[np.sort(np.concatenate([larger, equal]))]
    return found


def _size_of_rank(sizes: Floats, rank: int) -> float:
    return float(np.partition(sizes, len(sizes) - rank)[len(sizes) - rank])


def _ranges(runs: list[tuple[int, int]]) -> Ids:
    ranges = [np.arange(start, stop, dtype=np.int32) for start, stop in runs]
    return np.concatenate(ranges) if ranges else np.empty(0, dtype=np.int32)


def _scalars(count: int) -> str:
    return "1 scalar" if count == 1 else f"{count:,} scalars"


def _first_path(names: Names, meanings: list[Meaning]) -> str:
    return names.paths[int(np.flatnonzero(meanings[0].tensors)[0])]


def _nearest(numbers: npt.NDArray[np.float64], comparison: Comparison) -> str:
    """The number that comes nearest to fulfilling it, as the end of a sentence."""
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return ""
    match comparison.relation:
        case Relation.MORE | Relation.AT_LEAST:
            return f"; the largest {comparison.subject} is {float(numbers.max())!r}"
        case Relation.LESS | Relation.AT_MOST:
            return f"; the smallest {comparison.subject} is {float(numbers.min())!r}"
        case Relation.EQUAL:
            with np.errstate(invalid="ignore"):
                near = (
                    numbers[np.nanargmin(np.abs(numbers - comparison.limit))] if np.isfinite(comparison.limit) else None
                )
            return "" if near is None else f"; the nearest is {float(near)!r}"
    return ""
