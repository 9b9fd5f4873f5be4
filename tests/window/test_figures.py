"""Nothing drawn is invented: every panel is raised, and each figure that it paints is found in what it was given."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
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
EXPECTED: dict[str, tuple[int, str]] = {  # measured figures that its pages show at least, and what stands among them
    "source": (100, "softmax"),
    "breakpoints": (8, "Stop at nan and infinity"),
    "watches": (3, WEIGHT),
    "graph": (200, "weight Σ"),
    "neighbourhood": (60, "local derivative"),
    "matrix": (15, "consumer ↓"),
    "stream": (80, "+ wpe"),
    "probe": (150, "p(next)"),
    "scalars": (3000, "lm_head[0,0]"),
    "loss": (3, "loss / nats"),
    "history": (20, "update"),
    "health": (200, "Attention entropy"),
    "inspector": (60, "grad"),
    "search": (50, "Light on the map"),
    "paths": (200, "from the scalar to the loss"),
    "optimizer": (300, "Ledger"),
    "document": (40, "p(target)"),
    "parameters": (1500, "lm_head"),
    "attention": (150, "rows: query, columns: key"),
    "samples": (80, "temperature"),
}
MOST_BY_CHANCE = 0.1  # of other figures with as many digits that would be found as well
PAGES_WHILE_RUNNING = 4  # of each panel: to each of them belongs a wait for the next text
FEWER = {"breakpoints": 0, "samples": 0}  # while training runs: nothing is logged, and samples are drawn on demand


class Walk:
    """Raises panel after panel of a window, and looks for the figures of each."""

    def __init__(self, person: Person) -> None:
        self.person, self.window = person, person.window
        self.earlier: list[Snapshot] = []
        self.weight = 0  # that is selected
        self._pictures: list[Snapshot] = []  # all that came since the panel was raised
        self._texts: list[Snapshot] = []  # those of them that are to be read
        self._names = ""

    def begin(self, settings: Settings, *, logs: bool = True) -> None:
        """A window without a panel, and a session with a breakpoint that writes, if it logs, and watches."""
        window = self.window
        self.person.open(SIZE)
        for dock in window.docks.values():
            dock.hide()
        self.person.begin(settings)
        addresses = self.person.sessions[0].addresses
        self.weight = addresses.parse(WEIGHT)
        self._names = "\n".join(map(addresses.format, range(addresses.program.num_scalars)))
        if logs:
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

    def raised(self, name: str, pages: int | None = None) -> tuple[dict[str, Finding], set[str]]:
        """What becomes of the figures on each page of a panel, or on its first pages; and all texts of it."""
        panel, dock = self.window.panels[name], self.window.docks[name]
        poller = self.window.findChild(Poller)
        assert poller is not None
        self._pictures.clear()
        self._texts.clear()
        poller.picture_came.connect(self._pictures.append)
        self.window.shown.connect(self._texts.append)
        findings: dict[str, Finding] = {}
        said: set[str] = set()
        dock.show()
        for page, opening in list(PAGES[name].items())[:pages]:
            opening(self.window)
            self._settle(panel)
            findings[page], texts = self.look(panel, page)
            said.update(texts)
        dock.hide()
        poller.picture_came.disconnect(self._pictures.append)
        self.window.shown.disconnect(self._texts.append)
        self.window.select(self.weight)
        return findings, said

    def look(self, panel: Panel, page: str) -> tuple[Finding, list[str]]:
        """What becomes of the figures that a panel paints now."""
        description, selection = self.person.sessions[0], self.window.selection
        assert selection is not None
        if not self._pictures:  # it asks for nothing but what was there before
            assert panel.snapshot is not None
            self._pictures.append(panel.snapshot)
        last = {id(each): each for each in (self._pictures[-1], *self._texts[-1:])}
        slow = [each for each in self._pictures if each.watches or any(q.is_slow for q in each.answers)]
        last |= {id(each): each for each in slow[-1:]}  # for panels that change when there is an answer
        shown = [
            Shown.on(
                (panel.name, page),
                self._pictures[: self._pictures.index(each) + 1],
                description,
                selection,
                tuple(self.earlier),
            )
            for each in last.values()
        ]
        texts = texts_of(panel)
        examples = {edit.placeholderText() for edit in panel.findChildren(QLineEdit) if not edit.text()}
        painted = [text for text in texts if text not in examples]
        if panel.name == "source":
            painted, lines = without_code(painted, panel.file)
            assert lines > 10
        return Finder(panel.name, shown, self._names).look(painted), texts

    def look_at_bars(self) -> Finding:
        """What becomes of the figures in the window's tool bar and status bar."""
        snapshots: list[Snapshot] = []
        self.window.shown.connect(snapshots.append)
        self.window.submit(commands.Show(self.window.wanted))
        self.person.wait_for(lambda: bool(snapshots))
        self.window.shown.disconnect(snapshots.append)
        texts = [*texts_of(self.window.readout), *texts_of(self.window.statusBar())]
        shown = Shown.on(("window", ""), snapshots, self.person.sessions[0], self.weight)
        finding = Finder("window", [shown], self._names).look(texts)
        assert len(finding.found) > 1  # loss and learning rate
        return finding

    def _settle(self, panel: Panel) -> None:
        """Wait until a panel shows the answer to the latest request, as text too; where training stands, all of it."""
        before, seen = len(self._texts), list[int]()

        def is_settled() -> bool:
            snapshot, wanted = panel.snapshot, self.window.wanted
            if (
                snapshot is None
                or snapshot.wanted != wanted
                or getattr(panel, "is_waiting", False)
                or is_about_to(panel)
            ):
                return False
            if snapshot.pace.running:
                return len(self._texts) > before and self._texts[-1].wanted == wanted
            seen.append(snapshot.number)
            is_whole = all(getattr(answer, "is_complete", True) for answer in snapshot.answers.values())
            return is_whole and seen[-3:] == [self.window.snapshot.number] * 3

        self.person.wait_for(is_settled)


