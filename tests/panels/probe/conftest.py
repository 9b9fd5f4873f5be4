"""A Probe panel on the screen, and what is typed into it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from microgpt_studio.panels.probe import ProbePanel
from microgpt_studio.theme import apply_theme


@pytest.fixture
def panel(qtbot, qapp) -> ProbePanel:
    apply_theme(qapp, "dark")
    panel = ProbePanel()
    qtbot.addWidget(panel)
    panel.resize(690, 390)
    panel.show()
    return panel


@pytest.fixture
def type_in(qtbot, panel: ProbePanel) -> Callable[..., None]:
    """Type a text over what stands in the field; Enter, if it is not to be left there."""

    def type_in(text: str, *, enter: bool = True) -> None:
        edit = panel.field.edit
        edit.selectAll()
        qtbot.keyClick(edit, Qt.Key.Key_Backspace)
        for character in text:  # qtbot types only what is on an English keyboard
            QApplication.sendEvent(edit, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, character))
        if enter:
            qtbot.keyClick(edit, Qt.Key.Key_Return)

    return type_in
