"""Theme and text size are switched while everything is shown, and nothing that is shown changes but its looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage

from microgpt.settings import Settings
from microgpt_studio.theme import DARK, LIGHT, current_theme

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]

CTRL = Qt.KeyboardModifier.ControlModifier


def share(image: QImage, color: str) -> float:
    """How much of a picture has a colour, of every 16th pixel both ways."""
    wanted = QColor(color).rgb()
    points = [(x, y) for x in range(0, image.width(), 16) for y in range(0, image.height(), 16)]
    return sum(image.pixel(x, y) == wanted for x, y in points) / len(points)


def test_theme_is_switched_while_it_trains(person: Person, small: Small) -> None:
    person.begin(small(), run_to=3)
    assert share(person.window.grab().toImage(), DARK.surface) > 0.3
    person.do("run")
    step = person.running_beyond(3).moment.step
    person.press(Qt.Key.Key_T, CTRL)
    assert current_theme().palette is LIGHT
    picture = person.window.grab().toImage()
    assert share(picture, LIGHT.surface) > 0.3
    assert share(picture, DARK.surface) + share(picture, DARK.window) < 0.01
    person.running_beyond(step)
    person.press(Qt.Key.Key_T, CTRL)
    assert current_theme().palette is DARK


def test_every_panel_repaints_in_the_other_theme(person: Person, small: Small) -> None:
    person.begin(small(), run_to=3)
    person.do("theme")
    for name, panel in person.window.panels.items():
        picture = panel.grab().toImage()
        assert share(picture, LIGHT.surface) > 0.2, name
        assert share(picture, DARK.surface) == 0, name


def test_text_is_scaled_by_tenths_within_limits(person: Person, small: Small) -> None:
    person.begin(small(), run_to=1)
    for key, scales in ((Qt.Key.Key_Plus, (1.1, 1.2)), (Qt.Key.Key_Minus, (1.1, 1.0, 0.9)), (Qt.Key.Key_0, (1.0,))):
        for scale in scales:
            person.press(key, CTRL)
            assert current_theme().text_scale == scale
    for _ in range(20):
        person.do("larger")
    assert current_theme().text_scale == 2.0
    assert not person.window.grab().isNull()
    for _ in range(20):
        person.do("smaller")
    assert current_theme().text_scale == 0.7
    assert not person.window.grab().isNull()


def test_icons_follow_theme_and_state(person: Person, small: Small) -> None:
    person.begin(small())
    run = person.window.actions_by_name["run"]
    seen = [run.icon().cacheKey()]
    person.do("theme")
    seen.append(run.icon().cacheKey())
    person.do("run")
    person.running_beyond(0)
    seen.append(run.icon().cacheKey())
    assert len(set(seen)) == 3
    person.do("theme")
    assert run.text() == "Pause"


def test_every_action_has_a_tip_with_its_keys(person: Person) -> None:
    for name, action in person.window.actions_by_name.items():
        assert action.statusTip(), name
        for keys in action.shortcuts()[:1]:
            assert keys.toString() in action.toolTip()


def test_no_two_actions_have_the_same_keys(person: Person) -> None:
    keys = [key.toString() for action in person.window.actions_by_name.values() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))
