"""Docks: the default layout, what happens to a panel in each place, and a layout that comes back as it was left."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect, QSettings, Qt
from PySide6.QtWidgets import QWidget

from microgpt.settings import Settings
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.panel import Part
from microgpt_studio.window import arrangement

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]

NO_RAISING = pytest.mark.qt_log_ignore("does not support raise", extend=True)  # without a display


BEHIND = (  # other panels' tabs
    *("neighbourhood", "matrix", "stream", "probe", "scalars", "search"),
    *("paths", "breakpoints", "watches", "history", "health"),
)


def places(person: Person) -> dict[str, QRect]:
    return {name: dock.geometry() for name, dock in person.window.docks.items()}


def in_sight(person: Person) -> dict[str, QRect]:
    """Where the panels are that are not behind another's tab."""
    return {name: place for name, place in places(person).items() if place.right() >= 0}


def settled(person: Person) -> dict[str, QRect]:
    """The places, when they change no more."""
    looks: list[dict[str, QRect]] = []

    def look() -> bool:
        looks.append(places(person))
        return len(looks) > 4 and all(places == looks[-1] for places in looks[-4:])

    person.wait_for(look)
    return looks[-1]


def only(person: Person, *names: str) -> None:
    """Close all other panels."""
    for name, dock in person.window.docks.items():
        dock.setVisible(name in names)
    person.seen(lambda _: True)


# The default layout


@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080)])
@pytest.mark.parametrize("text_scale", [1.0, 1.3])
def test_default_layout_shows_every_panel_apart_and_inside(
    sit_down: Callable[..., Person], small: Small, size: tuple[int, int], text_scale: float
) -> None:
    person = sit_down()
    person.window.looks.dress("dark", text_scale)
    person.open(size)
    person.begin(small(), run_to=1)
    window = person.window
    assert (window.width(), window.height()) == size
    assert set(window.docks) - set(in_sight(person)) == set(BEHIND)
    inside = window.rect()
    for name, place in in_sight(person).items():
        assert inside.contains(place), name
        assert place.width() >= 200 and place.height() >= 100, name
    for (one, first), (other, second) in combinations(in_sight(person).items(), 2):
        assert not first.intersects(second), (one, other)
    areas = {name: place.width() * place.height() for name, place in in_sight(person).items()}
    if text_scale == 1.0:  # large text needs room elsewhere
        assert max(areas, key=areas.__getitem__) == "graph"


@NO_RAISING
def test_default_layout_comes_back_after_anything(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    docks = person.window.docks
    person.do("default-layout")  # the numbers of a session may have made panels a pixel larger
    person.seen(lambda _: True)
    before = in_sight(person)
    docks["loss"].close()
    docks["samples"].setFloating(True)
    person.window.tabifyDockWidget(docks["inspector"], docks["optimizer"])
    person.window.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, docks["parameters"])
    person.do("default-layout")
    person.wait_for(lambda: in_sight(person) == before)
    assert not any(dock.isFloating() for dock in docks.values())
    assert all(panel.isVisible() for panel in person.window.panels.values())
    person.seen(lambda snapshot: snapshot.cells is not None and snapshot.parameters is not None)


# What is not seen costs nothing, and is up to date when it is seen


