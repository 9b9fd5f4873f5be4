"""The neighbourhood: what opening one costs (found, laid out, painted), and what new numbers cost in place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from figures import Figure, at_most, noted, percentile
from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.neighbourhood import NeighbourhoodPanel
from microgpt_studio.theme.application import apply_theme

_SIZE = (1600, 1000)
_PATIENCE = 5.0  # seconds for a layout
_PLACES = (  # address and depth
    ("pos9.layer0.attn.q[5]", 1),
    ("layer0.attn_wq[0,0]", 2),
    ("pos9.layer0.attn.norm[3]", 2),
    ("pos9.layer0.attn.head2.weight[1]", 6),
    ("loss", 6),
)


def measure(settings: Settings) -> Iterator[Figure]:
    """Neighbourhoods in a document that fills the block."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    settings = replace(settings, num_steps=1000)
    documents = [document for document in read(settings) if len(document) >= settings.block_size - 1]
    documents = documents or ["a" * settings.block_size]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    session.run(5)
    panel = NeighbourhoodPanel()
    panel.resize(*_SIZE)
    panel.show()
    panel.show_session(session.description)
    _open(panel, session, "loss", 1)  # starts the process, compiles the kernels
    for address, depth in _PLACES:
        start = time.perf_counter()
        _open(panel, session, address, depth)
        opening = 1000 * (time.perf_counter() - start)
        assert panel.view.drawing is not None
        shape = panel.view.drawing.neighbourhood
        what = f"neighbourhood of {address}, depth {depth} ({shape.num_nodes} nodes, {shape.num_edges} edges)"
        yield at_most(f"{what}: opened", 2000, opening, "ms")
        for whole in (False, True):
            if whole:
                panel.view.fit()
            times = [_refresh(panel, session) for _ in range(30)]
            yield noted(
                f"{what}: new numbers, {'all' if whole else 'a part'} in view, p95", percentile(times, 95), "ms"
            )
    panel.hide()
    panel.deleteLater()


def _open(panel: NeighbourhoodPanel, session: Session, address: str, depth: int) -> None:
    panel.toolbar.depth_box.setValue(depth)
    panel.show_selection(session.description.addresses.parse(address))
    panel.show_snapshot(session.snapshot(1, panel.add_wishes(Wanted())))
    end = time.perf_counter() + _PATIENCE
    while panel.is_waiting and time.perf_counter() < end:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    _paint(panel)


def _refresh(panel: NeighbourhoodPanel, session: Session) -> float:
    session.update()
    start = time.perf_counter()
    panel.show_snapshot(session.snapshot(1, panel.add_wishes(Wanted())))
    _paint(panel)
    return 1000 * (time.perf_counter() - start)


def _paint(panel: NeighbourhoodPanel) -> None:
    image = QImage(*_SIZE, QImage.Format.Format_RGB32)
    panel.view.render(image)
