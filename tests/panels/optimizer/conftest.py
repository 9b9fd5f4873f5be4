"""The Optimizer on a page, and moments with their growing answers complete."""

from __future__ import annotations

import pytest

from microgpt_studio.panels.optimizer import OptimizerPanel
from microgpt_studio.theme import apply_theme


@pytest.fixture
def panel(qtbot, qapp):
    panel = OptimizerPanel()
    qtbot.addWidget(panel)
    panel.resize(356, 420)
    panel.show()
    yield panel
    apply_theme(qapp, "dark")


@pytest.fixture
def replay(show):
    """Show a moment, let all answers grow to their end, and show them."""

    def replay(panel, session, selection=None, *, new=True):
        show(panel, session, selection, new=new)
        session.trace_on(lambda: False)
        show(panel, session, selection, new=False)

    return replay
