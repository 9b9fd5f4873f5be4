"""Data and grad of every cell of the map: of each element, and of what stands for a shared expression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt_studio.debugger import graph_kernels
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Cells


@dataclass(frozen=True, slots=True)
class CellNumbers(Inquiry[Cells]):
    """Of all C cells, in the order of Expressions.scalar. Parameters as the forward pass used them."""

    def answer(self, sight: Sight) -> Cells:
        machine, scalars = sight.machine, sight.description.expressions.scalar
        count = len(scalars)
        found = np.empty(count), np.empty(count), np.empty(count, np.uint8), np.empty(count, np.uint8)
        reaches = sight.data_reach, sight.arrivals.reach
        graph_kernels.gather(scalars, machine.data, machine.grad, *reaches, *found)
        for array in found:
            array.flags.writeable = False
        return Cells(*found)
