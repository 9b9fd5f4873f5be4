"""Continuing: run forward to the next place where something stops the run, or back to the latest one before here.

An update is run in one go, and then every moment of it at which a breakpoint may stop is looked at, in order, with the
numbers of that moment; only where one stops is the update run again, up to there. Going back does the same with the
updates from a saved state on, and takes the last one.

At one place a fault or a number that is not finite comes before a breakpoint, and that before `until`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from microgpt.program.addresses import Addresses
from microgpt_studio.debugger.breakpoints import AIM, Breakpoints, Memory
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.lookout import END, Cancelled, Hit, Lookout
from microgpt_studio.debugger.nonfinite import NonFinite, first_nonfinite
from microgpt_studio.debugger.reading import Reading
from microgpt_studio.debugger.stop import LogLine, Reason, Stop

_LAP = 16  # updates between two looks at `cancelled` where nothing can stop the run, at most
_LOOKS = 2048  # moments looked at between two looks at `cancelled`
_LONGEST_LOG = 10_000  # lines


Progress = Callable[[int, int], None]  # told how many updates are searched, and of how many


def never() -> bool:
    """Nobody cancels."""
    return False


def unheard(_done: int, _total: int) -> None:
    """Nobody is told."""


def fault_stop(execution: Execution, addresses: Addresses) -> Stop:
    """The stop of an execution that stands before a fault."""
    fault, place = execution.fault, execution.place
    assert fault is not None
    sentence = f"Update {place.updates + 1} stopped at {addresses.format(fault.scalar)}: {fault.reason}."
    return Stop(Reason.FAULT, place, sentence, scalar=fault.scalar)


def proceed(
    execution: Execution, breakpoints: Breakpoints, until: Place | None = None, cancelled: Cancelled = never
) -> Stop:
    """Run forward from where the execution stands; what stands at that very place does not stop it again.

    Hits are counted, and logpoints write. Cancelled, the run stands where it has come to.
    """
    return _Forward(execution, breakpoints, until, cancelled).run()


def proceed_back(
    execution: Execution,
    breakpoints: Breakpoints,
    until: Place | None = None,
    cancelled: Cancelled = never,
    progress: Progress = unheard,
) -> Stop:
    """Go back to the latest place before this one, and not before `until`, where a breakpoint's event has come.

    How often it has come does not matter, nothing is counted, and logpoints are passed over. Cancelled, the execution
    stands where it stood.
    """
    return _Backward(execution, breakpoints, until, cancelled, progress).run()


class _Run:
    def __init__(
        self, execution: Execution, breakpoints: Breakpoints, until: Place | None, cancelled: Cancelled
    ) -> None:
        self.execution = execution
        self.breakpoints = breakpoints
        self.until = until
        self.cancelled = cancelled
        self.lookout = Lookout(execution, breakpoints)

    def nonfinite(self, first: int, limit: int) -> NonFinite | None:
        """What became not finite at first ≤ done ≤ limit of the present update. Moves the execution if there is one."""
        if not self.breakpoints.break_on_nonfinite:
            return None
        place, faulty = self.execution.place, self.execution.fault is not None
        found = first_nonfinite(self.execution, self.breakpoints.addresses, limit)
        if found is not None and found.done < first:
            self.go_back_to(place, faulty)
            return None
        return found

    def go_back_to(self, place: Place, faulty: bool) -> None:
        """Stand where the execution stood, before a fault if it was one."""
        self.execution.go_to(Place(place.updates, END) if faulty else place)

    def stop(self, reason: Reason, sentence: str) -> Stop:
        return Stop(reason, self.execution.place, sentence)

    def stop_at(self, what: Hit | NonFinite) -> Stop:
        """Go to the moment of the present update and stop there."""
        place = self.execution.go_to(Place(self.execution.place.updates, what.done))
        if isinstance(what, NonFinite):
            return Stop(Reason.NONFINITE, place, what.sentence, scalar=what.scalar)
        if what.breakpoint.id == AIM:
            return replace(self.stop_at_until(), breakpoint=AIM)
        reason = Reason.BREAKPOINT if what.failure is None else Reason.FAILURE
        return Stop(reason, place, what.sentence, what.breakpoint.id, what.breakpoint.subject)

    def stop_at_until(self) -> Stop:
        return self.stop(Reason.UNTIL, "Here is the place that was asked for.")

    def stop_cancelled(self) -> Stop:
        return self.stop(Reason.CANCELLED, "Stopped on request.")


class _Forward(_Run):
    def __init__(
        self, execution: Execution, breakpoints: Breakpoints, until: Place | None, cancelled: Cancelled
    ) -> None:
        super().__init__(execution, breakpoints, until, cancelled)
        self.log: deque[LogLine] = deque(maxlen=_LONGEST_LOG)
        self.lines = 0

    def run(self) -> Stop:
        stop = self._run()
        return replace(stop, log=tuple(self.log), lines_lost=self.lines - len(self.log))

    def _run(self) -> Stop:
        execution, here = self.execution, self.execution.place
        if execution.fault is not None:
            return self._stop_at_fault()
        if self.until is not None and self.until <= here:
            return self.stop_at_until()
        if here.updates >= execution.runner.num_steps:
            return self._stop_at_end()
        if not self.lookout.active and not self.breakpoints.break_on_nonfinite:
            return self._straight()
        if not self._remember():
            return self.stop_cancelled()
        stop = None
        while stop is None:
            stop = self.stop_cancelled() if self.cancelled() else self._update()
        if self.lookout.crossings:
            self.breakpoints.memory = Memory((execution, execution.place), self.lookout.last)
        return stop

    def _straight(self) -> Stop:
        """Nothing can stop the run on its way but a fault."""
        execution, until = self.execution, self.until
        last = execution.runner.num_steps if until is None else min(until.updates, execution.runner.num_steps)
        while execution.runner.step < last and execution.fault is None:
            if self.cancelled():
                execution.lap = max(execution.lap // 2, 1)
                return self.stop_cancelled()
            execution.run(min(execution.lap, last - execution.runner.step))
            execution.lap = min(2 * execution.lap, _LAP)
        if execution.fault is None and until is not None and until.updates < execution.runner.num_steps:
            execution.go_to(until)
        if execution.fault is not None:
            return self._stop_at_fault()
        return (
            self._stop_at_end()
            if until is None or until.updates >= execution.runner.num_steps
            else self.stop_at_until()
        )

    def _remember(self) -> bool:
        """Know what crossings compare with; False where it is cancelled."""
        execution, here = self.execution, self.execution.place
        if not self.lookout.crossings:
            return True
        memory = self.breakpoints.memory
        if memory.moment == (execution, here):
            self.lookout.last = dict(memory.values)
            return True
        completed = self.lookout.recall(here.updates, self.cancelled)
        execution.go_to(here)
        self.lookout.keep()
        return completed

    def _update(self) -> Stop | None:
        """Go on to the end of an update, or to `until`, or to what stops before these."""
        execution, until, here = self.execution, self.until, self.execution.place
        is_finished = here.done == execution.length
        updates = here.updates + is_finished
        if until is not None and until.updates < updates:
            return self.stop_at_until()
        if updates >= execution.runner.num_steps:
            return self._stop_at_end()
        known = execution.log.known
        if until is not None and until.updates == updates:
            execution.go_to(until)
        else:
            execution.run(1)
        stop = self._look(0 if is_finished else here.done + 1)
        if stop is not None:
            if execution.place.done < execution.length:
                execution.log.forget(known)
            return stop
        if execution.fault is not None:
            return self._stop_at_fault()
        return self.stop_at_until() if until is not None and until.updates == updates else None

    def _look(self, first: int) -> Stop | None:
        """Stop where something does in the present update, from a moment on and up to where it stands."""
        place = self.execution.place
        found = self.nonfinite(first, place.done)
        limit = place.done if found is None else found.done
        comes_first = found is not None or self.execution.fault is not None
        hit, looked = self._first_stop(first, limit)
        if hit is not None and (hit.done < limit or not comes_first):
            return self.stop_at(hit)
        if looked < limit:
            self.execution.go_to(Place(place.updates, looked))
            return self.stop_cancelled()
        return None if found is None else self.stop_at(found)

    def _first_stop(self, first: int, limit: int) -> tuple[Hit | None, int]:
        """The first hit that stops, with everything up to its moment counted and written.

        Second comes the moment up to which that is done: less than `limit` where it was cancelled.
        """
        stop: Hit | None = None
        reading, last, looks = self.lookout.reading(), first, 0
        for done, _, each in self.lookout.moments(reading, first, limit):
            if done > last and (stop is not None or (looks >= _LOOKS and self.cancelled())):
                return stop, last
            looks = looks % _LOOKS + 1
            reading.done = done
            last = done
            hit = self.lookout.check(each, reading)
            if hit is not None and self._stops(hit, reading) and stop is None:
                stop = hit
        return stop, limit

    def _stops(self, hit: Hit, reading: Reading) -> bool:
        """Count a hit, write it if it is a logpoint's, and tell whether the run stops."""
        each = hit.breakpoint
        if hit.failure is not None:
            return True
        each.count(reading.step)
        if each.hits < each.definition.stop_after:
            return False
        if each.message is None:
            return True
        self.lines += 1
        self.log.append(LogLine(Place(reading.updates, reading.done), each.id, each.message.write(reading)))
        return False

    def _stop_at_fault(self) -> Stop:
        return fault_stop(self.execution, self.breakpoints.addresses)

    def _stop_at_end(self) -> Stop:
        return self.stop(Reason.END, f"Training is over: all {self.execution.runner.num_steps} updates are done.")


