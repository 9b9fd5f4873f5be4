"""Tool buttons that say what they are for: on hover, and to who cannot see them."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton, QWidget


def tool_button(text: str, tip: str, parent: QWidget | None = None, *, checkable: bool = False) -> QToolButton:
    """A button with a word on it, or, where `text` is empty, for an icon, which is called by its tip."""
    button = QToolButton(parent)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(text or tip)
    button.setAccessibleDescription(tip if text else "")
    button.setCheckable(checkable)
    return button
