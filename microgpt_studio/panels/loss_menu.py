"""The context menu of the timeline: going to updates and marks, setting and removing bookmarks."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from microgpt_studio.bridge.commands import Command, GoTo, SetBookmark
from microgpt_studio.debugger.execution import Place
from microgpt_studio.panels.loss_marks import Bookmark, Marks


class TimelineMenu(QMenu):
    """Deletes itself when it is closed."""

    chosen = Signal(object)  # Command

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._commands: list[list[Command]] = []
        self.triggered.connect(self._choose)

    def fill(self, marks: Marks, here: Place, update: int, clicked: Bookmark | None) -> None:
        """What can be done at `update` and with the bookmark under the pointer, while training stands `here`."""
        present = any(bookmark.place == here for bookmark in marks.bookmarks)
        self._add(f"Go to update {update}", [GoTo(update)])
        self.addSeparator()
        self._add(
            "Remove the bookmark of the present moment\tB" if present else "Bookmark the present moment\tB",
            [SetBookmark()],
        )
        if clicked is not None and clicked.place != here:
            self._add(f"Remove the bookmark at {clicked.words}", [SetBookmark(clicked.place, marked=False)])
        places = [bookmark.place for bookmark in marks.bookmarks]
        self._add("Remove all bookmarks", [SetBookmark(place, marked=False) for place in places])
        self.addSeparator()
        for text, target in (
            ("Previous mark\tCtrl+Left", marks.before(marks.position)),
            ("Next mark\tCtrl+Right", marks.after(marks.position)),
        ):
            self._add(text, [target.goal] if target is not None else [])

    def _add(self, text: str, commands: list[Command]) -> None:
        action = self.addAction(text)
        action.setEnabled(bool(commands))
        action.setData(len(self._commands))
        self._commands.append(commands)

    def _choose(self, action: QAction) -> None:
        for command in self._commands[action.data()]:
            self.chosen.emit(command)
