"""Binding: which scalars a program's operations read once a document is loaded: its tokens choose some, its length one.

It says of a moment's tokens what the machine that has loaded them does, without the machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microgpt.program.kernels import compiled
from microgpt.program.program import Ids, Program

_MOST_KEPT = 4  # answers about consumers


class Binding:
    """The operands of one program, for any document's tokens, BOS first."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._fixed: dict[bytes, Ids] = {}  # what uses some scalars in every document that is long enough

    def first_of(self, scalars: Ids, tokens: Sequence[int]) -> Ids:
        """The ids of the first operands of some scalars (n,): (n,)."""
        program = self.program
        positions = min(program.config.block_size, len(tokens) - 1)
        first: Ids = program.first[scalars]
        count = int(program.chooser_stop[positions])
        place = np.searchsorted(program.chooser[:count], scalars)
        chooses = np.flatnonzero(program.chooser[np.minimum(place, max(count - 1, 0))] == scalars)
        place = place[chooses]
        first[chooses] = program.choices[place, np.asarray(tokens)[program.chooser_token[place]]]
        first[scalars == program.loss] = program.sums_start + positions - 1
        return first

    def consumers(self, scalars: Ids, tokens: Sequence[int]) -> Ids:
        """The ids that use at least one of some scalars, ascending, of the operations that the document has."""
        program = self.program
        positions = min(program.config.block_size, len(tokens) - 1)
        fixed = self._fixed_consumers(scalars)
        live = (fixed < program.position_start[positions]) | (fixed >= program.sums_start)
        live &= (fixed < program.sums_start + positions) | (fixed == program.loss)
        free = np.append(program.chooser[: program.chooser_stop[positions]], program.loss)
        consumers: Ids = np.union1d(fixed[live], free[np.isin(self.first_of(free, tokens), scalars)])
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
