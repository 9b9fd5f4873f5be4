"""The search: what an answer costs the worker, by names and by numbers, on the largest graph of a size."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from figures import Figure, at_most, percentile

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.search import Search
from microgpt_studio.debugger.search_query import parse
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted

_LINES = {
    "by a name": "attn q 5",
    "by a word with a mistake": "weigth",
    "the 20 largest |grad|": "top:20 by:grad",
    "all, ranked by |data|": "by:data",
    "numbers compared": "|grad|>0.001",
    "not finite": "nonfinite",
    "one operation": "op:sum",
}
_TIMES = 15
_SMALL, _BUDGET, _LARGE_BUDGET = 200_000, 30, 500  # scalars; milliseconds


def measure(settings: Settings) -> Iterator[Figure]:
    """Answers at the end of an update, of a document that fills the block; the snapshot around them is not counted."""
    settings = replace(settings, num_steps=100)
    documents = [document for document in read(settings) if len(document) >= settings.block_size - 1]
    documents = documents or ["a" * settings.block_size]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    session.run(2)
    scalars = session.snapshot(1, Wanted()).moment.num_scalars
    budget = _BUDGET if scalars <= _SMALL else _LARGE_BUDGET
    for what, line in _LINES.items():
        search = Search(parse(line))
        times = []
        for _ in range(_TIMES):
            start = time.perf_counter()
            session.snapshot(2, Wanted(inquiries=frozenset({search})))
            between = time.perf_counter()
            session.snapshot(3, Wanted())
            times.append(1000 * (2 * between - start - time.perf_counter()))
        yield at_most(f"search in {scalars:,} scalars: {what}, median", budget, percentile(times, 50), "ms")
