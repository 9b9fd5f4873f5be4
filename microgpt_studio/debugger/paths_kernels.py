"""The compiled loops over paths: what lies on them, the strongest one, and how much gradient flows over each edge.

An edge goes from an operand to the scalar that consumes it; one that consumes the same scalar twice has two. `ranges`
is (R, 2), the ids that a document computes, ascending; operands have smaller ids than their consumers.
"""

from __future__ import annotations

import math

from microgpt.program.kernels import (
    MUL,
    MUL_CONSTANT,
    POW,
    SUM,
    SUM_CONSTANT,
    SUM_MAXIMUM,
    compiled,
    local_derivative,
)

STEP = 2.0**500
LOWEST, HIGHEST = 2.0**-250, 2.0**250  # of a mantissa: from the former up to the latter
ZERO = 1 << 18  # exponents that a derivative of 0 takes: more than all others of a chain together
NOT_FINITE = 1 << 30  # exponent of a product in which a derivative is not finite: larger than all others


@compiled
def derivatives(i, code, first, second, constants, data):  # type: ignore[no-untyped-def]
    """d(scalar) / d(first operand) and d(scalar) / d(second operand); the latter is 0 where that is no scalar."""
    c = code[i]
    if c == MUL:
        return data[second[i]], data[first[i]]
    if c == SUM:
        return 1.0, 1.0
    if c == SUM_CONSTANT or c == SUM_MAXIMUM:  # noqa: PLR1714, SIM109 - with `in` it takes three times as long
        return 1.0, 0.0
    constant = 0.0
    if c == MUL_CONSTANT or c == POW:  # noqa: PLR1714, SIM109
        constant = constants[second[i]]
    return local_derivative(c, data[first[i]], data[i], constant), 0.0


@compiled
def mark(scalar, loss, ranges, code, first, second, expected, on_path, count):  # type: ignore[no-untyped-def]
    """Mark in `on_path` (N,), False before, what lies on a path from a scalar to the loss, both included.

    `expected` (N,) is above 0 where the loss depends on a scalar. `count` (N,) gets the number of paths from the scalar
    to each that is marked.
    """
    on_path[scalar] = True
    count[scalar] = 1.0
    for r in range(len(ranges)):
        for i in range(max(ranges[r, 0], scalar + 1), ranges[r, 1]):
            if i != loss and expected[i] == 0:
                continue
            paths = 0.0
            if on_path[first[i]]:
                paths += count[first[i]]
            if (code[i] == SUM or code[i] == MUL) and on_path[second[i]]:
                paths += count[second[i]]
            if paths > 0.0:
                on_path[i] = True
                count[i] = paths


@compiled
def strongest(  # type: ignore[no-untyped-def]
    ids, code, first, second, constants, data, on_path, consumer, side, exponent, mantissa
):
    """From every scalar on a path the edge on which the strongest chain to the loss goes on.

    `ids` are those on a path, ascending; the last one is the loss. `consumer` (N,) gets where the edge leads (-1 at the
    loss), `side` (N,) 0 or 1: which operand of the consumer it is. The size of the product of the derivatives up to the
    loss is mantissa × STEP ** exponent, for a float alone would overflow, or be 0; each factor of 0 counts as
    STEP ** -ZERO. So a chain with fewer zeros is stronger; then the one of the larger size; then what was made first.
    """
    for i in ids:
        consumer[i], exponent[i] = -1, -NOT_FINITE
    exponent[ids[-1]], mantissa[ids[-1]] = 0, 1.0
    for k in range(len(ids) - 1, 0, -1):
        i = ids[k]
        a, b, c = first[i], -1, code[i]
        if c == MUL:
            b = second[i]
            to_first, to_second = data[b], data[a]
        elif c == SUM:
            b = second[i]
            to_first, to_second = 1.0, 1.0
        else:
            to_first, to_second = derivatives(i, code, first, second, constants, data)
        if b >= 0 and on_path[b]:
            e, m = times(exponent[i], mantissa[i], to_second)
            if e > exponent[b] or (e == exponent[b] and m >= mantissa[b]):
                consumer[b], side[b], exponent[b], mantissa[b] = i, 1, e, m
        if on_path[a]:
            e, m = times(exponent[i], mantissa[i], to_first)
            if e > exponent[a] or (e == exponent[a] and m >= mantissa[a]):
                consumer[a], side[a], exponent[a], mantissa[a] = i, 0, e, m


@compiled
def times(e, m, derivative):  # type: ignore[no-untyped-def]
    """Exponent and mantissa of a size, times that of a derivative."""
    d = abs(derivative)
    if d == 1.0:
        return e, m
    if e == NOT_FINITE or not d < math.inf:
        return NOT_FINITE, 1.0
    if d == 0.0:
        return e - ZERO, m
    if d < LOWEST:
        d, e = d * STEP, e - 1
    elif d >= HIGHEST:
        d, e = d / STEP, e + 1
    m *= d
    while m < LOWEST:
        m, e = m * STEP, e - 1
    while m >= HIGHEST:
        m, e = m / STEP, e + 1
    return e, m


@compiled
def tangents(ids, code, first, second, constants, data, on_path, tangent):  # type: ignore[no-untyped-def]
    """Write to `tangent` (N,) d(each) / d(the first) of `ids`, those on a path, ascending: forward-mode derivatives."""
    tangent[ids[0]] = 1.0
    for k in range(1, len(ids)):
        i = ids[k]
        a, c = first[i], code[i]
        total = 0.0
        if c == MUL:
            b = second[i]
            if on_path[a]:
                total += data[b] * tangent[a]
            if on_path[b]:
                total += data[a] * tangent[b]
        elif c == SUM:
            b = second[i]
            if on_path[a]:
                total += tangent[a]
            if on_path[b]:
                total += tangent[b]
        else:
            total += derivatives(i, code, first, second, constants, data)[0] * tangent[a]
        tangent[i] = total


@compiled
def flows(  # type: ignore[no-untyped-def]
    points, sides, rows, columns, code, first, second, constants, data, on_path, tangent, grad, flow, passes
):
    """Add up in `flow` (rows, columns) the gradient that flows through some points, and tell where any path passes.

    A point is an edge into a scalar (`sides` 0 or 1: from which operand), or with -1 the scalar itself.
    """
    for k in range(len(points)):
        i = points[k]
        if not on_path[i]:
            continue
        part = tangent[i]
        if sides[k] >= 0:
            operand = second[i] if sides[k] == 1 else first[i]
            if not on_path[operand]:
                continue
            to_first, to_second = derivatives(i, code, first, second, constants, data)
            part = tangent[operand] * (to_second if sides[k] == 1 else to_first)
        flow[rows[k], columns[k]] += part * grad[i]
        passes[rows[k], columns[k]] = True
