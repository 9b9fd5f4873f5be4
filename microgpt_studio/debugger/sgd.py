"""Plain gradient descent, without and with momentum, on gradients that were given: what it would have done to a weight.

The gradients are those along the path of the actual run: had the weight gone another way, they would have been others.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from microgpt.program.kernels import compiled
from microgpt.program.program import Floats


class Match(IntEnum):
    """How a learning rate is found that makes the comparison a fair one."""

    PATH = 0  # as far in all: the updates' magnitudes have the same sum
    FIRST = 1  # the first update that is not 0 has the same magnitude
    SAME = 2  # Adam's learning rate


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """U updates of a weight w by v ← momentum · v + g and w ← w − lr · share · v. Read-only."""

    learning_rate: float  # nan where none could be found
    changes: Floats  # (U,) what each subtracted
    weights: Floats  # (U,) after each


def descend(before: float, gradients: Floats, shares: Floats, learning_rate: float, momentum: float = 0.0) -> Descent:
    """Both (U,): the gradient, and the share of the learning rate that the schedule leaves of each update.

    With a momentum of 0 it is w ← w − lr · share · g.
    """
    changes, weights = np.empty(len(gradients)), np.empty(len(gradients))
    _descend(before, gradients, shares, learning_rate, momentum, changes, weights)
    for array in (changes, weights):
        array.flags.writeable = False
    return Descent(learning_rate, changes, weights)


def matched_rate(
    match: Match, adam_rate: float, changes: Floats, gradients: Floats, shares: Floats, momentum: float = 0.0
) -> float:
    """The learning rate with which descent is comparable with updates that subtracted `changes` (U,).

    nan where there is none: no gradient is other than 0.
    """
    if match is Match.SAME:
        return adam_rate
    unit = descend(0.0, gradients, shares, 1.0, momentum).changes
    if match is Match.FIRST:
        moved = np.flatnonzero(unit)
        if not len(moved):
            return float("nan")
        return abs(changes.item(moved[0])) / abs(unit.item(moved[0]))
    return _quotient(sum(map(abs, changes.tolist())), sum(map(abs, unit.tolist())))


def _quotient(a: float, b: float) -> float:
    return a / b if b else float("nan")


@compiled
def _descend(w, gradients, shares, learning_rate, momentum, changes, weights):  # type: ignore[no-untyped-def]
    velocity = 0.0
    for i in range(len(gradients)):
        g = gradients[i]
        velocity = momentum * velocity + g if momentum != 0.0 else g
        changes[i] = learning_rate * shares[i] * velocity
        w = w - changes[i]
        weights[i] = w
