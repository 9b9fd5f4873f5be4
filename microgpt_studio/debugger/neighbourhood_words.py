"""What is said of a neighbourhood's nodes and numbers, in words."""

from __future__ import annotations

import math

from microgpt.program.program import Operation
from microgpt_studio.debugger.neighbourhood import Neighbourhood
from microgpt_studio.debugger.neighbourhood_numbers import NeighbourhoodNumbers
from microgpt_studio.debugger.snapshot import Reach

_SIGNS = {Operation.SUM: "+", Operation.MUL: "×", Operation.POW: "**"}


def sum_words(neighbourhood: Neighbourhood, node: int) -> str:
    """What a long sum adds up: "Σ 16 products". Empty for what is no long sum's last sum."""
    terms = int(neighbourhood.terms[node])
    return f"Σ {terms} {'products' if neighbourhood.products[node] else 'terms'}" if terms else ""


def operation_words(
    neighbourhood: Neighbourhood, numbers: NeighbourhoodNumbers | None, node: int, *, full: bool = False
) -> str:
    """How a node's scalar is made: "mul", "sum + 1e-05", "Σ 16 products". A constant is named as its code has it."""
    if neighbourhood.folded[node]:
        return sum_words(neighbourhood, node)
    operation = Operation(neighbourhood.operation[node])
    word = operation.name.lower()
    constant = math.nan if numbers is None else float(numbers.constants[node])
    if neighbourhood.constant[node] < 0 or math.isnan(constant):
        return word
    return f"{word} {_SIGNS[operation]} {constant!r}" if full else f"{word} {_SIGNS[operation]} {constant:.4g}"


def reach_words(number: float, reach: int) -> str:
    """A number in full, or why there is none."""
    return repr(float(number)) if reach == Reach.KNOWN else "not computed yet"


def grad_words(number: float, reach: int) -> str:
    """A gradient, or a contribution to one, in full, or why there is none."""
    if reach == Reach.OUTSIDE:
        return "none: the loss does not depend on it"
    if reach == Reach.PARTIAL:
        return f"{float(number)!r} so far"
    return reach_words(number, reach)
