"""Breakpoint edits: sets and removes the breakpoints of lines, and tells why one cannot be."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from microgpt_studio.bridge.commands import AddBreakpoint, Edit, RemoveBreakpoint
from microgpt_studio.debugger.events import Accepted, EditRefused, Event
from microgpt_studio.debugger.scopes import Lines, ScopeError
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.debugger.targets import Definition
from microgpt_studio.debugger.targets import Event as Occasion
from microgpt_studio.panels.source.marks import breakpoints

_NO_SESSION = "There is no session yet to stop: start one first."


class BreakpointEdits(QObject):
    """Commands on their way. An answer to another's command is none of its business."""

    commanded = Signal(object)  # Edit
    refused = Signal(str)  # a sentence

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: Lines | None = None
        self._waiting: list[Edit] = []

    def show_session(self, description: Description) -> None:
        """A new session: its lines, and no answers to old commands."""
        self._lines = Lines(description.program)
        self._waiting = []

    def breakable(self, file: str) -> frozenset[int]:
        """The lines of a file that can have a breakpoint."""
        return frozenset(self._lines.of(file)) if self._lines is not None else frozenset()

    def reason(self, file: str, line: int) -> str:
        """Why a line can have none, with the nearest that can; empty where it can."""
        if self._lines is None:
            return _NO_SESSION
        try:
            self._lines.find(file, line)
        except ScopeError as error:
            sentence = str(error)
            return f"{sentence[0].upper()}{sentence[1:]}." if not sentence.startswith(file) else f"{sentence}."
        return ""

    def toggle(self, file: str, line: int, snapshot: Snapshot | None) -> None:
        """Set a breakpoint at a line, or remove all that are there."""
        rows = breakpoints(file, snapshot.breakpoints if snapshot is not None else ()).get(line, ())
        if not rows and (reason := self.reason(file, line)):
            self.refused.emit(reason)
            return
        for row in rows:
            self._send(RemoveBreakpoint(row.id))
        if not rows:
            self._send(AddBreakpoint(Definition(Occasion.LINE, where=f"{file}:{line}")))

    def show_event(self, event: Event) -> None:
        """Take the answer to a command of its own."""
        if not isinstance(event, Accepted | EditRefused):
            return
        if any(command is event.command for command in self._waiting):
            self._waiting = [command for command in self._waiting if command is not event.command]
            if isinstance(event, EditRefused):
                self.refused.emit(event.sentence)

    def _send(self, command: Edit) -> None:
        self._waiting.append(command)
        self.commanded.emit(command)
