"""The Scalars panel: all rows of the default graph, sorted and scrolled."""

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
from microgpt_studio.debugger.scalar_rows import Order, Rows
from microgpt_studio.debugger.search_query import Query
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.scalars import ScalarsPanel
from microgpt_studio.theme.application import apply_theme

_SIZE = (1100, 800)
_FRAMES = 120
_FRAME = 1000 / 60  # ms


def measure(settings: Settings) -> Iterator[Figure]:
    """Every scalar of a document that fills the block is a row."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    settings = replace(settings, num_steps=100)
    documents = [(document * settings.block_size)[: settings.block_size - 1] for document in read(settings)]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    session.run(3)
    panel = ScalarsPanel()
    panel.resize(*_SIZE)
    panel.show_session(session.description)
    panel.show_snapshot(session.snapshot(1, Wanted(inquiries=frozenset(panel.inquiries()))))
    rows = panel.table.rows.rowCount()
    image = QImage(*_SIZE, QImage.Format.Format_RGB32)
    panel.render(image)
    frames = []
    for frame in range(_FRAMES):
        bar = panel.table.verticalScrollBar()
        bar.setValue((bar.value() + 37 + 991 * (frame % 7)) % max(bar.maximum(), 1))
        start = time.perf_counter()
        panel.render(image)
        frames.append(1000 * (time.perf_counter() - start))
    yield at_most(f"table of {rows:,} rows: frame while scrolling, p95", _FRAME, percentile(frames, 95), "ms")
    for order in (Order.ADDRESS, Order.GRAD):
        asked = Wanted(inquiries=frozenset({Rows(Query(), order, True)}))
        answers = []
        for number in range(12):
            start = time.perf_counter()
            session.snapshot(number, asked)
            answers.append(1000 * (time.perf_counter() - start))
        yield noted(f"table of {rows:,} rows: by {order}, median", percentile(answers, 50), "ms")
    panel.deleteLater()
