"""Attention: how long the answers take that the Attention and Document panels ask of every moment."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from figures import Figure, at_most, noted, percentile

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.attention_terms import AttentionRows, HeadTerms
from microgpt_studio.debugger.earlier_weights import EarlierWeights
from microgpt_studio.debugger.head_labels import HeadPatterns
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.loss_sums import LossSums
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted

_ANSWERS = 100
_UPDATES = 200


def measure(settings: Settings) -> Iterator[Figure]:
    """Answers at the end of updates from documents that fill the block; the snapshot around them is not counted."""
    settings = replace(settings, num_steps=_UPDATES + _ANSWERS)
    letters = sorted(set("".join(read(settings))))
    documents = ["".join(random.Random(seed).choices(letters, k=settings.block_size - 1)) for seed in range(8)]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    session.run(_UPDATES)
    last = settings.block_size - 1
    asked: list[tuple[str, Inquiry[object]]] = [
        ("rows of all heads", AttentionRows()),
        ("one query term by term", HeadTerms(0, 0, last)),
        ("sums of the losses", LossSums()),
    ]
    for name, inquiry in asked:
        _ask(session, inquiry)
        yield at_most(f"{name}: answer, p95", 2, percentile(_times(session, inquiry), 95), "ms")
    labels = percentile(_times(session, HeadPatterns()), 95)
    yield at_most("labels of all heads, 16 documents, 4 times a second: answer, p95", 10, labels, "ms")
    start = time.thread_time()
    change = EarlierWeights(_UPDATES // 2 + 7)
    _ask(session, change)
    while session.is_tracing:
        session.trace_on(_never)
    yield noted("weights of an earlier update: found by replay", 1000 * (time.thread_time() - start), "ms")
    yield at_most("weights of an earlier update: answer, p95", 2, percentile(_times(session, change), 95), "ms")


def _times(session: Session, inquiry: Inquiry[object]) -> list[float]:
    """Milliseconds of processor time of the answers alone, each after another update."""
    timed, times = _Timed(inquiry), []
    for _ in range(_ANSWERS):
        session.go_to(session.step - 1)
        session.update()
        took = _ask(session, timed)
        assert isinstance(took, float)
        times.append(took)
    return times


@dataclass(frozen=True, slots=True)
class _Timed(Inquiry[float]):
    """The processor time that an answer takes instead of the answer."""

    inquiry: Inquiry[object]

    def answer(self, sight: Sight) -> float:
        start = time.thread_time()
        self.inquiry.answer(sight)
        return 1000 * (time.thread_time() - start)


def _ask(session: Session, inquiry: Inquiry[object]) -> object:
    return session.snapshot(1, Wanted(cells=True, inquiries=frozenset({inquiry}))).answer(inquiry)


def _never() -> bool:
    return False
