"""Numbers for the search: those of any scalars at a moment, and which of many are the largest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.inquiry import Sight
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search_query import Comparison, Relation
from microgpt_studio.debugger.snapshot import Reach, Reaches

OF_ALL = (Quantity.DATA, Quantity.GRAD)  # that every scalar has; the others belong to parameters


def numbers_of(sight: Sight, ids: Ids, quantity: Quantity) -> tuple[Floats, Reaches]:
    """(n,) and (n,): a number of every scalar, and whether it is there.

    The data of a parameter is what the forward pass used, m and v are as they stand.
    """
    machine = sight.machine
    if quantity is Quantity.DATA:
        return machine.data[ids], sight.data_reach[ids]
    if quantity is Quantity.GRAD:
        return machine.grad[ids], sight.arrivals.reach[ids]
    known = p = sight.program.num_parameters
    if quantity is Quantity.UPDATE:
        known = max(0, sight.execution.place.done - sight.execution.length + p)
    array = {Quantity.M: machine.m, Quantity.V: machine.v, Quantity.UPDATE: machine.change}[quantity]
    reach = np.where(ids < known, Reach.KNOWN, np.where(ids < p, Reach.NOT_COMPUTED, Reach.OUTSIDE))
    return array[np.minimum(ids, p - 1)], reach.astype(np.uint8)


def why_unknown(count: int, quantity: Quantity, reach: Reaches) -> str:
    """Why a number of none of so many scalars is there."""
    these = scalars(count)
    if (reach == Reach.OUTSIDE).all():
        if quantity in OF_ALL:
            return f"the loss depends on none of {these}: they have no gradient"
        return f"only parameters have {quantity}, and none of {these} is one"
    if (reach == Reach.PARTIAL).any():
        return f"no {quantity} of {these} is complete yet"
    return f"{quantity} is not computed yet of any of {these}"


def largest(sizes: Floats, count: int) -> npt.NDArray[np.intp]:
    """Where the largest numbers are, ascending; of equal ones the first. None is nan."""
    if count >= len(sizes):
        return np.arange(len(sizes))
    some = sizes[:: min(64, len(sizes) // (8 * count) + 1)]
    if len(some) > count:  # as many as are wanted are at least this large: the others need not be looked at again
        among = np.flatnonzero(sizes >= _size_of_rank(some, count))
        sizes = sizes[among]
    else:
        among = np.arange(len(sizes))
    least = _size_of_rank(sizes, count)
    larger = np.flatnonzero(sizes > least)
    equal = np.flatnonzero(sizes == least)[: count - len(larger)]
    found: npt.NDArray[np.intp] = among[np.sort(np.concatenate([larger, equal]))]
    return found


def _size_of_rank(sizes: Floats, rank: int) -> float:
    return float(np.partition(sizes, len(sizes) - rank)[len(sizes) - rank])


def nearest(numbers: Floats, comparison: Comparison) -> str:
    """The number that comes nearest to fulfilling a comparison that none fulfils, as the end of a sentence."""
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return ""
    match comparison.relation:
        case Relation.MORE | Relation.AT_LEAST:
            return f"; the largest {comparison.subject} is {float(numbers.max())!r}"
        case Relation.LESS | Relation.AT_MOST:
            return f"; the smallest {comparison.subject} is {float(numbers.min())!r}"
        case Relation.EQUAL if np.isfinite(comparison.limit):
            near = numbers[np.argmin(np.abs(numbers - comparison.limit))]
            return f"; the nearest is {float(near)!r}"
    return ""


def scalars(count: int) -> str:
    """So many scalars, in words."""
    return "1 scalar" if count == 1 else f"{count:,} scalars"
