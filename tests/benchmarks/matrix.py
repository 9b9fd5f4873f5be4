"""The matrix: what a frame of panning and zooming costs at 1600×1000, on the default graph and on 7 million edges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
from figures import Figure, at_most, noted, percentile
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from microgpt.data import Tokenizer
from microgpt.program.addresses import Addresses
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.settings import Settings, read
from microgpt_studio.debugger.edges import Edges, NumbersOfAllEdges, WholeGraph, coarse_counts
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Description, Wanted
from microgpt_studio.panels.matrix.matrix_view import MatrixView
from microgpt_studio.panels.matrix.strength import Coloring
from microgpt_studio.theme.application import apply_theme

_SIZE = (1600, 1000)
_FRAMES = 120
_COPIES = 27  # of the default graph, that share its parameters: 3.5 million scalars


def measure(settings: Settings) -> Iterator[Figure]:
    """Frames of a document that fills the block, and of many such graphs one after the other."""
    app = QApplication.instance() or QApplication(["benchmark"])
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
    settings = replace(settings, num_steps=100)
    names = read(settings)
    documents = [(a + b + settings.block_size * "a")[: settings.block_size] for a, b in pairwise(names[:101])]
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "long documents")
    session.run(5)
    yield from _snapshots(session)
    edges = session.snapshot(1, Wanted(inquiries=frozenset({WholeGraph()}))).answer(WholeGraph())
    assert edges is not None
    yield from _frames(session.description, edges)
    yield from _colored(session, edges)
    large = _repeated(edges, _COPIES)
    description = replace(session.description, program=_repeated_program(program, edges, _COPIES))
    description = replace(description, addresses=Addresses(description.program))
    yield from _frames(description, large)


def _snapshots(session: Session) -> Iterator[Figure]:
    """What the edges of another document add to a picture."""
    with_edges, without = [], []
    for number in range(40):
        session.update()
        asked = frozenset({WholeGraph()}) if number % 2 else frozenset()
        start = time.perf_counter()
        session.snapshot(number, Wanted(cells=True, inquiries=asked))
        (with_edges if number % 2 else without).append(1000 * (time.perf_counter() - start))
    more = percentile(with_edges, 50) - percentile(without, 50)
    yield at_most("matrix: the edges of a new document, median of what they add to a snapshot", 3, more, "ms")


def _frames(description: Description, edges: Edges) -> Iterator[Figure]:
    image = QImage(*_SIZE, QImage.Format.Format_RGB32)
    view = MatrixView(description)
    view.resize(*_SIZE)
    start = time.perf_counter()
    view.show_edges(edges, None, running=False)
    view.show_selection(description.addresses.parse("wte[1,2]"))
    view.render(image)
    opening = 1000 * (time.perf_counter() - start)
    pans: list[float] = []
    zooms: list[float] = []
    for across, down in ((True, True), (True, False), (False, True)):
        view.fit()
        zooms += _times(view, image, lambda: view.camera.zoom(1.08, 900.0, 560.0, across=across, down=down))  # noqa: B023
        zooms += _times(view, image, lambda: view.camera.zoom(1 / 1.08, 700.0, 400.0, across=across, down=down))  # noqa: B023
    for nearness in (1.5, 8.0, 60.0, 2000.0):
        view.fit()
        view.camera.zoom(nearness, 900.0, 560.0)
        pans += _times(view, image, lambda: view.camera.pan(-7.0, 5.0))
    name = f"matrix of {edges.count:,} edges, 1600×1000"
    yield at_most(f"{name}: opening", 500, opening, "ms")
    yield at_most(f"{name}: frame of a pan, p95", 16, percentile(pans, 95), "ms")
    yield at_most(f"{name}: frame of a zoom, p95", 16, percentile(zooms, 95), "ms")
    view.deleteLater()


def _colored(session: Session, edges: Edges) -> Iterator[Figure]:
    """New numbers of all edges, and a frame of them."""
    image = QImage(*_SIZE, QImage.Format.Format_RGB32)
    view = MatrixView(session.description)
    view.resize(*_SIZE)
    view.set_coloring(Coloring.CONTRIBUTION)
    view.show_edges(edges, None, running=False)
    asked = NumbersOfAllEdges()
    answers, frames = [], []
    for number in range(40):
        start = time.perf_counter()
        figures = session.snapshot(number, Wanted(inquiries=frozenset({asked}))).answer(asked)
        middle = time.perf_counter()
        view.show_strength(figures)
        view.render(image)
        answers.append(1000 * (middle - start))
        frames.append(1000 * (time.perf_counter() - middle))
    name = f"matrix of {edges.count:,} edges, contributions"
    yield noted(f"{name}: a snapshot, median", percentile(answers, 50), "ms")
    yield at_most(f"{name}: new colours and a frame, p95", 33, percentile(frames, 95), "ms")
    view.deleteLater()


def _repeated(edges: Edges, copies: int) -> Edges:
    """So many copies of a graph one after the other that use the same parameters, as more positions would."""
    own = slice(edges.num_parameters, None)
    size = edges.num_scalars - edges.num_parameters
    sides = []
    for operands in (edges.first, edges.second):
        moved = [operands[own] + np.where(operands[own] >= edges.num_parameters, k * size, 0) for k in range(copies)]
        sides.append(np.concatenate([operands[: edges.num_parameters], *moved]).astype(np.int32))
    first, second = sides
    coarse, shift = coarse_counts(first, second, edges.num_parameters)
    return replace(
        edges,
        tokens=(0,) * (copies + 1),
        sums_place=len(first),
        sums_id=len(first),
        loss_id=len(first) - 1,
        first=first,
        second=second,
        count=edges.count * copies,
        coarse=coarse,
        coarse_shift=shift,
    )


def _repeated_program(program: Program, edges: Edges, copies: int) -> Program:
    """The names that go with them."""
    tensors, shift = [t for t in program.tensors if t.stop <= program.num_parameters], 0
    num_matrices = len(tensors)
    for k in range(copies):
        for tensor in program.tensors[num_matrices:]:
            place = edges.places_of(np.arange(tensor.start, tensor.stop, dtype=np.int32))
            if len(place):
                start, stop = int(place[0]) + shift, int(place[-1]) + 1 + shift
                tensors.append(replace(tensor, path=f"pos{k}.{tensor.path}", position=k, start=start, stop=stop))
        shift += edges.num_scalars - edges.num_parameters
    ids = edges.ids_of(edges.num_parameters, edges.num_scalars)
    index = np.repeat(np.arange(len(tensors)), [t.stop - t.start for t in tensors]).astype(np.int32)
    parts = {
        name: np.concatenate(
            [getattr(program, name)[: program.num_parameters], *[getattr(program, name)[ids]] * copies]
        )
        for name in ("operation", "element", "ordinal")
    }
    return replace(program, tensor=index, tensors=tuple(tensors), **parts)


def _times(view: MatrixView, image: QImage, change: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(_FRAMES):
        change()
        start = time.perf_counter()
        view.render(image)
        times.append(1000 * (time.perf_counter() - start))
    return times
