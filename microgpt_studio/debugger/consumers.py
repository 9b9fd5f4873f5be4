"""Consumers: who uses a scalar in the loaded document. The index is made once; what the document binds is looked up."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.machine import Machine
from microgpt.program.program import Ids

Places = npt.NDArray[np.signedinteger[Any]]


class Consumers:
    """The reverse of the operands of a machine's program. Knows no numbers."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        program = machine.program
        self._program = program
        self._bound = np.append(program.chooser, np.int32(program.loss))  # whose first operand depends on the document
        first = program.first.copy()
        first[self._bound] = -1
        self._starts = np.zeros(program.num_scalars + 1, dtype=np.int64)
        _count(first, program.second, self._starts)
        self._consumers = np.empty(int(self._starts[-1]), dtype=np.int32)
        _fill(first, program.second, self._starts.copy(), self._consumers)

    def of(self, scalars: Ids) -> tuple[Ids, Ids]:
        """The uses of some scalars: (U,) which of them, by place, and (U,) who uses it, in the order of creation.

        One that uses a scalar twice stands there twice. Only what the loaded document computes.
        """
        lengths = self._starts[scalars + 1] - self._starts[scalars]
        places = np.repeat(np.arange(len(scalars)), lengths)
        users = self._consumers[gathered(self._starts[scalars], lengths)]
        bound = self._bound
        order = np.argsort(scalars, kind="stable")
        found = np.searchsorted(scalars[order], self._machine.first[bound])
        found[found == len(scalars)] = 0
        hit = scalars[order][found] == self._machine.first[bound] if len(scalars) else np.zeros(len(bound), bool)
        places = np.concatenate([places, order[found[hit]]])
        users = np.concatenate([users, bound[hit]])
        live = self.is_live(users)
        places, users = places[live], users[live]
        sequence = np.lexsort((users, places))
        return places[sequence].astype(np.int32), users[sequence]

    def is_live(self, scalars: Ids) -> npt.NDArray[np.bool_]:
        """(n,) whether the loaded document's graph has each scalar."""
        program, positions = self._program, self._machine.positions
        live = scalars < program.num_parameters
        for start, stop in program.live_ranges(positions):
            live |= (scalars >= start) & (scalars < stop)
        return live


def gathered(starts: Places, lengths: Places) -> Places:
    """The indices of many ranges, one after the other."""
    total = int(lengths.sum())
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return np.asarray(np.arange(total) + offsets, dtype=np.int64)


@compiled
def _count(first, second, starts):  # type: ignore[no-untyped-def]
    """Let starts (N + 1,) say where each scalar's uses begin."""
    for i in range(len(first)):
        if first[i] >= 0:
            starts[first[i] + 1] += 1
        if second[i] >= 0:
            starts[second[i] + 1] += 1
    for i in range(len(first)):
        starts[i + 1] += starts[i]


@compiled
def _fill(first, second, places, consumers):  # type: ignore[no-untyped-def]
    """Write each scalar's users, ascending, from its place on; the places move on."""
    for i in range(len(first)):
        if first[i] >= 0:
            consumers[places[first[i]]] = i
            places[first[i]] += 1
        if second[i] >= 0:
            consumers[places[second[i]]] = i
            places[second[i]] += 1
