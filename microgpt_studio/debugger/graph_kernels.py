"""Compiled loops over the whole graph, for questions that the run itself does not ask; they hold no interpreter lock.

They read the program as it is bound to a document, as `microgpt.program.kernels` does, and change none of its numbers.
"""

from __future__ import annotations

import math

import numpy as np

from microgpt.program.kernels import MUL, MUL_CONSTANT, POW, SUM, SUM_CONSTANT, SUM_MAXIMUM, compiled, local_derivative
from microgpt_studio.debugger.snapshot import Reach

_NOT_COMPUTED, _KNOWN, _OUTSIDE = int(Reach.NOT_COMPUTED), int(Reach.KNOWN), int(Reach.OUTSIDE)
_PARTIAL = int(Reach.PARTIAL)


@compiled
def local_derivatives(ids, code, first, second, constants, data, data_reach, one, other, one_reach, other_reach):  # type: ignore[no-untyped-def]
    """Write d(scalar) / d(first operand) to `one` and d(scalar) / d(second operand) to `other`, with their reach.

    These are (K,), for the K scalars of `ids`. A parameter has no operands, and a constant operand no derivative:
    OUTSIDE. Where there is no number: nan.
    """
    for k in range(len(ids)):
        i = ids[k]
        c = code[i]
        one[k] = math.nan
        other[k] = math.nan
        one_reach[k] = _OUTSIDE if c == 0 else data_reach[i]
        other_reach[k] = data_reach[i] if c in (SUM, MUL) else _OUTSIDE
        if c == 0 or data_reach[i] != _KNOWN:
            continue
        if c == MUL:
            one[k] = data[second[i]]
            other[k] = data[first[i]]
        elif c == SUM:
            one[k] = 1.0
            other[k] = 1.0
        elif c in (SUM_CONSTANT, SUM_MAXIMUM):
            one[k] = 1.0
        else:
            constant = constants[second[i]] if c in (MUL_CONSTANT, POW) else 0.0
            one[k] = local_derivative(c, data[first[i]], data[i], constant)


@compiled
def gather(ids, data, grad, data_reach, grad_reach, found_data, found_grad, found_data_reach, found_grad_reach):  # type: ignore[no-untyped-def]
    """Write the numbers of the K scalars of `ids`, and their reach, into arrays (K,).

    All four in one go: where the ids are far apart, it is waiting for memory that takes the time.
    """
    for k in range(len(ids)):
        i = np.uint64(ids[k])  # unsigned: none counts from the end
        found_data[k] = data[i]
        found_grad[k] = grad[i]
        found_data_reach[k] = data_reach[i]
        found_grad_reach[k] = grad_reach[i]


@compiled
def larger_derivatives(one, other, other_reach, larger):  # type: ignore[no-untyped-def]
    """Write the one of two derivatives that has the larger magnitude; of equal ones the first, and nan before all."""
    for i in range(len(one)):
        a, b = one[i], other[i]
        larger[i] = b if other_reach[i] == _KNOWN and not math.isnan(a) and not abs(b) <= abs(a) else a


@compiled
def mark_parameters(order, code, first, second, parameters, used):  # type: ignore[no-untyped-def]
    """Mark the parameters that the scalars of `order` have for operands in `used` (P,)."""
    for i in order:
        a = first[i]
        if a < parameters:
            used[a] = 1
        if code[i] in (SUM, MUL):
            b = second[i]
            if b < parameters:
                used[b] = 1


@compiled
def contributions(ids, derivative, data, reach, found_derivative, contribution, found_reach):  # type: ignore[no-untyped-def]
    """Write the derivatives of the K scalars of `ids` × their data, and both numbers' reach, into arrays (K,).

    Both are nan where there is no number.
    """
    for k in range(len(ids)):
        i = np.uint64(ids[k])
        found_reach[k] = reach[i]
        found_derivative[k] = derivative[i] if reach[i] == _KNOWN else math.nan
        contribution[k] = found_derivative[k] * data[i]


@compiled
def mark(order, value, reach):  # type: ignore[no-untyped-def]
    """Mark the scalars of `order`."""
    for i in order:
        reach[i] = value


@compiled
def number_in_turn(order, before, rank):  # type: ignore[no-untyped-def]
    """Write the place of every scalar of `order` in it, after so many before it."""
    for k in range(len(order)):
        rank[order[k]] = before + k


@compiled
def count_uses(order, first, second, counts):  # type: ignore[no-untyped-def]
    """Count for every scalar how many contributions the scalars of `order` hand on to it; second is -1 for none."""
    for i in order:
        counts[first[i]] += 1
        if second[i] >= 0:
            counts[second[i]] += 1


@compiled
def mark_arrivals(order, first, second, done, reach):  # type: ignore[no-untyped-def]
    """Turn the reach of a finished backward phase into that after `done` > 0 operations of `order`.

    What waits for its first contribution has none; what waits for a later one is partly there.
    """
    for k in range(done, len(order)):
        i = order[k]
        reach[first[i]] = _NOT_COMPUTED
        if second[i] >= 0:
            reach[second[i]] = _NOT_COMPUTED
    for k in range(done):
        i = order[k]
        if reach[first[i]] == _NOT_COMPUTED:
            reach[first[i]] = _PARTIAL
        if second[i] >= 0 and reach[second[i]] == _NOT_COMPUTED:
            reach[second[i]] = _PARTIAL


@compiled
def flow_norms(products, first, data, grad, grad_reach, norms, reach):  # type: ignore[no-untyped-def]
    """Write the Euclidean norm of what a row of products hands on to its second operands, and whether it is known.

    `products` (F, J) are ids, norms and reach (F,). A contribution is the product's local derivative, which is the
    data of its first operand, × its grad; the squares are added up from left to right.
    """
    for f in range(len(products)):
        square = 0.0
        known = True
        for product in products[f]:
            known = known and grad_reach[product] == _KNOWN
            contribution = data[first[product]] * grad[product]
            square += contribution * contribution
        norms[f] = math.sqrt(square) if known else math.nan
        reach[f] = _KNOWN if known else _NOT_COMPUTED
