"""The Stream panel: a snapshot with its numbers, a frame of each view, and how fast the past is looked at."""

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
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.stream import StreamPanel
from microgpt_studio.panels.stream.toolbar import View
from microgpt_studio.theme.application import apply_theme

_SIZES = ((690, 390), (1600, 1000))
_PICTURES = 40
_ANSWER, _FRAME = 2, 16  # ms
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
    panel = StreamPanel()
    panel.show_session(session.description)
    scalars = f"{session.snapshot(0, Wanted()).moment.num_scalars:,} scalars"
    for view in View:
        panel.toolbar.button(view).click()
        wanted = Wanted(inquiries=frozenset(panel.inquiries()))
        panel.show_snapshot(session.snapshot(0, wanted))
        if view is View.UNITS:
            yield _looking_at_the_past(session, panel, wanted, scalars)
        yield from _pictures(session, panel, wanted, f"stream, {view.value}, {scalars}")
    panel.deleteLater()


def _looking_at_the_past(session: Session, panel: StreamPanel, wanted: Wanted, scalars: str) -> Figure:
    start = time.perf_counter()
    session.trace_on(lambda: False)
    seconds = time.perf_counter() - start
    panel.show_snapshot(session.snapshot(0, wanted))
    assert panel.units.activity is not None and panel.units.activity.is_complete
    return noted(f"stream, MLP, {scalars}: looking at {_PAST} updates of the past", seconds, "s")


def _pictures(session: Session, panel: StreamPanel, wanted: Wanted, what: str) -> Iterator[Figure]:
    answers: list[float] = []
    frames: dict[tuple[int, int], list[float]] = {size: [] for size in _SIZES}
    for number in range(_PICTURES):
        session.update()
        start = time.perf_counter()
        snapshot = session.snapshot(number, wanted)
        answers.append(1000 * (time.perf_counter() - start))
        for size in _SIZES:
            panel.resize(*size)
            panel.render(QImage(*size, QImage.Format.Format_RGB32))  # lays out
            image = QImage(*size, QImage.Format.Format_RGB32)
            start = time.perf_counter()
            panel.show_snapshot(snapshot)
            panel.show_text(snapshot)
            panel.render(image)
            frames[size].append(1000 * (time.perf_counter() - start))
    yield at_most(f"{what}: a snapshot, median", _ANSWER, percentile(answers, 50), "ms")
    for (width, height), times in frames.items():
        yield at_most(f"{what}: new numbers and a frame at {width}×{height}, p95", _FRAME, percentile(times, 95), "ms")
