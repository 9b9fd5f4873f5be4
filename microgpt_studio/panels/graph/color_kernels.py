"""Compiled loops that turn numbers into colours: each goes through all cells once, and makes no array on its way."""

from __future__ import annotations

import math

import numpy as np

from microgpt.program.kernels import compiled
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.graph.raster import Fill
from microgpt_studio.theme.colormaps import ARM, ZERO

_KNOWN = int(Reach.KNOWN)
_HATCHED, _PLAIN, _STRIPED = int(Fill.HATCHED), int(Fill.PLAIN), int(Fill.STRIPED)


@compiled
def largest(values, reach, bands, limits):  # type: ignore[no-untyped-def]
    """Raise the limit of each band to the largest finite absolute value that is known there."""
    for i in range(len(values)):
        size = abs(values[i])
        if reach[i] == _KNOWN and math.isfinite(size) and size > limits[bands[i]]:
            limits[bands[i]] = size


@compiled
def shares(values, bands, limits, found):  # type: ignore[no-untyped-def]
    """Write value ÷ limit of its band, at most ±1, and values that are not finite as they are; no limit counts as 1."""
    for i in range(len(values)):
        value, limit = values[i], limits[bands[i]]
        limit = limit if limit > 0.0 else 1.0
        found[i] = min(max(value / limit, -1.0), 1.0) if math.isfinite(value) else value


@compiled
def paint_shares(shares, is_signed, table, nonfinite, found):  # type: ignore[no-untyped-def]
    """Write the colour of shares of a limit as `theme.colormaps.colors` does on a linear scale."""
    for i in range(len(shares)):
        share = shares[i]
        if not math.isfinite(share):
            found[i] = nonfinite
        elif is_signed:
            steps = max(int(np.rint(abs(share) * ARM)), 1 if share != 0.0 else 0)
            found[i] = table[ZERO + steps if share > 0.0 else ZERO - steps]
        else:
            found[i] = table[max(int(np.rint(share * 255)), 1 if share > 0.0 else 0)]


@compiled
def fills(values, reach, found):  # type: ignore[no-untyped-def]
    """Write how the boxes of numbers are filled."""
    for i in range(len(values)):
        if reach[i] != _KNOWN:
            found[i] = _HATCHED
        else:
            found[i] = _PLAIN if math.isfinite(values[i]) else _STRIPED
