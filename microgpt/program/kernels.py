"""The compiled kernels: they run ranges of a program without the interpreter's lock, bit for bit as plain Python would.

Every operation is done as the plain code does it, in its order. Powers go through C's `pow` with exponents that the
compiler does not see; nothing is fused, reordered or approximated. A kernel that meets a scalar where plain Python
would raise stops there and returns its id.

The kernels know numbers and ids. They do not know names, documents or the model.
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from numba import njit

from microgpt.program.program import Operation, Program


class Code(IntEnum):
    """What the kernels distinguish: an operation, and whether its second operand is a scalar or a constant."""

    PARAMETER = 0
    SUM = 1
    SUM_CONSTANT = 2
    SUM_MAXIMUM = 3  # as SUM_CONSTANT, but the constant is a maximum that has to be taken first
    MUL = 4
    MUL_CONSTANT = 5
    POW = 6
    LOG = 7
    EXP = 8
    RELU = 9


SUM, SUM_CONSTANT, SUM_MAXIMUM = int(Code.SUM), int(Code.SUM_CONSTANT), int(Code.SUM_MAXIMUM)
MUL, MUL_CONSTANT = int(Code.MUL), int(Code.MUL_CONSTANT)
POW, LOG, EXP, RELU = int(Code.POW), int(Code.LOG), int(Code.EXP), int(Code.RELU)

compiled = njit(nogil=True, cache=True, error_model="numpy")


def codes(program: Program) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """(N,) Code, and (N,) the second operand: an id, or an index into the constants."""
    plain = np.array([Code.PARAMETER, Code.SUM, Code.MUL, Code.POW, Code.LOG, Code.EXP, Code.RELU], np.uint8)
    code = plain[program.operation]
    constant = program.constant >= 0
    code[constant & (program.operation == Operation.SUM)] = Code.SUM_CONSTANT
    code[constant & (program.operation == Operation.MUL)] = Code.MUL_CONSTANT
    code[program.maximum_first] = Code.SUM_MAXIMUM
    return code, np.where(constant, program.constant, program.second)


@compiled
def find_runs(code, first, second, constants, run):  # type: ignore[no-untyped-def]
    """Write down where a sum of products stands in one piece, so that it can run as one loop.

    Such a run of length L is L times a product and the sum so far, 2 L scalars with consecutive ids, none but the
    last used elsewhere. `run` (N,) gets L at its first product and at its last sum, else 0.
    """
    consumers = np.zeros(len(code), dtype=np.int32)
    for i in range(len(code)):
        if code[i] != 0:
            consumers[first[i]] += 1
            if code[i] in (SUM, MUL):
                consumers[second[i]] += 1
    i = 0
    while i + 1 < len(code):
        length = 0
        if (
            code[i] == MUL
            and code[i + 1] == SUM_CONSTANT
            and first[i + 1] == i
            and constants[second[i + 1]] == 0.0
            and consumers[i] == 1
        ):
            length = 1
            product = i + 2
            while (
                product + 1 < len(code)
                and code[product] == MUL
                and code[product + 1] == SUM
                and first[product + 1] == product - 1
                and second[product + 1] == product
                and consumers[product] == 1
                and consumers[product - 1] == 1
            ):
                length += 1
                product += 2
        if length > 1:
            run[i] = length
            run[i + 2 * length - 1] = length
            i += 2 * length
        else:
            i += 1


@compiled
def depth_first(root, floor, code, first, second, seen, stack, out):  # type: ignore[no-untyped-def]
    """List the scalars below `root` with ids of at least `floor` as a recursive depth-first build would: operands
    before consumers. Writes the ids to `out` and returns their number. `seen` (N,) is 0 before and after.
    """
    count = 0
    depth = 1
    stack[0] = root
    seen[root] = 1
    while depth > 0:
        i = stack[depth - 1]
        state = seen[i]  # 1: the first operand is next, 2: the second, 3: done
        seen[i] = state + 1
        operand = -1
        if state == 1:
            operand = first[i]
        elif state == 2 and (code[i] == SUM or code[i] == MUL):
            operand = second[i]
        elif state == 3:
            out[count] = i
            count += 1
            depth -= 1
        if operand >= floor and seen[operand] == 0:
            seen[operand] = 1
            stack[depth] = operand
            depth += 1
    for k in range(count):
        seen[out[k]] = 0
    return count


@compiled
def forward(code, first, second, constants, maxima, run, data, start, stop):  # type: ignore[no-untyped-def]
    """Compute the data of the scalars start ≤ id < stop. Returns -1, or the id at which plain Python would raise.

    `maxima` is (first constant, first users, starts, members) of the maxima.
    """
    i = start
    while i < stop:
        length = run[i]
        c = code[i]
        if length > 0 and c == MUL and i + 2 * length <= stop:
            total = constants[second[i + 1]]
            for _ in range(length):
                product = data[first[i]] * data[second[i]]
                total = product + total
                data[i] = product
                data[i + 1] = total
                i += 2
            continue
        a = data[first[i]]
        x = a
        if c == MUL:
            x = a * data[second[i]]
        elif c == SUM:
            x = a + data[second[i]]
        elif c == MUL_CONSTANT:
            x = a * constants[second[i]]
        elif c == SUM_CONSTANT:
            x = a + constants[second[i]]
        elif c == SUM_MAXIMUM:
            constants[second[i]] = -_maximum(second[i] - maxima[0], maxima[2], maxima[3], data)
            x = a + constants[second[i]]
        elif c == EXP:
            x = math.exp(a)
            if math.isinf(x) and not math.isinf(a):
                return i
        elif c == POW:
            exponent = constants[second[i]]
            slope = math.pow(a, exponent - 1.0)
            x = math.pow(a, exponent)
            if not (math.isfinite(slope) and math.isfinite(x)) and math.isfinite(a):
                return i
        elif c == LOG:
            if a <= 0.0:
                return i
            x = math.log(a)
        elif c == RELU:
            x = a if a > 0.0 else 0.0
        data[i] = x
        i += 1
    return -1


@compiled
def _maximum(group, starts, members, data):  # type: ignore[no-untyped-def]
    largest = data[members[starts[group]]]
    for k in range(starts[group] + 1, starts[group + 1]):
        if data[members[k]] > largest:
            largest = data[members[k]]
    return largest


@compiled
def backward(code, first, second, constants, run, data, grad, order, start, stop):  # type: ignore[no-untyped-def]
    """Hand the gradient of the scalars order[start:stop] on to their operands, in that order."""
    k = start
    while k < stop:
        i = order[k]
        c = code[i]
        length = run[i]
        g = grad[i]
        if length > 0 and c == SUM and k + 2 * length <= stop and order[k + 2 * length - 1] == i - 2 * length + 1:
            g = 0.0 + g
            product = i - 1
            for _ in range(length):
                a, b = first[product], second[product]
                grad[product] = g
                grad[a] += data[b] * g
                grad[b] += data[a] * g
                if product - 1 > i - 2 * length:
                    grad[product - 1] = g
                product -= 2
            k += 2 * length
            continue
        a = first[i]
        if c == MUL:
            b = second[i]
            grad[a] += data[b] * g
            grad[b] += data[a] * g
        elif c == SUM:
            grad[a] += g
            grad[second[i]] += g
        elif c == SUM_CONSTANT or c == SUM_MAXIMUM:
            grad[a] += g
        else:
            grad[a] += (
                local_derivative(c, data[a], data[i], constants[second[i]] if c in (MUL_CONSTANT, POW) else 0.0) * g
            )
        k += 1


@compiled
def local_derivative(c, a, x, constant):  # type: ignore[no-untyped-def]
    """d(scalar) / d(first operand) where it is not 1 or a scalar: a is the operand's data, x the scalar's."""
    if c == MUL_CONSTANT:
        return constant
    if c == EXP:
        return x
    if c == POW:
        return constant * math.pow(a, constant - 1.0)
    if c == LOG:
        return 1.0 / a
    return 1.0 if a > 0.0 else 0.0  # RELU


@compiled
def adam(data, grad, m, v, change, after, numbers, start, stop):  # type: ignore[no-untyped-def]
    """Update the parameters start ≤ id < stop. Returns -1, or the parameter whose squared gradient overflows.

    `numbers` is (rate, beta1, beta2, eps, 1 - beta1 ** t, 1 - beta2 ** t, 2.0, 0.5); the last two are the exponents,
    which the compiler must not know. `change` gets what is subtracted, `after` the updated parameter; data stays what
    the forward pass used.
    """
    rate, beta1, beta2, eps, correction1, correction2, two, half = numbers
    for i in range(start, stop):
        g = grad[i]
        square = 0.0 if g == 0.0 else math.pow(g, two)
        if math.isinf(square) and math.isfinite(g):
            return i
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * square
        m_hat = m[i] / correction1
        v_hat = v[i] / correction2
        change[i] = rate * m_hat / (math.pow(v_hat, half) + eps)
        after[i] = data[i] - change[i]
    return -1


@compiled
def norm(values):  # type: ignore[no-untyped-def]
    """The Euclidean norm, added up from left to right."""
    square = 0.0
    for x in values:
        square += x * x
    return math.sqrt(square)
