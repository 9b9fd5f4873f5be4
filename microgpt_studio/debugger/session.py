"""The session: one training run under the debugger. It runs updates and takes snapshots; it knows no threads."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Hashable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from microgpt.program.addresses import Addresses
from microgpt.program.program import Program
from microgpt.program.runner import Runner
from microgpt.sample import check_temperature, generate
from microgpt.settings import Settings
from microgpt.train import State, Update
from microgpt_studio.debugger.breakpoints import Breakpoints
from microgpt_studio.debugger.continuing import Progress, fault_stop, never, proceed, proceed_back, unheard
from microgpt_studio.debugger.execution import Execution, Place
from microgpt_studio.debugger.explain import explain
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.debugger.history import History
from microgpt_studio.debugger.inquiry import Growing, Inquiry, Sight
from microgpt_studio.debugger.lookout import Cancelled
from microgpt_studio.debugger.moves import Move, destination
from microgpt_studio.debugger.partial import Arrivals, Gradients
from microgpt_studio.debugger.questions import Question, Questions
from microgpt_studio.debugger.retrospect import Answer
from microgpt_studio.debugger.snapshot import (
    BreakpointRow,
    Cursor,
    Description,
    Explanation,
    Moment,
    Pace,
    Reaches,
    Snapshot,
    SourceNumbers,
    Wanted,
    WantedHistory,
    WantedSource,
)
from microgpt_studio.debugger.source import Source, running
from microgpt_studio.debugger.standard_parts import cells, data_reach, parameter_numbers
from microgpt_studio.debugger.stepping import Grain, Stepping
from microgpt_studio.debugger.stop import LogLine, Reason, Stop
from microgpt_studio.debugger.tracing import Tracing
from microgpt_studio.debugger.watches import Watches

_NEWS = frozenset({Reason.BREAKPOINT, Reason.FAULT, Reason.NONFINITE, Reason.FAILURE})
_STILL = Pace(running=False, updates_per_second=None)


class Session:
    """Training with settings on documents, from update 0 or from a state. Not for two threads at once."""

    def __init__(self, settings: Settings, documents: Sequence[str], program: Program, data_name: str) -> None:
        self.settings = settings
        self.documents = documents
        self.runner = Runner(program, documents, settings.adam, settings.num_steps, settings.seed)
        self.description = Description(
            settings=settings,
            program=program,
            addresses=Addresses(program),
            tokenizer=self.runner.tokenizer,
            num_documents=len(documents),
            data_name=data_name,
            expressions=Expressions.of_program(program),
        )
        self.breakpoints = Breakpoints(self.description.addresses, self.runner)
        self.watches = Watches(self.description.addresses)
        self.bookmarks: set[Place] = set()
        self._source = Source(self.description.addresses)
        self._log: list[LogLine] = []
        self._lines_lost = 0
        self._start = self.runner.state()
        self._begin(self._start)

    @property
    def step(self) -> int:
        """Updates done."""
        return self.runner.step

    @property
    def at_end(self) -> bool:
        """Whether nothing is left to do: all updates are done, or the program stopped at a fault."""
        return self.fault is not None or self.step >= self.settings.num_steps

    @property
    def fault(self) -> Stop | None:
        """Where the program stopped because plain Python would raise, while it stands there."""
        return None if self.execution.fault is None else fault_stop(self.execution, self.description.addresses)

    @property
    def stop(self) -> Stop | None:
        """What stopped a run here, if something did: a breakpoint, or a number."""
        if self._stop is not None and self._stop.place == self.execution.place:
            return self._stop
        return self.fault

    @property
    def furthest(self) -> int:
        """Updates done at the latest moment that this session has seen."""
        return self.execution.log.known

    def restart(self) -> None:
        """Back to before the first update."""
        self._begin(self._start)

    def restore(self, state: State) -> None:
        """Go on from a state of the same configuration. Losses before it are not known."""
        self._begin(state)

    def keep(self, parameter: int, number: float) -> None:
        """Let a parameter be another number from the beginning of the update that is shown, and do that update again.

        The session goes on from there: what was before is not known any more, as with `restore`. Raises ValueError
        for what is no parameter, or no finite number.
        """
        if not 0 <= parameter < self.description.program.num_parameters:
            raise ValueError(f"only a parameter can keep another number, and {parameter} is none")
        if not math.isfinite(number):
            raise ValueError(f"a parameter cannot be {number}; type a finite number")
        machine, place = self.runner.machine, self.execution.place
        redo = place.done > 0
        parameters = machine.data[: self.description.program.num_parameters].tolist()
        parameters[parameter] = number
        self._begin(State(place.updates, parameters, machine.m_before.tolist(), machine.v_before.tolist()))
        if redo:
            self.run(1)

    def state(self) -> State:
        """What is needed to go on from here; from within an update, from its beginning."""
        machine = self.runner.machine
        if self._is_finished or self.execution.place.done == 0:
            return self.runner.state()
        before = machine.data[: self.description.program.num_parameters]
        return State(self.step, before.tolist(), machine.m_before.tolist(), machine.v_before.tolist())

    def update(self) -> Update | None:
        """Do one update. Returns None at the end, or where the program stops at a fault, which `fault` then tells."""
        return self._last_update() if self.run(1) else None

    def run(self, updates: int) -> int:
        """Do so many updates in one go; returns how many were done: fewer at the end, or where the program stops."""
        return self.execution.run(updates)

    def go_to(self, step: int) -> None:
        """Visit the moment after so many updates, past or future; at a fault on the way the session stands before it.

        Raises ValueError for a moment before the session began, or after its last update.
        """
        first, last = self.execution.first, self.settings.num_steps
        if not first <= step <= last:
            raise ValueError(f"there is no moment after update {step}; this session has updates {first} to {last}")
        if step == self.execution.first:
            self.execution.go_to(Place(step, 0))
        else:
            self.execution.go_to(Place(step - 1, sys.maxsize))

    def go_to_place(self, place: Place) -> None:
        """Visit any moment; at a fault on the way the session stands before it. Raises LookupError for no moment."""
        self.execution.go_to(place)

    def move(self, move: Move, grain: Grain, cancelled: Cancelled = never) -> str | None:
        """Step by the items of a grain, forward up to a breakpoint. Returns why it leads nowhere, if so."""
        here = self.execution.place
        step = destination(self._stepping, here, move, grain)
        if step.reason is not None:
            return step.reason
        if step.place > here:
            self.proceed(step.place, cancelled)
        elif step.place.done == 0:  # the same moment as the end of the update before, of which there is more to see
            self.go_to(step.place.updates)
        else:
            self.execution.go_to(step.place)
        return None

    def after(self, items: int, grain: Grain) -> Place:
        """The moment to which so many steps over the items of a grain lead, or as many as there are."""
        if grain is Grain.UPDATE:
            return Place(self.step + items - 1, sys.maxsize)
        place = self.execution.place
        for _ in range(items):
            place = self._stepping.over(place, grain).place
        return place

    def proceed(self, until: Place | None = None, cancelled: Cancelled = never) -> Stop:
        """Run to a place, or to the end, unless something stops the run before; what was logged `take_log` has."""
        stop = proceed(self.execution, self.breakpoints, until, cancelled)
        self._log += stop.log
        self._lines_lost += stop.lines_lost
        return self._stand(stop)

    def proceed_back(self, cancelled: Cancelled = never, progress: Progress = unheard) -> Stop:
        """Back to the latest moment at which something would have stopped a run, or to the beginning."""
        return self._stand(proceed_back(self.execution, self.breakpoints, None, cancelled, progress))

    def ask(self, question: Question, cancelled: Cancelled = never, progress: Progress = unheard) -> Answer:
        """Answer a question to the past, and go there. Raises ValueError or LookupError where it makes no sense."""
        answer = self._questions.answer(question, progress, cancelled)
        if answer.place is not None:
            self.execution.go_to(answer.place)
        return answer

    def take_log(self) -> tuple[tuple[LogLine, ...], int]:
        """What logpoints have written since this was last called, and how many lines before that were lost."""
        taken = tuple(self._log), self._lines_lost
        self._log, self._lines_lost = [], 0
        return taken

    def set_bookmark(self, place: Place | None, marked: bool | None) -> None:
        """Mark a moment, or take its mark away; by default the present one, whose mark changes."""
        where = self.execution.place if place is None else place
        if marked is None:
            marked = where not in self.bookmarks
        if marked:
            self.bookmarks.add(where)
        else:
            self.bookmarks.discard(where)

    def sample(self, count: int, temperature: float, seed: int) -> list[str]:
        """New documents from the parameters of this moment; training is not disturbed. Raises ValueError."""
        check_temperature(temperature)
        rng = random.Random(seed)
        predictor = self.runner.predictor()
        tokenizer, block_size = self.runner.tokenizer, self.runner.config.block_size
        return [generate(predictor, tokenizer, block_size, rng, temperature) for _ in range(count)]

    @property
    def is_tracing(self) -> bool:
        """Whether a history, or a growing answer, that is asked for can go on."""
        return not (self._tracing.is_complete and all(each.is_complete for each in self._growing))

    def trace(self, wanted: WantedHistory | None) -> None:
        """Ask for a history, which `trace_on` computes, and every snapshot that wants it carries as far as it is."""
        self._tracing.ask(wanted)

    def trace_on(self, cancelled: Cancelled) -> None:
        """Replay the past for the history, and let answers grow, until they are complete or it is cancelled."""
        self._tracing.advance(cancelled)
        for each in self._growing:
            each.advance(cancelled)

    def snapshot(
        self, number: int, wanted: Wanted, pace: Pace = _STILL, *, slow_parts_are_due: bool = True
    ) -> Snapshot:
        """The present moment, with the parts that are wanted; what takes its time, as the watches do, if due."""
        inquiries = [inquiry for inquiry in wanted.inquiries if slow_parts_are_due or not inquiry.is_slow]
        needs_data = wanted.cells or wanted.selection is not None or bool(inquiries)
        reach = data_reach(self.execution) if needs_data or wanted.source is not None else None
        needs_gradients = wanted.parameters or needs_data
        arrivals = self._gradients.at(self.execution.place.done) if needs_gradients else None
        return Snapshot(
            number=number,
            wanted=wanted,
            moment=self._moment(),
            pace=pace,
            losses=self.execution.log.losses,
            cells=cells(self.execution, reach, arrivals) if wanted.cells and reach is not None and arrivals else None,
            parameters=parameter_numbers(self.execution, arrivals) if wanted.parameters and arrivals else None,
            explanation=self._explanation(wanted.selection, reach, arrivals),
            breakpoints=self._breakpoint_rows(),
            break_on_nonfinite=self.breakpoints.break_on_nonfinite,
            bookmarks=tuple(sorted(self.bookmarks)),
            watches=self.watches.rows(self.execution) if wanted.watches and slow_parts_are_due else None,
            watched=self.watches.scalars,
            history=self._tracing.history() if wanted.history is not None else None,
            source=self._source_numbers(wanted.source, reach),
            answers=self._answers(inquiries, reach, arrivals),
        )

    def _begin(self, state: State) -> None:
        self.runner.restore(state)
        self.execution = Execution(self.runner, History(self.description.program.num_parameters))
        self._gradients = Gradients(self.execution)
        self._stepping = Stepping(self.execution)
        self._questions = Questions(self.execution, self.description.addresses)
        self._tracing = Tracing(self.execution, self.description.addresses)
        self._kept: dict[Hashable, Any] = {}
        self._growing: list[Growing] = []
        self._stop: Stop | None = None

    def _stand(self, stop: Stop) -> Stop:
        self._stop = replace(stop, log=(), lines_lost=0) if stop.reason in _NEWS else None
        return stop

    @property
    def _is_finished(self) -> bool:
        """Whether the update that is shown is done."""
        return self.execution.place.done == self.execution.length

    def _last_update(self) -> Update | None:
        """What the update that is shown has done; None before its end."""
        if not self._is_finished:
            return None
        step, log = self.execution.place.updates, self.execution.log
        rate = self.settings.adam.rate(step, self.settings.num_steps)
        document = self.runner.document(step)
        return Update(step + 1, document, float(log.losses[step]), rate, float(log.grad_norms[step]))

    def _moment(self) -> Moment:
        machine, place = self.runner.machine, self.execution.place
        forward, backward, _ = self.execution.lengths
        rate = self.settings.adam.rate(place.updates, self.settings.num_steps)
        document = self.runner.document(place.updates)
        tokens = self.runner.tokenizer.encode(document)[: machine.positions + 1]
        return Moment(
            step=self.step,
            update=place.updates + 1,
            num_steps=self.settings.num_steps,
            document=document,
            tokens=tuple(tokens),
            positions=machine.positions,
            num_scalars=self.description.program.num_live(machine.positions),
            loss=float(machine.data[machine.program.loss]) if place.done >= forward else None,
            lr=rate if place.done else None,
            grad_norm=machine.grad_norm() if place.done >= forward + backward else None,
            cursor=self._cursor(),
            stop=self.stop,
        )

    def _cursor(self) -> Cursor:
        place, length = self.execution.place, self.execution.length
        if place.done == length:
            return Cursor(length, length, None, (f"update {place.updates + 1}", "end"))
        scalar = self.execution.operation(place.done).scalar
        return Cursor(
            place.done,
            length,
            scalar,
            self._stepping.breadcrumb(place),
            self._stepping.position(place),
            running(self.execution),
        )

    def _source_numbers(self, wanted: WantedSource | None, reach: Reaches | None) -> SourceNumbers | None:
        if wanted is None or reach is None:
            return None
        return self._source.numbers(self.execution, wanted, self._stepping.position(self.execution.place), reach)

    def _breakpoint_rows(self) -> tuple[BreakpointRow, ...]:
        return tuple(
            BreakpointRow(each.id, each.definition, each.enabled, each.hits, each.problem, each.hit_updates)
            for each in self.breakpoints
        )

    def _answers(
        self, inquiries: Sequence[Inquiry[object]], reach: Reaches | None, arrivals: Arrivals | None
    ) -> MappingProxyType[Inquiry[object], object]:
        self._growing = []
        if reach is None or arrivals is None:
            return MappingProxyType({})
        sight = Sight(self.execution, self.description, reach, arrivals, self._kept, self._growing)
        return MappingProxyType({inquiry: inquiry.answer(sight) for inquiry in inquiries})

    def _explanation(self, scalar: int | None, reach: Reaches | None, arrivals: Arrivals | None) -> Explanation | None:
        if scalar is None or reach is None or arrivals is None:
            return None
        return explain(self.runner.machine, self.description.addresses, scalar, reach, arrivals)
