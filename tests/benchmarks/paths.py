"""Paths: how long the answer about a scalar takes, with all paths, the strongest chain and the shares."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace

from figures import Figure, at_most, noted, percentile

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.inquiry import Sight
from microgpt_studio.debugger.paths import PathsOf
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted

_ANSWERS = 60


def measure(settings: Settings) -> Iterator[Figure]:
    """Answers about parameters that a document of 15 letters uses, and about scalars of its graph."""
    settings = replace(settings, num_steps=100)
    letters = sorted(set("".join(read(settings))))
    documents = ["".join(random.Random(seed).choices(letters, k=settings.block_size - 1)) for seed in range(8)]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    session.run(5)
    rng = random.Random(1)
    matrices = [tensor for tensor in program.tensors if tensor.position is None and tensor.path.startswith("layer0")]
    parameters = [rng.randrange(tensor.start, tensor.stop) for tensor in rng.choices(matrices, k=_ANSWERS)]
    inner = rng.sample(range(program.num_parameters, program.sums_start), _ANSWERS)
    _times(session, parameters[:1])
    scalars = session.snapshot(1, Wanted()).moment.num_scalars
    times = _times(session, parameters)
    yield at_most(f"paths of a parameter, {scalars:,} scalars: answer, p95", 33, percentile(times, 95), "ms")
    yield noted("paths of a parameter: answer, median", percentile(times, 50), "ms")
    yield noted("paths of any scalar: answer, median", percentile(_times(session, inner), 50), "ms")


def _times(session: Session, scalars: list[int]) -> list[float]:
    """Milliseconds of the answers alone, without the rest of the snapshots in which they travel."""
    times: list[float] = []
    for scalar in scalars:
        inquiry = _Timed(scalar)
        took = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
        assert isinstance(took, float)
        times.append(took)
    return times


class _Timed(PathsOf):
    """The time that the answer takes instead of the answer."""

    __slots__ = ()

    def answer(self, sight: Sight) -> float:  # type: ignore[override]
        start = time.perf_counter()
        super().answer(sight)
        return 1000 * (time.perf_counter() - start)
