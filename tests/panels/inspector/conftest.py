"""An Inspector on screen, and what to ask of its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from microgpt_studio.debugger.session import Session
from microgpt_studio.panels.inspector import InspectorPanel
from microgpt_studio.panels.inspector.rows import Heading, Note, Row
from microgpt_studio.theme import apply_theme


class Person:
    """Looks at an Inspector and asks it for more."""

    def __init__(self, panel: InspectorPanel, session: Session, show: Callable[..., None]) -> None:
        self.panel = panel
        self.session = session
        self._show = show
        panel.show_session(session.description)

    def select(self, address: str) -> int:
        """Select a scalar; returns its id."""
        scalar = self.session.description.addresses.parse(address)
        self._show(self.panel, self.session, scalar, new=False)
        return scalar

    def look(self) -> None:
        """At the present moment."""
        self._show(self.panel, self.session, self.panel.selection, new=False)

    def wait(self) -> None:
        """Until nothing grows any more."""
        self.look()
        while self.session.is_tracing:
            self.session.trace_on(lambda: False)
            self.look()

    @property
    def rows(self) -> tuple[Row, ...]:
        page = self.panel.sheet.page
        assert page is not None
        return page.rows

    def of(self, kind: type) -> list:
        """The rows of a kind."""
        return [row for row in self.rows if isinstance(row, kind)]

    def section(self, title: str) -> list[Row]:
        """The rows below a heading, up to the next one with a title."""
        found: list[Row] = []
        inside = False
        for row in self.rows:
            if isinstance(row, Heading) and row.title:
                inside = row.title == title
            elif inside:
                found.append(row)
        return found

    def notes(self) -> str:
        """All sentences."""
        return "\n".join(row.text for row in self.rows if isinstance(row, Note))

    def place(self, row: Row, field: int = 0) -> QPoint:
        """The middle of a field of a row, in the viewport, scrolled into view."""
        sheet, index = self.panel.sheet, self.rows.index(row)
        sheet.verticalScrollBar().setValue(max(0, round(sheet.fields(index)[field].rect.top()) - 40))
        return sheet.field_rect(index, field).center().toPoint()

    def heading(self, title: str) -> Heading:
        """The heading of a section."""
        return next(row for row in self.rows if isinstance(row, Heading) and row.title == title)


@pytest.fixture
def panel(qtbot, qapp: QApplication) -> Iterator[InspectorPanel]:
    panel = InspectorPanel()
    qtbot.addWidget(panel)
    panel.resize(345, 330)
    panel.show()
    yield panel
    apply_theme(qapp, "dark")


@pytest.fixture
def person(panel: InspectorPanel, session: Session, show: Callable[..., None]) -> Person:
    """After three updates."""
    session.run(3)
    return Person(panel, session, show)
