"""The machine: the numbers of one run of a program, and the kernels at work on any range of it.

It runs forward by ids, backward by places in the backward order, Adam by parameters; whole updates or one operation.
It does not know documents' text, training settings or history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from microgpt.adam import Adam
from microgpt.program import kernels, loop
from microgpt.program.program import Floats, Ids, Operation, Program

if TYPE_CHECKING:
    import numpy.typing as npt

_FIRST_ROOM = 1 << 20  # ids in the pool of backward orders at first
_MOST_ROOM = 1 << 27  # and at most: 512 MiB; a full pool of that size is emptied


class Fault(ArithmeticError):
    """The program stopped at a scalar where plain Python would raise."""

    def __init__(self, scalar: int, reason: str) -> None:
        super().__init__(scalar, reason)
        self.scalar = scalar
        self.reason = reason


@dataclass(frozen=True, slots=True, eq=False)
class Lap:
    """What a number of updates in one go did. `fault` tells why fewer were done than asked for."""

    losses: Floats  # (updates done,) in nats
    grad_norms: Floats  # (updates done,)
    fault: Fault | None


class Machine:
    """Data and grad of every scalar; m, v and the last update of every parameter. Not for two threads at once.

    `data` holds the parameters that the loaded document's forward pass uses, `parameters` those that Adam has made of
    them: the next document's. `m_before` and `v_before` are the moments before the loaded document's update.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        n, p = program.num_scalars, program.num_parameters
        self.data = np.zeros(n)
        self.grad = np.zeros(n)
        self.m = np.zeros(p)
        self.v = np.zeros(p)
        self.m_before = np.zeros(p)
        self.v_before = np.zeros(p)
        self.change = np.zeros(p)  # what the last update subtracted
        self.parameters = np.zeros(p)
        self.positions = 0  # of the loaded document
        self.first = program.first.copy()
        self.constants = program.constants.copy()
        self.code, self.second = kernels.codes(program)
        run = np.zeros(n, dtype=np.int32)
        kernels.find_runs(self.code, self.first, self.second, self.constants, run)
        self._graph = loop.Graph(
            self.code,
            self.first,
            self.second,
            self.constants,
            (program.maximum_constant, program.maximum_first, program.maximum_start, program.maximum_members),
            run,
            program.position_start,
            program.chooser,
            program.chooser_token,
            program.choices,
            program.chooser_stop,
            program.mean_constant,
        )
        self._numbers = loop.Numbers(
            self.data, self.grad, self.m, self.v, self.m_before, self.v_before, self.change, self.parameters
        )
        self._orders = loop.Orders.empty(program.config.block_size, program.config.vocab_size, n, _FIRST_ROOM)
        self._tokens: npt.NDArray[np.int32] = np.zeros(1, dtype=np.int32)
        self._parts: tuple[Ids, ...] | None = None
        self._order: Ids | None = None

    @property
    def order(self) -> Ids:
        """The ids in the order in which the backward phase of the loaded document visits them."""
        if self._order is None:
            self._order = np.concatenate(self.order_parts)
        return self._order

    @property
    def order_parts(self) -> tuple[Ids, ...]:
        """The order in pieces, one after the other: the loss, then the last position's part, up to the first's.

        It is another tuple for every document that is loaded.
        """
        if self._parts is None:
            starts, stops, pool = self._orders.start, self._orders.stop, self._orders.pool
            keys = [(position, int(self._tokens[position + 1])) for position in reversed(range(self.positions))]
            loss = np.array([self.program.loss], dtype=np.int32)
            self._parts = loss, *(pool[starts[key] : stops[key]] for key in keys)
        return self._parts

    @property
    def targets(self) -> tuple[int, ...]:
        """The token that each position of the loaded document has to predict."""
        return tuple(self._tokens[1:].tolist())

    @property
    def num_visits(self) -> int:
        """How many scalars the backward phase visits: the length of the order."""
        return sum(map(len, self.order_parts))

    def load(self, tokens: Sequence[int]) -> None:
        """Bind the program to a document: its tokens choose the embeddings and targets, its length the mean.

        Tokens beyond the block are cut, as the model does. The update of the document before is final with this.
        """
        self.data[: self.program.num_parameters] = self.parameters
        self.m_before[:] = self.m
        self.v_before[:] = self.v
        self._loaded(tokens)
        while not loop.bind(self._graph, self._orders, self._tokens, self.positions):
            self._make_room()

    def choose(self, tokens: Sequence[int]) -> int:
        """Let the tokens choose the embeddings and targets they stand for; returns the number of positions."""
        n = min(self.program.config.block_size, len(tokens) - 1)
        loop.choose(self._graph, np.array(tokens[: n + 1], dtype=np.int32), n)
        return n

    def train(self, documents: Sequence[Sequence[int]], adam: Adam, step: int, num_steps: int) -> Lap:
        """One update after the other, a document (its tokens) each, in one go; `step` is the first's, counted from 0.

        After a fault the document that met it is loaded; `undo_update` takes back what Adam has done of its update.
        """
        schedule = np.array([adam_numbers(adam, step + u, num_steps) for u in range(len(documents))])
        tokens = np.array([token for document in documents for token in document], dtype=np.int32)
        starts = np.cumsum([0, *map(len, documents)])
        losses, norms = np.empty(len(documents)), np.empty(len(documents))
        done, outcome = 0, loop.OUT_OF_ROOM
        while outcome == loop.OUT_OF_ROOM:
            more, outcome = loop.train(
                self._graph,
                self._numbers,
                self._orders,
                tokens,
                starts[done:],
                schedule[done:],
                losses[done:],
                norms[done:],
            )
            done += more
            if outcome == loop.OUT_OF_ROOM:
                self._make_room()
        self._loaded(documents[min(done, len(documents) - 1)])
        fault = self._fault(int(outcome)) if outcome >= 0 else None
        return Lap(losses[:done], norms[:done], fault)

    def forward(self, start: int, stop: int) -> None:
        """Compute the data of start ≤ id < stop; ids of other documents' positions are not to be asked for."""
        graph = self._graph
        scalar = kernels.forward(
            self.code, self.first, self.second, self.constants, graph.maxima, graph.run, self.data, start, stop
        )
        if scalar >= 0:
            raise self._fault(int(scalar))

    def forward_all(self) -> float:
        """Compute the whole graph of the loaded document; returns the loss."""
        for start, stop in self.program.live_ranges(self.positions):
            self.forward(start, stop)
        return float(self.data[self.program.loss])

    def start_backward(self) -> None:
        """No gradient yet, but the loss's own, which is 1."""
        self.grad[:] = 0.0
        self.grad[self.program.loss] = 1.0

    def backward(self, start: int, stop: int) -> None:
        """Let order[start:stop] hand their gradients on."""
        kernels.backward(
            self.code,
            self.first,
            self.second,
            self.constants,
            self._graph.run,
            self.data,
            self.grad,
            self.order,
            start,
            stop,
        )

    def backward_all(self) -> None:
        """The gradient of every scalar that the loss depends on."""
        self.start_backward()
        self.backward(0, len(self.order))

    def update(self, adam: Adam, step: int, num_steps: int, start: int, stop: int) -> None:
        """Adam for the parameters start ≤ id < stop; steps count from 0."""
        numbers = adam_numbers(adam, step, num_steps)
        parameter = kernels.adam(
            self.data, self.grad, self.m, self.v, self.change, self.parameters, numbers, start, stop
        )
        if parameter >= 0:
            raise self._fault(int(parameter))

    def undo_update(self) -> None:
        """Parameters, m and v as they were when the document was loaded."""
        self.parameters[:] = self.data[: self.program.num_parameters]
        self.m[:] = self.m_before
        self.v[:] = self.v_before

    def grad_norm(self) -> float:
        """The Euclidean norm of the gradient of all parameters."""
        return float(kernels.norm(self.grad[: self.program.num_parameters]))

    def _loaded(self, tokens: Sequence[int]) -> None:
        self.positions = min(self.program.config.block_size, len(tokens) - 1)
        self._tokens = np.array(tokens[: self.positions + 1], dtype=np.int32)
        self._parts = self._order = None

    def _make_room(self) -> None:
        """A pool of twice the size, or an empty one where it would be too large."""
        old, config = self._orders, self.program.config
        room = 2 * len(old.pool)
        if room > _MOST_ROOM:
            room = max(_MOST_ROOM, 2 * self.program.num_scalars)
        self._orders = loop.Orders.empty(config.block_size, config.vocab_size, self.program.num_scalars, room)
        if room > len(old.pool):
            self._orders.start[:], self._orders.stop[:], self._orders.used[:] = old.start, old.stop, old.used
            self._orders.pool[: len(old.pool)] = old.pool

    def _fault(self, scalar: int) -> Fault:
        if scalar < self.program.num_parameters:
            g = float(self.grad[scalar])
            return Fault(scalar, f"{g!r} ** 2 overflows in Adam's second moment")
        x = float(self.data[self.first[scalar]])
        operation = Operation(self.program.operation[scalar])
        if operation is Operation.POW:
            exponent = float(self.constants[self.second[scalar]])
            return Fault(scalar, f"{x!r} ** {exponent!r} " + ("divides by zero" if x == 0 else "overflows"))
        if operation is Operation.EXP:
            return Fault(scalar, f"exp({x!r}) overflows")
        return Fault(scalar, f"log({x!r}) is not defined")


def adam_numbers(adam: Adam, step: int, num_steps: int) -> tuple[float, ...]:
    """The numbers of one update that `kernels.adam` takes; steps count from 0."""
    return (
        adam.rate(step, num_steps),
        float(adam.beta1),
        float(adam.beta2),
        float(adam.eps),
        1 - adam.beta1 ** (step + 1),
        1 - adam.beta2 ** (step + 1),
        2.0,
        0.5,
    )
