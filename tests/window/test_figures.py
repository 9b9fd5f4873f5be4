"""Nothing drawn is invented: every panel is raised, and each figure that it paints is found in what it was given."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.debugger.stepping import Grain
from microgpt_studio.window.panel_table import PANELS
from tests.window.figure_finding import Finding
from tests.window.figure_walk import WEIGHT, Walk

if TYPE_CHECKING:
    from tests.window.conftest import Person

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
    "optimizer": (240, "Ledger"),
    "document": (40, "p(target)"),
    "parameters": (1500, "lm_head"),
    "attention": (150, "rows: query, columns: key"),
    "samples": (80, "temperature"),
}
MOST_BY_CHANCE = 0.15  # of other figures with as many digits that would be found as well
PAGES_WHILE_RUNNING = 4  # of each panel: to each of them belongs a wait for the next text
FEWER = {"breakpoints": 0, "samples": 0}  # while training runs: nothing is logged, and samples are drawn on demand


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
    changes = {running: {"num_steps": 10_000}, in_the_past: {"n_layer": 2}}.get(situation, {})
    walk.begin(replace(tiny, **changes), logs=not is_running)
    situation(walk)
    lost: list[str] = []
    for kind in PANELS:
        findings, texts = walk.raised(kind.name, PAGES_WHILE_RUNNING if is_running else None)
        lost += [f"{kind.name}/{page}: {each}" for page, finding in findings.items() for each in finding.names_of_lost]
        count, chances = sum(len(each.found) for each in findings.values()), chances_of(findings)
        least, word = EXPECTED[kind.name]
        assert count >= (FEWER.get(kind.name, least // 8) if is_running else least), kind.name
        assert any(word in text for text in texts), kind.name
        most = len(chances) * MOST_BY_CHANCE * (3 if is_running else 1)  # then it is among three moments
        assert sum(chances) <= most or len(chances) < 20, kind.name
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
