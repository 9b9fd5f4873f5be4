"""The worker: the thread that owns the session. Commands go in through a queue, all else comes out of a mailbox."""

from __future__ import annotations

import logging
import time
import traceback
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

from PySide6.QtCore import QObject, QThread, Signal

from microgpt_studio.bridge import commands
from microgpt_studio.bridge.edits import edit
from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.bridge.pacing import Pacing, Slice
from microgpt_studio.bridge.preparations import Preparations
from microgpt_studio.debugger import preparation, workspace
from microgpt_studio.debugger.breakpoints import AIM
from microgpt_studio.debugger.conditions import ConditionError
from microgpt_studio.debugger.continuing import Progress
from microgpt_studio.debugger.events import (
    Accepted,
    Answered,
    Crashed,
    EditRefused,
    Event,
    Logged,
    Refused,
    Saved,
    Searching,
    SessionStarted,
    Stopped,
)
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.lookout import END
from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.preparation import WarmUp
from microgpt_studio.debugger.questions import title
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.debugger.stepping import Grain
from microgpt_studio.debugger.stop import Reason
from microgpt_studio.debugger.targets import BreakpointError

_SLICE = 0.008  # seconds of training between two looks at the commands
_TEXT_INTERVAL = 0.25  # seconds between two answers to what takes its time, as the watches do, while training runs
_TRACING_SHARE = 0.004  # seconds of replaying the past between two snapshots while training runs
_TRACING_SLICE = 0.05  # seconds of it while training stands; a command ends it at once
_SEARCH_INTERVAL = 0.05  # seconds between two reports of a search

# Of a step, what is worth an event: a step that simply ends where it should is none.
_NEWS = frozenset({Reason.BREAKPOINT, Reason.FAULT, Reason.NONFINITE, Reason.FAILURE})
# What does not end a run or a search that is going on.
_QUIET = commands.Show | commands.LimitSpeed | commands.Choose | commands.Edit

_STILL = Pace(running=False, updates_per_second=None)

log = logging.getLogger(__name__)


