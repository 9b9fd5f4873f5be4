"""The machine: the numbers of one run of a program, and the kernels at work on any range of it.

It runs forward by ids, backward by places in the backward order, Adam by parameters; whole phases or one operation.
It does not know documents' text, training settings or history.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microgpt.adam import Adam
from microgpt.program import kernels
from microgpt.program.program import Ids, Operation, Program

_ORDERS_LIMIT = 128 << 20  # bytes of backward orders to keep


class Fault(ArithmeticError):
    """The program stopped at a scalar where plain Python would raise."""

    def __init__(self, scalar: int, reason: str) -> None:
        super().__init__(reason)
        self.scalar = scalar
        self.reason = reason


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
        self._run = np.zeros(n, dtype=np.int32)
        kernels.find_runs(self.code, self.first, self.second, self.constants, self._run)
        self._maxima = (
            program.maximum_constant,
            program.maximum_first,
            program.maximum_start,
            program.maximum_members,
        )
        self._partial_orders: dict[tuple[int, int], Ids] = {}
        self._partial_bytes = 0
        self._seen = np.zeros(n, dtype=np.uint8)
        self._scratch = np.empty((2, n), dtype=np.int32)
        self.order = np.empty(0, dtype=np.int32)  # ids in the order in which the backward phase visits them

    def load(self, tokens: Sequence[int]) -> None:
        """Bind the program to a document: its tokens choose the embeddings and targets, its length the mean.

        Tokens beyond the block are cut, as the model does.
        """
        program = self.program
        self.data[: program.num_parameters] = self.parameters
        self.m_before[:] = self.m
        self.v_before[:] = self.v
        n = self.choose(tokens)
        self.first[program.loss] = program.sums_start + n - 1
        self.constants[program.mean_constant] = 1 / n
        self.positions = n
        parts = [self._order_of_position(p, tokens[p + 1]) for p in reversed(range(n))]
        self.order = np.concatenate([np.array([program.loss], dtype=np.int32), *parts])

    def choose(self, tokens: Sequence[int]) -> int:
        """Let the tokens choose the embeddings and targets they stand for; returns the number of positions."""
        program = self.program
        n = min(program.config.block_size, len(tokens) - 1)
        choosers = slice(0, program.chooser_stop[n])
        ids = program.chooser[choosers]
        tokens_of_choosers = np.array(tokens[: n + 1], dtype=np.int32)[program.chooser_token[choosers]]
        self.first[ids] = program.choices[np.arange(len(ids)), tokens_of_choosers]
        return n

    def forward(self, start: int, stop: int) -> None:
        """Compute the data of start ≤ id < stop; ids of other documents' positions are not to be asked for."""
        scalar = kernels.forward(
            self.code,
            self.first,
            self.second,
            self.constants,
            self._maxima,
            self._run,
            self.data,
            start,
            stop,
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
            self._run,
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
        numbers = (
            adam.rate(step, num_steps),
            float(adam.beta1),
            float(adam.beta2),
            float(adam.eps),
            1 - adam.beta1 ** (step + 1),
            1 - adam.beta2 ** (step + 1),
            2.0,
            0.5,
        )
        parameter = kernels.adam(
            self.data, self.grad, self.m, self.v, self.change, self.parameters, numbers, start, stop
        )
        if parameter >= 0:
            g = self.grad[parameter]
            raise Fault(int(parameter), f"{g!r} ** 2 overflows in Adam's second moment")

    def undo_update(self) -> None:
        """Parameters, m and v as they were when the document was loaded."""
        self.parameters[:] = self.data[: self.program.num_parameters]
        self.m[:] = self.m_before
        self.v[:] = self.v_before

    def grad_norm(self) -> float:
        """The Euclidean norm of the gradient of all parameters."""
        return float(kernels.norm(self.grad[: self.program.num_parameters]))

    def _order_of_position(self, position: int, target: int) -> Ids:
        """What the backward phase visits at a position. It depends on the target, which is visited first."""
        key = (position, target)
        if key in self._partial_orders:
            return self._partial_orders[key]
        program = self.program
        out, stack = self._scratch
        total = program.sums_start + position
        count = kernels.depth_first(
            int(self.first[total] if position == 0 else program.second[total]),
            int(program.position_start[position]),
            self.code,
            self.first,
            self.second,
            self._seen,
            stack,
            out,
        )
        order = np.concatenate([np.array([total], dtype=np.int32), out[count - 1 :: -1] if count else out[:0]])
        if self._partial_bytes + order.nbytes > _ORDERS_LIMIT:
            self._partial_orders.clear()
            self._partial_bytes = 0
        self._partial_orders[key] = order
        self._partial_bytes += order.nbytes
        return order

    def _fault(self, scalar: int) -> Fault:
        x = float(self.data[self.first[scalar]])
        operation = Operation(self.program.operation[scalar])
        if operation is Operation.POW:
            exponent = float(self.constants[self.second[scalar]])
            return Fault(scalar, f"{x!r} ** {exponent!r} " + ("divides by zero" if x == 0 else "overflows"))
        if operation is Operation.EXP:
            return Fault(scalar, f"exp({x!r}) overflows")
        return Fault(scalar, f"log({x!r}) is not defined")
