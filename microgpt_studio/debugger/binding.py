"""Binding: which scalars a program's operations read once a document is loaded: its tokens choose some, its length one.

It says of a moment's tokens what the machine that has loaded them does, without the machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microgpt.program.kernels import compiled
from microgpt.program.program import Ids, Program

_MOST_KEPT = 4  # answers about consumers


def bound_first(program: Program, tokens: Sequence[int]) -> Ids:
    """(N,) the id of every first operand for a document's tokens, BOS first; read-only."""
    positions = min(program.config.block_size, len(tokens) - 1)
    first = program.first.copy()
    count = int(program.chooser_stop[positions])
    chosen = np.asarray(tokens)[program.chooser_token[:count]]
    first[program.chooser[:count]] = program.choices[np.arange(count), chosen]
    first[program.loss] = program.sums_start + positions - 1
    first.flags.writeable = False
    return first


class Binding:
    """The operands of one program, kept for the document that was asked about last."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._tokens: tuple[int, ...] = ()
        self._first: Ids = program.first
        self._fixed: dict[bytes, Ids] = {}  # what uses some scalars in every document that is long enough

    def first(self, tokens: tuple[int, ...]) -> Ids:
        """(N,) first operands, as `bound_first` has them."""
        if tokens != self._tokens:
            self._tokens, self._first = tokens, bound_first(self.program, tokens)
        return self._first

    def consumers(self, scalars: Ids, tokens: tuple[int, ...]) -> Ids:
        """The ids that use at least one of some scalars, ascending, of the operations that the document has."""
        program, first = self.program, self.first(tokens)
        positions = min(program.config.block_size, len(tokens) - 1)
        fixed = self._fixed_consumers(scalars)
        live = (fixed < program.position_start[positions]) | (fixed >= program.sums_start)
        live &= (fixed < program.sums_start + positions) | (fixed == program.loss)
        free = np.append(program.chooser[: program.chooser_stop[positions]], program.loss)
        consumers: Ids = np.union1d(fixed[live], free[np.isin(first[free], scalars)])
        return consumers

    def _fixed_consumers(self, scalars: Ids) -> Ids:
        """All but those whose first operand a document decides."""
        key = scalars.tobytes()
        if key not in self._fixed:
            while len(self._fixed) >= _MOST_KEPT:
                del self._fixed[next(iter(self._fixed))]
            program = self.program
            wanted = np.zeros(program.num_scalars, dtype=np.bool_)
            wanted[scalars] = True
            found = _using(wanted, int(scalars.min()), int(scalars.max()), program.first, program.second)
            by_first = np.isin(found, program.chooser) | (found == program.loss)
            self._fixed[key] = found[~by_first | np.isin(program.second[found], scalars)]
        return self._fixed[key]


@compiled
def _using(wanted, low, high, first, second):  # type: ignore[no-untyped-def]
    """The ids whose first or second operand is wanted; those that are have ids from low to high."""
    found = np.empty(16, dtype=np.int32)
    count = 0
    for i in range(len(first)):
        a, b = first[i], second[i]
        if (low <= a <= high and wanted[a]) or (low <= b <= high and wanted[b]):
            if count == len(found):
                longer = np.empty(2 * count, dtype=np.int32)
                longer[:count] = found
                found = longer
            found[count] = i
            count += 1
    return found[:count]
