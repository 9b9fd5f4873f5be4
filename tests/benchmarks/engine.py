"""The engine: updates a second of the compiled program against the plain engine, on the same documents in one run."""

from __future__ import annotations

import time
from collections.abc import Iterator

from figures import Figure, at_least, noted, percentile

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt.settings import Settings, read
from microgpt.train import Training

_UPDATES = 20  # of the plain engine; both engines do the same ones
_ROUNDS = 25  # of the program over them, in turns with the plain engine


def measure(settings: Settings) -> Iterator[Figure]:
    """Recording, and updates/s of both engines."""
    documents = read(settings)
    config = settings.configuration(Tokenizer.of(documents).vocab_size)
    start = time.perf_counter()
    program = record(config)
    yield noted(f"recording {program.num_scalars:,} scalars", time.perf_counter() - start, "s")
    runner = Runner(program, documents, settings.adam, settings.num_steps, settings.seed)
    plain = Training(documents, config, settings.adam, settings.num_steps, settings.seed)
    first = runner.state()
    _updates(runner)  # compiles
    plain_times, program_times = [], []
    for turn in range(_UPDATES):
        start = time.perf_counter()
        plain.update()
        plain_times.append(time.perf_counter() - start)
        if turn % 4 == 0:
            for _ in range(_ROUNDS // 4):
                runner.restore(first)
                program_times.append(_updates(runner) / _UPDATES)
    runner.restore(first)
    _updates(runner)
    if [p.data for p in plain.parameters] != runner.machine.parameters.tolist():
        raise AssertionError("the two engines differ: nothing measured here is worth anything")
    plain_time, program_time = sum(plain_times) / _UPDATES, percentile(program_times, 50)
    yield noted("plain Value engine, updates", 1 / plain_time, "/s")
    yield noted("compiled program, no window, updates", 1 / program_time, "/s")
    yield at_least("compiled program against plain Value training", 300, plain_time / program_time, "×")


def _updates(runner: Runner) -> float:
    start = time.perf_counter()
    for _ in range(_UPDATES):
        runner.update()
    return time.perf_counter() - start
