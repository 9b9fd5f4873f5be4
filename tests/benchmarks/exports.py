"""Exports: how long the map takes as a file of each format, and how long all scalars take as a table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from figures import Figure, at_most, noted, percentile
from PySide6.QtWidgets import QApplication

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.scope_table import ScopeTable
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.theme.application import apply_theme
from microgpt_studio.window.export import WRITERS

_TIMES = 5
_BUDGET = 2.0  # seconds


def measure(settings: Settings) -> Iterator[Figure]:
    """With a document that fills the block, all of it in a view of 1600×1000."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    settings = replace(settings, num_steps=10)
    documents = [("abcdefghijklmnopqrstuvwxyz" * settings.block_size)[: settings.block_size - 1]]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "one long document")
    session.update()
    table = Wanted(inquiries=frozenset((ScopeTable(),)))
    seconds = _median(lambda: session.snapshot(1, table))
    yield at_most(f"export: {program.num_scalars:,} scalars as CSV, median", _BUDGET, seconds, "s")
    panel = GraphPanel()
    panel.show_session(session.description)
    assert panel.view is not None
    panel.view.setFixedSize(1600, 1000)
    panel.show_snapshot(session.snapshot(2, panel.add_wishes(Wanted())))
    picture = panel.whole_picture()
    assert picture is not None
    for suffix, write in WRITERS.items():
        yield at_most(f"export: the map as {suffix}, median", _BUDGET, _median(lambda w=write: w(picture)), "s")
        yield noted(f"export: its size as {suffix}", len(write(picture)) / 1e6, "MB")
    panel.deleteLater()


def _median(act: Callable[[], object]) -> float:
    times = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return percentile(times, 50)