def is_about_to(panel: Panel) -> bool:
    """Whether a panel waits a moment before it asks, as for the end of a movement."""
    return any(timer.isSingleShot() and timer.isActive() for timer in panel.findChildren(QTimer))


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
    is_running = situation is running
    walk.begin(replace(tiny, num_steps=10_000) if is_running else tiny, logs=not is_running)
    situation(walk)
    lost: list[str] = []
    for kind in PANELS:
        findings, texts = walk.raised(kind.name, PAGES_WHILE_RUNNING if is_running else None)
        lost += [f"{kind.name}/{page}: {each}" for page, finding in findings.items() for each in finding.names_of_lost]
        count, chances = sum(len(each.found) for each in findings.values()), chances_of(findings)
        least, word = EXPECTED[kind.name]
        assert count >= (FEWER.get(kind.name, least // 4) if is_running else least), kind.name
        assert any(word in text for text in texts), kind.name
        most = len(chances) * MOST_BY_CHANCE * (3 if is_running else 1)  # then it is among three moments
        assert sum(chances) <= most or len(chances) < 20, kind.name
        print(
            "PANEL",
            kind.name,
            count,
            sum(len(each.ticks) for each in findings.values()),
            sum(len(each.whole) for each in findings.values()),
            f"{sum(chances) / max(len(chances), 1):.3f}",
        )
    lost += [f"window: {each}" for each in walk.look_at_bars().names_of_lost]
    assert not lost, "\n".join(lost)


def chances_of(findings: dict[str, Finding]) -> list[float]:
    return [chance for finding in findings.values() for chance in finding.chances]


@pytest.mark.parametrize(
    ("panel", "module", "name"),
    [
        ("document", "microgpt_studio.panels.document.drawing", "fitted"),
        ("inspector", "microgpt_studio.panels.inspector.layout", "fitted"),
    ],
)
def test_an_invented_figure_is_lost(
    sit_down: Callable[..., Person], tiny: Settings, monkeypatch: pytest.MonkeyPatch, panel: str, module: str, name: str
) -> None:
    """One more in the third digit, wherever a panel writes a number of one place or another."""
    invented: set[str] = set()

    def invent(number: float, *args: int) -> str:
        text: str = write(number, *args)
        digits = text.lstrip("-0.").replace(".", "")
        if digits[:3].isdigit() and len(digits) > 3:
            text = write(number + math.copysign(10.0 ** (math.floor(math.log10(abs(number))) - 2), number), *args)
            invented.add(text)
        return text

    walk = Walk(sit_down(None, WEIGHT))
    walk.begin(tiny)
    paused(walk)
    write = getattr(sys.modules[module], name)
    monkeypatch.setattr(f"{module}.{name}", invent)
    findings, texts = walk.raised(panel)
    lost = {figure.text for finding in findings.values() for figure in finding.lost}
    shown = {text for text in invented if any(text in each for each in texts)}
    assert len(shown) > 10
    assert len(lost & shown) > 0.9 * len(shown)
    assert all(any(figure in text for text in shown) for figure in lost)
