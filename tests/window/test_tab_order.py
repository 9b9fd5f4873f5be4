"""The Tab key goes once through all that is in sight, and back; it never leads into a dock behind another."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget

from microgpt.settings import Settings
from microgpt_studio.panels.graph import GraphPanel, MapView


def dock_of(widget: QWidget) -> QDockWidget | None:
    around: QWidget | None = widget
    while around is not None and not isinstance(around, QDockWidget):
        around = around.parentWidget()
    return around


def stops(start: QWidget, modifier: Qt.KeyboardModifier) -> list[QWidget]:
    """What the key leads to, until it is back at the beginning."""
    start.setFocus()
    found: list[QWidget] = []
    while not found or found[-1] is not start:
        focused = QApplication.focusWidget()
        assert focused is not None and len(found) < 300
        QTest.keyClick(focused, Qt.Key.Key_Tab, modifier)
        found.append(QApplication.focusWidget())
    return found


def test_it_leads_through_what_is_in_sight_and_back(person, small: Callable[..., Settings]) -> None:
    window = person.window
    person.begin(small(), 2)
    graph = window.panels["graph"]
    assert isinstance(graph, GraphPanel) and isinstance(graph.view, MapView)
    there = stops(graph.view, Qt.KeyboardModifier.NoModifier)
    assert len(there) == len(set(map(id, there))) > 30
    docks = {dock_of(widget) for widget in there} - {None}
    assert docks == {dock for dock in window.docks.values() if not dock.visibleRegion().isEmpty()}
    assert len(docks) < len(window.docks)
    assert graph.toolbar.quantity_choice in there
    assert window.panels["loss"].plot in there
    back = stops(graph.view, Qt.KeyboardModifier.ShiftModifier)
    assert [id(widget) for widget in back[:-1]] == [id(widget) for widget in reversed(there[:-1])]


def test_a_dock_that_is_raised_is_in_the_order(person, small: Callable[..., Settings]) -> None:
    window = person.window
    person.begin(small(), 2)
    view = window.panels["graph"].view
    window.docks["search"].raise_()
    person.wait_for(lambda: not window.docks["search"].visibleRegion().isEmpty())
    found = stops(view, Qt.KeyboardModifier.NoModifier)
    assert window.panels["search"].field in found
    assert window.docks["inspector"] not in {dock_of(widget) for widget in found}
