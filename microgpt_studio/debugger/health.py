"""Health: the figures that tell whether training is well, of the update that is shown, as far as it is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from microgpt.program.program import Floats
from microgpt_studio.debugger.health_figures import HealthPlaces
from microgpt_studio.debugger.health_measuring import Extent, measure
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reaches


@dataclass(frozen=True, slots=True, eq=False)
class HealthNumbers:
    """F figures of one update. Where the reach is not KNOWN the value is nan; OUTSIDE: there is no such number."""

    places: HealthPlaces
    update: int  # counted from 1
    positions: int
    values: Floats  # (F,) read-only
    reach: Reaches  # (F,) read-only; of Kind.DEAD never KNOWN: see HealthHistory


@dataclass(frozen=True, slots=True)
class Health(Inquiry[HealthNumbers]):
    """The figures of the update that is shown."""

    is_slow: ClassVar[bool] = True  # they are read

    def answer(self, sight: Sight) -> HealthNumbers:
        places, execution, machine = HealthPlaces.of(sight), sight.execution, sight.machine
        num_updated = max(0, execution.place.done - execution.length + machine.program.num_parameters)
        measured = measure(places, machine, Extent(sight.data_reach, sight.arrivals.reach, num_updated))
        return HealthNumbers(places, execution.place.updates + 1, machine.positions, measured.values, measured.reach)
