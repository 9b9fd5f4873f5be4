"""Explanations: what a scalar was made from, and which contributions made its gradient, in the order of adding."""

from __future__ import annotations

from microgpt.program.addresses import Addresses
from microgpt.program.machine import Machine
from microgpt.program.program import Operation
from microgpt_studio.debugger.causes import chain
from microgpt_studio.debugger.derivatives import local_derivatives, operand_ids
from microgpt_studio.debugger.partial import Arrivals
from microgpt_studio.debugger.snapshot import Consumer, Explanation, Operand, Reach, Reaches


def explain(
    machine: Machine, addresses: Addresses, scalar: int, data_reach: Reaches, arrivals: Arrivals
) -> Explanation:
    """Explain one scalar of the loaded document, as far as its numbers and its operands' are known.

    `data_reach` is (N,), of every scalar. Where the program stopped at a fault, the operands are known and the scalar
    is not. Half-way through the backward phase the consumers are those that have handed on their part.
    """
    program = machine.program
    live = is_live(machine, scalar)
    has_data, has_grad = Reach(int(data_reach[scalar])), Reach(int(arrivals.reach[scalar]))
    received = int(arrivals.received[scalar])
    grad = float(machine.grad[scalar])
    has_operands = live and all(data_reach[operand] == Reach.KNOWN for operand in operand_ids(machine, scalar))
    consumers = _consumers(machine, addresses, scalar, received) if live else ()
    return Explanation(
        scalar=scalar,
        address=addresses.format(scalar),
        operation=Operation(program.operation[scalar]).name.lower(),
        live=live,
        data=float(machine.data[scalar]),
        data_reach=has_data if live else Reach.NOT_COMPUTED,
        grad=grad,
        grad_reach=has_grad if live else Reach.NOT_COMPUTED,
        received=received,
        expected=int(arrivals.expected[scalar]),
        operands=_operands(machine, addresses, scalar, has_data, grad if has_grad is Reach.KNOWN else None)
        if has_operands
        else (),
        consumers=consumers,
        site=program.sites[program.site[scalar]],
        chain=chain(machine, addresses, scalar, data_reach, arrivals, consumers) if live else (),
    )


def is_live(machine: Machine, scalar: int) -> bool:
    """Whether the loaded document's graph has the scalar."""
    ranges = machine.program.live_ranges(machine.positions)
    return scalar < machine.program.num_parameters or any(start <= scalar < stop for start, stop in ranges)


def _operands(
    machine: Machine, addresses: Addresses, scalar: int, data_reach: Reach, grad: float | None
) -> tuple[Operand, ...]:
    ids = operand_ids(machine, scalar)
    known = data_reach is Reach.KNOWN
    derivatives = local_derivatives(machine, scalar) if known else (None,) * len(ids)
    operands = [
        Operand(
            scalar=operand,
            address=addresses.format(operand),
            data=float(machine.data[operand]),
            local_derivative=derivative,
            contribution=None if grad is None or derivative is None else derivative * grad,
        )
        for operand, derivative in zip(ids, derivatives, strict=True)
    ]
    constant = int(machine.program.constant[scalar])
    if constant >= 0:
        name = _constant_name(machine, constant)
        operands.append(Operand(None, name, float(machine.constants[constant]), None, None))
    return tuple(operands)


def _constant_name(machine: Machine, constant: int) -> str:
    program = machine.program
    if constant == program.mean_constant:
        return "1 / number of positions"
    if constant >= program.maximum_constant:
        member = program.maximum_members[program.maximum_start[constant - program.maximum_constant]]
        return f"−max({program.tensors[program.tensor[member]].path})"
    return "constant"


def _consumers(machine: Machine, addresses: Addresses, scalar: int, received: int) -> tuple[Consumer, ...]:
    """The first consumers in the backward phase's order; one that uses the scalar twice stands there twice."""
    if not received:
        return ()
    program, order = machine.program, machine.order
    uses = (machine.first == scalar) | (program.second == scalar)
    consumers = []
    total = 0.0
    for consumer in order[uses.take(order)].tolist():
        grad = float(machine.grad[consumer])
        for operand, derivative in zip(
            operand_ids(machine, consumer), local_derivatives(machine, consumer), strict=True
        ):
            if operand == scalar:
                contribution = derivative * grad
                total += contribution
                word = Operation(program.operation[consumer]).name.lower()
                consumers.append(
                    Consumer(consumer, addresses.format(consumer), word, grad, derivative, contribution, total)
                )
                if len(consumers) == received:
                    return tuple(consumers)
    raise AssertionError(f"scalar {scalar} has fewer consumers than contributions")
