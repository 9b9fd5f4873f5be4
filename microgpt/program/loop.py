"""The compiled loop: many updates in one call that needs no interpreter, and the orders in which gradients flow back.

The backward order of a position depends on nothing but its target, which the depth-first visit reaches first. So each
order is found once and kept in a pool, and an update strings together those of its positions, the last one first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import adam, backward, compiled, depth_first, forward, norm
from microgpt.program.program import Floats, Ids

DONE, OUT_OF_ROOM = -1, -2  # instead of the id of a scalar at which plain Python would raise


class Graph(NamedTuple):
    """What the kernels read of a program; `first` and `constants` are bound to a document. Shapes as in Program."""

    code: npt.NDArray[np.uint8]
    first: Ids
    second: Ids
    constants: Floats
    maxima: tuple[int, Ids, Ids, Ids]
    run: Ids
    position_start: Ids
    chooser: Ids
    chooser_token: Ids
    choices: Ids
    chooser_stop: Ids
    mean_constant: int


class Numbers(NamedTuple):
    """What the kernels write. Data and grad (N,), the others (P,)."""

    data: Floats
    grad: Floats
    m: Floats
    v: Floats
    m_before: Floats
    v_before: Floats
    change: Floats
    after: Floats


class Orders(NamedTuple):
    """The pool of backward orders. That of a position and a target is pool[start : stop]; start is -1 until found."""

    start: npt.NDArray[np.int64]  # (B, vocabulary)
    stop: npt.NDArray[np.int64]
    pool: Ids
    used: npt.NDArray[np.int64]  # (1,)
    seen: npt.NDArray[np.uint8]  # (N,) scratch, as are the next two
    stack: Ids
    out: Ids

    @classmethod
    def empty(cls, positions: int, vocab_size: int, scalars: int, room: int) -> Orders:
        """A pool for `room` ids."""
        return cls(
            start=np.full((positions, vocab_size), -1, dtype=np.int64),
            stop=np.full((positions, vocab_size), -1, dtype=np.int64),
            pool=np.empty(room, dtype=np.int32),
            used=np.zeros(1, dtype=np.int64),
            seen=np.zeros(scalars, dtype=np.uint8),
            stack=np.empty(scalars, dtype=np.int32),
            out=np.empty(scalars, dtype=np.int32),
        )


@compiled
def choose(graph, tokens, positions):  # type: ignore[no-untyped-def]
    """Let the tokens choose the embeddings and the targets of so many positions."""
    for i in range(graph.chooser_stop[positions]):
        graph.first[graph.chooser[i]] = graph.choices[i, tokens[graph.chooser_token[i]]]


@compiled
def bind(graph, orders, tokens, positions):  # type: ignore[no-untyped-def]
    """Bind the graph to a document and find its backward orders. Returns False where the pool has no room for them."""
    choose(graph, tokens, positions)
    sums_start = graph.position_start[-1]
    loss = len(graph.code) - 1
    graph.first[loss] = sums_start + positions - 1
    graph.constants[graph.mean_constant] = 1.0 / positions
    for position in range(positions):
        target = tokens[position + 1]
        if orders.start[position, target] >= 0:
            continue
        total = sums_start + position
        root = graph.first[total] if position == 0 else graph.second[total]
        floor = graph.position_start[position]
        count = depth_first(root, floor, graph.code, graph.first, graph.second, orders.seen, orders.stack, orders.out)
        start = orders.used[0]
        if start + count + 1 > len(orders.pool):
            return False
        orders.pool[start] = total
        for k in range(count):
            orders.pool[start + 1 + k] = orders.out[count - 1 - k]
        orders.start[position, target] = start
        orders.stop[position, target] = start + count + 1
        orders.used[0] = start + count + 1
    return True


@compiled
def train(graph, numbers, orders, tokens, token_start, schedule, losses, norms):  # type: ignore[no-untyped-def]
    """One update for each row of `schedule`; returns (updates done, DONE or OUT_OF_ROOM or the id of a fault).

    Document u is tokens[token_start[u] : token_start[u + 1]], cut where the block ends. `schedule` (U, 8) holds what
    `kernels.adam` calls numbers; losses and norms (U,) get the results. What a fault leaves behind is the document
    bound, and its numbers as far as they were computed.
    """
    parameters = len(numbers.m)
    sums_start = graph.position_start[-1]
    loss = len(graph.code) - 1
    only_loss = np.array([loss], dtype=np.int32)
    for u in range(len(schedule)):
        document = tokens[token_start[u] : token_start[u + 1]]
        positions = min(len(graph.position_start) - 1, len(document) - 1)
        numbers.data[:parameters] = numbers.after
        numbers.m_before[:] = numbers.m
        numbers.v_before[:] = numbers.v
        if not bind(graph, orders, document, positions):
            return u, OUT_OF_ROOM
        fault = _forward(graph, numbers, parameters, graph.position_start[positions])
        if fault < 0:
            fault = _forward(graph, numbers, sums_start, sums_start + positions)
        if fault < 0:
            fault = _forward(graph, numbers, loss, loss + 1)
        if fault >= 0:
            return u, fault
        numbers.grad[:] = 0.0
        numbers.grad[loss] = 1.0
        _backward(graph, numbers, only_loss, 0, 1)
        for reverse in range(positions):
            position = positions - 1 - reverse
            target = document[position + 1]
            _backward(graph, numbers, orders.pool, orders.start[position, target], orders.stop[position, target])
        row = schedule[u]
        constants = (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7])
        fault = adam(
            numbers.data, numbers.grad, numbers.m, numbers.v, numbers.change, numbers.after, constants, 0, parameters
        )
        if fault >= 0:
            return u, fault
        losses[u] = numbers.data[loss]
        norms[u] = norm(numbers.grad[:parameters])
    return len(schedule), DONE


@compiled
def _forward(graph, numbers, start, stop):  # type: ignore[no-untyped-def]
    return forward(
        graph.code, graph.first, graph.second, graph.constants, graph.maxima, graph.run, numbers.data, start, stop
    )


@compiled
def _backward(graph, numbers, order, start, stop):  # type: ignore[no-untyped-def]
    backward(
        graph.code,
        graph.first,
        graph.second,
        graph.constants,
        graph.run,
        numbers.data,
        numbers.grad,
        order,
        start,
        stop,
    )
