"""The small buttons at the head of the Samples panel, and the one that brings a form in sight."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from microgpt_studio.theme import Icon, current_theme, icon

_ICON = 15  # pixels at text scale 1


class IconButton(QToolButton):
    """An icon in the colours of the theme, as large as its text."""

    def __init__(self, name: Icon, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._dress()

    def _dress(self) -> None:
        theme = current_theme()
        self.setIcon(icon(self._name, theme.palette))
        self.setIconSize(QSize(theme.scaled(_ICON), theme.scaled(_ICON)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._dress()


class FormButton(IconButton):
    """Shows and hides a form. Until it is used, the form is there where there is room for it."""

    def __init__(self, form: QWidget, from_height: int, tip: str) -> None:
        """`from_height`: pixels that a page needs to have room for its form, at text scale 1."""
        super().__init__(Icon.SETTINGS, tip)
        self._form, self._from_height = form, from_height
        self._wanted: bool | None = None
        self._room = 0
        self.setCheckable(True)
        self.clicked.connect(self._choose)
        self.fit(0)

    def fit(self, height: int) -> None:
        """The page is so many pixels high."""
        self._room = height
        wanted = self._wanted
        if wanted is None:
            wanted = height >= current_theme().scaled(self._from_height)
        self._form.setVisible(wanted)
        self.setChecked(wanted)

    def reveal(self) -> None:
        """Let the form be seen: there is something to be mended."""
        self._wanted = True
        self.fit(self._room)

    def _choose(self) -> None:
        self._wanted = self.isChecked()
        self.fit(self._room)
