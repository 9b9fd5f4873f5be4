"""The Watches panel: scalars and expressions with their value, what it was before, and its latest history."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from microgpt_studio.bridge.commands import AddWatch, RemoveWatch, ReplaceWatch
from microgpt_studio.debugger.events import Accepted, EditRefused, Event
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.panels.watches_delegate import SIZE
from microgpt_studio.panels.watches_table import WatchTable
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import EmptyState, use_number_font
from microgpt_studio.widgets.sentence import Sentence

EMPTY = 'Nothing is watched. Type an address such as wte[0,0], or an expression such as grad("wte[0,0]") / loss.'
_TIP = (
    "Watch an address, such as layer0.attn_wq[0,0],\n"
    'or an expression, such as grad("layer0.attn_wq[0,0]") or loss > 3, and press Return.'
)


class AddLine(QLineEdit):
    """A line for a new watch; the escape key empties it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        use_number_font(self, SIZE)
        self.setPlaceholderText("Watch an address or expression")
        self.setToolTip(_TIP)
        self.setAccessibleName("New watch")
        self.setAccessibleDescription(_TIP)
        self.setMinimumWidth(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class WatchesPanel(Panel):
    """A line to add a watch, and the table of those that there are."""

    name: ClassVar[str] = "watches"
    title: ClassVar[str] = "Watches"
    parts: ClassVar[Part] = Part.WATCHES

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = AddLine()
        self.line.setEnabled(False)
        self.sentence = Sentence()
        self.sentence.hide()
        self.table = WatchTable()
        self.empty_state = EmptyState(EMPTY)
        self._asked: AddWatch | ReplaceWatch | None = None  # the latest edit, while it is not answered
        self._is_new = False  # a watch is being added: the row that appears is to be seen
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty_state)
        self._stack.addWidget(self.table)
        top = QVBoxLayout()
        top.setContentsMargins(8, 8, 8, 0)
        top.setSpacing(4)
        top.addWidget(self.line)
        top.addWidget(self.sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        table = QVBoxLayout()
        table.setContentsMargins(4, 0, 4, 0)  # with those of a cell, as much as the line above
        table.addWidget(self._stack)
        column.addLayout(table, 1)
        self.line.returnPressed.connect(self._add_typed)
        self.line.textEdited.connect(self._clear_error)
        self.table.walked.connect(self.selected)
        self.table.remove_wanted.connect(self._remove)
        self.table.watches.retexted.connect(self._replace)
        self.table.editing_ended.connect(self._clear_error)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._asked = None
        self._is_new = False
        self._clear_error()
        self.line.setEnabled(True)
        self.table.watches.begin(description.addresses)
        self._stack.setCurrentWidget(self.empty_state)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The worker has already thinned the watches out to what can be read: not every snapshot has them."""
        super().show_snapshot(snapshot)
        rows = snapshot.watches
        if rows is None:
            return
        before = {row.id for row in self.table.watches.rows}
        self.table.show_rows(rows)
        self._stack.setCurrentWidget(self.table if rows else self.empty_state)
        added = [row.id for row in rows if row.id not in before]
        if self._is_new and added:
            self._is_new = False
            self.table.select(added[-1])

    def show_event(self, event: Event) -> None:
        super().show_event(event)
        match event:
            case Accepted(command) if command is self._asked:
                self._accept()
            case EditRefused(command, sentence, _, position) if command is self._asked:
                self._refuse(sentence, position)

    def watch_selection(self) -> None:
        """Watch the data of the window's selected scalar, or show the watch that does so already."""
        if self.selection is None or self.description is None:
            self._say("Select a scalar first; then it can be watched.")
            return
        text = self.description.addresses.format(self.selection)
        watching = [row.id for row in self.table.watches.rows if row.text == text]
        if watching:
            self.table.select(watching[0])
        else:
            self._ask(AddWatch(text))

    def _add_typed(self) -> None:
        self._ask(AddWatch(self.line.text()))

    def _replace(self, number: int, text: str) -> None:
        self._ask(ReplaceWatch(number, text))

    def _remove(self, number: int) -> None:
        self._clear_error()
        self.commanded.emit(RemoveWatch(number))

    def _ask(self, command: AddWatch | ReplaceWatch) -> None:
        self._clear_error()
        self._asked = command
        self.commanded.emit(command)

    def _accept(self) -> None:
        command, self._asked = self._asked, None
        self._clear_error()
        if isinstance(command, AddWatch):
            self._is_new = True
            if self.line.text() == command.text:  # nothing else has been typed since
                self.line.clear()

    def _refuse(self, sentence: str, position: int) -> None:
        command, self._asked = self._asked, None
        if isinstance(command, ReplaceWatch):
            self.table.edit_again(command.id, command.text, position)
        elif isinstance(command, AddWatch) and self.line.text() == command.text:
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)
            self.line.setCursorPosition(position)
        self._say(f"Column {position + 1}: {sentence}.".replace("?.", "?"))

    def _say(self, error: str) -> None:
        self.sentence.say(error, error=True)
        self.sentence.show()

    def _clear_error(self) -> None:
        self.sentence.hide()
        self.sentence.say("")

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(320), theme.scaled(260))
