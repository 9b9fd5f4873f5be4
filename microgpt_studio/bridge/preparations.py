"""Preparations: which of the sessions that are asked for is prepared, while newer ones are asked for or all cancelled.

A newer one is looked at as soon as it comes: if it can be had, the older one is given up for it; if not, it is refused
and the older one goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from microgpt.program.program import Program
from microgpt_studio.bridge import commands
from microgpt_studio.debugger import preparation
from microgpt_studio.debugger.events import Event, PreparationCancelled, Preparing, Refused
from microgpt_studio.debugger.preparation import Plan, WarmUp
from microgpt_studio.debugger.session import Session


@dataclass(slots=True)
class _Request:
    number: int  # from 1
    command: commands.Start | commands.Open
    plan: Plan | None = None
    is_refused: bool = False


class _GivenUp(BaseException):
    """The preparation that is running is not wanted any more."""


class Preparations:
    """`ask`, `cancel` and `stop` may be called from any thread but the worker's, `prepare` from the worker's alone."""

    def __init__(self, tell: Callable[[Event], None], warm_up: WarmUp | None = None) -> None:
        """`warm_up` is for the first session of the program; see `preparation.prepare`."""
        self._tell = tell
        self._warm_up = warm_up
        self._waiting: deque[_Request] = deque()
        self._asked = 0
        self._cancelled = 0  # the number of the last request that is cancelled, and all before it
        self._is_stopping = False

    def ask(self, command: commands.Start | commands.Open) -> None:
        """Announce a command which `prepare` will be called with, in the same order."""
        self._asked += 1
        self._waiting.append(_Request(self._asked, command))

    def cancel(self) -> None:
        """Give up whatever has been asked for and is not there yet."""
        self._cancelled = self._asked

    def stop(self) -> None:
        """Give up for good, and say nothing."""
        self._is_stopping = True

    def prepare(self, command: commands.Start | commands.Open, previous: Program | None) -> Session | None:
        """The session, or None where it is given up. Raises ValueError, LookupError or OSError where it is refused."""
        request = self._waiting.popleft()
        assert request.command is command
        if request.is_refused:
            return None

        def report(preparing: Preparing) -> None:
            self._check(request, previous)
            self._tell(preparing)

        try:
            self._check(request, previous)
            plan = request.plan or _plan(command, previous)
            return preparation.prepare(plan, report, self._warm_up_once)
        except _GivenUp:
            if self._is_cancelled(request) and not self._is_stopping:
                self._tell(PreparationCancelled())
            return None

    def _warm_up_once(self, session: Session) -> None:
        warm_up, self._warm_up = self._warm_up, None
        if warm_up is not None:
            warm_up(session)

    def _check(self, request: _Request, previous: Program | None) -> None:
        """Raises _GivenUp where a request is cancelled, or a newer one can be had instead."""
        if self._is_stopping or self._is_cancelled(request):
            raise _GivenUp
        for newer in self._waiting.copy():  # it may grow at any time
            if not newer.is_refused and not self._is_refused_now(newer, previous):
                raise _GivenUp

    def _is_cancelled(self, request: _Request) -> bool:
        return request.number <= self._cancelled

    def _is_refused_now(self, request: _Request, previous: Program | None) -> bool:
        try:
            request.plan = _plan(request.command, previous)
        except (ValueError, LookupError, OSError) as error:
            request.is_refused = True
            self._tell(Refused(str(error), another_is_prepared=True))
        return request.is_refused


def _plan(command: commands.Start | commands.Open, previous: Program | None) -> Plan:
    if isinstance(command, commands.Start):
        return preparation.plan(command.settings, previous)
    return preparation.plan_checkpoint(command.checkpoint, command.data, previous)
