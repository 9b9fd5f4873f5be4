"""Flows through attention: how much each head looks at each position, and how much gradient goes back there.

What goes back is read off the products of the graph in which a head uses a value or a key; nothing is computed by a
formula of attention. L layers, H heads, B positions.
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
class HeadFlowNumbers:
    """What passes between an asking position p and an answering one t ≤ p. All arrays (L, H, B, B), [l, h, p, t].

    nan where it is not known; for t > p there is nothing: OUTSIDE. Read-only.
    """

    weight: Floats  # attention weight of t when p asks
    weight_reach: Reaches
    value_grad: Floats  # Euclidean norm of the gradient that p's head hands back to t's value vector
    value_grad_reach: Reaches
    key_grad: Floats  # Euclidean norm of the gradient that p's scores hand back to t's key vector
    key_grad_reach: Reaches


@dataclass(frozen=True, slots=True)
class HeadFlows(Inquiry[HeadFlowNumbers]):
    """What passes between positions in every head of every layer.

    A gradient that flows back is known as soon as those of the products are, whether they have handed it on or not.
    """

    def answer(self, sight: Sight) -> HeadFlowNumbers:
        program, machine = sight.program, sight.machine
        uses: _HeadUses = sight.keep(HeadFlows, lambda: _HeadUses(program))
        grad_reach = sight.arrivals.reach
        weight_reach = sight.data_reach[uses.weight]
        weight = np.where(weight_reach == Reach.KNOWN, machine.data[uses.weight], np.nan)
        value_grad, value_reach = _handed_back(machine, uses.value_products, grad_reach)
        key_grad, key_reach = _handed_back(machine, uses.key_products, grad_reach)
        return HeadFlowNumbers(
            uses.spread_numbers(weight),
            uses.spread_reach(weight_reach),
            uses.spread_numbers(value_grad),
            uses.spread_reach(value_reach),
            uses.spread_numbers(key_grad),
            uses.spread_reach(key_reach),
        )


def _handed_back(machine: Machine, products: Ids, grad_reach: Reaches) -> tuple[Floats, Reaches]:
    """(F,) norms, and whether they are known, for the (F, J) products of F pairs of positions."""
    norms, reach = np.empty(len(products)), np.empty(len(products), dtype=np.uint8)
    graph_kernels.flow_norms(products, machine.first, machine.data, machine.grad, grad_reach, norms, reach)
    return norms, reach


class _HeadUses:
    """Where in a program the heads use weights, values and keys. F pairs of positions, over all layers and heads.

    `value_products` and `key_products` (F, J) have a row for a pair: the products of an element of t's value, or key,
    with what p multiplies it by, in the order of the head's J components.
    """

    def __init__(self, program: Program) -> None:
        config = program.config
        b, j = config.block_size, config.head_size
        self._shape = config.n_layer, config.n_head, b, b
        tensors = {tensor.path: tensor for tensor in program.tensors}
        pairs, weights, values, keys = [], [], [], []
        for layer in range(config.n_layer):
            for head in range(config.n_head):
                for p in range(b):
                    path = f"pos{p}.layer{layer}.attn.head{head}"
                    weight, out, score = (tensors[f"{path}.{name}"] for name in ("weight", "out", "score"))
                    pairs += [(layer, head, p, t) for t in range(p + 1)]
                    weights.append(program.elements(weight))
                    values.append(_products(program, out.start, out.stop).reshape(j, p + 1).T)
                    keys.append(_products(program, score.start, score.stop).reshape(p + 1, j))
        self._place = np.ravel_multi_index(tuple(np.array(pairs).T), self._shape)  # of each pair in an answer
        self.weight = np.concatenate(weights)
        self.value_products = np.concatenate(values)
        self.key_products = np.concatenate(keys)

    def spread_numbers(self, numbers: Floats) -> Floats:
        """(L, H, B, B) the numbers of the pairs, nan elsewhere."""
        spread = np.full(self._shape, np.nan)
        spread.flat[self._place] = numbers
        spread.flags.writeable = False
        return spread

    def spread_reach(self, reach: Reaches) -> Reaches:
        """(L, H, B, B) the reach of the pairs, OUTSIDE elsewhere."""
        spread = np.full(self._shape, Reach.OUTSIDE, dtype=np.uint8)
        spread.flat[self._place] = reach
        spread.flags.writeable = False
        return spread


def _products(program: Program, start: int, stop: int) -> Ids:
    """The products of two scalars among start ≤ id < stop, in the order of creation."""
    found = np.flatnonzero((program.operation[start:stop] == Operation.MUL) & (program.second[start:stop] >= 0))
    return (start + found).astype(np.int32)
