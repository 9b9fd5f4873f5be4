"""The numbers of a neighbourhood at one moment: data and grad of nodes, local derivative and contribution of edges."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from microgpt.program.kernels import Code, local_derivative
from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Program
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.neighbourhood import Extent, Flags, Neighbourhood, Surroundings
from microgpt_studio.debugger.snapshot import Reach, Reaches

_MOST_KEPT = 256  # neighbourhoods, found for this document or that
_KEPT = "neighbourhoods"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourhoodNumbers:
    """In the order of a neighbourhood's n nodes and e edges. Where the reach is not KNOWN a number means nothing."""

    data: Floats  # (n,)
    data_reach: Reaches  # (n,)
    grad: Floats  # (n,)
    grad_reach: Reaches  # (n,)
    constants: Floats  # (n,) the constant operand; nan where there is none
    derivative: Floats  # (e,) d(consumer) / d(operand)
    derivative_reach: Reaches  # (e,)
    contribution: Floats  # (e,) derivative × the consumer's grad
    contribution_reach: Reaches  # (e,)


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourhoodAnswer:
    """Both are None where the document does not have the scalar."""

    neighbourhood: Neighbourhood | None  # the same object as before while it is the same
    numbers: NeighbourhoodNumbers | None


@dataclass(frozen=True, slots=True)
class NeighbourhoodInquiry(Inquiry[NeighbourhoodAnswer]):
    """What is around a scalar?"""

    extent: Extent

    def answer(self, sight: Sight) -> NeighbourhoodAnswer:
        neighbourhood = sight.keep(_KEPT, lambda: _Found(sight.machine)).find(self.extent)
        if neighbourhood is None:
            return NeighbourhoodAnswer(None, None)
        return NeighbourhoodAnswer(neighbourhood, numbers(sight, neighbourhood))

    def fits(self, program: Program) -> bool:
        return self.extent.scalar < program.num_scalars


class _Found:
    """Neighbourhoods that were found lately, by what the document binds; equal ones are one object."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._surroundings = Surroundings(machine)
        self._by_document: OrderedDict[tuple[Extent, int, bytes], Neighbourhood | None] = OrderedDict()
        self._same: OrderedDict[Neighbourhood, Neighbourhood] = OrderedDict()

    def find(self, extent: Extent) -> Neighbourhood | None:
        program, positions = self._machine.program, self._machine.positions
        chosen = self._machine.first[program.chooser[: program.chooser_stop[positions]]]
        key = extent, positions, chosen.tobytes()
        if key not in self._by_document:
            found = self._surroundings.find(extent)
            self._by_document[key] = None if found is None else self._same.setdefault(found, found)
        _trim(self._by_document)
        _trim(self._same)
        return self._by_document[key]


def _trim(kept: OrderedDict[T, Neighbourhood | None] | OrderedDict[T, Neighbourhood]) -> None:
    while len(kept) > _MOST_KEPT:
        kept.popitem(last=False)


def numbers(sight: Sight, neighbourhood: Neighbourhood) -> NeighbourhoodNumbers:
    """The numbers of a neighbourhood at the moment that is seen."""
    machine, nodes = sight.machine, neighbourhood.scalars
    grad_reach = sight.arrivals.reach
    constant = neighbourhood.constant
    constants = np.where(constant >= 0, machine.constants[constant], np.nan)
    users, used = neighbourhood.edge_consumer, neighbourhood.edge_operand
    computed = (sight.data_reach[users] == Reach.KNOWN) & (sight.data_reach[used] == Reach.KNOWN)
    derivative = _derivatives(machine, neighbourhood, computed)
    with np.errstate(all="ignore"):  # an infinity times 0 is nan, as in plain Python
        contribution = derivative * machine.grad[users]
    reach = grad_reach[users].copy()
    reach[reach == Reach.PARTIAL] = (
        Reach.NOT_COMPUTED
    )  # there is no contribution before the consumer's grad is complete
    reach[~computed & (reach == Reach.KNOWN)] = Reach.NOT_COMPUTED
    answer = NeighbourhoodNumbers(
        data=machine.data[nodes],
        data_reach=sight.data_reach[nodes],
        grad=machine.grad[nodes],
        grad_reach=grad_reach[nodes],
        constants=constants,
        derivative=derivative,
        derivative_reach=np.where(computed, Reach.KNOWN, Reach.NOT_COMPUTED).astype(np.uint8),
        contribution=contribution,
        contribution_reach=reach,
    )
    for name in answer.__slots__:
        getattr(answer, name).flags.writeable = False
    return answer


def _derivatives(machine: Machine, neighbourhood: Neighbourhood, computed: Flags) -> Floats:
    """(e,) d(consumer) / d(operand), as plain Python computes it; nan where it is not computed."""
    users, used = neighbourhood.edge_consumer, neighbourhood.edge_operand
    code, data = machine.code[users], machine.data
    derivative = np.ones(len(users))  # of a sum
    products = code == Code.MUL
    other = np.where(neighbourhood.slot == 0, machine.program.second[users], machine.first[users])
    derivative[products] = data[other[products]]
    rest = computed & ~products & ~np.isin(code, (Code.SUM, Code.SUM_CONSTANT, Code.SUM_MAXIMUM))
    for edge in np.flatnonzero(rest).tolist():
        user = users[edge]
        constant = machine.constants[machine.second[user]] if machine.program.constant[user] >= 0 else 0.0
        derivative[edge] = local_derivative(code[edge], data[used[edge]], data[user], constant)
    derivative[~computed] = np.nan
    return derivative
