"""Flows through attention: how much a position looks at each earlier one, and how much gradient goes back there.

What goes back is read off the products of the graph in which a head uses a value or a key; nothing is computed by a
formula of attention. L layers, H heads, p the position that asks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids, Operation, Program
from microgpt_studio.debugger import graph_kernels
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach, Reaches


@dataclass(frozen=True, slots=True, eq=False)
class WeightNumbers:
    """The attention weights with which a position p asks each t ≤ p. Arrays (L, H, p + 1), [l, h, t]; read-only."""

    weight: Floats  # nan where it is not known
    weight_reach: Reaches


@dataclass(frozen=True, slots=True, eq=False)
class FlowNumbers:
    """What a position p hands back to each t ≤ p. All arrays (L, H, p + 1), [l, h, t]; nan where it is not known.

    Read-only.
    """

    value_grad: Floats  # Euclidean norm of the gradient that p's head hands back to t's value vector
    value_grad_reach: Reaches
    key_grad: Floats  # Euclidean norm of the gradient that p's scores hand back to t's key vector
    key_grad_reach: Reaches


@dataclass(frozen=True, slots=True)
class _OfPosition:
    """A question about one position in every head of every layer."""

    position: int  # 0 … block size - 1

    def fits(self, program: Program) -> bool:
        return 0 <= self.position < program.config.block_size


@dataclass(frozen=True, slots=True)
class HeadWeights(_OfPosition, Inquiry[WeightNumbers]):
    """How much a position looks at each one that it may look at."""

    def answer(self, sight: Sight) -> WeightNumbers:
        weights: Ids = sight.keep(self, lambda: _weights(sight.program, self.position))
        reach = sight.data_reach[weights]
        weight = np.where(reach == Reach.KNOWN, sight.machine.data[weights], np.nan)
        return WeightNumbers(*_frozen(weight, reach))


@dataclass(frozen=True, slots=True)
class HeadFlows(_OfPosition, Inquiry[FlowNumbers]):
    """What flows back from a position to each one that it looks at.

    It is known as soon as the gradients of the products are, whether they have handed it on or not.
    """

    def answer(self, sight: Sight) -> FlowNumbers:
        program, machine = sight.program, sight.machine
        products: tuple[Ids, Ids] = sight.keep(self, lambda: _uses(program, self.position))
        values, keys = (_handed_back(machine, each, sight.arrivals.reach) for each in products)
        return FlowNumbers(*_frozen(*values), *_frozen(*keys))


def _handed_back(machine: Machine, products: Ids, grad_reach: Reaches) -> tuple[Floats, Reaches]:
    """(L, H, p + 1) norms, and whether they are known, for products (L, H, p + 1, J)."""
    shape = products.shape[:-1]
    norms, reach = np.empty(shape), np.empty(shape, dtype=np.uint8)
    rows = products.reshape(-1, products.shape[-1])
    numbers = machine.first, machine.data, machine.grad, grad_reach
    graph_kernels.flow_norms(rows, *numbers, norms.reshape(-1), reach.reshape(-1))
    return norms, reach


def _weights(program: Program, position: int) -> Ids:
    """(L, H, p + 1) ids of a position's attention weights."""
    config = program.config
    tensors = {tensor.path: tensor for tensor in program.tensors}
    weights = [
        program.elements(tensors[f"pos{position}.layer{layer}.attn.head{head}.weight"])
        for layer in range(config.n_layer)
        for head in range(config.n_head)
    ]
    return np.stack(weights).reshape(config.n_layer, config.n_head, position + 1)


def _uses(program: Program, position: int) -> tuple[Ids, Ids]:
    """Where a position's heads use values and keys: ids of products, (L, H, p + 1, J) each.

    They are the products of each element of t's value, or key, with what p multiplies it by, in the order of the
    head's J components.
    """
    config = program.config
    j = config.head_size
    tensors = {tensor.path: tensor for tensor in program.tensors}
    values, keys = [], []
    for layer in range(config.n_layer):
        for head in range(config.n_head):
            path = f"pos{position}.layer{layer}.attn.head{head}"
            out, score = tensors[f"{path}.out"], tensors[f"{path}.score"]
            values.append(_products(program, out.start, out.stop).reshape(j, position + 1).T)
            keys.append(_products(program, score.start, score.stop).reshape(position + 1, j))
    shape = config.n_layer, config.n_head, position + 1, j
    return np.stack(values).reshape(shape), np.stack(keys).reshape(shape)


def _frozen(numbers: Floats, reach: Reaches) -> tuple[Floats, Reaches]:
    numbers.flags.writeable = reach.flags.writeable = False
    return numbers, reach


def _products(program: Program, start: int, stop: int) -> Ids:
    """The products of two scalars among start ≤ id < stop, in the order of creation."""
    found = np.flatnonzero((program.operation[start:stop] == Operation.MUL) & (program.second[start:stop] >= 0))
    return (start + found).astype(np.int32)
