"""Reading: the numbers of the loaded document as they stood at a moment of its update, though more may be done by now.

Within an update nothing that is finished changes again but the parameters and their moments, and of these the machine
keeps the old ones too. So when an update is done, every earlier moment of it can still be asked, without replay.
"""

from __future__ import annotations

import numpy as np

from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.conditions import NotComputed
from microgpt_studio.debugger.execution import Execution


class Reading:
    """A Context for conditions: the update in which an execution stands, after `done` of its operations.

    `done` may be set to any number up to what has really been done. The data of a parameter is what `p.data` is in
    plain Python: the updated number as soon as Adam has come to it, the one that the forward pass used before that. A
    gradient is there when all its contributions are added. A moment of a parameter is there always: it starts at 0.
    """

    def __init__(self, execution: Execution, done: int | None = None, uses: Uses | None = None) -> None:
        machine, program = execution.machine, execution.machine.program
        self.updates = execution.place.updates
        self.done = execution.place.done if done is None else done
        self.machine = machine
        self.program = program
        self.document: str = execution.runner.document(self.updates)
        self.forward, self.backward, self.parameters = execution.lengths
        self.length = self.forward + self.backward + self.parameters
        self.uses = Uses(machine) if uses is None else uses
        self._runner = execution.runner
        self._graph_stop = int(program.position_start[machine.positions])
        self._adam = self.forward + self.backward
        self._grad_norm: float | None = None

    @property
    def step(self) -> int:
        """The number of the update, counted from 1."""
        return self.updates + 1

    @property
    def lr(self) -> float:
        """The learning rate of the update."""
        return self._runner.adam.rate(self.updates, self._runner.num_steps)

    @property
    def loss(self) -> float:
        if self.done < self.forward:
            raise NotComputed("loss", None, "is not computed yet: the forward phase has not ended")
        return self.machine.data.item(self.program.loss)

    @property
    def grad_norm(self) -> float:
        if self.done < self._adam:
            raise NotComputed("grad_norm", None, "is not computed yet: the backward phase has not ended")
        if self._grad_norm is None:
            self._grad_norm = self.machine.grad_norm()
        return self._grad_norm

    def data(self, scalar: int) -> float:
        if scalar < self.parameters:
            updated = self.done > self._adam + scalar
            return (self.machine.parameters if updated else self.machine.data).item(scalar)
        number = self.number_of(scalar)
        if number is None:
            raise NotComputed("data", scalar, self._not_here())
        if number >= self.done:
            raise NotComputed("data", scalar, "is not computed yet")
        return self.machine.data.item(scalar)

    def grad(self, scalar: int) -> float:
        if self.done <= self.forward:
            raise NotComputed("grad", scalar, "is not computed yet: the backward phase has not begun")
        grad = self.machine.grad.item(scalar)
        if scalar >= self.parameters and grad == 0.0 and self.uses.number(scalar) is None:
            here = self.number_of(scalar) is not None
            why = "does not exist: the loss does not depend on the scalar" if here else self._not_here()
            raise NotComputed("grad", scalar, why)
        if self.done < self._adam:
            last = self.uses.last(scalar)
            if last is not None and last >= self.done - self.forward:
                added, expected = self.uses.count(scalar, self.done - self.forward)
                raise NotComputed("grad", scalar, f"is not complete yet: {added} of {expected} contributions are added")
        return grad

    def m(self, scalar: int) -> float:
        return self._moment(scalar, self.machine.m_before, self.machine.m)

    def v(self, scalar: int) -> float:
        return self._moment(scalar, self.machine.v_before, self.machine.v)

    def m_hat(self, scalar: int) -> float:
        self._check_updated("m_hat", scalar)
        return self.machine.m.item(scalar) / (1 - self._runner.adam.beta1**self.step)

    def v_hat(self, scalar: int) -> float:
        self._check_updated("v_hat", scalar)
        return self.machine.v.item(scalar) / (1 - self._runner.adam.beta2**self.step)

    def update(self, scalar: int) -> float:
        self._check_updated("update", scalar)
        return self.machine.change.item(scalar)

    def number_of(self, scalar: int) -> int | None:
        """The number of the operation that computes a scalar; None where the document has none."""
        program = self.program
        if scalar < self._graph_stop:
            return scalar - self.parameters if scalar >= self.parameters else None
        if scalar == program.loss:
            return self.forward - 1
        ordinal = scalar - program.sums_start
        return self._graph_stop - self.parameters + ordinal if 0 <= ordinal < self.machine.positions else None

    def _moment(self, scalar: int, before: Floats, after: Floats) -> float:
        return (after if self.done > self._adam + scalar else before).item(scalar)

    def _check_updated(self, what: str, scalar: int) -> None:
        if self.done <= self._adam + scalar:
            raise NotComputed(what, scalar, "is not computed yet: Adam has not come to the parameter")

    def _not_here(self) -> str:
        n = self.machine.positions
        return f'is not computed for "{self.document}", which has {n} position{"s" if n > 1 else ""}'


