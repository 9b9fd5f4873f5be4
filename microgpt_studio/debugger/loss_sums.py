"""Loss sums: how the model adds up the losses of a document's positions and takes their mean, sum by sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach


@dataclass(frozen=True, slots=True, eq=False)
class LossSumNumbers:
    """Of a document of n positions. Arrays are read-only."""

    ids: Ids  # (n,) the scalar that is the sum of the losses up to each position
    data: Floats  # (n,) nats; nan where it is not known
    known: npt.NDArray[np.bool_]  # (n,)
    share: float  # the constant 1/n, with which the last of them becomes the loss


@dataclass(frozen=True, slots=True)
class LossSums(Inquiry[LossSumNumbers]):
    """The running sums of the losses."""

    def answer(self, sight: Sight) -> LossSumNumbers:
        machine, start = sight.machine, sight.program.sums_start
        ids = np.arange(start, start + machine.positions, dtype=np.int32)
        known = sight.data_reach[ids] == Reach.KNOWN
        data = np.where(known, machine.data[ids], np.nan)
        for array in (ids, data, known):
            array.flags.writeable = False
        return LossSumNumbers(ids, data, known, float(machine.constants[sight.program.mean_constant]))
