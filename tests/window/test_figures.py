"""Nothing drawn is invented: every panel is raised, and each figure that it paints is found in what it was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLineEdit

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.bridge.poller import Poller
from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.snapshot import Reach, Snapshot
from microgpt_studio.debugger.stepping import Grain
from microgpt_studio.debugger.targets import Definition, Event
from microgpt_studio.panels.panel import Panel
from microgpt_studio.window.panel_table import PANELS
from tests.window.figure_finding import Finder, Finding
from tests.window.figure_pages import PAGES
from tests.window.shown_figures import texts_of
from tests.window.shown_parts import Shown
from tests.window.source_lines import without_code

if TYPE_CHECKING:
    from tests.window.conftest import Person

WEIGHT = "layer0.attn_wq[0,1]"
SIZE = 2400, 1600  # pixels: nearly everything is in sight, and nothing is cut
LEAST = {  # measured figures that all pages of a panel together show at least, and words that are among its texts
    "source": (200, "softmax"),
}


class Walk:
    """Raises panel after panel of a window, and looks for the figures of each."""

    def __init__(self, person: Person) -> None:
        self.person, self.window = person, person.window
        self.earlier: list[Snapshot] = []
        self.weight = 0  # that is selected
        self._pictures: list[Snapshot] = []  # all that came since the panel was raised
        self._texts: list[Snapshot] = []  # those of them that are to be read
        self._names = ""

    def begin(self, settings: Settings) -> None:
        """A window without a panel, and a session with a breakpoint that writes, and watches."""
        window = self.window
        self.person.open(SIZE)
        for dock in window.docks.values():
            dock.hide()
        self.person.begin(settings)
        addresses = self.person.sessions[0].addresses
        self.weight = addresses.parse(WEIGHT)
        self._names = "\n".join(map(addresses.format, range(addresses.program.num_scalars)))
        message = f'grad is {{grad("{WEIGHT}")}}'
        window.submit(commands.AddBreakpoint(Definition(Event.GRADIENT, WEIGHT, message=message)))
        window.submit(commands.AddWatch(f'grad("{WEIGHT}") / loss'))
        window.submit(commands.AddWatch(WEIGHT))

    def train(self, updates: int) -> None:
        """Update by update; the snapshot after each is kept."""
        self.window.docks["inspector"].show()
        for step in range(1, updates + 1):
            self.window.submit(commands.Run(step))
            self.earlier.append(self.person.standing_at(step))
        self.window.docks["inspector"].hide()

    def raised(self, name: str) -> Iterator[tuple[str, Finding, list[str]]]:
        """Every page of a panel, with what became of its figures and with all its texts."""
        panel, dock = self.window.panels[name], self.window.docks[name]
        poller = self.window.findChild(Poller)
        assert poller is not None
        self._pictures.clear()
        self._texts.clear()
        poller.picture_came.connect(self._pictures.append)
        self.window.shown.connect(self._texts.append)
        dock.show()
        for page, opening in PAGES[name].items():
            opening(self.window)
            self._settle(panel)
            yield page, *self.look(panel, page)
        dock.hide()
        poller.picture_came.disconnect(self._pictures.append)
        self.window.shown.disconnect(self._texts.append)
        self.window.select(self.weight)

    def look(self, panel: Panel, page: str) -> tuple[Finding, list[str]]:
        """What becomes of the figures that a panel paints now."""
        description, selection = self.person.sessions[0], self.window.selection
        assert selection is not None
        moments = [self._pictures]
        if self._texts[-1] is not self._pictures[-1]:
            moments.append(self._pictures[: self._pictures.index(self._texts[-1]) + 1])
        page_of = panel.name, page
        shown = [Shown.on(page_of, each, description, selection, tuple(self.earlier)) for each in moments]
        texts = texts_of(panel)
        examples = {edit.placeholderText() for edit in panel.findChildren(QLineEdit) if not edit.text()}
        painted = [text for text in texts if text not in examples]
        if panel.name == "source":
            painted, lines = without_code(painted, panel.file)
            assert lines > 10
        return Finder(panel.name, shown, self._names).look(painted), texts

    def _settle(self, panel: Panel) -> None:
        """Wait until a panel shows the answer to the latest request, as text too; where training stands, all of it."""
        before, seen = len(self._texts), list[int]()

        def is_settled() -> bool:
            snapshot, wanted = panel.snapshot, self.window.wanted
            if snapshot is None or snapshot.wanted != wanted or getattr(panel, "is_waiting", False):
                return False
            if snapshot.pace.running:
                return len(self._texts) > before and self._texts[-1].wanted == wanted
            seen.append(snapshot.number)
            is_whole = all(getattr(answer, "is_complete", True) for answer in snapshot.answers.values())
            return is_whole and seen[-3:] == [self.window.snapshot.number] * 3

        self.person.wait_for(is_settled)


@pytest.fixture
def tiny(tmp_path: Path) -> Settings:
    """Few numbers, so that hardly any figure is found among them by chance."""
    names = tmp_path / "names.txt"
    names.write_text("emma\nava\nmia\neve", encoding="utf-8")
    return Settings(data=names, n_embd=4, n_head=2, block_size=4, num_steps=12)


def paused(walk: Walk) -> None:
    """After an update."""
    walk.train(8)


def in_the_past(walk: Walk) -> None:
    """Back at an earlier update; later ones were done."""
    walk.train(8)
    walk.window.submit(commands.GoTo(5))
    walk.person.standing_at(5)


def half_way(walk: Walk) -> None:
    """In the backward phase: some gradients are complete, some are partial, some are not computed."""
    walk.train(8)
    walk.window.docks["inspector"].show()
    for grain in (Grain.PHASE, Grain.POSITION, Grain.POSITION):
        walk.window.submit(commands.Take(Move.OVER, grain))
    snapshot = walk.person.seen(lambda s: s.explanation is not None and s.explanation.grad_reach is Reach.PARTIAL)
    assert "backward" in snapshot.moment.cursor.breadcrumb
    walk.window.docks["inspector"].hide()


def running(walk: Walk) -> None:
    """While it trains: what has to be read is of an earlier moment than the picture."""
    walk.window.submit(commands.LimitSpeed(30.0))
    walk.window.submit(commands.Run())
    walk.person.running_beyond(12)


@pytest.mark.parametrize("situation", [paused, in_the_past, half_way, running])
def test_every_figure_is_in_a_snapshot(
    sit_down: Callable[..., Person], tiny: Settings, situation: Callable[[Walk], None]
) -> None:
    walk = Walk(sit_down(None, WEIGHT))
    walk.begin(replace(tiny, num_steps=10_000) if situation is running else tiny)
    situation(walk)
    lost: list[str] = []
    for kind in PANELS:
        count, chances = 0, 0.0
        for page, finding, texts in walk.raised(kind.name):
            lost += [f"{kind.name}/{page}: {figure.text} in {figure.said!r}" for figure in finding.lost]
            count += len(finding.found)
            chances += finding.chance * len(finding.found)
            print(
                kind.name,
                page,
                len(texts),
                len(finding.found),
                len(finding.ticks),
                len(finding.whole),
                f"{finding.chance:.3f}",
            )
        print("PANEL", kind.name, count, f"{chances / max(count, 1):.3f}")
    assert not lost, "\n".join(lost)
