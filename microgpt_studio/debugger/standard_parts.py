"""The standard parts of a snapshot, copied from the machine: how far data has come, the cells, the parameters."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.partial import Arrivals
from microgpt_studio.debugger.snapshot import Cells, ParameterNumbers, Reach, Reaches

_Part = TypeVar("_Part", Cells, ParameterNumbers)


def data_reach(execution: Execution) -> Reaches:
    """(N,) Reach of every scalar's data."""
    machine, program = execution.machine, execution.machine.program
    reach = np.full(program.num_scalars, Reach.NOT_COMPUTED, dtype=np.uint8)
    reach[: program.num_parameters] = Reach.KNOWN
    computed = min(execution.place.done, execution.lengths[0])
    for start, stop in program.live_ranges(machine.positions):
        reach[start : min(stop, start + computed)] = Reach.KNOWN
        computed -= min(computed, stop - start)
    return reach


def cells(execution: Execution, reach: Reaches, arrivals: Arrivals) -> Cells:
    """The numbers of all elements; `reach` (N,) is that of data."""
    machine, elements = execution.machine, execution.machine.program.element_ids
    return _read_only(Cells(machine.data[elements], machine.grad[elements], reach[elements], arrivals.reach[elements]))


def parameter_numbers(execution: Execution, arrivals: Arrivals) -> ParameterNumbers:
    """The numbers of all parameters, before and after as much of the update as is done."""
    machine = execution.machine
    p = machine.program.num_parameters
    numbers = ParameterNumbers(
        num_updated=max(0, execution.place.done - execution.length + p),
        before=machine.data[:p].copy(),
        after=machine.parameters.copy(),
        grad=machine.grad[:p].copy(),
        grad_reach=arrivals.reach[:p].copy(),
        m_before=machine.m_before.copy(),
        v_before=machine.v_before.copy(),
        m=machine.m.copy(),
        v=machine.v.copy(),
        change=machine.change.copy(),
    )
    return _read_only(numbers)


def _read_only(part: _Part) -> _Part:
    for name in part.__slots__:
        value = getattr(part, name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return part