class _Backward(_Run):
    def __init__(
        self,
        execution: Execution,
        breakpoints: Breakpoints,
        until: Place | None,
        cancelled: Cancelled,
        progress: Progress,
    ) -> None:
        super().__init__(execution, breakpoints, until, cancelled)
        self.progress = progress

    def run(self) -> Stop:
        execution, here = self.execution, self.execution.place
        faulty = execution.fault is not None
        floor = Place(execution.first, 0) if self.until is None else max(self.until, Place(execution.first, 0))
        last = here.updates - (here.done == 0)
        while floor < here and floor.updates <= last:
            begin = max(execution.history.nearest(last)[0], floor.updates)
            try:
                found = self._search(begin, last, floor, here)
            except _Cancelled:
                self.go_back_to(here, faulty)
                return self.stop_cancelled()
            if found is not None:
                updates, what = found
                execution.go_to(Place(updates, what.done))
                return self.stop_at(what)
            last = begin - 1
        if floor < here:
            execution.go_to(floor)
        if self.until is not None and self.until >= floor:
            return self.stop_at_until()
        return self.stop(Reason.START, "Here is the beginning: nothing before it can be visited.")

    def _search(self, begin: int, last: int, floor: Place, here: Place) -> tuple[int, Hit | NonFinite] | None:
        """The latest stop in some updates in a row, at floor ≤ place < here: its update and what it is."""
        execution = self.execution
        if not self.lookout.recall(begin, self.cancelled):
            raise _Cancelled
        best: tuple[int, Hit | NonFinite] | None = None
        for updates in range(begin, last + 1):
            if self.cancelled():
                raise _Cancelled
            self.progress(here.updates - last + updates - begin, here.updates - floor.updates + 1)
            if updates == here.updates:
                execution.go_to(here)
            elif updates == begin:
                execution.go_to(Place(updates, END))
            else:
                execution.run(1)
            first = floor.done if updates == floor.updates else 0
            limit = here.done - 1 if updates == here.updates else execution.place.done
            what = self._latest(first, limit)
            best = best if what is None else (updates, what)
        return best

    def _latest(self, first: int, limit: int) -> Hit | NonFinite | None:
        """The last stop in the present update at first ≤ done ≤ limit."""
        place = self.execution.place
        hit = self.lookout.latest(self.lookout.reading(), first, limit)
        found = self.nonfinite(first, limit)
        if found is None:
            return hit
        self.go_back_to(place, faulty=False)
        return found if hit is None or found.done >= hit.done else hit


class _Cancelled(Exception):
    """The search is given up."""
