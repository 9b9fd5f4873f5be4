"""The Health panel: the figures of an update, a frame with the details of one, and how fast histories are replayed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from figures import Figure, at_most, noted, percentile
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.health import Health
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.health import HealthPanel
from microgpt_studio.theme.application import apply_theme

_SIZES = ((1040, 150), (1600, 1000))
_PICTURES = 40
_ANSWER, _SHOW, _FRAME = 3, 4, 16  # ms
_PAST = 100  # updates


def measure(settings: Settings) -> Iterator[Figure]:
    """The default size."""
    yield from measure_panel(session_of(settings))


def measure_large(settings: Settings) -> Iterator[Figure]:
    """Four layers, 32 wide, 32 positions, which is recorded here: it takes its time."""
    yield from measure_panel(session_of(replace(settings, n_layer=4, n_embd=32, n_head=4, block_size=32)))


def session_of(settings: Settings) -> Session:
    """A session some updates on, whose documents all fill the block."""
    settings = replace(settings, num_steps=100_000)
    documents = [(document * settings.block_size)[: settings.block_size - 1] for document in read(settings)]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    session.run(_PAST)
    return session


def measure_panel(session: Session) -> Iterator[Figure]:
    """All figures of one session."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    panel = HealthPanel()
    panel.show_session(session.description)
    what = f"health, {session.snapshot(0, Wanted()).moment.num_scalars:,} scalars"
    wanted = Wanted(inquiries=frozenset(panel.inquiries()))
    session.snapshot(0, wanted)
    start = time.perf_counter()
    session.trace_on(lambda: False)
    yield noted(f"{what}: {_PAST} updates of the past", time.perf_counter() - start, "s")
    panel.show_snapshot(session.snapshot(0, wanted))
    panel.tiles.set_current(0)
    yield from _pictures(session, panel, wanted, what)
    panel.deleteLater()


def _pictures(session: Session, panel: HealthPanel, wanted: Wanted, what: str) -> Iterator[Figure]:
    answers: list[float] = []
    shown: list[float] = []
    frames: dict[tuple[int, int], list[float]] = {size: [] for size in _SIZES}
    figures = Wanted(inquiries=frozenset([Health()]))
    for number in range(_PICTURES):
        session.update()
        start = time.perf_counter()
        session.snapshot(number, figures)
        answers.append(1e3 * (time.perf_counter() - start))
        session.snapshot(number, wanted)
        session.trace_on(lambda: False)
        snapshot = session.snapshot(number, wanted)
        start = time.perf_counter()
        panel.show_snapshot(snapshot)
        shown.append(1e3 * (time.perf_counter() - start))
        for size in _SIZES:
            panel.resize(*size)
            image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
            start = time.perf_counter()
            panel.render(image)
            frames[size].append(1e3 * (time.perf_counter() - start))
    yield at_most(f"{what}: a snapshot with its figures, median", _ANSWER, percentile(answers, 50), "ms")
    yield at_most(f"{what}: shown, p95", _SHOW, percentile(shown, 95), "ms")
    for size, samples in frames.items():
        yield at_most(f"{what}: frame at {size[0]}×{size[1]}, p95", _FRAME, percentile(samples, 95), "ms")
