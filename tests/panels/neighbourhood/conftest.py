"""A panel whose graphs are laid out in the test's own process, when the test says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from microgpt_studio.bridge import layout_job
from microgpt_studio.bridge.layout_process import Layout
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.panels.neighbourhood import NeighbourhoodPanel


class TestLayouts(QObject):
    """Stands in for a layout process. It answers when it is told to, or at once."""

    __test__ = False
    laid_out = Signal(int, object)
    failed = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.at_once = True
        self.requests: list[tuple[int, str]] = []  # not answered yet
        self.texts: list[str] = []  # of all requests
        self.number = 0
        self.stopped = 0

    def request(self, dot: str) -> int:
        self.number += 1
        self.texts.append(dot)
        self.requests.append((self.number, dot))
        return self.number

    def cancel(self) -> None:
        self.number += 1
        self.requests.clear()

    def stop(self) -> None:
        self.cancel()
        self.stopped += 1

    def answer(self) -> None:
        """Lay out what was asked for, oldest first; the old ones as well, as a slow process would."""
        requests, self.requests = self.requests, []
        for number, dot in requests:
            answer = layout_job.lay_out(dot)
            edges = tuple((tail, head, np.array(points).reshape(-1, 2)) for tail, head, points in answer["edges"])
            nodes = {name: (x, y) for name, (x, y) in answer["nodes"].items()}
            self.laid_out.emit(number, Layout(answer["width"], answer["height"], nodes, edges))

    def fail(self, sentence: str) -> None:
        """As a process does that is killed."""
        number, _ = self.requests.pop()
        self.failed.emit(number, sentence)


class Reader:
    """Shows a session's moments in a panel, as the window does."""

    def __init__(self, panel: NeighbourhoodPanel, session: Session, layouts: TestLayouts) -> None:
        self.panel, self.session, self.layouts = panel, session, layouts
        self.wishes = 0
        panel.selected.connect(self.select)
        panel.wishes_changed.connect(self._ask)
        panel.show_session(session.description)

    def id(self, address: str) -> int:
        return self.session.description.addresses.parse(address)

    def select(self, scalar: object) -> None:
        """Select a scalar, by address or id, for the whole window."""
        selected = self.id(scalar) if isinstance(scalar, str) else scalar
        assert isinstance(selected, int)
        self.panel.show_selection(selected)
        self.show()

    def show(self, *, running: bool = False) -> None:
        """A snapshot of the present moment, and its layout, if that comes at once."""
        snapshot = self.session.snapshot(1, self.panel.add_wishes(Wanted()))
        if running:
            snapshot = replace(snapshot, pace=Pace(running=True, updates_per_second=100.0))
        self.panel.show_snapshot(snapshot)
        self.panel.show_text(snapshot)
        if self.layouts.at_once:
            self.layouts.answer()

    def _ask(self) -> None:
        self.wishes += 1
        self.show()


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[TestLayouts]:
    """Those that panels of this test have made."""
    made: list[TestLayouts] = []

    def make(parent: QObject | None = None) -> TestLayouts:
        made.append(TestLayouts(parent))
        return made[-1]

    monkeypatch.setattr("microgpt_studio.panels.neighbourhood.neighbourhood_panel.LayoutProcess", make)
    return made


@pytest.fixture
def panel(qtbot: QtBot, layouts: list[TestLayouts]) -> NeighbourhoodPanel:
    panel = NeighbourhoodPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 640)
    panel.show()
    return panel


@pytest.fixture
def reader(panel: NeighbourhoodPanel, session: Session, layouts: list[TestLayouts]) -> Iterator[Reader]:
    """After some updates; the document does not fill the block. Nothing is selected."""
    while session.step < 3 or session.runner.machine.positions == 8:
        session.update()
    reader = Reader(panel, session, layouts[0])
    yield reader
    panel.selected.disconnect(reader.select)
    panel.wishes_changed.disconnect(reader._ask)
