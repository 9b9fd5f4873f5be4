"""Rows: all scalars that a query means, with all of their numbers, in the order of one of them.

Each number is the moment's own; a row whose number of the ordering is not there stands behind all others.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np

from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search_finding import Finding, NothingFound
from microgpt_studio.debugger.search_numbers import numbers_of
from microgpt_studio.debugger.search_query import Query
from microgpt_studio.debugger.snapshot import Reach, Reaches


class Order(StrEnum):
    """What rows are sorted by. RATIO is |update| / |data|."""

    ADDRESS = "address"  # the order of computation
    DATA = "data"
    GRAD = "grad"
    M = "m"
    V = "v"
    UPDATE = "update"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True, eq=False)
class RowNumbers:
    """R rows. A number counts where its reach is KNOWN. Arrays are read-only."""

    ids: Ids  # (R,)
    data: Floats  # (R,)
    data_reach: Reaches
    grad: Floats  # (R,)
    grad_reach: Reaches
    m: Floats  # (R,) of parameters, as the next three
    v: Floats
    moment_reach: Reaches  # of m and v
    update: Floats
    ratio: Floats  # |update| / |data|; infinite where data is 0 and update is not, nan where both are
    update_reach: Reaches  # of update and ratio
    has_parameters: bool
    reason: str  # why there are no rows; empty where there are some

    def number(self, order: Order) -> tuple[Floats, Reaches]:
        """(R,) the numbers of a column, and whether they are there."""
        match order:
            case Order.DATA:
                return self.data, self.data_reach
            case Order.GRAD:
                return self.grad, self.grad_reach
            case Order.M | Order.V:
                return self.m if order is Order.M else self.v, self.moment_reach
            case Order.UPDATE | Order.RATIO:
                return self.update if order is Order.UPDATE else self.ratio, self.update_reach
        raise ValueError("an address is no number")


@dataclass(frozen=True, slots=True)
class Rows(Inquiry[RowNumbers]):
    """All scalars that a query means, sorted."""

    is_slow: ClassVar[bool] = True

    query: Query
    order: Order = Order.ADDRESS
    descending: bool = False

    def answer(self, sight: Sight) -> RowNumbers:
        try:
            found, reason = np.sort(Finding(sight, self.query).found()).astype(np.int32), ""
        except NothingFound as nothing:
            found, reason = np.empty(0, dtype=np.int32), str(nothing)
        rows = _numbers(sight, found, reason)
        if self.order is Order.ADDRESS:
            rows = _taken(rows, slice(None, None, -1)) if self.descending else rows
        else:
            rows = _taken(rows, _sorted(*rows.number(self.order), descending=self.descending))
        for field in fields(rows):
            array = getattr(rows, field.name)
            if isinstance(array, np.ndarray):
                array.flags.writeable = False
        return rows


def _numbers(sight: Sight, ids: Ids, reason: str) -> RowNumbers:
    (data, data_reach), (grad, grad_reach), (m, moment_reach), (v, _), (update, update_reach) = (
        numbers_of(sight, ids, quantity)
        for quantity in (Quantity.DATA, Quantity.GRAD, Quantity.M, Quantity.V, Quantity.UPDATE)
    )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.abs(update) / np.abs(data)
    has_parameters = len(ids) > 0 and int(ids[0]) < sight.program.num_parameters
    return RowNumbers(
        ids, data, data_reach, grad, grad_reach, m, v, moment_reach, update, ratio, update_reach, has_parameters, reason
    )


def _sorted(values: Floats, reach: Reaches, *, descending: bool) -> Ids:
    """Places in the order of the values; equal ones keep theirs, those without a number and nan stand last."""
    missing = (reach != Reach.KNOWN) | np.isnan(values)
    keys = np.where(missing, np.inf, -values if descending else values)
    return np.lexsort((np.arange(len(keys)), keys, missing)).astype(np.int32)


def _taken(rows: RowNumbers, places: Ids | slice) -> RowNumbers:
    changed: dict[str, Any] = {}
    for field in fields(rows):
        array = getattr(rows, field.name)
        if isinstance(array, np.ndarray):
            changed[field.name] = array[places]
    return replace(rows, **changed)
