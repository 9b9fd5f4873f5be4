"""The walk: raises panel after panel of a window on a small session, and looks for the figures that each paints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.bridge.poller import Poller
from microgpt_studio.debugger.snapshot import Snapshot
from microgpt_studio.debugger.targets import Definition, Event
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.source import SourcePanel
from tests.window.figure_finding import Finder, Finding
from tests.window.figure_pages import PAGES
from tests.window.shown_figures import texts_of
from tests.window.shown_parts import Shown
from tests.window.source_lines import without_code

if TYPE_CHECKING:
    from tests.window.conftest import Person

WEIGHT = "layer0.attn_wq[0,1]"
_SIZE = 2400, 1600  # pixels: nearly everything is in sight, and nothing is cut
_LEAST_LINES = 10  # of a source file


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
        self.person.open(_SIZE)
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
                self._until(each),
                description,
                selection,
                tuple(self.earlier),
            )
            for each in last.values()
        ]
        texts = texts_of(panel)
        examples = {edit.placeholderText() for edit in panel.findChildren(QLineEdit) if not edit.text()}
        painted = [text for text in texts if text not in examples]
        if isinstance(panel, SourcePanel):
            painted, lines = without_code(painted, panel.file)
            assert lines > _LEAST_LINES
        return Finder(panel.name, shown, self._names).look(painted), texts

    def _until(self, snapshot: Snapshot) -> list[Snapshot]:
        """What had come when a snapshot came; one may be read that came as a picture before the panel was raised."""
        return self._pictures[: self._pictures.index(snapshot) + 1] if snapshot in self._pictures else [snapshot]

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
                or _is_about_to(panel)
            ):
                return False
            if snapshot.pace.running:
                return len(self._texts) > before and self._texts[-1].wanted == wanted
            seen.append(snapshot.number)
            is_whole = all(np.all(getattr(answer, "is_complete", True)) for answer in snapshot.answers.values())
            return is_whole and seen[-3:] == [self.window.snapshot.number] * 3

        self.person.wait_for(is_settled)


def _is_about_to(panel: Panel) -> bool:
    """Whether a panel waits a moment before it asks, as for the end of a movement."""
    return any(timer.isSingleShot() and timer.isActive() for timer in panel.findChildren(QTimer))
