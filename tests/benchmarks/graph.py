"""The map: what a frame of panning and zooming costs at 1600×1000, on the largest graph of the default size."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from figures import Figure, at_most, noted, percentile
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph import MapView
from microgpt_studio.theme.application import apply_theme

_SIZE = (1600, 1000)
_FRAMES = 120


def measure(settings: Settings) -> Iterator[Figure]:
    """Frames of a document that fills the block."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    settings = replace(settings, num_steps=100)
    documents = [document for document in read(settings) if len(document) >= settings.block_size - 1]
    documents = documents or ["a" * settings.block_size]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    session.run(5)
    view = MapView(session.description)
    view.resize(*_SIZE)
    view.show_selection(session.description.addresses.parse("pos9.layer0.attn.q[5]"))
    view.show_snapshot(session.snapshot(1, Wanted(cells=True)))
    scalars = session.snapshot(2, Wanted()).moment.num_scalars
    image = QImage(*_SIZE, QImage.Format.Format_RGB32)
    _times(view, image, view.update)
    pans = _times(view, image, lambda: view.camera.pan(7.0, -5.0))
    view.fit()
    zooms = _times(view, image, lambda: view.camera.zoom(1.03, 800.0, 500.0))
    view.fit()
    refreshes = []
    for number in range(3, 43):
        session.update()
        start = time.perf_counter()
        view.show_snapshot(session.snapshot(number, Wanted(cells=True)))
        _paint(view, image)
        refreshes.append(1000 * (time.perf_counter() - start))
    yield at_most(f"map of {scalars:,} scalars, 1600×1000: frame of a pan, p95", 16, percentile(pans, 95), "ms")
    yield at_most(f"map of {scalars:,} scalars, 1600×1000: frame of a zoom, p95", 16, percentile(zooms, 95), "ms")
    yield noted("map: new numbers and a frame, median", percentile(refreshes, 50), "ms")
    view.deleteLater()


def _times(view: MapView, image: QImage, change: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(_FRAMES):
        change()
        start = time.perf_counter()
        _paint(view, image)
        times.append(1000 * (time.perf_counter() - start))
    return times


def _paint(view: MapView, image: QImage) -> None:
    view.render(image)
