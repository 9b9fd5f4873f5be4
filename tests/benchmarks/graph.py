"""The map: frames of panning and zooming at every level, new numbers, and opening, at 1600×1000 on a document that
fills the block: of the default size, or of any session.
"""

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
from microgpt_studio.app import set_aside_what_stays
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Snapshot, Wanted
from microgpt_studio.panels.graph import MapView
from microgpt_studio.panels.graph.map_colors import Coloring, Quantity
from microgpt_studio.theme.application import apply_theme
from microgpt_studio.window.warm_up import warm_up

_SIZE = (1600, 1000)
_FRAMES = 60  # of each kind
_REFRESHES = 30
_SWEEP = 240  # frames from the whole document to the closest
_ADDITIONS = 100_000
_FRAME, _REFRESH, _OPENING = 16, 33, 500  # ms


def measure(settings: Settings) -> Iterator[Figure]:
    """The default size."""
    yield from measure_map(session_of(settings))


def session_of(settings: Settings) -> Session:
    """A session some updates on, whose documents all fill the block."""
    settings = replace(settings, num_steps=100_000)
    documents = [(document * settings.block_size)[: settings.block_size - 1] for document in read(settings)]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    session.run(3)
    return session


def measure_map(session: Session) -> Iterator[Figure]:
    """All figures of the map of one session."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    image = QImage(*_SIZE, QImage.Format.Format_RGB32)
    warm_up(session)  # as the application does before it shows a session
    start = time.perf_counter()
    view = open_map(session)
    view.render(image)
    opening = 1000 * (time.perf_counter() - start)
    set_aside_what_stays()  # as the application does once a session is there
    map_of = f"map of {snapshot_for(view, session).moment.num_scalars:,} scalars"
    yield at_most(f"{map_of}: opened and painted", _OPENING, opening, "ms")
    pace = [additions()]
    for level, go in LEVELS.items():
        go_to(view, session, go)
        view.render(image)
        pans = frames(view, image, pan)
        go_to(view, session, go)
        view.render(image)
        zooms = frames(view, image, zoom)
        yield at_most(f"{map_of}, {level}: frame of a pan, p95", _FRAME, percentile(pans, 95), "ms")
        yield at_most(f"{map_of}, {level}: frame of a zoom, p95", _FRAME, percentile(zooms, 95), "ms")
        refreshed = refreshes(view, session, image)
        pace.append(additions())
        yield at_most(f"{map_of}, {level}: new numbers, p95", _REFRESH, percentile(refreshed, 95), "ms")
    swept = sweep(view, session, image)
    yield at_most(f"{map_of}, all the way in: frame, p95", _FRAME, percentile(swept, 95), "ms")
    yield noted(f"{map_of}, all the way in: frame, longest", max(swept), "ms")
    go_to(view, session, LEVELS["a cell open"])
    for quantity in Quantity:
        view.set_coloring(Coloring(quantity, chosen=session.description.program.loss))
        refreshed = refreshes(view, session, image)
        pace.append(additions())
        yield at_most(f"{map_of}, {quantity.value}: new numbers, p95", _REFRESH, percentile(refreshed, 95), "ms")
    yield noted(f"{map_of}: meanwhile {_ADDITIONS:,} additions in plain Python, shortest", min(pace), "ms")
    yield noted(f"{map_of}: meanwhile {_ADDITIONS:,} additions in plain Python, longest", max(pace), "ms")
    view.deleteLater()


def additions() -> float:
    """Milliseconds of a fixed piece of work: how fast the machine is at the time, for some change while they run."""
    start, total = time.perf_counter(), 0
    for number in range(_ADDITIONS):
        total += number
    return 1000 * (time.perf_counter() - start)


def open_map(session: Session) -> MapView:
    """A map with its first numbers and a selection."""
    view = MapView(session.description)
    view.resize(*_SIZE)
    view.show_snapshot(snapshot_for(view, session))
    view.show_selection(session.description.addresses.parse("pos9.layer0.attn.q[5]"))
    return view


def snapshot_for(view: MapView, session: Session) -> Snapshot:
    """What the map asks for."""
    return session.snapshot(1, Wanted(inquiries=frozenset(view.inquiries())))


def go_to(view: MapView, session: Session, go: Callable[[MapView], None]) -> None:
    """Show a level with the numbers that it asks for."""
    view.fit()
    go(view)
    view._moved()
    view.show_snapshot(snapshot_for(view, session))


def pan(view: MapView, frame: int) -> None:
    """Move on, and turn in time not to come to the edge."""
    view.levels.pan(7.0 if frame // 15 % 2 else -7.0, 5.0 if frame // 10 % 2 else -5.0)
    view._moved()


def zoom(view: MapView, frame: int) -> None:
    """Closer, and farther again."""
    view.levels.zoom(1.01 if frame // 10 % 2 else 1 / 1.01, 800.0, 500.0)
    view._moved()


def frames(view: MapView, image: QImage, move: Callable[[MapView, int], None]) -> list[float]:
    """Milliseconds of frames, each after a move."""
    times = []
    for frame in range(_FRAMES):
        start = time.perf_counter()
        move(view, frame)
        view.render(image)
        times.append(1000 * (time.perf_counter() - start))
    return times


def refreshes(view: MapView, session: Session, image: QImage) -> list[float]:
    """Milliseconds of a snapshot, its picture and its frame, each after an update."""
    times = []
    for _ in range(_REFRESHES):
        session.update()
        start = time.perf_counter()
        view.show_snapshot(snapshot_for(view, session))
        view.render(image)
        times.append(1000 * (time.perf_counter() - start))
    return times[2:]  # what is asked for the first time is compiled, or found once


def sweep(view: MapView, session: Session, image: QImage) -> list[float]:
    """Milliseconds of the frames on the way from the whole document to the closest."""
    view.fit()
    view._moved()
    first = view.camera.transform.scale_x
    _closest(view)
    factor = (view.camera.transform.scale_x / first) ** (1 / _SWEEP)
    view.fit()
    view._moved()
    times = []
    for _ in range(_SWEEP):
        place = view.box_rect(session.description.addresses.parse("pos9.layer0.attn.q[5]")).center()
        at = place - view.window_of_map().topLeft()
        start = time.perf_counter()
        view.levels.zoom(factor, at.x(), at.y())
        view._moved()
        view.render(image)
        times.append(1000 * (time.perf_counter() - start))
        view.show_snapshot(snapshot_for(view, session))
        view.render(image)
    return times


def _whole(view: MapView) -> None:
    view.levels.zoom(1.05, 800.0, 500.0)  # a little closer than fitted, so that it can be moved


def _column(view: MapView) -> None:
    view.levels.open_at(700.0, 300.0, view.columns, 9)


def _opening(view: MapView) -> None:
    """The selected cell is in the middle and half open."""
    scalar = view.selected_scalar
    assert scalar is not None, "it has been selected"
    cell = view.layout_of_map.cell_of(scalar)
    view.levels.open(scalar)
    while True:
        t = view.camera.transform
        if view.inside.openness(view.layout_of_map.expressions.cell[[scalar]], t.scale_x, t.scale_y, 1.0)[0] <= 0.5:
            break
        at = view.cell_rect(cell).center() - view.window_of_map().topLeft()
        view.levels.zoom(1 / 1.02, at.x(), at.y())


def _open(view: MapView) -> None:
    scalar = view.selected_scalar
    assert scalar is not None, "it has been selected"
    view.levels.open(scalar)


def _closest(view: MapView) -> None:
    _open(view)
    at = view.box_rect(view.selected_scalar or 0).center() - view.window_of_map().topLeft()
    view.levels.zoom(1e6, at.x(), at.y())


LEVELS: dict[str, Callable[[MapView], None]] = {
    "whole document": _whole,
    "a column": _column,
    "cells half open": _opening,
    "a cell open": _open,
    "closest": _closest,
}
