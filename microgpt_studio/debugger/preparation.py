"""Preparation: from settings or a checkpoint to a session that is ready to train: data, recording, compiling.

Nothing is changed until all of it has succeeded. Whoever is told of the progress may raise to cancel.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from microgpt.checkpoint import Checkpoint
from microgpt.data import Tokenizer
from microgpt.model import Configuration
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.program.size import check_memory, scalar_count
from microgpt.settings import Settings, read
from microgpt_studio.debugger.events import Phase, Preparing
from microgpt_studio.debugger.session import Session

Report = Callable[[Preparing], None]

_REPORT_INTERVAL = 0.05  # seconds


def prepare(settings: Settings, previous: Program | None, report: Report) -> Session:
    """A session before its first update. A `previous` program of the same configuration is used again.

    Raises ValueError with a sentence where the settings or the data will not do.
    """
    return _session(settings, read(settings), previous, report)


def prepare_checkpoint(path: Path, data: Path | None, previous: Program | None, report: Report) -> Session:
    """A session that goes on from a checkpoint. Raises ValueError where the file or the data will not do."""
    checkpoint = Checkpoint.load(path)
    settings = checkpoint.settings(data)
    documents = read(settings)
    checkpoint.check_documents(documents)
    session = _session(settings, documents, previous, report)
    session.restore(checkpoint.state)
    return session


def save_checkpoint(session: Session, path: Path) -> None:
    """Write the session's present state. Raises OSError or ValueError where the file cannot be written."""
    Checkpoint.of(session.settings, session.documents, session.state()).save(path)


def _session(settings: Settings, documents: Sequence[str], previous: Program | None, report: Report) -> Session:
    config = settings.configuration(Tokenizer.of(documents).vocab_size)
    if previous is not None and previous.config == config:
        program = previous
    else:
        check_memory(config)
        program = _record(config, report)
    report(Preparing(Phase.COMPILING, program.num_scalars, program.num_scalars))
    session = Session(settings, documents, program, _data_name(settings))
    session.update()  # compiles the kernels where no cache holds them
    session.restart()
    return session


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
