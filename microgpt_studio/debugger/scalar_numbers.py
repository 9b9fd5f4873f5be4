"""The numbers of every scalar of the graph at one moment: what a map of the whole graph is coloured by.

N is the number of scalars of the program, those included that a short document does not have.
"""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.program.program import Floats
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reaches


@dataclass(frozen=True, slots=True, eq=False)
class ScalarNumbers:
    """Data and grad of every scalar, by id. Parameters as the forward pass used them. All arrays (N,), read-only."""

    data: Floats
    grad: Floats
    data_reach: Reaches
    grad_reach: Reaches


@dataclass(frozen=True, slots=True)
class AllScalars(Inquiry[ScalarNumbers]):
    """Data and grad of every scalar."""

    def answer(self, sight: Sight) -> ScalarNumbers:
        data, grad = sight.machine.data.copy(), sight.machine.grad.copy()
        data_reach, grad_reach = sight.data_reach.view(), sight.arrivals.reach.view()
        for array in (data, grad, data_reach, grad_reach):
            array.flags.writeable = False
        return ScalarNumbers(data, grad, data_reach, grad_reach)
