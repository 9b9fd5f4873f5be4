"""Adam's past: every number of one parameter's updates over a span, collected in one replay.

They are computed by the operators of plain Python from the machine's gradient, moments, change and weight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

import numpy as np

from microgpt.adam import Adam
from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Program
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.span_replay import SpanReplay
from microgpt_studio.debugger.update_spans import Span

_MOST_KEPT = 8  # histories
_FIRST_ROOM = 256  # updates


class Column(IntEnum):
    """A number of one update t, counted from 1; all are of the update's end."""

    RATE = 0  # lr
    GRAD = 1  # g
    M = 2
    V = 3
    M_HAT = 4  # m / (1 - beta1 ** t)
    V_HAT = 5  # v / (1 - beta2 ** t)
    ROOT_V = 6  # v ** 0.5; Adam does not need it
    ROOT_V_HAT = 7  # v_hat ** 0.5
    STEP_SIZE = 8  # lr / (v_hat ** 0.5 + eps): what m_hat is multiplied by, though Adam multiplies lr by m_hat first
    CHANGE = 9  # lr * m_hat / (v_hat ** 0.5 + eps), which is subtracted
    WEIGHT = 10  # after it


@dataclass(frozen=True, slots=True, eq=False)
class AdamRows:
    """Of one parameter, as far as it is replayed: row i is update first + i + 1."""

    parameter: int
    first: int  # finished updates before the first row
    stop: int  # and after the last one that is to come
    before: float  # the weight before the first row; nan where there is no row
    values: Floats  # (U, len(Column)) read-only
    reason: str | None = None  # why it ends early

    def __getitem__(self, column: Column) -> Floats:
        """(U,)"""
        return self.values[:, column]

    @property
    def is_complete(self) -> bool:
        """Whether no row is missing."""
        return self.first + len(self.values) >= self.stop

    @property
    def steps(self) -> Floats:
        """(U,) the number of each update, counted from 1."""
        return np.arange(self.first + 1, self.first + 1 + len(self.values), dtype=np.float64)

    def row(self, update: int) -> Floats | None:
        """(len(Column),) of an update, counted from 1; None where it is not there."""
        i = update - self.first - 1
        return self.values[i] if 0 <= i < len(self.values) else None


@dataclass(frozen=True, slots=True)
class AdamHistory(Inquiry[AdamRows]):
    """What Adam has done with a parameter in a span of updates."""

    parameter: int
    span: Span

    def fits(self, program: Program) -> bool:
        return 0 <= self.parameter < program.num_parameters

    def answer(self, sight: Sight) -> AdamRows:
        kept: dict[AdamHistory, SpanReplay[_Rows]] = sight.keep(AdamHistory, dict)
        growing = kept.pop(self, None) or SpanReplay(sight, self._maker(sight))
        kept[self] = growing  # the latest asked for comes last
        if len(kept) > _MOST_KEPT:
            del kept[next(iter(kept))]
        growing.aim(sight, self.span)
        sight.growing.append(growing)
        rows = growing.shown
        first, stop = growing.shown_aim
        assert rows is not None, "it has an aim"
        rows.needed_from = first
        return AdamRows(self.parameter, first, stop, rows.before(first), rows.since(first, stop), growing.reason)

    def _maker(self, sight: Sight) -> Callable[[int], _Rows]:
        runner = sight.execution.runner
        return partial(_Rows, self.parameter, runner.adam, runner.num_steps)


class _Rows:
    """A Collection. What was written never changes, so a view that was handed out stays true."""

    def __init__(self, parameter: int, adam: Adam, num_steps: int, first: int) -> None:
        self.first = first
        self.stop = first
        self.needed_from = first  # rows before it may go
        self._parameter, self._adam, self._num_steps = parameter, adam, num_steps
        self._began_with = float("nan")
        self._rows = np.empty((_FIRST_ROOM, len(Column)))

    def begin(self, machine: Machine) -> None:
        self._began_with = machine.parameters.item(self._parameter)

    def add(self, machine: Machine) -> None:
        if self.stop - self.first == len(self._rows):
            self._make_room()
        p, adam, t = self._parameter, self._adam, self.stop + 1
        m, v = machine.m.item(p), machine.v.item(p)
        rate = adam.rate(t - 1, self._num_steps)
        v_hat = v / (1 - adam.beta2**t)
        root = v_hat**0.5
        self._rows[self.stop - self.first] = (
            rate,
            machine.grad.item(p),
            m,
            v,
            m / (1 - adam.beta1**t),
            v_hat,
            v**0.5,
            root,
            rate / (root + adam.eps),
            machine.change.item(p),
            machine.parameters.item(p),
        )
        self.stop += 1

    def continues(self, first: int, _stop: int) -> bool:
        return self.first <= first <= self.stop

    def since(self, first: int, stop: int) -> Floats:
        """(U, len(Column)) the rows after so many finished updates, up to others, as far as they are; read-only."""
        view = self._rows[first - self.first : max(first, min(stop, self.stop)) - self.first]
        view.flags.writeable = False
        return view

    def before(self, first: int) -> float:
        """The weight after so many finished updates."""
        return self._began_with if first == self.first else self._rows.item(first - self.first - 1, Column.WEIGHT)

    def _make_room(self) -> None:
        """Twice the rows, or without those that are no longer needed."""
        gone = max(self.needed_from - self.first - 1, 0)  # one more is kept: it has the weight before
        rows = self._rows[gone:]
        if gone:
            self._began_with = self._rows.item(gone - 1, Column.WEIGHT)
            self.first += gone
        self._rows = np.concatenate([rows, np.empty((max(len(rows), _FIRST_ROOM), len(Column)))])
