"""Figures: the numbers of a moment in the order of what is drawn, which may be another document's neighbourhood.

While training runs every document has its own neighbourhood. The drawing stays, and shows what the present document
has of it; the rest is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from microgpt_studio.debugger.neighbourhood import Flags, Neighbourhood
from microgpt_studio.debugger.neighbourhood_numbers import NeighbourhoodNumbers
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.theme import Scale, ScaleKind

Places = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Numbers of n nodes and e edges, which of them the document has, and the scales of their colours."""

    numbers: NeighbourhoodNumbers
    nodes_there: Flags  # (n,)
    edges_there: Flags  # (e,)
    data_scale: Scale
    grad_scale: Scale  # of contributions as well: they add up to gradients
    operands_left: Counts  # (n,) edges from operands that are not drawn
    consumers_left: Counts  # (n,) edges to consumers that are not drawn

    @classmethod
    def of(cls, drawn: Neighbourhood, present: Neighbourhood, numbers: NeighbourhoodNumbers) -> Figures:
        """The numbers of the present neighbourhood for the drawn one."""
        if drawn is present or drawn == present:
            nodes, edges = np.ones(drawn.num_nodes, np.bool_), np.ones(drawn.num_edges, np.bool_)
            operands_left, consumers_left = drawn.operands_left, drawn.consumers_left
        else:
            node_at, edge_at = _places(drawn, present)
            nodes, edges = node_at >= 0, edge_at >= 0
            numbers = _rearranged(numbers, node_at, edge_at)
            operands_left = np.append(present.operands_left, np.int32(0))[node_at]
            consumers_left = np.append(present.consumers_left, np.int32(0))[node_at]
        data = numbers.data[numbers.data_reach == Reach.KNOWN]
        grad = numbers.grad[numbers.grad_reach == Reach.KNOWN]
        contribution = numbers.contribution[numbers.contribution_reach == Reach.KNOWN]
        return cls(
            numbers,
            nodes,
            edges,
            Scale.fit(data, ScaleKind.SIGNED),
            Scale.fit(np.concatenate([grad, contribution]), ScaleKind.SIGNED),
            operands_left,
            consumers_left,
        )

    @classmethod
    def absent(cls, drawn: Neighbourhood) -> Figures:
        """Nothing of what is drawn is in the present document."""
        nothing = Scale(ScaleKind.SIGNED, 0.0)
        n, e = drawn.num_nodes, drawn.num_edges
        numbers = NeighbourhoodNumbers(
            data=np.full(n, np.nan),
            data_reach=np.full(n, Reach.NOT_COMPUTED, np.uint8),
            grad=np.full(n, np.nan),
            grad_reach=np.full(n, Reach.NOT_COMPUTED, np.uint8),
            constants=np.full(n, np.nan),
            derivative=np.full(e, np.nan),
            derivative_reach=np.full(e, Reach.NOT_COMPUTED, np.uint8),
            contribution=np.full(e, np.nan),
            contribution_reach=np.full(e, Reach.NOT_COMPUTED, np.uint8),
        )
        none = np.zeros(n, dtype=np.int32)
        return cls(numbers, np.zeros(n, np.bool_), np.zeros(e, np.bool_), nothing, nothing, none, none)


def has_all_of(drawn: Neighbourhood, present: Neighbourhood) -> bool:
    """Whether the drawn neighbourhood shows all of the present one, and perhaps more."""
    node_at, edge_at = _places(drawn, present)
    return int((node_at >= 0).sum()) == present.num_nodes and int((edge_at >= 0).sum()) == present.num_edges


@lru_cache(maxsize=64)
def _places(drawn: Neighbourhood, present: Neighbourhood) -> tuple[Places, Places]:
    """For each drawn node and edge its place in the present neighbourhood; -1 where it has none."""
    nodes = {key: place for place, key in enumerate(_node_keys(present))}
    edges = {key: place for place, key in enumerate(_edge_keys(present))}
    return (
        np.array([nodes.get(key, -1) for key in _node_keys(drawn)], dtype=np.int64),
        np.array([edges.get(key, -1) for key in _edge_keys(drawn)], dtype=np.int64),
    )


def _node_keys(neighbourhood: Neighbourhood) -> list[tuple[int, bool, int]]:
    n = neighbourhood
    return list(zip(n.scalars.tolist(), n.folded.tolist(), n.terms.tolist(), strict=True))


def _edge_keys(neighbourhood: Neighbourhood) -> list[tuple[int, int, int]]:
    n = neighbourhood
    return list(zip(n.edge_operand.tolist(), n.edge_consumer.tolist(), n.slot.tolist(), strict=True))


def _rearranged(numbers: NeighbourhoodNumbers, node_at: Places, edge_at: Places) -> NeighbourhoodNumbers:
    arrays = {}
    for name in numbers.__slots__:
        values = getattr(numbers, name)
        at = edge_at if name.startswith(("derivative", "contribution")) else node_at
        missing = Reach.NOT_COMPUTED if name.endswith("reach") else np.nan
        padded = np.append(values, np.array([missing], dtype=values.dtype))  # at -1, the last
        arrays[name] = padded[at]
    return NeighbourhoodNumbers(**arrays)
