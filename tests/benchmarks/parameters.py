"""The Parameters panel: what each of its pages does to the event loop, and how soon the past is collected."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from event_loop import close, lateness, pause, run, until, wait
from figures import Figure, at_most, noted, percentile
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.app import SWITCH_INTERVAL
from microgpt_studio.debugger.histograms_over_time import HistogramsOverTime
from microgpt_studio.debugger.past_parameters import ParametersAfter
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.parameters import ParametersPanel
from microgpt_studio.panels.parameters.quantity import Quantity
from microgpt_studio.theme.application import apply_theme
from microgpt_studio.window.main_window import MainWindow

_SECONDS = 4.0  # of training flat out, for each page
_SIZE = (1000, 700)  # of the floating panel
_UPDATES = 1000
_FRAMES = 40


def measure(settings: Settings) -> Iterator[Figure]:
    """`settings` needs many updates."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    sys.setswitchinterval(SWITCH_INTERVAL)
    yield from _past_and_frames(replace(settings, num_steps=2 * _UPDATES))
    yield from _flat_out(settings)


def _past_and_frames(settings: Settings) -> Iterator[Figure]:
    documents = read(settings)
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "names")
    session.run(_UPDATES)
    for name, inquiry in (
        ("histograms over 1000 updates", HistogramsOverTime()),
        ("the parameters after update 500", ParametersAfter(500)),
    ):
        start = time.perf_counter()
        session.snapshot(1, Wanted(inquiries=frozenset({inquiry})))
        session.trace_on(lambda: False)
        yield at_most(f"parameters: {name}", 1, time.perf_counter() - start, "s")
    panel = ParametersPanel()
    panel.resize(*_SIZE)
    panel.show_session(session.description)
    panel.show()
    for index, page in enumerate(panel.pages):
        panel.toolbar.page_choice.setCurrentIndex(index)
        times = []
        for number in range(_FRAMES):
            session.update()
            wanted = Wanted(parameters=True, inquiries=frozenset(panel.inquiries()))
            snapshot = session.snapshot(number, wanted)
            start = time.thread_time()  # others on the machine do not count
            panel.show_snapshot(snapshot)
            panel.show_text(snapshot)
            QCoreApplication.sendPostedEvents()
            panel.grab()
            times.append(1000 * (time.thread_time() - start))
        name = f"parameters: {page.title.lower()}, new numbers and a frame"
        yield at_most(f"{name}, p95 of the thread's time", 33, percentile(times, 95), "ms")
    panel.close()
    panel.deleteLater()


def _flat_out(settings: Settings) -> Iterator[Figure]:
    window = MainWindow()
    window.open((1440, 900))
    window.begin(settings)
    until(lambda: window.snapshot is not None)
    panel, dock = window.panels["parameters"], window.docks["parameters"]
    assert isinstance(panel, ParametersPanel)
    run(window)
    dock.hide()
    yield noted("parameters: hidden, event loop late, p99", percentile(_lateness(), 99), "ms")
    dock.show()
    dock.setFloating(True)
    dock.resize(*_SIZE)
    for index, page in enumerate(panel.pages):
        panel.toolbar.page_choice.setCurrentIndex(index)
        late = _lateness()
        yield noted(f"parameters: {page.title.lower()}, event loop late, median", percentile(late, 50), "ms")
        yield at_most(f"parameters: {page.title.lower()}, event loop late, p99", 33, percentile(late, 99), "ms")
    panel.toolbar.page_choice.setCurrentIndex(0)
    for quantity in (Quantity.RATIO, Quantity.CHANGE):
        panel.toolbar.quantity_choice.setCurrentIndex(list(Quantity).index(quantity))
        late = _lateness()
        yield at_most(f"parameters: {quantity.value}, event loop late, p99", 33, percentile(late, 99), "ms")
    pause(window)
    close(window)


def _lateness() -> list[float]:
    """Milliseconds of every tick for a while."""
    with lateness() as late:
        wait(_SECONDS)
    return late[5:]
