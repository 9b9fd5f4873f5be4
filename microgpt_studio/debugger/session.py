"""The session: one training run under the debugger. It runs updates and takes snapshots; it knows no threads."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from microgpt.program.addresses import Addresses
from microgpt.program.program import Floats, Program
from microgpt.program.runner import Runner
from microgpt.sample import check_temperature, generate
from microgpt.settings import Settings
from microgpt.train import State, Update
from microgpt_studio.debugger.explain import explain
from microgpt_studio.debugger.snapshot import (
    Cells,
    Description,
    Explanation,
    Moment,
    Pace,
    ParameterNumbers,
    Reach,
    Reaches,
    Snapshot,
    Wanted,
)

_STILL = Pace(running=False, updates_per_second=None)


@dataclass(frozen=True, slots=True)
class FaultReport:
    """Where and why the program stopped in the middle of an update."""

    step: int  # the update that could not be done, counted from 1
    scalar: int
    address: str
    reason: str

    def __str__(self) -> str:
        return f"Update {self.step} stopped at {self.address}: {self.reason}."


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
        )
        self.fault: FaultReport | None = None
        self._update: Update | None = None
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

    def restart(self) -> None:
        """Back to before the first update."""
        self._begin(self._start)

    def restore(self, state: State) -> None:
        """Go on from a state of the same configuration. Losses before it are not known."""
        self._begin(state)

    def state(self) -> State:
        """What is needed to go on from here."""
        return self.runner.state()

    def update(self) -> Update | None:
        """Do one update. Returns None at the end, or where the program stops at a fault, which `fault` then tells."""
        return self._update if self.run(1) else None

    def run(self, updates: int) -> int:
        """Do so many updates in one go; returns how many were done: fewer at the end, or where the program stops."""
        updates = 0 if self.fault is not None else min(updates, self.settings.num_steps - self.step)
        if updates < 1:
            return 0
        lap = self.runner.run(updates)
        self._append_losses(lap.losses)
        if len(lap.losses):
            step = self.step - 1
            rate = self.settings.adam.rate(step, self.settings.num_steps)
            document = self.runner.document(step)
            self._update = Update(self.step, document, float(lap.losses[-1]), rate, float(lap.grad_norms[-1]))
        if lap.fault is not None:
            self.runner.machine.undo_update()
            address = self.description.addresses.format(lap.fault.scalar)
            self.fault = FaultReport(self.step + 1, lap.fault.scalar, address, lap.fault.reason)
        self._tokens = self._document_tokens(self.step if self.fault is not None else self.step - 1)
        return len(lap.losses)

    def sample(self, count: int, temperature: float, seed: int) -> list[str]:
        """New documents from the parameters of this moment; training is not disturbed. Raises ValueError."""
        check_temperature(temperature)
        rng = random.Random(seed)
        predictor = self.runner.predictor()
        tokenizer, block_size = self.runner.tokenizer, self.runner.config.block_size
        return [generate(predictor, tokenizer, block_size, rng, temperature) for _ in range(count)]

    def snapshot(self, number: int, wanted: Wanted, pace: Pace = _STILL) -> Snapshot:
        """The present moment, with the parts that are wanted."""
        data_reach, grad_reach = self._reaches() if wanted.cells or wanted.selection is not None else (None, None)
        return Snapshot(
            number=number,
            wanted=wanted,
            moment=self._moment(),
            pace=pace,
            losses=self._losses(),
            cells=self._cells(data_reach, grad_reach) if wanted.cells else None,
            parameters=self._parameters() if wanted.parameters else None,
            explanation=self._explanation(wanted.selection, data_reach, grad_reach),
        )

    def _begin(self, state: State) -> None:
        self.runner.restore(state)
        self.fault = None
        self._update = None
        self._loss_buffer = np.full(max(1024, state.step), np.nan)
        self._num_losses = state.step
        self._tokens = self._document_tokens(state.step)
        machine = self.runner.machine
        machine.load(self._tokens)
        machine.grad[:] = 0.0

    def _document_tokens(self, step: int) -> tuple[int, ...]:
        tokens = self.runner.tokenizer.encode(self.runner.document(step))
        return tuple(tokens[: self.runner.config.block_size + 1])

    def _append_losses(self, losses: Floats) -> None:
        stop = self._num_losses + len(losses)
        if stop > len(self._loss_buffer):
            grown = np.full(2 * stop, np.nan)
            grown[: self._num_losses] = self._loss_buffer[: self._num_losses]
            self._loss_buffer = grown
        self._loss_buffer[self._num_losses : stop] = losses
        self._num_losses = stop

    def _losses(self) -> Floats:
        """A view: what is written is never changed, a fuller buffer is a new one."""
        view = self._loss_buffer[: self._num_losses]
        view.flags.writeable = False
        return view

    def _moment(self) -> Moment:
        machine, update = self.runner.machine, self._update
        step = self.step if self.fault is not None or update is None else self.step - 1
        return Moment(
            step=self.step,
            num_steps=self.settings.num_steps,
            document=self.runner.document(step),
            tokens=self._tokens,
            positions=machine.positions,
            num_scalars=self.description.program.num_live(machine.positions),
            loss=update.loss if update else None,
            lr=update.lr if update else None,
            grad_norm=update.grad_norm if update else None,
        )

    def _reaches(self) -> tuple[Reaches, Reaches]:
        """(N,) Reach of every scalar's data, and of its grad."""
        machine = self.runner.machine
        program = machine.program
        data = np.full(program.num_scalars, Reach.NOT_COMPUTED, dtype=np.uint8)
        grad = data.copy()
        data[: program.num_parameters] = Reach.KNOWN
        if self.fault is None and self._update is None:
            return data, grad
        stopped_forward = self.fault is not None and self.fault.scalar >= program.num_parameters
        last = self.fault.scalar if self.fault is not None and stopped_forward else program.num_scalars
        for start, stop in program.live_ranges(machine.positions):
            data[start : min(stop, max(start, last))] = Reach.KNOWN
        if not stopped_forward:
            for start, stop in program.live_ranges(machine.positions):
                grad[start:stop] = Reach.OUTSIDE
            grad[: program.num_parameters] = Reach.KNOWN
            grad[machine.order] = Reach.KNOWN
        return data, grad

    def _cells(self, data_reach: Reaches | None, grad_reach: Reaches | None) -> Cells:
        assert data_reach is not None and grad_reach is not None
        machine, elements = self.runner.machine, self.description.program.element_ids
        cells = Cells(machine.data[elements], machine.grad[elements], data_reach[elements], grad_reach[elements])
        return _read_only(cells)

    def _parameters(self) -> ParameterNumbers:
        machine = self.runner.machine
        p = machine.program.num_parameters
        numbers = ParameterNumbers(
            updated=self._update is not None and self.fault is None,
            before=machine.data[:p].copy(),
            after=machine.parameters.copy(),
            grad=machine.grad[:p].copy(),
            m_before=machine.m_before.copy(),
            v_before=machine.v_before.copy(),
            m=machine.m.copy(),
            v=machine.v.copy(),
            change=machine.change.copy(),
        )
        return _read_only(numbers)

    def _explanation(
        self, scalar: int | None, data_reach: Reaches | None, grad_reach: Reaches | None
    ) -> Explanation | None:
        if scalar is None or data_reach is None or grad_reach is None:
            return None
        return explain(self.runner.machine, self.description.addresses, scalar, data_reach, grad_reach)


_Part = TypeVar("_Part", Cells, ParameterNumbers)


def _read_only(part: _Part) -> _Part:
    for name in part.__slots__:
        value = getattr(part, name)
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return part
