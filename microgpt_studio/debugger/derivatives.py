"""Local derivatives: what a scalar was made from in the loaded document, and how it depends on each operand."""

from __future__ import annotations

from microgpt.program import kernels
from microgpt.program.machine import Machine
from microgpt.program.program import Operation


def operand_ids(machine: Machine, scalar: int) -> tuple[int, ...]:
    """The ids of the operands that are scalars, in the order of the code."""
    if machine.program.operation[scalar] == Operation.PARAMETER:
        return ()
    first, second = int(machine.first[scalar]), int(machine.program.second[scalar])
    return (first, second) if second >= 0 else (first,)


def local_derivatives(machine: Machine, scalar: int) -> tuple[float, ...]:
    """d(scalar) / d(operand) for each operand that is a scalar, as plain Python computes it."""
    code, a = int(machine.code[scalar]), int(machine.first[scalar])
    if code == kernels.Code.PARAMETER:
        return ()
    if code == kernels.Code.SUM:
        return (1.0, 1.0)
    if code == kernels.Code.MUL:
        return (float(machine.data[machine.second[scalar]]), float(machine.data[a]))
    if code in (kernels.Code.SUM_CONSTANT, kernels.Code.SUM_MAXIMUM):
        return (1.0,)
    constant = float(machine.constants[machine.second[scalar]]) if machine.program.constant[scalar] >= 0 else 0.0
    return (kernels.local_derivative(code, machine.data[a], machine.data[scalar], constant),)
