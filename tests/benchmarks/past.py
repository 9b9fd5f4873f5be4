"""The past: seeking, the history of one scalar asked afterwards, steps, conditions, and what remembering costs."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace

import conditions
from figures import Figure, at_most, noted, percentile

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.retrospect import Quantity, Retrospect
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.stepping import Grain

_UPDATES = 1000
_SEEKS = 200


def measure(settings: Settings) -> Iterator[Figure]:
    """A thousand updates, and the way back into them; then ten thousand for the memory."""
    settings = replace(settings, num_steps=10_000)
    documents = read(settings)
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "benchmark")
    session.run(_UPDATES)
    rng = random.Random(0)
    seeks = []
    for _ in range(_SEEKS):
        target = rng.randrange(_UPDATES + 1)
        start = time.perf_counter()
        session.go_to(target)
        seeks.append(1000 * (time.perf_counter() - start))
    yield at_most(f"seek to any of {_UPDATES} past updates, median", 20, percentile(seeks, 50), "ms")
    yield noted(f"seek to any of {_UPDATES} past updates, p99", percentile(seeks, 99), "ms")
    session.go_to(_UPDATES)
    retrospect = Retrospect(session.execution)
    times = []
    for address, quantity in (
        ("layer0.attn_wq[0,0]", Quantity.GRAD),
        ("pos3.layer0.attn.q[5].mul[7]", Quantity.DATA),
        ("layer0.mlp_fc1[3,4]", Quantity.M),
    ):
        scalar = session.description.addresses.parse(address)
        start = time.perf_counter()
        trace = retrospect.trace(quantity, scalar, 0, _UPDATES)
        times.append(time.perf_counter() - start)
        if len(trace.values) != _UPDATES:
            raise AssertionError("the trace is too short: nothing measured here is worth anything")
    yield at_most(f"history of one scalar over {_UPDATES} updates, slowest of three", 1, max(times), "s")
    steps = []
    for grain in list(Grain) * 20:
        move = rng.choice((Move.OVER, Move.BACK_OVER))
        start = time.perf_counter()
        session.move(move, grain)
        steps.append(1000 * (time.perf_counter() - start))
    yield noted("a step of any grain, forwards or back, median", percentile(steps, 50), "ms")
    yield noted("a step of any grain, forwards or back, p99", percentile(steps, 99), "ms")
    yield from conditions.measure(settings, documents, program)
    session.go_to(_UPDATES)
    session.run(10_000 - _UPDATES)
    yield at_most("saved states after 10,000 updates", 64, session.execution.history.num_bytes / 2**20, "MiB")
