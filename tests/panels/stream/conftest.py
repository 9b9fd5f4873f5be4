"""A Stream panel in sight, and how a view of it is shown a session's moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from microgpt_studio.debugger.session import Session
from microgpt_studio.panels.stream import StreamPanel
from microgpt_studio.panels.stream.grid_view import GridView
from microgpt_studio.panels.stream.toolbar import View


@pytest.fixture
def panel(qtbot) -> StreamPanel:
    panel = StreamPanel()
    qtbot.addWidget(panel)
    panel.resize(690, 390)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    return panel


@pytest.fixture
def see(panel: StreamPanel, session: Session, show) -> Callable[..., GridView]:
    """Choose a view and show the session's present moment in it."""

    def see(view: View, selection: int | None = None, *, new: bool = True) -> GridView:
        panel.toolbar.button(view).click()
        show(panel, session, selection, new=new)
        return panel.view

    return see
