"""Preparation: from settings or a checkpoint to a session that is ready to train: data, recording, compiling.

Nothing is changed until all of it has succeeded. Whoever is told of the progress may raise to cancel.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from microgpt.checkpoint import Checkpoint
from microgpt.data import Tokenizer
from microgpt.model import Configuration
from microgpt.program import loop
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.program.size import check_memory, scalar_count
from microgpt.settings import Settings, read
from microgpt.train import State
from microgpt_studio.debugger.events import Phase, Preparing
from microgpt_studio.debugger.footprint import BYTES_BESIDE
from microgpt_studio.debugger.session import Session

Report = Callable[[Preparing], None]
WarmUp = Callable[[Session], None]

_REPORT_INTERVAL = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session is to be made of: all that can be said before anything takes its time."""

    settings: Settings
    documents: Sequence[str]
    config: Configuration
    program: Program | None  # that is there already; None: it has to be recorded
    state: State | None  # to go on from; None: the beginning


def plan(settings: Settings, previous: Program | None) -> Plan:
    """A session before its first update. A `previous` program of the same configuration is used again.

    Raises ValueError with a sentence where the settings or the data will not do, or the memory; or OSError.
    """
    return _plan(settings, read(settings), previous, None)


def plan_checkpoint(path: Path, data: Path | None, previous: Program | None) -> Plan:
    """A session that goes on from a checkpoint. Raises as `plan` does, and where the file will not do."""
    checkpoint = Checkpoint.load(path)
    settings = checkpoint.settings(data)
    documents = read(settings)
    checkpoint.check_documents(documents)
    return _plan(settings, documents, previous, checkpoint.state)


def prepare(plan: Plan, report: Report, warm_up: WarmUp = lambda _session: None) -> Session:
    """Record the program and compile the kernels. Only between two reports it can be cancelled.

    Where no cache holds the kernels, `warm_up` is called: it uses the session as panels will, so that what these need
    is compiled as well while people are told to wait.
    """
    program = plan.program or _record(plan.config, report)
    compiling = Preparing(Phase.COMPILING, program.num_scalars, program.num_scalars)
    report(compiling)
    session = Session(plan.settings, plan.documents, program, _data_name(plan.settings))
    session.update()  # compiles the kernels where no cache holds them
    report(compiling)  # nothing interrupts the compiler: what came meanwhile is heard now
    if loop.train.stats.cache_misses:
        warm_up(session)
        report(compiling)
    session.restart()
    if plan.state is not None:
        session.restore(plan.state)
    return session


def save_checkpoint(session: Session, path: Path) -> None:
    """Write the session's present state. Raises OSError or ValueError where the file cannot be written."""
    Checkpoint.of(session.settings, session.documents, session.state()).save(path)


def _plan(settings: Settings, documents: Sequence[str], previous: Program | None, state: State | None) -> Plan:
    config = settings.configuration(Tokenizer.of(documents).vocab_size)
    program = previous if previous is not None and previous.config == config else None
    if program is None:
        check_memory(config, beside=BYTES_BESIDE)
    return Plan(settings, documents, config, program, state)


def _record(config: Configuration, report: Report) -> Program:
    expected = scalar_count(config)
    last = 0.0

    def progress(scalars: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _REPORT_INTERVAL:
            last = now
            report(Preparing(Phase.RECORDING, scalars, expected))

    return record(config, progress)


def _data_name(settings: Settings) -> str:
    return "names of the 1990 US census" if settings.data is None else settings.data.name
