"""A Health panel in sight, and how it is shown a session's moment with its histories complete."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.panels.health import HealthPanel
from microgpt_studio.theme import apply_theme

STILL = Pace(running=False, updates_per_second=None)


@pytest.fixture
def panel(qtbot, qapp):
    panel = HealthPanel()
    qtbot.addWidget(panel)
    panel.resize(1040, 150)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    yield panel
    apply_theme(qapp, "dark")


@pytest.fixture
def see(panel: HealthPanel, session: Session) -> Callable[..., None]:
    """Show the present moment, with the histories as far as they go by then."""

    def see(pace: Pace = STILL, *, new: bool = False, growing: int | None = None) -> None:
        if new or panel.description is None:
            panel.show_session(session.description)
        for _ in range(2):  # what is shown may change what is asked
            wanted = Wanted(inquiries=frozenset(panel.inquiries()))
            session.snapshot(0, wanted)
            steps = iter(range(10_000 if growing is None else growing))
            if growing != 0:
                session.trace_on(lambda steps=steps: next(steps, None) is None)
            snapshot = session.snapshot(1, wanted, pace)
            panel.show_snapshot(snapshot)
            panel.show_text(snapshot)

    return see
