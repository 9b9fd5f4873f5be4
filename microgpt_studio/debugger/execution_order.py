"""The order of execution: when every scalar has its turn in the update that is loaded, and how far the update is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.machine import Machine
from microgpt.program.program import Ids
from microgpt_studio.debugger import graph_kernels
from microgpt_studio.debugger.execution import Phase
from microgpt_studio.debugger.inquiry import Inquiry, Sight


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """When every scalar has its turn. Arrays (N,), read-only; -1 for a scalar that takes no part in the phase.

    The backward one is empty where it was not asked for.

    A scalar's turn has been where its rank is less than the number done in the phase.
    """

    forward: Ids  # which operation of the forward phase computes it, from 0
    backward: Ids  # which operation of the backward phase hands its gradient on, from 0
    phase: Phase  # of the next operation; ADAM at the end of the update
    forward_done: int
    backward_done: int
    adam_done: int  # parameter i has its turn as operation i


_NOT_ASKED_FOR: Ids = np.empty(0, dtype=np.int32)
_NOT_ASKED_FOR.flags.writeable = False


@dataclass(frozen=True, slots=True)
class ExecutionOrder(Inquiry[Turns]):
    """When every scalar has its turn, and how many turns are done."""

    backward: bool = True  # whether the ranks of the backward phase are told too: they are other ones in each document

    def answer(self, sight: Sight) -> Turns:
        execution = sight.execution
        forward, backward, parameters = execution.lengths
        done = execution.place.done
        ranks = sight.keep(ExecutionOrder, _Ranks)
        ranks.read(sight.machine, backward=self.backward)
        phase = Phase.FORWARD if done < forward else Phase.BACKWARD if done < forward + backward else Phase.ADAM
        return Turns(
            ranks.forward,
            ranks.backward if self.backward else _NOT_ASKED_FOR,
            phase,
            forward_done=min(done, forward),
            backward_done=min(max(done - forward, 0), backward),
            adam_done=min(max(done - forward - backward, 0), parameters),
        )


class _Ranks:
    """The ranks of the document that was asked about last; answers share them."""

    def __init__(self) -> None:
        self._parts: tuple[Ids, ...] | None = None  # of the backward order whose ranks they are
        self._positions = 0
        self.forward: Ids = np.empty(0, dtype=np.int32)
        self.backward: Ids = np.empty(0, dtype=np.int32)

    def read(self, machine: Machine, *, backward: bool) -> None:
        """Find the ranks of the loaded document."""
        program = machine.program
        if self._positions != machine.positions:
            self._positions = machine.positions
            self.forward = np.full(program.num_scalars, -1, dtype=np.int32)
            before = 0
            for start, stop in program.live_ranges(machine.positions):
                self.forward[start:stop] = np.arange(before, before + stop - start)
                before += stop - start
            self.forward.flags.writeable = False
        if backward and self._parts is not machine.order_parts:
            self._parts = machine.order_parts
            self.backward = np.full(program.num_scalars, -1, dtype=np.int32)
            before = 0
            for part in self._parts:
                graph_kernels.number_in_turn(part, before, self.backward)
                before += len(part)
            self.backward.flags.writeable = False
