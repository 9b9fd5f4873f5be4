"""The Probe panel: what a probe costs, and new numbers with a frame of each section, for a full list."""

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
from microgpt_studio.panels.probe import ProbePanel
from microgpt_studio.panels.probe.probes import MOST
from microgpt_studio.panels.probe.sections import Section
from microgpt_studio.theme.application import apply_theme

_SIZES = ((690, 390), (1600, 1000))  # at the larger one all sections stand together
_PICTURES = 140  # the curves are full then
_ANSWER = 1  # ms
_FRAMES = 16, 33  # ms, 4 times a second


def measure(settings: Settings) -> Iterator[Figure]:
    """The default size."""
    yield from measure_panel(settings)


def measure_large(settings: Settings) -> Iterator[Figure]:
    """Four layers, 32 wide, 32 positions, which is recorded here: it takes its time."""
    yield from measure_panel(replace(settings, n_layer=4, n_embd=32, n_head=4, block_size=32))


def measure_panel(settings: Settings) -> Iterator[Figure]:
    """All figures of one size, with texts that all fill the block."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    documents = read(settings)
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(replace(settings, num_steps=100_000), documents, program, "names")
    panel = ProbePanel()
    panel.show_session(session.description)
    for document in documents[:MOST]:
        panel.field.taken.emit((document * settings.block_size)[: settings.block_size])
    wanted = Wanted(inquiries=frozenset(panel.inquiries()))
    assert len(wanted.inquiries) == MOST
    what = f"{MOST} probes, {program.num_scalars:,} scalars"
    session.run(1)
    session.snapshot(0, wanted)  # the first makes the machine
    for size, budget in zip(_SIZES, _FRAMES, strict=True):
        for section in Section if size == _SIZES[0] else (Section.PREDICTIONS,):
            panel.sections.turn_to(section)
            answers, frames = _pictures(session, panel, wanted, size)
            where = "all" if panel.sections.is_together else section.value
            share = percentile(answers, 50) / MOST
            if settings.n_layer == 1:
                yield at_most(f"{what}, {where}: one answer, median", _ANSWER, share, "ms")
            else:
                yield noted(f"{what}, {where}: one answer, median", share, "ms")
            width, height = size
            frame = f"{what}, {where}: new numbers and a frame at {width}×{height}, p95"
            yield at_most(frame, budget, percentile(frames, 95), "ms")
    panel.deleteLater()


def _pictures(
    session: Session, panel: ProbePanel, wanted: Wanted, size: tuple[int, int]
) -> tuple[list[float], list[float]]:
    """Milliseconds of each answer to all probes beyond an empty snapshot, and of each frame."""
    panel.resize(*size)
    panel.render(QImage(*size, QImage.Format.Format_RGB32))  # lays out
    answers, frames = [], []
    for number in range(_PICTURES):
        session.run(1)
        start = time.perf_counter()
        session.snapshot(number, Wanted())
        begun = time.perf_counter()
        snapshot = session.snapshot(number, wanted)
        answers.append(1000 * (time.perf_counter() - begun - (begun - start)))
        image = QImage(*size, QImage.Format.Format_RGB32)
        start = time.perf_counter()
        panel.show_snapshot(snapshot)
        panel.show_text(snapshot)
        panel.render(image)
        frames.append(1000 * (time.perf_counter() - start))
    return answers, frames
