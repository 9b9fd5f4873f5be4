"""How numbers become colours: a choice of three, and the button that offers it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QIcon
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from microgpt_studio.theme import Icon, current_theme, icon


@dataclass(frozen=True, slots=True)
class Scaling:
    """One scale for all matrices that follows the numbers, unless it says otherwise."""

    own: bool = False  # each matrix has its own
    log: bool = False  # symmetric-logarithmic
    locked: bool = False  # the limits stay, whatever the numbers do

    @property
    def text(self) -> str:
        """On the button."""
        return ("own" if self.own else "shared") + (" · log" if self.log else "")


class ScalingButton(QToolButton):
    """Says the present choice; its menu changes it."""

    chosen = Signal(Scaling)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scaling = Scaling()
        self.setAccessibleName("Colour scale")
        self.setToolTip("The colour scale: one for all matrices or each its own; linear or symlog; following or locked")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.shared, self.own = self._pair(menu, "One scale for all matrices", "Each matrix its own scale")
        menu.addSeparator()
        self.linear, self.log = self._pair(menu, "Linear", "Symmetric-logarithmic")
        menu.addSeparator()
        self.follow, self.lock = self._pair(menu, "Follow the numbers", "Lock the present limits")
        self.setMenu(menu)
        menu.triggered.connect(self._choose)
        self._dress()

    @property
    def scaling(self) -> Scaling:
        return self._scaling

    def set_scaling(self, scaling: Scaling) -> None:
        """As if it had been chosen."""
        for action, checked in (
            (self.own, scaling.own),
            (self.shared, not scaling.own),
            (self.log, scaling.log),
            (self.linear, not scaling.log),
            (self.lock, scaling.locked),
            (self.follow, not scaling.locked),
        ):
            action.setChecked(checked)
        if scaling != self._scaling:
            self._scaling = scaling
            self._dress()
            self.chosen.emit(scaling)

    def dress(self) -> None:
        """In the colours of the present theme."""
        self._dress()

    def _pair(self, menu: QMenu, first: str, second: str) -> tuple[QAction, QAction]:
        group = QActionGroup(menu)
        actions = []
        for text in (first, second):
            action = menu.addAction(text)
            action.setCheckable(True)
            group.addAction(action)
            actions.append(action)
        actions[0].setChecked(True)
        return actions[0], actions[1]

    def _choose(self) -> None:
        self.set_scaling(
            replace(
                self._scaling,
                own=self.own.isChecked(),
                log=self.log.isChecked(),
                locked=self.lock.isChecked(),
            )
        )

    def _dress(self) -> None:
        self.setText(self._scaling.text)
        locked, style = self._scaling.locked, Qt.ToolButtonStyle
        self.setIcon(icon(Icon.LOCK, current_theme().palette) if locked else QIcon())
        self.setToolButtonStyle(style.ToolButtonTextBesideIcon if locked else style.ToolButtonTextOnly)
