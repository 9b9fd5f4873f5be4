"""Data and grad of every cell of the map: of each element, and of what stands for a shared expression."""

from __future__ import annotations

from dataclasses import dataclass

from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Cells


@dataclass(frozen=True, slots=True)
class CellNumbers(Inquiry[Cells]):
    """Of all C cells, in the order of Expressions.scalar. Parameters as the forward pass used them."""

    def answer(self, sight: Sight) -> Cells:
        machine, scalars = sight.machine, sight.description.expressions.scalar
        cells = Cells(
            machine.data[scalars], machine.grad[scalars], sight.data_reach[scalars], sight.arrivals.reach[scalars]
        )
        for array in (cells.data, cells.grad, cells.data_reach, cells.grad_reach):
            array.flags.writeable = False
        return cells
