"""Snapshots reach every panel in view: at once while training stands, and while it runs a panel a turn."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from microgpt_studio.debugger.snapshot import Cursor, Moment, Pace, Snapshot, Wanted
from microgpt_studio.panels.panel import Panel
from microgpt_studio.window.showing import Showing


def snapshot(step: int, *, running: bool) -> Snapshot:
    moment = Moment(step, step + 1, 10, "emma", (4, 0, 1), 2, 100, None, None, None, Cursor(0, 50, 7, ("update",)))
    return Snapshot(step, Wanted(), moment, Pace(running, None), np.empty(0))


class Stage:
    """Three panels, and what happened in order: ("picture", panel, step), ("ended", step) and so on."""

    def __init__(self, qtbot: QtBot) -> None:
        self.happened: list[tuple[object, ...]] = []
        stage = self

        class Watched(Panel):
            def show_snapshot(self, snapshot: Snapshot) -> None:
                super().show_snapshot(snapshot)
                stage.happened.append(("picture", self.objectName(), snapshot.moment.step))

            def show_text(self, snapshot: Snapshot) -> None:
                stage.happened.append(("text", self.objectName(), snapshot.moment.step))

        self.panels = []
        for name in "abc":
            panel = Watched()
            panel.setObjectName(name)
            qtbot.addWidget(panel)
            self.panels.append(panel)
        self.showing = Showing(lambda: self.panels)
        self.showing.began.connect(lambda s: self.happened.append(("began", s.moment.step)))
        self.showing.ended.connect(lambda s: self.happened.append(("ended", s.moment.step)))

    def turns(self, count: int) -> list[tuple[object, ...]]:
        """What happens in so many turns."""
        before = len(self.happened)
        for _ in range(count):
            self.showing._turn()
        return self.happened[before:]


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage(qtbot)


def test_while_it_stands_all_is_shown_at_once(stage: Stage) -> None:
    here = snapshot(3, running=False)
    stage.showing.show_picture(here)
    stage.showing.show_text(here)
    pictures = [("picture", name, 3) for name in "abc"]
    texts = [("text", name, 3) for name in "abc"]
    assert stage.happened == [("began", 3), *pictures, *texts, ("ended", 3)]


def test_while_it_runs_each_panel_gets_a_turn(stage: Stage) -> None:
    here = snapshot(3, running=True)
    stage.showing.show_picture(here)
    stage.showing.show_text(here)
    assert stage.happened == [("began", 3)]
    for name in "abc":
        assert stage.turns(1) == [("picture", name, 3), ("text", name, 3)]
    assert stage.turns(1) == [("ended", 3)]
    assert stage.turns(2) == []


def test_pictures_alone_end_nothing(stage: Stage) -> None:
    stage.showing.show_picture(snapshot(3, running=True))
    assert stage.turns(4) == [("picture", name, 3) for name in "abc"]


def test_a_round_is_of_one_snapshot_and_the_latest_comes_next(stage: Stage) -> None:
    first, late = snapshot(3, running=True), snapshot(9, running=True)
    stage.showing.show_picture(first)
    stage.turns(1)
    stage.showing.show_picture(snapshot(6, running=True))
    stage.showing.show_text(snapshot(6, running=True))
    stage.showing.show_picture(late)
    assert stage.turns(2) == [("picture", "b", 3), ("picture", "c", 3)]
    assert stage.turns(1) == [("began", 9)]
    after = [(what, name, 9) for name in "abc" for what in ("picture", "text")]  # text was due, and is of the latest
    assert stage.turns(4) == [*after, ("ended", 9)]


def test_text_of_what_is_shown_already_is_text_alone(stage: Stage) -> None:
    here = snapshot(3, running=True)
    stage.showing.show_picture(here)
    stage.turns(4)
    stage.showing.show_text(here)
    assert stage.turns(4) == [*(("text", name, 3) for name in "abc"), ("ended", 3)]


def test_text_that_comes_within_the_round_of_its_picture_follows_it(stage: Stage) -> None:
    here = snapshot(3, running=True)
    stage.showing.show_picture(here)
    stage.turns(2)
    stage.showing.show_text(here)
    assert stage.turns(2) == [("picture", "c", 3), ("began", 3)]
    assert stage.turns(4) == [*(("text", name, 3) for name in "abc"), ("ended", 3)]


def test_standing_overtakes_what_has_not_been_shown(stage: Stage) -> None:
    stage.showing.show_picture(snapshot(3, running=True))
    stage.turns(1)
    stage.showing.show_picture(snapshot(4, running=True))
    here = snapshot(5, running=False)
    stage.showing.show_picture(here)
    stage.showing.show_text(here)
    assert stage.happened[-1] == ("ended", 5)
    assert stage.turns(5) == []


def test_what_is_dropped_is_not_shown(stage: Stage) -> None:
    here = snapshot(3, running=True)
    stage.showing.show_picture(here)
    stage.showing.show_text(here)
    stage.turns(1)
    stage.showing.drop()
    assert stage.turns(4) == []


def test_the_event_loop_gives_the_turns(stage: Stage, qtbot: QtBot) -> None:
    here = snapshot(3, running=True)
    with qtbot.waitSignal(stage.showing.ended) as ended:
        stage.showing.show_picture(here)
        stage.showing.show_text(here)
    assert ended.args == [here]
    assert all(panel.snapshot is here for panel in stage.panels)