class Worker(QThread):
    """Owns a Session.

    `arrived` wakes the window for what should not wait for its timer: events, and pictures while training stands.
    """

    arrived = Signal()

    def __init__(
        self,
        mailbox: Mailbox,
        parent: QObject | None = None,
        workspace_file: Path | None = None,
        warm_up: WarmUp | None = None,
    ) -> None:
        """`workspace_file` keeps breakpoints, watches and bookmarks between runs of the program; None keeps nothing.
        `warm_up` is called as `preparation.prepare` says.
        """
        super().__init__(parent)
        self.mailbox = mailbox
        self._workspace_file = workspace_file
        self._commands: SimpleQueue[commands.Command | None] = SimpleQueue()  # None only wakes
        self._stopping = False
        self._preparations = Preparations(self._tell, warm_up)
        self._given = 0  # commands that end what is being done
        self._taken = 0  # of these, begun
        self._session: Session | None = None
        self._is_running = False
        self._until: Place | None = None  # where the run ends; None: when training is over
        self._pacing = Pacing()
        self._grain = Grain.UPDATE
        self._wanted = Wanted()
        self._number = 0
        self._changed = False  # since the last snapshot
        self._slow_parts_at = 0.0  # when a snapshot last had what takes its time

    def submit(self, command: commands.Command) -> None:
        """Ask for something; from any thread, at once."""
        if isinstance(command, commands.CancelPreparation):
            self._preparations.cancel()
            return
        if isinstance(command, commands.Start | commands.Open):
            self._preparations.ask(command)
        if not isinstance(command, _QUIET):
            self._given += 1
        self._commands.put(command)

    def stop(self) -> None:
        """End the thread and wait for it. Not from the thread itself; may be called twice."""
        self._stopping = True
        self._preparations.stop()
        self._commands.put(None)
        self.wait()

    def run(self) -> None:
        while not self._stopping:
            try:
                self._turn()
            except Exception as error:
                log.exception("a mistake in the worker")
                self._stand()
                self._tell(Crashed(f"{type(error).__name__}: {error}", traceback.format_exc()))
        self._leave()

    def _leave(self) -> None:
        try:
            if self._session is not None:
                self._save_workspace(self._session)  # the hits have gone on since the last edit
        except workspace.WorkspaceError:
            log.exception("breakpoints, watches and bookmarks are lost")

    def _turn(self) -> None:
        command = self._next_command()
        if command is not None:
            self._obey_or_refuse(command)
        elif self._session is not None and self._is_running:
            self._advance(self._session)
        elif self._session is not None and self._session.is_tracing:
            self._trace(self._session, _TRACING_SLICE)
        self._publish()

    def _next_command(self) -> commands.Command | None:
        """The next command. While training stands it waits for one, while training runs at most until it is due.

        It does not wait long while a snapshot is still to be given: at one update a second that would be seen.
        """
        try:
            if not self._is_running:
                is_idle = self._session is None or not self._session.is_tracing
                return self._commands.get(block=is_idle and not self._changed)
            wait = self._pacing.time_left()
            if self._changed:
                wait = min(wait, _SLICE)
            return self._commands.get(timeout=wait) if wait > 0 else self._commands.get_nowait()
        except Empty:
            return None

    def _obey_or_refuse(self, command: commands.Command) -> None:
        if not isinstance(command, _QUIET):
            self._taken += 1
        try:
            self._obey(command)
        except (
            ValueError,
            LookupError,
            OSError,
        ) as error:  # what was asked for cannot be done, and nothing has changed
            self._tell(Refused(str(error)))
        except MemoryError:
            self._tell(Refused("there is not enough memory for that; choose smaller sizes"))

    def _obey(self, command: commands.Command) -> None:
        match command:
            case commands.Start() | commands.Open():
                program = self._session.description.program if self._session else None
                session = self._preparations.prepare(command, program)
                if session is not None:
                    self._begin(session)
            case commands.Show(wanted):
                self._wanted = self._possible(wanted)
                if self._session is not None:
                    self._session.trace(self._wanted.history)
                self._slow_parts_at = 0.0
                self._changed = True
            case commands.LimitSpeed(updates_per_second):
                self._pacing.limit(updates_per_second)
            case commands.Choose(grain):
                self._grain = grain
                self._pacing.restart()
            case commands.Pause():
                self._stand()
            case _ if self._session is not None:
                self._obey_in_session(command, self._session)

    def _obey_in_session(self, command: commands.Command, session: Session) -> None:
        match command:
            case commands.Run(until):
                self._start_running(None if until is None else Place(until - 1, END))
            case commands.RunTo(target):
                aim = session.breakpoints.aim_at(target)
                self._start_running(None)
                session.breakpoints.aim = aim
            case commands.Step():
                self._take(session, Move.OVER, Grain.UPDATE)
            case commands.Take(move, grain):
                self._take(session, move, grain)
            case commands.GoTo() | commands.GoToPlace() | commands.Restart() | commands.Keep():
                self._visit(command, session)
            case commands.RunBack(target):
                self._stand()
                if target is not None:
                    session.breakpoints.aim = session.breakpoints.aim_at(target)
                progress = self._searching("Going back to where something would have stopped a run")
                stop = session.proceed_back(self._is_overruled, progress)
                session.breakpoints.aim = None
                self._changed = True
                self._tell(Stopped(session.step, stop))
            case commands.Ask(question):
                self._stand()
                progress = self._searching(title(question, session.description.addresses))
                answer = session.ask(question, self._is_overruled, progress)
                self._changed = True
                self._tell(Answered(answer.sentence, answer.place is not None))
            case commands.Save(checkpoint):
                preparation.save_checkpoint(session, checkpoint)
                self._tell(Saved(checkpoint, session.step))
            case _ if isinstance(command, commands.Edit):
                self._edit(command, session)

    def _edit(self, command: commands.Edit, session: Session) -> None:
        try:
            edit(command, session)
        except (BreakpointError, ConditionError) as error:
            field = error.field if isinstance(error, BreakpointError) else ""
            self._tell(EditRefused(command, str(error), field, error.position))
        except KeyError:
            self._tell(EditRefused(command, "It is no longer there."))
        else:
            self._changed = True
            self._tell(Accepted(command))
            self._save_workspace(session)

    def _take(self, session: Session, move: Move, grain: Grain) -> None:
        """One step. A breakpoint, or a fault, on its way ends it."""
        self._stand()
        reason = session.move(move, grain, self._is_stopping)  # no later command ends it
        self._changed = True
        self._tell_log(session)
        stop = session.stop
        if stop is not None and stop.reason in _NEWS:
            self._tell(Stopped(session.step, stop))
        elif reason is not None:
            self._tell(Refused(reason))

    def _visit(
        self, command: commands.GoTo | commands.GoToPlace | commands.Restart | commands.Keep, session: Session
    ) -> None:
        self._stand()
        wanted = self._wanted.history
        match command:
            case commands.GoTo(step):
                session.go_to(step)
            case commands.GoToPlace(place):
                session.go_to_place(place)
            case commands.Restart():
                session.restart()
                session.trace(wanted)
            case commands.Keep(parameter, number):
                session.keep(parameter, number)
                session.trace(wanted)
        self._changed = True
        if session.fault is not None:
            self._tell(Stopped(session.step, session.fault))

    def _start_running(self, until: Place | None) -> None:
        self._stand()
        self._is_running, self._until = True, until
        self._pacing.begin()
        self._changed = True

    def _begin(self, session: Session) -> None:
        previous, self._session = self._session, session
        self._is_running = False
        self._wanted = Wanted()  # a selection of the last session means nothing in this one
        self._changed = True
        self._tell(SessionStarted(session.description), voids_snapshot=True)
        if previous is not None:
            workspace.adopt(workspace.as_json(previous), session)
        elif self._workspace_file is not None:
            workspace.adopt_file(self._workspace_file, session)

    def _save_workspace(self, session: Session) -> None:
        if self._workspace_file is not None:
            workspace.write(self._workspace_file, workspace.as_json(session))

    def _possible(self, wanted: Wanted) -> Wanted:
        """What was asked for while another session was shown may be of a scalar that this one does not have."""
        if self._session is None:
            return wanted
        scalars = self._session.description.program.num_scalars
        if wanted.selection is not None and wanted.selection >= scalars:
            wanted = replace(wanted, selection=None)
        if wanted.history is not None and wanted.history.scalar >= scalars:
            wanted = replace(wanted, history=None)
        program = self._session.description.program
        return replace(wanted, inquiries=frozenset(each for each in wanted.inquiries if each.fits(program)))

    def _stand(self) -> None:
        if self._is_running:
            self._is_running = False
            self._changed = True
        if self._session is not None:
            self._session.breakpoints.aim = None

    def _is_stopping(self) -> bool:
        return self._stopping

    def _is_overruled(self) -> bool:
        """Whether something has been asked for that ends what is being done."""
        return self._stopping or self._taken < self._given

    def _advance(self, session: Session) -> None:
        """Train for a slice of time, or fewer items where the speed is limited."""
        if self._pacing.time_left() > 0:
            return
        now = time.monotonic()
        until, is_last = self._until, True
        if self._pacing.is_limited:
            next_place = session.after(self._pacing.take(now), self._grain)
            is_last = until is not None and until <= next_place
            until = until if is_last else next_place
        stop = session.proceed(until, Slice(self._is_overruled, now + _SLICE))
        self._changed = True
        self._tell_log(session)
        is_between = stop.reason is Reason.UNTIL and not is_last and stop.breakpoint != AIM
        if is_between or stop.reason is Reason.CANCELLED:
            return
        self._stand()
        self._tell(Stopped(session.step, stop))

    def _tell_log(self, session: Session) -> None:
        lines, lost = session.take_log()
        if lines:
            self._tell(Logged(lines, lost))

    def _searching(self, what: str) -> Progress:
        """Tells how far a search has come, now and then."""
        told = time.monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal told
            if time.monotonic() - told >= _SEARCH_INTERVAL:
                told = time.monotonic()
                self._tell(Searching(what, done, total))

        return tell

    def _trace(self, session: Session, seconds: float) -> None:
        """Replay the past for a history that is asked for."""
        session.trace_on(Slice(self._is_asked, time.monotonic() + seconds))
        self._changed = self._changed or not session.is_tracing or self.mailbox.snapshot_is_due

    def _is_asked(self) -> bool:
        return not self._commands.empty()

    def _publish(self) -> None:
        """Put a snapshot into the mailbox, if there is something new and, while training runs, somebody to take it."""
        session, standing = self._session, not self._is_running
        if session is None or not self._changed or not (standing or self.mailbox.snapshot_is_due):
            return
        self._changed = False
        self._number += 1
        wanted, now = self._wanted, time.monotonic()
        slow_parts_are_due = standing or now - self._slow_parts_at >= _TEXT_INTERVAL
        if slow_parts_are_due:
            self._slow_parts_at = now
        if not standing and session.is_tracing:
            self._trace(session, _TRACING_SHARE)
            self._changed = False
        pace = _STILL if standing else self._pacing.measure(session.step)
        snapshot = session.snapshot(self._number, wanted, pace, slow_parts_are_due=slow_parts_are_due)
        self.mailbox.put_snapshot(snapshot)
        if standing:
            self.arrived.emit()

    def _tell(self, event: Event, *, voids_snapshot: bool = False) -> None:
        self.mailbox.put_event(event, voids_snapshot=voids_snapshot)
        self.arrived.emit()
