"""Quantity: which number of a scalar is meant."""

from __future__ import annotations

from enum import StrEnum


class Quantity(StrEnum):
    """A number that a scalar has. All but the first two belong to parameters."""

    DATA = "data"
    GRAD = "grad"
    M = "m"
    V = "v"
    M_HAT = "m_hat"
    V_HAT = "v_hat"
    UPDATE = "update"  # what the update subtracted
