"""The window begins a session, drives it from the keyboard, and shows one selected scalar everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from microgpt.settings import Settings

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_every_panel_gets_the_session_and_the_snapshot(person: Person, small: Small) -> None:
    person.begin(small(), run_to=3)
    window = person.window
    [description] = person.sessions
    assert len(window.panels) == 8
    for panel in window.panels.values():
        assert panel.isVisible()
        assert panel.description is description
        assert panel.snapshot is window.snapshot
        assert panel.selection == window.selection == description.addresses.parse("layer0.attn_wq[0,0]")


def test_keys_drive_training(person: Person, small: Small) -> None:
    person.begin(small())
    person.press(Qt.Key.Key_F10)
    person.standing_at(1)
    person.press(Qt.Key.Key_F10)
    person.standing_at(2)
    person.press(Qt.Key.Key_F5)
    person.running_beyond(2)
    person.press(Qt.Key.Key_F5)
    person.seen(lambda snapshot: not snapshot.pace.running)
    person.press(Qt.Key.Key_F5, CTRL, SHIFT)
    person.standing_at(0)


def test_smoke(person: Person, small: Small) -> None:
    person.begin(small())
    person.do("run")
    person.running_beyond(10)
    person.window.close()
    assert person.window.worker.isFinished()