def test_parts_that_no_visible_panel_needs_are_not_asked_for(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    window = person.window
    for name, panel in window.panels.items():
        only(person, name)
        wanted = window.wanted
        assert wanted == panel.add_wishes(Wanted(number=wanted.number))
        assert wanted.cells == (Part.CELLS in panel.parts)
        assert wanted.parameters == (Part.PARAMETERS in panel.parts)
        assert wanted.selection == (window.selection if Part.EXPLANATION in panel.parts else None)
        snapshot = person.standing_at(1)
        assert (snapshot.cells is not None) == wanted.cells
        assert (snapshot.parameters is not None) == wanted.parameters
        assert panel.snapshot is snapshot


@NO_RAISING
def test_closed_panel_is_given_nothing_and_everything_when_it_comes_back(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    window = person.window
    for name in window.docks:
        panel, old = window.panels[name], window.panels[name].snapshot
        window.docks[name].close()
        person.do("step")
        person.standing_at(2)
        assert panel.snapshot is old
        window.docks[name].toggleViewAction().trigger()
        person.wait_for(lambda panel=panel: panel.snapshot is window.snapshot)  # type: ignore[misc]
        person.do("restart")
        person.do("step")
        person.standing_at(1)


def test_selection_reaches_a_closed_panel(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    person.window.docks["inspector"].close()
    person.window.select(50)
    person.window.docks["inspector"].show()
    explained = person.seen(lambda snapshot: snapshot.explanation is not None).explanation
    assert explained is not None and explained.scalar == person.window.panels["inspector"].selection == 50


def test_panel_behind_another_tab_is_not_seen(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    window = person.window
    only(person, "parameters", "loss")
    assert window.wanted.parameters
    window.tabifyDockWidget(window.docks["parameters"], window.docks["loss"])
    window.docks["loss"].raise_()
    person.wait_for(lambda: not window.wanted.parameters)
    old = window.panels["parameters"].snapshot
    person.do("step")
    person.standing_at(2)
    assert window.panels["parameters"].snapshot is old
    window.docks["parameters"].raise_()
    assert person.seen(lambda snapshot: snapshot.parameters is not None).moment.step == 2
    assert window.panels["parameters"].snapshot is window.snapshot


def test_panel_that_comes_back_among_tabs_comes_in_front(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    docks = person.window.docks
    person.window.tabifyDockWidget(docks["document"], docks["samples"])
    docks["document"].raise_()
    settled(person)
    docks["samples"].close()
    settled(person)
    docks["samples"].toggleViewAction().trigger()
    assert settled(person)["samples"].right() > 0 > settled(person)["document"].right()


@NO_RAISING
def test_floating_panel_is_seen(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    only(person, "attention")
    dock = person.window.docks["attention"]
    dock.setFloating(True)
    dock.move(-3000, -3000)  # on a screen to the left of this one
    person.do("step")
    assert person.standing_at(2).cells is not None
    assert person.window.panels["attention"].snapshot is person.window.snapshot
    dock.setFloating(False)
    person.do("step")
    person.standing_at(3)
    assert person.window.panels["attention"].snapshot is person.window.snapshot


# Between two runs


# The screen that Qt has without a display is 800×800, and a window that comes back is made to fit its screen.
SIZE = (790, 740)  # a window that is larger than the screen does not come back as it was


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "studio.ini"), QSettings.Format.IniFormat)


@NO_RAISING
def test_layout_comes_back_as_it_was_left(sit_down: Callable[..., Person], small: Small, store: QSettings) -> None:
    person = sit_down(store)
    person.open(SIZE)
    person.window.setAnimated(False)
    person.begin(small(), run_to=1)
    docks = person.window.docks
    docks["samples"].close()
    docks["source"].close()
    docks["loss"].setFloating(True)
    docks["loss"].resize(500, 300)
    person.window.tabifyDockWidget(docks["inspector"], docks["optimizer"])
    docks["optimizer"].raise_()
    settled(person)
    person.window.resize(*SIZE)  # with all panels it was too wide for the screen
    person.window.resizeDocks([docks["graph"]], [450], Qt.Orientation.Horizontal)
    before = settled(person)
    person.window.close()

    again = sit_down(QSettings(store.fileName(), QSettings.Format.IniFormat))
    again.open(None)
    again.begin(small(), run_to=1)
    docks = again.window.docks
    assert docks["samples"].isHidden()
    assert docks["loss"].isFloating()
    assert docks["loss"].size() == before["loss"].size()
    assert docks["optimizer"] in again.window.tabifiedDockWidgets(docks["inspector"])
    assert docks["inspector"].geometry().right() < 0
    for name in ("graph", "document", "parameters", "attention", "optimizer"):
        now, then = settled(again)[name].getRect(), before[name].getRect()
        assert max(abs(x - y) for x, y in zip(now, then, strict=True)) <= 8, name  # Qt shares out rounded widths
    assert again.window.panels["inspector"].snapshot is None
    docks["samples"].toggleViewAction().trigger()
    assert again.window.panels["samples"].isVisible()


def test_size_that_is_asked_for_overrules_the_one_that_was_left(
    sit_down: Callable[..., Person], store: QSettings
) -> None:
    person = sit_down(store)
    person.open(SIZE)
    person.window.docks["samples"].close()
    person.window.close()
    again = sit_down(store)
    again.open((1600, 1000))
    assert (again.window.width(), again.window.height()) == (1600, 1000)
    assert again.window.docks["samples"].isHidden()


def test_message_that_was_left_is_not_there_again(
    sit_down: Callable[..., Person], small: Small, store: QSettings
) -> None:
    person = sit_down(store)
    person.open()
    person.window.messages.say("There was something.")
    person.window.close()
    again = sit_down(store)
    again.open(None)
    assert again.message == ""


@pytest.mark.parametrize("docks", ["nonsense", b"nonsense", None])
def test_layout_that_cannot_be_read_is_the_default_one(
    sit_down: Callable[..., Person], store: QSettings, docks: object
) -> None:
    store.setValue("geometry", "nonsense")
    store.setValue("docks", docks)
    store.sync()
    person = sit_down(store)
    person.open(None)
    assert all(panel.isVisible() for panel in person.window.panels.values())


def test_layout_of_another_set_of_docks_is_not_taken(
    sit_down: Callable[..., Person], store: QSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = sit_down(store)
    person.open()
    person.window.docks["samples"].close()
    person.window.close()
    monkeypatch.setattr(arrangement, "_VERSION", arrangement._VERSION + 1)
    again = sit_down(store)
    again.open(None)
    assert again.window.panels["samples"].isVisible()


def test_window_without_a_store_leaves_nothing(person: Person, tmp_path: Path) -> None:
    person.window.close()
    assert list(tmp_path.iterdir()) == []


# Theme and text size


def test_looks_are_remembered(store: QSettings) -> None:
    assert arrangement.saved_looks(None) == arrangement.saved_looks(store) == ("dark", 1.0)
    arrangement.save_looks(store, "light", 1.3)
    store.sync()
    assert arrangement.saved_looks(QSettings(store.fileName(), QSettings.Format.IniFormat)) == ("light", 1.3)


@pytest.mark.parametrize(("theme", "text_scale"), [("blue", "9"), (7, "nan"), ("", ""), ([1, 2], "large")])
def test_looks_that_cannot_be_are_the_usual_ones(store: QSettings, theme: object, text_scale: object) -> None:
    store.setValue("theme", theme)
    store.setValue("text_scale", text_scale)
    assert arrangement.saved_looks(store) == ("dark", 1.0)


def test_default_store_is_in_the_folder_for_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name: str(tmp_path / name))
    assert Path(arrangement.default_settings().fileName()) == tmp_path / "microgpt-studio" / "studio.ini"


def test_a_dock_that_comes_to_the_front_does_not_hide_a_message(person: Person) -> None:
    window = person.window
    window.messages.say("Something was refused.")
    window.docks["matrix"].raise_()
    person.wait_for(window.panels["matrix"].isVisible)
    bar = window.messages
    assert window.childAt(bar.mapTo(window, bar.rect().center())) in (bar, *bar.findChildren(QWidget))
