"""Attention term by term: the scalars with which a head makes scores, weights and outputs, read off the program.

Nothing is computed by a formula of attention. Only the sum of a row's weights is none of the program's numbers: it is
added up from left to right. L layers, H heads, B positions; a query at p has T = p + 1 keys of J components.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger.head_places import HeadPlaces
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach, Reaches


@dataclass(frozen=True, slots=True, eq=False)
class Scalars:
    """Some scalars with their data, which is nan where the reach is not KNOWN. Arrays of one shape, read-only."""

    ids: Ids
    data: Floats
    reach: Reaches

    @classmethod
    def at(cls, sight: Sight, ids: Ids) -> Scalars:
        """At the moment that is seen; no id may be negative."""
        reach = sight.data_reach[ids]
        data = np.where(reach == Reach.KNOWN, sight.machine.data[ids], np.nan)
        for array in (ids, data, reach):
            array.flags.writeable = False
        return cls(ids, data, reach)

    def number(self, *index: int) -> float | None:
        """The data of one of them; None where it is not computed."""
        return float(self.data[index]) if self.reach[index] == Reach.KNOWN else None


@dataclass(frozen=True, slots=True, eq=False)
class RowNumbers:
    """Of every query what its keys have in common. Read-only."""

    dot_ids: Ids  # (L, H, B, B) [layer, head, query, key] the sum of the products q · k; -1 for a later key
    dot: Floats  # (L, H, B, B) nan where it is not computed
    dot_known: npt.NDArray[np.bool_]  # (L, H, B, B)
    weight_sum: Floats  # (L, H, B) the weights of a query, added up from key 0 on; nan while one is not computed
    scale: float  # the constant with which a dot product becomes a score


@dataclass(frozen=True, slots=True)
class AttentionRows(Inquiry[RowNumbers]):
    """The dot products of all heads, and the sums of their rows of weights."""

    def answer(self, sight: Sight) -> RowNumbers:
        places = HeadPlaces.of(sight)
        dot, weight = HeadPlaces.numbers(sight, places.dot), HeadPlaces.numbers(sight, places.weight)
        later = np.triu(np.ones(weight.shape[2:], dtype=np.bool_), 1)
        # np.cumsum adds from left to right, as Python does; a row's last weight is on the diagonal.
        sums = np.cumsum(np.where(later, 0.0, weight), axis=-1)
        weight_sum = np.ascontiguousarray(np.diagonal(sums, axis1=-2, axis2=-1))
        dot_known = HeadPlaces.known(sight, places.dot)
        for array in (dot, dot_known, weight_sum):
            array.flags.writeable = False
        return RowNumbers(places.dot, dot, dot_known, weight_sum, places.scale)


@dataclass(frozen=True, slots=True, eq=False)
class HeadTermNumbers:
    """One query of one head: everything that makes its scores, its weights and its output."""

    layer: int
    head: int
    query: int  # its position
    first_component: int  # of the head: the index of its first element in q, k and v
    scale: float  # score = dot product × scale
    q: Scalars  # (J,)
    k: Scalars  # (T, J)
    product: Scalars  # (T, J) q[j] · k[t, j]
    total: Scalars  # (T, J) their sum so far; the last is the dot product
    score: Scalars  # (T,)
    weight: Scalars  # (T,)
    v: Scalars  # (T, J)
    weighted: Scalars  # (T, J) weight[t] · v[t, j]
    out_total: Scalars  # (T, J) their sum so far; the last is the output
    weight_total: Floats  # (T,) the weights added up so far, from key 0 on; nan from where one is not computed


@dataclass(frozen=True, slots=True)
class HeadTerms(Inquiry[HeadTermNumbers]):
    """One query of one head, term by term. A document that is too short for the position answers for its last one."""

    layer: int
    head: int
    query: int

    def fits(self, program: Program) -> bool:
        config = program.config
        return self.layer < config.n_layer and self.head < config.n_head and self.query < config.block_size

    def answer(self, sight: Sight) -> HeadTermNumbers:
        tensors = sight.keep(HeadTerms, lambda: {tensor.path: tensor for tensor in sight.program.tensors})
        program, machine = sight.program, sight.machine
        query = min(self.query, machine.positions - 1)
        path = f"pos{query}.layer{self.layer}.attn.head{self.head}"
        score, weight, out = (program.elements(tensors[f"{path}.{name}"]) for name in ("score", "weight", "out"))
        size = program.config.head_size
        total, product = _chain(machine, machine.first[score], size)  # (J, T)
        out_total, weighted = _chain(machine, out, query + 1)  # (T, J)
        weights = Scalars.at(sight, weight)
        weight_total = np.cumsum(weights.data)
        weight_total.flags.writeable = False
        return HeadTermNumbers(
            layer=self.layer,
            head=self.head,
            query=query,
            first_component=self.head * size,
            scale=float(program.constants[program.constant[score[0]]]),
            q=Scalars.at(sight, machine.first[product[:, 0]]),
            k=Scalars.at(sight, program.second[product].T.copy()),
            product=Scalars.at(sight, product.T.copy()),
            total=Scalars.at(sight, total.T.copy()),
            score=Scalars.at(sight, score.copy()),
            weight=weights,
            v=Scalars.at(sight, program.second[weighted]),
            weighted=Scalars.at(sight, weighted),
            out_total=Scalars.at(sight, out_total),
            weight_total=weight_total,
        )


def _chain(machine: Machine, last: Ids, length: int) -> tuple[Ids, Ids]:
    """The sums of some chains of so many terms, whose last sums are given, and the terms: both (length, chains).

    A chain adds its first term to a constant, and every other one to the sum before.
    """
    second = machine.program.second
    sums, terms = [last], []
    for _ in range(length - 1):
        terms.append(second[sums[-1]])
        sums.append(machine.first[sums[-1]])
    terms.append(machine.first[sums[-1]])
    return np.array(sums[::-1]), np.array(terms[::-1])
