"""The small buttons at the head of the Samples panel, and the one that brings a form in sight."""

from __future__ import annotations

from collections.abc import Sequence

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
    """Shows and hides a form. Until it is used, the form is there where there is room for it.

    Where there is none, a form that is wanted takes the place of the rest of its page until it is used.
    """

    def __init__(self, form: QWidget, rest: Sequence[QWidget], from_height: int, tip: str) -> None:
        """`from_height`: pixels that a page needs to have room for its form, at text scale 1."""
        super().__init__(Icon.SETTINGS, tip)
        self._form, self._rest, self._from_height = form, rest, from_height
        self._wanted: bool | None = None
        self._height = 0  # of the page
        self.setCheckable(True)
        self.clicked.connect(self._choose)
        self.fit(0)

    def fit(self, height: int) -> None:
        """The page is so many pixels high."""
        self._height = height
        wanted = self._has_room if self._wanted is None else self._wanted
        self._form.setVisible(wanted)
        self.setChecked(wanted)
        for widget in self._rest:
            widget.setVisible(self._has_room or not wanted)

    def reveal(self) -> None:
        """Let the form be seen: there is something to be mended."""
        self._want(True)

    def used(self) -> None:
        """What is typed has been taken: the rest of the page is wanted again."""
        if not self._has_room:
            self._want(False)

    @property
    def _has_room(self) -> bool:
        return self._height >= current_theme().scaled(self._from_height)

    def _want(self, wanted: bool) -> None:
        self._wanted = wanted
        self.fit(self._height)

    def _choose(self) -> None:
        self._want(self.isChecked())
