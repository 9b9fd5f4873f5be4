"""Finding: the ids that a query means at a moment, filter after filter, and why none is left where none is."""

from __future__ import annotations

import numpy as np

from microgpt.program.program import Floats, Ids, Operation
from microgpt_studio.debugger.inquiry import Sight
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search_names import Flags, Meaning, Names
from microgpt_studio.debugger.search_numbers import OF_ALL, largest, nearest, numbers_of, scalars, why_unknown
from microgpt_studio.debugger.search_query import Comparison, Query
from microgpt_studio.debugger.snapshot import Reach

MOST_LISTED = 1_000
MOST_LIT = 50_000


class NothingFound(LookupError):
    """Nothing is left; the message says why."""


class Finding:
    """One search at one moment."""

    def __init__(self, sight: Sight, query: Query) -> None:
        self.sight = sight
        self.query = query
        self.names: Names = sight.keep("search", self._make_names)
        self.searched = 0  # scalars that the words, the scope and the operation leave
        self.ranked = 0  # of them those whose number is there, if they are ranked
        self.unranked = 0  # of these nan, which has no rank

    def _make_names(self) -> Names:
        return Names(self.sight.addresses)

    def found(self) -> Ids:
        """All ids, in their order. Raises NothingFound."""
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
            raise NothingFound(self.names.why_no_scope(scope))
        return tensors

    def _named(self, scope: Flags) -> Ids:
        """The ids in the graph that the words mean, ascending."""
        words = self.query.words
        meanings = self.names.find(words, scope & self._of_kind()) if words else [Meaning(scope)]
        meanings = meanings or self.names.find(words, scope)
        if not meanings:
            raise NothingFound(self._why_none(scope))
        found = [self._meant(meaning) for meaning in meanings]
        ids = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        if len(ids):
            return ids
        what = f"called {' '.join(words)!r}" if words else "there"
        if not any(self._runs(meaning.tensors) for meaning in meanings):
            raise NothingFound(f"nothing of this document's graph is {what}: {self._size()}")
        raise NothingFound(f"nothing is {what}: no operation inside of {_first_path(self.names, meanings)} is so")

    def _of_kind(self) -> Flags:
        """(T,) the tensors that can have the operation and the numbers that are asked for."""
        is_parameter, query = self.names.is_parameter, self.query
        kind: Flags = np.ones(len(is_parameter), dtype=np.bool_)
        if query.operation is not None:
            kind &= is_parameter == (query.operation is Operation.PARAMETER)
        if any(quantity not in OF_ALL for quantity in query.quantities):
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
            raise NothingFound(f"none of {scalars(len(ids))} is made by {word}; there are {there}")
        return found

    # Numbers

    def _known(self, ids: Ids, quantity: Quantity) -> tuple[Ids, Floats]:
        """Those whose number is there, and the number. Raises NothingFound where none is."""
        numbers, reach = numbers_of(self.sight, ids, quantity)
        known = reach == Reach.KNOWN
        if not known.all():
            if not known.any():
                raise NothingFound(why_unknown(len(ids), quantity, reach))
            ids, numbers = ids[known], numbers[known]
        return ids, numbers

    def _nonfinite(self, ids: Ids) -> Ids:
        bad = np.zeros(len(ids), dtype=np.bool_)
        known = 0
        for quantity in OF_ALL:
            numbers, reach = numbers_of(self.sight, ids, quantity)
            is_known = reach == Reach.KNOWN
            known += int(np.count_nonzero(is_known))
            bad |= is_known & ~np.isfinite(numbers)
        if not bad.any():
            numbers_known = f"all {known:,} numbers that are known" if known else "no number is known yet"
            raise NothingFound(f"{numbers_known} of {scalars(len(ids))} are finite" if known else numbers_known)
        found: Ids = ids[bad]
        return found

    def _compared(self, ids: Ids, comparison: Comparison) -> Ids:
        ids, numbers = self._known(ids, comparison.quantity)
        if comparison.absolute:
            numbers = np.abs(numbers)
        found: Ids = ids[comparison.relation.holds(numbers, comparison.limit)]
        if not len(found):
            raise NothingFound(f"none of {scalars(len(ids))} has {comparison}{nearest(numbers, comparison)}")
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
            raise NothingFound(f"{by} of {scalars(self.unranked)} is nan, which has no rank")
        total = min(self.query.top or len(ids), len(ids))
        first = largest(sizes, min(total, MOST_LISTED))
        first = first[np.argsort(-sizes[first], kind="stable")]
        if total == len(first):
            return ids[first]
        # What is not listed is only lit, or counted: its order does not matter.
        is_left: Flags = np.ones(len(ids), dtype=np.bool_)
        is_left[first] = False
        if total > MOST_LIT or total < len(ids):
            lit = largest(sizes, min(total, MOST_LIT))
            lit = lit[is_left[lit]]
            is_left[lit] = False
            left = np.flatnonzero(is_left)[: total - len(first) - len(lit)]
            return np.concatenate([ids[first], ids[lit], ids[left]])
        return np.concatenate([ids[first], ids[is_left]])

    def _size(self) -> str:
        n = self.sight.machine.positions
        return f"it has {n} position{'s' if n > 1 else ''}, pos0 to pos{n - 1}" if n > 1 else "it has 1 position, pos0"


def _ranges(runs: list[tuple[int, int]]) -> Ids:
    ranges = [np.arange(start, stop, dtype=np.int32) for start, stop in runs]
    return np.concatenate(ranges) if ranges else np.empty(0, dtype=np.int32)


def _first_path(names: Names, meanings: list[Meaning]) -> str:
    return names.paths[int(np.flatnonzero(meanings[0].tensors)[0])]
