"""The minimap: what it costs to paint all cells in miniature, and to paint that with the frame upon it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from figures import Figure, at_most, percentile
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph import MapView
from microgpt_studio.theme.application import apply_theme

_TIMES = 120


def measure(settings: Settings) -> Iterator[Figure]:
    """With a document that fills the block, at a window of 1600×1000."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    settings = replace(settings, num_steps=10)
    documents = [("abcdefghijklmnopqrstuvwxyz" * settings.block_size)[: settings.block_size - 1]]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "one long document")
    session.update()
    view = MapView(session.description)
    view.resize(1600, 1000)
    view.show_selection(session.description.addresses.parse("pos9.layer0.attn.q[5]"))
    view.show_snapshot(session.snapshot(1, Wanted(inquiries=frozenset(view.inquiries()))))
    for _ in range(6):
        view.zoom_in()
    minimap = view.minimap
    image = QImage(minimap.size(), QImage.Format.Format_RGB32)
    minimap.render(image)
    frames = _times(lambda: minimap.render(image))

    def show_new_numbers() -> None:
        if minimap.picture is not None:
            minimap.show_picture(replace(minimap.picture), running=False)
        minimap.render(image)

    refreshes = _times(show_new_numbers)
    cells = f"{len(view.layout_of_map.row_of):,} cells"
    yield at_most("minimap: a frame while the map moves, median", 1, percentile(frames, 50), "ms")
    yield at_most(f"minimap: {cells} painted anew, median", 1, percentile(refreshes, 50), "ms")
    view.deleteLater()


def _times(act: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(_TIMES):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    return times
