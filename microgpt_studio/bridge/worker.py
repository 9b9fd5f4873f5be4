"""The worker: the thread that owns the session. Commands go in through a queue, all else comes out of a mailbox."""

from __future__ import annotations

import logging
import time
import traceback
from collections import deque
from dataclasses import replace
from queue import Empty, SimpleQueue

from PySide6.QtCore import QObject, QThread, Signal

from microgpt_studio.bridge import commands
from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.debugger import preparation
from microgpt_studio.debugger.events import (
    Crashed,
    Event,
    Preparing,
    Refused,
    SampleRequest,
    SamplesDrawn,
    SamplesRefused,
    Saved,
    SessionStarted,
    Stopped,
)
from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.debugger.stepping import Grain

_SLICE = 0.008  # seconds of training between two looks at the commands
_RATE_WINDOW = 0.5  # seconds over which updates a second are measured
_LONGEST_LAP = 512  # updates
_ARREARS = 0.05  # seconds of limited speed that may be made up for

log = logging.getLogger(__name__)


class _Superseded(BaseException):
    """The preparation that is running has been overtaken by a newer one, or by the end of the thread."""


class Worker(QThread):
    """Owns a Session.

    `arrived` wakes the window for what should not wait for its timer: events, and pictures while training stands.
    """

    arrived = Signal()

    def __init__(self, mailbox: Mailbox, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mailbox = mailbox
        self._commands: SimpleQueue[commands.Command | None] = SimpleQueue()  # None only wakes
        self._stopping = False
        self._preparations = 0  # asked for
        self._prepared = 0  # begun
        self._session: Session | None = None
        self._goal: int | None = None  # train until so many updates are done; None: stand still
        self._limit: float | None = None  # updates a second, or items of the grain
        self._grain = Grain.UPDATE
        self._lap = 1  # updates to do in one go: as many as fit into a slice
        self._due = 0.0  # when the next update may run, where the speed is limited
        self._wanted = Wanted()
        self._number = 0
        self._changed = False  # since the last snapshot
        self._rate: deque[tuple[float, int]] = deque()  # (time, updates done) of late

    def submit(self, command: commands.Command) -> None:
        """Ask for something; from any thread, at once."""
        if isinstance(command, commands.Start | commands.Open):
            self._preparations += 1
        self._commands.put(command)

    def stop(self) -> None:
        """End the thread and wait for it. Not from the thread itself; may be called twice."""
        self._stopping = True
        self._commands.put(None)
        self.wait()

    def run(self) -> None:
        while not self._stopping:
            try:
                self._turn()
            except _Superseded:
                continue
            except Exception as error:
                log.exception("a mistake in the worker")
                self._stand()
                self._tell(Crashed(f"{type(error).__name__}: {error}", traceback.format_exc()))

    def _turn(self) -> None:
        command = self._next_command()
        if command is not None:
            self._obey_or_refuse(command)
        elif self._goal is not None and self._session is not None:
            self._advance(self._session, self._goal)
        self._publish()

    def _next_command(self) -> commands.Command | None:
        """The next command. While training stands it waits for one, while training runs at most until it is due.

        It does not wait long while a snapshot is still to be given: at one update a second that would be seen.
        """
        try:
            if self._goal is None:
                return self._commands.get(block=not self._changed)
            wait = self._time_left()
            if self._changed:
                wait = min(wait, _SLICE)
            return self._commands.get(timeout=wait) if wait > 0 else self._commands.get_nowait()
        except Empty:
            return None

    def _time_left(self) -> float:
        """Seconds until the next update may run."""
        return 0.0 if self._limit is None else self._due - time.monotonic()

    def _obey_or_refuse(self, command: commands.Command) -> None:
        try:
            self._obey(command)
        except (ValueError, OSError) as error:  # what was asked for cannot be done, and nothing has changed
            self._tell(Refused(str(error)))
        except MemoryError:
            self._tell(Refused("there is not enough memory for that; choose smaller sizes"))

    def _obey(self, command: commands.Command) -> None:
        match command:
            case commands.Start(settings):
                self._prepared += 1
                program = self._session.description.program if self._session else None
                self._begin(preparation.prepare(settings, program, self._report))
            case commands.Open(checkpoint, data):
                self._prepared += 1
                program = self._session.description.program if self._session else None
                self._begin(preparation.prepare_checkpoint(checkpoint, data, program, self._report))
            case commands.Show(wanted):
                self._wanted = self._possible(wanted)
                self._changed = True
            case commands.LimitSpeed(updates_per_second):
                self._limit = updates_per_second
                self._due = time.monotonic()
            case commands.Choose(grain):
                self._grain = grain
                self._due = time.monotonic()
            case commands.Pause():
                self._stand()
            case _ if self._session is not None:
                self._obey_in_session(command, self._session)

    def _obey_in_session(self, command: commands.Command, session: Session) -> None:
        match command:
            case commands.Run(until):
                last = session.settings.num_steps
                self._goal = last if until is None else min(until, last)
                self._rate.clear()
                self._due = time.monotonic()
                self._changed = True
            case commands.Step():
                self._stand()
                session.update()
                self._changed = True
                if session.fault is not None:
                    self._tell(Stopped(session.step, session.fault))
            case commands.Take(move, grain):
                self._stand()
                reason = session.move(move, grain)
                self._changed = True
                if session.fault is not None:
                    self._tell(Stopped(session.step, session.fault))
                elif reason is not None:
                    self._tell(Refused(reason))
            case commands.GoTo(step):
                self._stand()
                session.go_to(step)
                self._changed = True
                if session.fault is not None:
                    self._tell(Stopped(session.step, session.fault))
            case commands.Restart():
                self._stand()
                session.restart()
                self._changed = True
            case commands.Draw(request):
                self._draw(request, session)
            case commands.Save(checkpoint):
                preparation.save_checkpoint(session, checkpoint)
                self._tell(Saved(checkpoint, session.step))

    def _begin(self, session: Session) -> None:
        self._goal = None
        self._lap = 1  # its updates may take longer
        self._session = session
        self._wanted = Wanted()  # a selection of the last session means nothing in this one
        self._changed = True
        self._tell(SessionStarted(session.description), voids_snapshot=True)

    def _possible(self, wanted: Wanted) -> Wanted:
        """What was asked for while another session was shown may be of a scalar that this one does not have."""
        session, selection = self._session, wanted.selection
        if session is None or selection is None or selection < session.description.program.num_scalars:
            return wanted
        return replace(wanted, selection=None)

    def _draw(self, request: SampleRequest, session: Session) -> None:
        try:
            documents = session.sample(request.count, request.temperature, request.seed)
        except (ArithmeticError, ValueError) as error:  # as plain Python raises it, for numbers that have given out
            reason = f"no sample can be drawn after update {session.step}: {error.args[-1]}"
            self._tell(SamplesRefused(request, reason))
        else:
            self._tell(SamplesDrawn(request, session.step, tuple(documents)))

    def _report(self, preparing: Preparing) -> None:
        if self._stopping or self._prepared < self._preparations:
            raise _Superseded
        self._tell(preparing)

    def _stand(self) -> None:
        if self._goal is not None:
            self._goal = None
            self._changed = True

    def _advance(self, session: Session, goal: int) -> None:
        """Train for a slice of time, or fewer updates where the speed is limited; in one go."""
        if self._time_left() <= 0 and self._limit is not None and self._grain is not Grain.UPDATE:
            self._advance_slowly(session, self._limit)
        elif self._time_left() <= 0:
            start = time.monotonic()
            done = session.run(min(self._lap, self._due_updates(start), goal - session.step))
            self._changed = self._changed or done > 0
            if self._limit is not None:
                self._due += done / self._limit
            if done:
                fitting = int(_SLICE * done / max(time.monotonic() - start, 1e-6))
                self._lap = max(1, min(fitting, 2 * self._lap, _LONGEST_LAP))
        if session.step >= goal or session.fault is not None:
            self._stand()
            self._tell(Stopped(session.step, session.fault))

    def _advance_slowly(self, session: Session, limit: float) -> None:
        """Slow motion: as many items of the grain as are due."""
        items = self._due_updates(time.monotonic())
        self._due += items / limit
        for _ in range(items):
            session.move(Move.OVER, self._grain)
        self._changed = True

    def _due_updates(self, now: float) -> int:
        """How many updates the speed limit lets run by now."""
        if self._limit is None:
            return _LONGEST_LAP
        self._due = max(self._due, now - _ARREARS)
        return 1 + int((now - self._due) * self._limit)

    def _publish(self) -> None:
        """Put a snapshot into the mailbox, if there is something new and, while training runs, somebody to take it."""
        session, standing = self._session, self._goal is None
        if session is None or not self._changed or not (standing or self.mailbox.snapshot_is_due):
            return
        self._changed = False
        self._number += 1
        self.mailbox.put_snapshot(session.snapshot(self._number, self._wanted, self._pace(session.step)))
        if standing:
            self.arrived.emit()

    def _pace(self, step: int) -> Pace:
        if self._goal is None:
            return Pace(running=False, updates_per_second=None)
        now = time.monotonic()
        window = _RATE_WINDOW if self._limit is None else max(_RATE_WINDOW, 2 / self._limit)
        self._rate.append((now, step))
        while len(self._rate) > 2 and now - self._rate[1][0] >= window:
            self._rate.popleft()
        then, earlier = self._rate[0]
        return Pace(running=True, updates_per_second=(step - earlier) / (now - then) if now > then else None)

    def _tell(self, event: Event, *, voids_snapshot: bool = False) -> None:
        self.mailbox.put_event(event, voids_snapshot=voids_snapshot)
        self.arrived.emit()
