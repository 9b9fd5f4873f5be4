"""A window at rest rests: nothing is laid out for ever, whatever the panels have to fit into their room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer

from microgpt.settings import Settings
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.panels.graph.map_colors import Quantity
from microgpt_studio.window.panel_table import find

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]
_REST, _TRIES = 100, 20  # milliseconds without a request, and how often that is waited for


class Requests(QObject):
    """Counts how often the window's layout is asked to do its work again."""

    def __init__(self, person: Person) -> None:
        super().__init__(person.window)
        self.count = 0
        person.window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False

    def cease(self) -> bool:
        """Whether none comes for a while: at first there are some, and answers that take their time bring others."""
        for _ in range(_TRIES):
            before = self.count
            wait(_REST)
            if self.count == before:
                return True
        return False


def wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1024, 768)])
def test_whatever_the_map_is_coloured_by(person: Person, small: Small, size: tuple[int, int]) -> None:
    person.window.resize(*size)
    person.begin(small())
    requests = Requests(person)
    assert requests.cease()  # before the first update
    person.do("step")
    person.standing_at(1)
    toolbar = find(person.window.panels, GraphPanel).toolbar
    for quantity in Quantity:
        toolbar.choose_quantity(quantity)
        assert requests.cease(), quantity


def test_whichever_panel_is_in_front(person: Person, small: Small) -> None:
    person.begin(small(), 2)
    requests = Requests(person)
    for name, dock in person.window.docks.items():
        dock.show()
        dock.raise_()
        assert requests.cease(), name


def test_half_way_through_an_update(person: Person, small: Small) -> None:
    person.begin(small(), 2)
    person.do("step-into")
    person.seen(lambda snapshot: snapshot.moment.cursor.done > 0)
    requests = Requests(person)
    for quantity in Quantity:
        find(person.window.panels, GraphPanel).toolbar.choose_quantity(quantity)
        assert requests.cease(), quantity
