"""Edits: what people do to the breakpoints, the watches and the bookmarks of a session."""

from __future__ import annotations

from microgpt_studio.bridge import commands
from microgpt_studio.debugger.session import Session


def edit(command: commands.Edit, session: Session) -> None:
    """Carry out an edit. Raises BreakpointError or ConditionError, and changes nothing then."""
    breakpoints, watches = session.breakpoints, session.watches
    match command:
        case commands.AddBreakpoint(definition):
            breakpoints.add(definition)
        case commands.ReplaceBreakpoint(number, definition):
            breakpoints.replace(number, definition)
        case commands.RemoveBreakpoint(number):
            breakpoints.remove(number)
        case commands.EnableBreakpoint(number, enabled):
            breakpoints.enable(number, enabled)
        case commands.BreakOnNonfinite(enabled):
            breakpoints.break_on_nonfinite = enabled
        case commands.ForgetHits():
            breakpoints.forget_hits()
        case commands.AddWatch(text):
            watches.add(text)
        case commands.ReplaceWatch(number, text):
            watches.replace(number, text)
        case commands.RemoveWatch(number):
            watches.remove(number)
        case commands.SetBookmark(place, marked):
            session.set_bookmark(place, marked)
