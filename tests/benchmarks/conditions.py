"""Conditions: what ten of them that are checked in every update cost, and how long going back past them takes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from figures import Figure, at_least, noted, percentile

from microgpt.program.addresses import Addresses
from microgpt.program.program import Program
from microgpt.program.runner import Runner
from microgpt.settings import Settings
from microgpt_studio.debugger.breakpoints import Breakpoints
from microgpt_studio.debugger.continuing import proceed, proceed_back
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.stop import Reason
from microgpt_studio.debugger.targets import Definition, Event

_UPDATES = 1000
_STRETCH = 200  # updates that are done with and without
_PARAMETERS = [f"layer0.attn_wq[{i},{i}]" for i in range(5)]
_GRAPH = [f"pos{i}.layer0.attn.q[{i}]" for i in range(5)]  # not every document has all of these positions
_AT_THE_END = [
    *(f'abs(data("{address}")) > 99' for address in _PARAMETERS),
    *(f'abs(update("{address}")) > 99' for address in _PARAMETERS[:2]),
    "loss > 99",
    "grad_norm > 9999",
    "step > 10 and loss < 0.001",
]
_KINDS = {  # nothing of it ever comes true
    "at the end of updates": [Definition(Event.CONDITION, condition=text) for text in _AT_THE_END],
    "on complete gradients": [
        Definition(Event.GRADIENT, address, condition=f'abs(grad("{address}")) > 99')
        for address in (*_PARAMETERS, *_GRAPH)
    ],
    "on crossings": [
        *(Definition(Event.LEVEL, f'grad("{address}")', level=99.0) for address in (*_PARAMETERS, *_GRAPH[:3])),
        Definition(Event.LEVEL, f'data("{_GRAPH[0]}")', level=99.0),
        Definition(Event.LEVEL, "loss", level=99.0),
    ],
}


def measure(settings: Settings, documents: Sequence[str], program: Program) -> Iterator[Figure]:
    """A thousand updates, stretch by stretch: without breakpoints and with each kind, all the same updates.

    Times are the processor's, which what else runs on the machine hardly disturbs.
    """
    runner = Runner(program, documents, settings.adam, settings.num_steps, settings.seed)
    execution = Execution(runner, History(program.num_parameters))
    addresses = Addresses(program)
    tables = {"": Breakpoints(addresses, runner)}
    for kind, definitions in _KINDS.items():
        tables[kind] = Breakpoints(addresses, runner)
        for definition in definitions:
            tables[kind].add(definition)
    proceed(execution, tables[""], Place(_STRETCH, 0))  # compiles
    times: dict[str, list[float]] = {kind: [] for kind in tables}
    for first in range(0, _UPDATES, _STRETCH):
        for kind, breakpoints in tables.items():
            execution.go_to(Place(first, 0))
            start = time.process_time()
            stop = proceed(execution, breakpoints, Place(first + _STRETCH, 0))
            times[kind].append(time.process_time() - start)
            if (stop.reason, stop.place) != (Reason.UNTIL, Place(first + _STRETCH, 0)):
                raise AssertionError(f"{stop.sentence} Nothing measured here is worth anything")
    for kind in _KINDS:
        speeds = [without / within for without, within in zip(times[""], times[kind], strict=True)]
        yield at_least(f"10 conditions an update {kind}, speed against none", 0.5, percentile(speeds, 50), "×")
    straight = sum(times[""])
    for kind in _KINDS:
        execution.go_to(Place(_UPDATES, 0))
        start = time.process_time()
        stop = proceed_back(execution, tables[kind])
        seconds = time.process_time() - start
        if stop.reason is not Reason.START:
            raise AssertionError(f"{stop.sentence} Nothing measured here is worth anything")
        yield noted(f"back past {_UPDATES} updates, 10 conditions {kind}", seconds, "s")
        yield noted(
            f"back past {_UPDATES} updates, 10 conditions {kind}, against running them", seconds / straight, "×"
        )
