"""Looks: theme and text size, changed by actions."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from microgpt_studio.theme.application import apply_theme, current_theme


class Looks(QObject):
    """Dresses the whole application."""

    changed = Signal()

    def dress(self, name: str, text_scale: float) -> None:
        """A theme ("light" or "dark") and a text size (1 is normal)."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, name, text_scale)  # type: ignore[arg-type]
        self.changed.emit()

    # Actions, named in the action table

    def switch_theme(self) -> None:
        self.dress("light" if current_theme().palette.name == "dark" else "dark", current_theme().text_scale)

    def larger_text(self) -> None:
        self._scale(min(2.0, round(current_theme().text_scale + 0.1, 1)))

    def smaller_text(self) -> None:
        self._scale(max(0.7, round(current_theme().text_scale - 0.1, 1)))

    def normal_text(self) -> None:
        self._scale(1.0)

    def _scale(self, text_scale: float) -> None:
        self.dress(current_theme().palette.name, text_scale)
