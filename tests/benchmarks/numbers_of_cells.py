"""Numbers of the whole graph: what a picture of every scalar costs, at the end of an update and half-way through one.

Each is the first picture of a document that fills the block: whatever is found once for a document is found anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from figures import Figure, at_most, noted, percentile

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.contributions import CellContributions
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.execution_order import CellOrder
from microgpt_studio.debugger.flows import HeadFlows
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.inside_numbers import CellDerivatives, InsideCells
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted

_PICTURES = 30
_REFRESH = 33  # ms, for all values


def measure(settings: Settings) -> Iterator[Figure]:
    """Snapshots of documents that fill the block, with the cells as the map of tensors has them, and with more."""
    settings = replace(settings, num_steps=100_000)
    documents = [(document * settings.block_size)[: settings.block_size - 1] for document in read(settings)]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    scalars = f"{session.snapshot(0, Wanted()).moment.num_scalars:,} scalars"
    q = session.description.addresses.parse(f"pos{settings.block_size - 1}.layer0.attn.q[0]")
    q_cell = int(session.description.expressions.cell[q])
    everything: list[tuple[str, Inquiry[object]]] = [
        ("all that is inside 500 cells", InsideCells.of(range(q_cell, q_cell + 500))),
        ("local derivatives of all cells", CellDerivatives()),
        ("contributions to the loss", CellContributions(program.loss)),
        ("contributions to a query", CellContributions(q)),
        ("flows through attention", HeadFlows(settings.block_size - 1)),
        ("order of execution", CellOrder(backward=True)),
    ]
    yield from _pictures(session, f"{scalars}: cells", Wanted(cells=True))
    for name, inquiry in everything:
        yield from _pictures(session, f"{scalars}: {name}", Wanted(inquiries=frozenset({inquiry})))
    at_once = Wanted(cells=True, selection=q, inquiries=frozenset(inquiry for _, inquiry in everything))
    yield from _pictures(session, f"{scalars}: all of it at once", at_once, _REFRESH)


def _pictures(session: Session, what: str, wanted: Wanted, budget: float | None = None) -> Iterator[Figure]:
    """The time of a snapshot, the first of its document, at the end and half-way through the backward phase."""
    session.snapshot(0, wanted)  # compiles what it needs
    at_end, half_way = [], []
    for number in range(1, _PICTURES + 1):
        session.run(2)
        at_end.append(_milliseconds(session, number, wanted))
        updates = session.execution.place.updates + 1
        session.execution.go_to(Place(updates, 0))
        forward, backward, _ = session.execution.lengths
        session.execution.go_to(Place(updates, forward + backward // 2))
        half_way.append(_milliseconds(session, number, wanted))
    for where, times in (("end", at_end), ("half-way", half_way)):
        if budget is None:
            yield noted(f"{what}, {where}, median", percentile(times, 50), "ms")
        else:
            yield at_most(f"{what}, {where}, p95", budget, percentile(times, 95), "ms")


def _milliseconds(session: Session, number: int, wanted: Wanted) -> float:
    start = time.perf_counter()
    session.snapshot(number, wanted)
    return 1000 * (time.perf_counter() - start)
