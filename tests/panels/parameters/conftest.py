"""The panel, shown at its default size; and what tests do with it."""

from __future__ import annotations

import pytest

from microgpt_studio.panels.parameters import ParametersPanel


@pytest.fixture
def panel(qtbot) -> ParametersPanel:
    panel = ParametersPanel()
    qtbot.addWidget(panel)
    panel.resize(480, 250)
    panel.show()
    return panel