class Uses:
    """Who uses a scalar, and when the backward phase of the loaded document comes to it. For one machine.

    That phase goes position by position, the last one first, and begins each with the sum that has added its loss.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._program = machine.program
        self._candidates: dict[int, dict[int, Ids]] = {}  # scalar → position → what may use it there, ascending
        self._order: Ids | None = None  # the phase that the rest is about
        self._starts: list[int] = []  # where each of its positions begins, and where the last one ends
        self._last: dict[int, int | None] = {}

    def number(self, scalar: int) -> int | None:
        """The index of a scalar in the order of the backward phase; None where the loss does not depend on it."""
        if scalar < self._program.num_parameters:
            return None
        return self._find(self._position(scalar), np.array([scalar]))

    def first(self, scalars: Ids) -> int | None:
        """The index of the first of some scalars, ascending; None where the loss depends on none of them.

        They are all of one position, or end with the loss, which comes before all others.
        """
        start, block = self._block(self._position(int(scalars[-1])))
        low, high = int(scalars[0]), int(scalars[-1])
        inside = (block >= low) & (block <= high)
        if high - low + 1 != len(scalars):  # they are not one range
            inside &= np.isin(block, scalars)
        first = int(inside.argmax()) if len(block) else 0
        return start + first if len(block) and inside[first] else None

    def last(self, scalar: int) -> int | None:
        """The index of the last that hands gradient on to a scalar; None where nothing does."""
        self._load()
        if scalar not in self._last:
            uses = (self._find(position, self._used_at(scalar, position)) for position in self._candidates_of(scalar))
            self._last[scalar] = next((index for index in uses if index is not None), None)
        return self._last[scalar]

    def count(self, scalar: int, done: int) -> tuple[int, int]:
        """How many contributions a scalar's gradient has after so many operations of the phase, and at its end."""
        order, second = self._load(), self._program.second
        uses = (self._machine.first[order] == scalar).astype(np.int64) + (second[order] == scalar)
        return int(uses[:done].sum()), int(uses.sum())

    def _load(self) -> Ids:
        order = self._machine.order
        if order is not self._order:
            self._order = order
            self._starts = [*np.flatnonzero(order >= self._program.sums_start).tolist(), len(order)]
            self._last = {}
        return order

    def _block(self, position: int) -> tuple[int, Ids]:
        """A position's part of the order, and where it begins. The loss comes before all of them, as position B."""
        order, positions = self._load(), self._machine.positions
        if position == self._program.config.block_size:
            position = positions
        elif position >= positions:
            return 0, order[:0]
        start, stop = self._starts[positions - position : positions - position + 2]
        return start, order[start:stop]

    def _find(self, position: int, scalars: Ids) -> int | None:
        """The index of the last of some scalars of a position."""
        start, block = self._block(position)
        found = [np.flatnonzero(block == scalar) for scalar in scalars.tolist()]
        return max((start + int(indices[0]) for indices in found if len(indices)), default=None)

    def _used_at(self, scalar: int, position: int) -> Ids:
        candidates = self._candidates_of(scalar)[position]
        first, second = self._machine.first[candidates], self._program.second[candidates]
        used: Ids = candidates[(first == scalar) | (second == scalar)]
        return used

    def _position(self, scalar: int) -> int:
        """Where in the order a scalar of the graph is to be looked for."""
        program = self._program
        if scalar >= program.sums_start:
            return scalar - program.sums_start
        return int(np.searchsorted(program.position_start, scalar, side="right")) - 1

    def _candidates_of(self, scalar: int) -> dict[int, Ids]:
        """What uses the scalar in some document: by its own operands, or because a token may choose it."""
        if scalar not in self._candidates:
            program = self._program
            uses = (program.first == scalar) | (program.second == scalar)
            uses[program.chooser[(program.choices == scalar).any(axis=1)]] = True
            uses[program.loss] = True  # it scales the last sum that a document has
            at: dict[int, list[int]] = {}
            for user in np.flatnonzero(uses).tolist():
                at.setdefault(self._position(user), []).append(user)
            self._candidates[scalar] = {position: np.array(at[position], dtype=np.int32) for position in sorted(at)}
        return self._candidates[scalar]
