"""A matrix panel that shows real sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QToolTip

from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.panels.matrix import MatrixPanel
from microgpt_studio.panels.matrix.matrix_view import MatrixView

Show = Callable[..., None]


class Shown:
    """What stands in for Qt's tool tip."""

    def __init__(self) -> None:
        self.tip = ""


@pytest.fixture(autouse=True)
def shown(monkeypatch) -> Shown:
    """Tool tips as they would be seen, without a window for them: it could come while a pointer rests in a test."""
    shown = Shown()

    def show(_at: QPoint, text: str, *_: object) -> None:
        shown.tip = text

    monkeypatch.setattr(QToolTip, "showText", show)
    monkeypatch.setattr(QToolTip, "isVisible", lambda: bool(shown.tip))
    monkeypatch.setattr(QToolTip, "text", lambda: shown.tip)
    return shown


@pytest.fixture
def panel(qtbot) -> MatrixPanel:
    panel = MatrixPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 640)
    panel.show()
    return panel


@pytest.fixture
def show_moment() -> Show:
    """Show a session's present moment with what the panel asks for, as the window does."""

    def show(panel: MatrixPanel, session: Session, pace: Pace = Pace(False, None)) -> None:  # noqa: B008 - frozen
        snapshot = session.snapshot(1, Wanted(inquiries=frozenset(panel.inquiries())), pace)
        panel.show_snapshot(snapshot)
        panel.show_text(snapshot)

    return show


@pytest.fixture
def view(panel: MatrixPanel, session: Session, show_moment: Show) -> MatrixView:
    """The panel's view after some updates, the last on a document that does not fill the block."""
    session.update()
    while session.step < 3 or session.runner.machine.positions == 8:
        session.update()
    panel.show_session(session.description)
    show_moment(panel, session)
    assert panel.view is not None
    return panel.view
