"""What Adam's update makes of every parameter on its way, in the operations and the order of plain Python.

All arrays are (P,), one entry a parameter. Divisions are the same everywhere; powers and logarithms go through C.
"""

from __future__ import annotations

import math

import numpy as np

from microgpt.adam import Adam
from microgpt.program.kernels import compiled
from microgpt.program.program import Floats
from microgpt_studio.debugger.snapshot import ParameterNumbers


def m_hat(numbers: ParameterNumbers, adam: Adam, update: int) -> Floats:
    """The first moment without its bias, m / (1 - beta1 ** t), of update t, counted from 1."""
    return numbers.m / (1 - float(adam.beta1) ** update)


def root_of_v_hat(numbers: ParameterNumbers, adam: Adam, update: int) -> Floats:
    """(v / (1 - beta2 ** t)) ** 0.5 of update t, counted from 1: what eps is added to before it divides."""
    roots = np.empty(len(numbers.v))
    _powers(numbers.v / (1 - float(adam.beta2) ** update), 0.5, roots)
    return roots


def log_ratio(numbers: ParameterNumbers) -> Floats:
    """log10(abs(update / weight)) with the weight before the update; nan where `has_ratio` is False."""
    ratios = np.full(len(numbers.before), np.nan)
    _log_ratios(numbers.change, numbers.before, ratios)
    return ratios


def has_ratio(numbers: ParameterNumbers) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(P,) bool: whether update ÷ weight has a logarithm: neither is 0, and their ratio is no smaller than a float."""
    with np.errstate(all="ignore"):
        found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (numbers.before != 0.0) & (
            numbers.change / numbers.before != 0.0
        )
    return found


@compiled
def _powers(values, exponent, out):  # type: ignore[no-untyped-def]
    """Each value to a power that the compiler does not know."""
    for i in range(len(values)):
        out[i] = math.pow(values[i], exponent)


@compiled
def _log_ratios(change, before, out):  # type: ignore[no-untyped-def]
    """log10 of abs(change / before) where there is one; the rest stays."""
    for i in range(len(change)):
        if before[i] != 0.0:
            ratio = abs(change[i] / before[i])
            if ratio != 0.0:
                out[i] = math.log10(ratio)
