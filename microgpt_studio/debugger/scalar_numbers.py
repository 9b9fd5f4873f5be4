"""The numbers of every scalar of the graph at one moment: what a map of the whole graph is coloured by.

N is the number of scalars of the program, those included that a short document does not have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.program import Floats
from microgpt_studio.debugger import graph_kernels
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


@dataclass(frozen=True, slots=True, eq=False)
class DerivativeNumbers:
    """How every scalar depends on its operands: plain Python's local derivatives. All arrays (N,), read-only.

    nan where there is none: a parameter has no operands, a constant no derivative (OUTSIDE), or the scalar is not
    computed yet.
    """

    first: Floats  # d(scalar) / d(first operand)
    second: Floats  # d(scalar) / d(second operand)
    first_reach: Reaches
    second_reach: Reaches

    def larger(self) -> Floats:
        """(N,) one number a scalar, with the reach of the first: its local derivative of the larger magnitude.

        It keeps its sign. Of two equally large ones it is the first; where one of them is nan it is nan.
        """
        larger = np.empty(len(self.first))
        graph_kernels.larger_derivatives(self.first, self.second, self.second_reach, larger)
        larger.flags.writeable = False
        return larger


@dataclass(frozen=True, slots=True)
class LocalDerivatives(Inquiry[DerivativeNumbers]):
    """The local derivatives of every scalar."""

    def answer(self, sight: Sight) -> DerivativeNumbers:
        machine, n = sight.machine, sight.program.num_scalars
        derivatives = np.empty(n), np.empty(n)
        reaches = np.empty(n, dtype=np.uint8), np.empty(n, dtype=np.uint8)
        graph_kernels.local_derivatives(
            machine.code,
            machine.first,
            machine.second,
            machine.constants,
            machine.data,
            sight.data_reach,
            *derivatives,
            *reaches,
        )
        for array in (*derivatives, *reaches):
            array.flags.writeable = False
        return DerivativeNumbers(*derivatives, *reaches)
