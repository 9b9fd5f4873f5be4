"""Contribution groups: the contributions to a gradient put together by position, consumer or character.

A group's subtotal adds its own contributions in the order in which the backward phase added them, from 0. It is a sum
of its own: added up in another order than the gradient was, the subtotals may differ from it in the last digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from microgpt.program.program import Program, Tensor
from microgpt_studio.debugger.snapshot import Consumer


class Grouping(Enum):
    """What contributions are put together by. The value is the word for it."""

    POSITION = "position"
    CONSUMER = "consumer"
    CHARACTER = "character"


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the contributions to a gradient."""

    key: int | str | None  # a position, a token, or the stage of a tensor; None: of the whole document
    consumers: tuple[Consumer, ...]  # in the order of adding
    subtotal: float
    share: (
        float  # |subtotal| / the sum of all |subtotal|, with the subtotal's sign; nan where that sum is 0 or not finite
    )


@dataclass(frozen=True, slots=True)
class Groups:
    """All groups, in the order in which each first added something."""

    grouping: Grouping
    groups: tuple[Group, ...]
    absolute: float  # the sum of all |subtotal|, in this order
    total: float  # the sum of all subtotals, in this order


def grouped(consumers: Sequence[Consumer], grouping: Grouping, program: Program, tokens: Sequence[int]) -> Groups:
    """Put contributions together; `tokens` are the document's, BOS first: position p reads tokens[p]."""
    members: dict[int | str | None, list[Consumer]] = {}
    for consumer in consumers:
        members.setdefault(_key(consumer, grouping, program, tokens), []).append(consumer)
    subtotals = {key: _added([each.contribution for each in found]) for key, found in members.items()}
    absolute = _added([abs(subtotal) for subtotal in subtotals.values()])
    groups = tuple(
        Group(key, tuple(found), subtotals[key], _share(subtotals[key], absolute)) for key, found in members.items()
    )
    return Groups(grouping, groups, absolute, _added(list(subtotals.values())))


def _key(consumer: Consumer, grouping: Grouping, program: Program, tokens: Sequence[int]) -> int | str | None:
    tensor: Tensor = program.tensors[program.tensor[consumer.scalar]]
    if grouping is Grouping.CONSUMER:
        return tensor.stage
    if grouping is Grouping.POSITION or tensor.position is None:
        return tensor.position
    return tokens[tensor.position]


def _added(numbers: Sequence[float]) -> float:
    """The sum from left to right, from 0."""
    total = 0.0
    for number in numbers:
        total += number
    return total


def _share(subtotal: float, absolute: float) -> float:
    return subtotal / absolute if absolute != 0.0 and math.isfinite(absolute) else math.nan
