"""Binding: which scalars a program's operations read once a document is loaded: its tokens choose some, its length one.

It says of a moment's tokens what the machine that has loaded them does, without the machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microgpt.program.kernels import compiled
from microgpt.program.program import Ids, Program


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

    def first(self, tokens: tuple[int, ...]) -> Ids:
        """(N,) first operands, as `bound_first` has them."""
        if tokens != self._tokens:
            self._tokens, self._first = tokens, bound_first(self.program, tokens)
        return self._first

    def consumers(self, scalars: Ids, tokens: tuple[int, ...]) -> Ids:
        """The ids that use at least one of some scalars, ascending, of the operations that the document has."""
        program, first = self.program, self.first(tokens)
        wanted = np.zeros(program.num_scalars, dtype=np.bool_)
        wanted[scalars] = True
        ranges = program.live_ranges(len(tokens) - 1)
        found = [_using(wanted, first, program.second, start, stop) for start, stop in ranges]
        consumers: Ids = np.concatenate(found)
        return consumers


@compiled
def _using(wanted, first, second, start, stop):  # type: ignore[no-untyped-def]
    count = 0
    for i in range(start, stop):
        if wanted[first[i]] or (second[i] >= 0 and wanted[second[i]]):
            count += 1
    found = np.empty(count, dtype=np.int32)
    count = 0
    for i in range(start, stop):
        if wanted[first[i]] or (second[i] >= 0 and wanted[second[i]]):
            found[count] = i
            count += 1
    return found
