"""A Samples panel on screen, and somebody who lets it see moments and get answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microgpt_studio.debugger import sampling_inquiries
from microgpt_studio.debugger.sampling import SampleTrace
from microgpt_studio.debugger.sampling_inquiries import DrawSamples, TraceSample
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Snapshot, Wanted
from microgpt_studio.panels.samples import SamplesPanel


class Person:
    """Looks at a Samples panel, as the window does."""

    def __init__(self, panel: SamplesPanel, session: Session) -> None:
        self.panel = panel
        self.session = session
        self.asked: list[object] = []  # every inquiry that it has made
        panel.wishes_changed.connect(self._note)
        panel.show_session(session.description)

    def _note(self) -> None:
        self.asked += [each for each in self.panel.inquiries() if each not in self.asked]

    def draws(self) -> list[DrawSamples]:
        """The lists that were asked for."""
        return [each for each in self.asked if isinstance(each, DrawSamples)]

    def traces(self) -> list[TraceSample]:
        """The samples that were asked for token by token."""
        return [each for each in self.asked if isinstance(each, TraceSample)]

    def look(self, step: int | None = None, *, running: bool = False) -> Snapshot:
        """At the present moment once; or at one that says of itself another number of updates."""
        snapshot = self.session.snapshot(1, self.panel.add_wishes(Wanted()))
        moment = snapshot.moment if step is None else replace(snapshot.moment, step=step)
        snapshot = replace(snapshot, moment=moment, pace=Pace(running, 100.0 if running else None))
        self.panel.show_snapshot(snapshot)
        self.panel.show_text(snapshot)
        return snapshot

    def wait(self, *, running: bool = False) -> None:
        """Until it has all answers."""
        for _ in range(2000):
            self.look(running=running)
            if not self.panel.is_waiting:
                return
            self.session.trace_on(lambda: True)
        raise AssertionError("no answer")

    def draw(self) -> None:
        """A list, and wait for it."""
        self.panel.request()
        self.wait()

    def open(self, index: int) -> SampleTrace:
        """A sample of the list, token by token."""
        self.panel.open_sample(index)
        self.wait()
        trace = self.panel.step_page.trace
        assert trace is not None
        return trace


@pytest.fixture
def panel(qtbot) -> SamplesPanel:
    panel = SamplesPanel()
    qtbot.addWidget(panel)
    panel.resize(260, 250)
    panel.show()
    return panel


@pytest.fixture
def person(panel: SamplesPanel, session: Session, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Nothing is trained yet. Every answer is one sample further, however fast the machine is."""
    monkeypatch.setattr(sampling_inquiries, "PORTION", 0.0)
    return Person(panel, session)
