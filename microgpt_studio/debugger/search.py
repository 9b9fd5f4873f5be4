"""Search: which scalars of a moment a query means, with their numbers. It is answered where the numbers are.

Only scalars of the loaded document's graph are found, and a condition on a number holds only where it is known:
neither half-way through an update nor outside of the graph is a number guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from microgpt.program.program import Floats, Ids, Operation
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search_finding import MOST_LISTED, MOST_LIT, Finding, NothingFound
from microgpt_studio.debugger.search_numbers import OF_ALL, numbers_of
from microgpt_studio.debugger.search_query import USUAL, Query
from microgpt_studio.debugger.snapshot import Reaches


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """The scalars that a query means, in order: the first R of them are listed. Arrays are read-only.

    Ranked ones stand in the order of their rank, equal ones and all others in that of computation, elements before
    the operations inside of elements.
    """

    query: Query
    scalars: Ids  # (R,)
    addresses: tuple[str, ...]  # (R,)
    operations: tuple[str, ...]  # (R,)
    data: Floats  # (R,)
    data_reach: Reaches  # (R,)
    grad: Floats  # (R,)
    grad_reach: Reaches  # (R,)
    other: Quantity | None  # one more number that the query is about: m, v or update
    others: Floats  # (R,) where it is there
    other_reach: Reaches  # (R,)
    total: int  # scalars that were found
    searched: int  # among so many: those that the words, the scope and the operation leave
    ranked: int  # among so many the largest were looked for: those whose number is there; 0 where nothing is ranked
    unranked: int  # of them nan, which has no rank
    lit: Ids  # (min(total, MOST_LIT),) all that were found, ascending, or the first of them
    reason: str  # why nothing was found; empty where something was


@dataclass(frozen=True, slots=True)
class Search(Inquiry[Results]):
    """The scalars that a query means at a moment."""

    is_slow: ClassVar[bool] = True

    query: Query

    def answer(self, sight: Sight) -> Results:
        finding, reason = Finding(sight, self.query), ""
        try:
            found = finding.found()
        except NothingFound as nothing:
            found, reason = np.empty(0, dtype=np.int32), str(nothing)
        query, addresses = self.query, sight.addresses
        listed = found[: min(query.top or USUAL, MOST_LISTED)].astype(np.int32)
        data, data_reach = numbers_of(sight, listed, Quantity.DATA)
        grad, grad_reach = numbers_of(sight, listed, Quantity.GRAD)
        other = next((quantity for quantity in query.quantities if quantity not in OF_ALL), None)
        others, other_reach = numbers_of(sight, listed, other or Quantity.M)
        lit = np.sort(found[:MOST_LIT])
        for array in (listed, data, data_reach, grad, grad_reach, others, other_reach, lit):
            array.flags.writeable = False
        return Results(
            query=query,
            scalars=listed,
            addresses=tuple(addresses.format(scalar) for scalar in listed.tolist()),
            operations=tuple(Operation(each).name.lower() for each in sight.program.operation[listed].tolist()),
            data=data,
            data_reach=data_reach,
            grad=grad,
            grad_reach=grad_reach,
            other=other,
            others=others,
            other_reach=other_reach,
            total=len(found),
            searched=finding.searched,
            ranked=finding.ranked,
            unranked=finding.unranked,
            lit=lit,
            reason=reason,
        )
