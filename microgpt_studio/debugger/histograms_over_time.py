"""Histograms of every matrix at many moments of the past, collected from the saved states while they are asked for.

A saved state has the weights. Running the one update that follows it, on a machine of its own, gives the gradients
and what was subtracted. So a column costs one update, however far apart the columns are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.histograms import edges, histograms, largest
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.replay import Replay

BINS = 128  # an even power of two: when the limit doubles, two bins become one
_MOST_COLUMNS = 512  # when there are as many, every second one goes
_FIRST_ROOM = 64
_LIMIT_EXPONENTS = (-1000, 1023)

Counts = npt.NDArray[np.int32]


class Kind(IntEnum):
    """What is counted. The weights are those before the update whose gradients and updates stand beside them."""

    WEIGHTS = 0
    GRADIENTS = 1
    UPDATES = 2


@dataclass(frozen=True, slots=True, eq=False)
class OverTime:
    """K columns of M matrices, as far as they are. Read-only; limits are powers of two.

    What lies at 0 exactly is in `zeros`, what is nan or infinite nowhere.
    """

    updates: Ids  # (K,) updates that were done before the one that a column is about; ascending
    limits: Floats  # (3, M) bins reach from -limit to limit; 0: all numbers are 0
    counts: Counts  # (3, M, K, BINS)
    zeros: Counts  # (3, M, K)
    sizes: Ids  # (M,) numbers that each matrix has
    is_complete: bool
    reason: str | None = None  # why it ends early

    def edges(self, kind: Kind, matrix: int) -> Floats:
        """(BINS + 1,)"""
        return edges(float(self.limits[kind, matrix]), BINS)


@dataclass(frozen=True, slots=True)
class HistogramsOverTime(Inquiry[OverTime]):
    """How the numbers of each matrix were spread at moments from the first to the latest that was seen."""

    def answer(self, sight: Sight) -> OverTime:
        growing: _Growing = sight.keep(HistogramsOverTime, lambda: _Growing(sight.execution))
        sight.growing.append(growing)
        return growing.told()


def matrix_starts(program: Program) -> tuple[Ids, list[int]]:
    """The parameters matrix after matrix, (P,), and where each matrix begins and the last one ends."""
    matrices = [tensor for tensor in program.tensors if tensor.start < program.num_parameters]
    starts = np.cumsum([0, *(matrix.size for matrix in matrices)]).tolist()
    return np.concatenate([program.elements(matrix) for matrix in matrices]), starts


class _Growing:
    """Columns, the earliest first. A column that was told never changes: arrays are replaced, not written again."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._replay = Replay(execution)
        self._ids, self._starts = matrix_starts(execution.machine.program)
        matrices = len(self._starts) - 1
        self._sizes = np.diff(self._starts).astype(np.int32)
        self._sizes.flags.writeable = False
        self._limits = np.zeros((len(Kind), matrices))
        self._counts = np.zeros((len(Kind), matrices, _FIRST_ROOM, BINS), dtype=np.int32)
        self._zeros = np.zeros((len(Kind), matrices, _FIRST_ROOM), dtype=np.int32)
        self._updates = np.zeros(_FIRST_ROOM, dtype=np.int32)
        self._count = 0
        self._spacing = 1  # at least, between columns
        self._reason: str | None = None

    @property
    def is_complete(self) -> bool:
        return self._reason is not None or self._latest() < self._next_allowed

    def advance(self, cancelled: Callable[[], bool]) -> None:
        """Collect on until every saved state has its column, or it is cancelled: at least one."""
        for updates in self._due():
            if updates < self._next_allowed:
                continue
            self._replay.restore(updates)
            weights = self._replay.reading().machine.parameters[self._ids]
            if not self._replay.update():
                self._reason = self._replay.fault
                return
            machine = self._replay.reading().machine
            self._add(updates, (weights, machine.grad[self._ids], machine.change[self._ids]))
            if cancelled():
                return

    def told(self) -> OverTime:
        """What there is so far."""
        count = self._count
        parts = self._updates[:count], self._limits.copy(), self._counts[:, :, :count], self._zeros[:, :, :count]
        for part in parts:
            part.flags.writeable = False
        return OverTime(*parts, self._sizes, self.is_complete, self._reason)

    @property
    def _next_allowed(self) -> int:
        return int(self._updates[self._count - 1]) + self._spacing if self._count else self._execution.first

    def _latest(self) -> int:
        """The latest saved state whose next update has been done; -1 where there is none."""
        known = self._execution.log.known
        return self._execution.history.nearest(known - 1)[0] if known > self._execution.first else -1

    def _due(self) -> list[int]:
        """Saved states that have no column yet, ascending."""
        due: list[int] = []
        updates = self._latest()
        while updates >= self._next_allowed:
            due.append(updates)
            if updates == self._execution.first:
                break
            updates = self._execution.history.nearest(updates - 1)[0]
        return due[::-1]

    def _add(self, updates: int, layers: tuple[Floats, ...]) -> None:
        self._make_room()
        known = np.ones(len(self._ids), dtype=np.bool_)
        for kind, values in enumerate(layers):
            for matrix, size in enumerate(largest(values, known, self._starts).tolist()):
                self._widen(kind, matrix, size)
            found = histograms(values, known, self._starts, self._limits[kind], BINS)
            self._counts[kind, :, self._count] = found.counts
            self._zeros[kind, :, self._count] = found.zeros
        self._updates[self._count] = updates
        self._count += 1

    def _make_room(self) -> None:
        count = self._count
        if count == _MOST_COLUMNS:
            kept = np.arange(0, count, 2)
            self._updates = np.concatenate([self._updates[kept], np.zeros(len(kept), dtype=np.int32)])
            self._counts, self._zeros = self._counts.copy(), self._zeros.copy()
            self._counts[:, :, : len(kept)] = self._counts[:, :, kept]
            self._zeros[:, :, : len(kept)] = self._zeros[:, :, kept]
            self._count = len(kept)
            self._spacing = 2 * max(self._spacing, int(np.diff(self._updates[: len(kept)]).min()) // 2)
        elif count == len(self._updates):
            self._updates = np.concatenate([self._updates, np.zeros_like(self._updates)])
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)], axis=2)
            self._zeros = np.concatenate([self._zeros, np.zeros_like(self._zeros)], axis=2)

    def _widen(self, kind: int, matrix: int, size: float) -> None:
        """Let the bins of a matrix reach beyond a number."""
        limit = float(self._limits[kind, matrix])
        if size < limit or size == 0.0:
            return
        exponent = min(max(math.frexp(size)[1], _LIMIT_EXPONENTS[0]), _LIMIT_EXPONENTS[1])
        wanted = math.ldexp(1.0, exponent)
        if limit > 0.0 and wanted > limit:
            self._counts = self._counts.copy()
            counts = self._counts[kind, matrix]
            while limit < wanted:
                merged = counts.reshape(len(counts), BINS // 2, 2).sum(axis=2)
                counts[:] = 0
                counts[:, BINS // 4 : BINS - BINS // 4] = merged
                limit *= 2.0
        self._limits[kind, matrix] = wanted
