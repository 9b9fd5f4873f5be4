"""Long sums: running sums of many terms in one element's expression, which may be drawn as one Σ.

Such a sum is a chain: 0 plus the first term, plus the second, and so on. Every sum but the last is used by the next
one alone. A product that is used by the chain alone belongs to it as well: `q[5]` is 16 products and 16 sums.
"""

from __future__ import annotations

import numpy as np

from microgpt.program.kernels import MUL, SUM, SUM_CONSTANT, compiled
from microgpt.program.machine import Machine
from microgpt.program.program import Ids
from microgpt_studio.debugger.consumers import gathered

LEAST_TERMS = 3  # fewer are no long sum


class LongSums:
    """The long sums of a machine's program. Each has a name: its last sum in a document that fills the block."""

    def __init__(self, machine: Machine) -> None:
        program = machine.program
        self._machine, self._program = machine, program
        name = np.full(program.num_scalars, -1, dtype=np.int32)
        _find(
            machine.code,
            program.first,
            program.second,
            machine.constants,
            machine.second,
            program.tensor,
            program.element,
            program.ordinal,
            LEAST_TERMS,
            name,
        )
        self._name = name
        members = np.flatnonzero(name >= 0).astype(np.int32)
        order = np.argsort(name[members], kind="stable")
        self._members = members[order]
        self._names, starts, counts = np.unique(name[self._members], return_index=True, return_counts=True)
        self._starts, self._counts = starts, counts

    def names(self, scalars: Ids) -> Ids:
        """(n,) the name of the long sum that each scalar belongs to; -1 for none in the loaded document."""
        names = self._name[scalars]
        losses = scalars >= self._program.sums_start
        if losses.any() and self._machine.positions < LEAST_TERMS:
            names = np.where(losses, np.int32(-1), names)
        return names

    def heads(self, scalars: Ids) -> Ids:
        """(n,) the last sum of the long sum that each scalar belongs to, or the scalar itself."""
        names = self.names(scalars)
        heads = np.where(names >= 0, names, scalars)
        last = np.int32(self._program.sums_start + self._machine.positions - 1)
        return np.where((names >= 0) & (names >= self._program.sums_start), last, heads)

    def members(self, names: Ids) -> tuple[Ids, Ids]:
        """The scalars of some long sums, ascending, that the loaded document has: (M,) which sum, (M,) the scalar."""
        found = np.searchsorted(self._names, names)
        lengths = self._counts[found]
        which = np.repeat(np.arange(len(names), dtype=np.int32), lengths)
        scalars = self._members[gathered(self._starts[found], lengths)]
        here = (scalars < self._program.sums_start) | (scalars < self._program.sums_start + self._machine.positions)
        return which[here], scalars[here]


@compiled
def _find(code, first, second, constants, constant, tensor, element, ordinal, least, name):  # type: ignore[no-untyped-def]
    """Let name (N,) hold, for each scalar of a long sum, the id of its last sum; -1 is there before."""
    n = len(code)
    uses = np.zeros(n, dtype=np.int32)
    for i in range(n):
        if first[i] >= 0:
            uses[first[i]] += 1
        if second[i] >= 0:
            uses[second[i]] += 1
    length = np.zeros(n, dtype=np.int32)  # of the chain that ends with a sum
    for i in range(n):
        if code[i] == SUM_CONSTANT and constants[constant[i]] == 0.0:
            length[i] = 1
        elif code[i] == SUM:
            before = first[i]
            if (
                length[before] > 0
                and uses[before] == 1
                and ordinal[before] >= 0
                and tensor[before] == tensor[i]
                and element[before] == element[i]
            ):
                length[i] = length[before] + 1
    for i in range(n - 1, -1, -1):
        if length[i] == 0:
            continue
        if name[i] < 0 and length[i] >= least:
            name[i] = i
        if name[i] < 0:
            continue
        term = first[i]
        if length[i] > 1:
            name[first[i]] = name[i]
            term = second[i]
        if code[term] == MUL and uses[term] == 1 and ordinal[term] >= 0:
            name[term] = name[i]
