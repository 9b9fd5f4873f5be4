"""The vertical axis of a figure's history: linear or logarithmic, as the figure is read. It knows no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, inf, isfinite, log10

import numpy as np

from microgpt.program.program import Floats
from microgpt_studio.debugger.health_figures import Kind
from microgpt_studio.panels.health.readings import Reading
from microgpt_studio.widgets.axis import Axis, Tick

_LEAST_DECADES = 1.0  # that a logarithmic axis covers: fewer are read better on a linear one


@dataclass(frozen=True, slots=True)
class Vertical:
    """From the smallest to the largest number that is drawn."""

    axis: Axis  # over the numbers, or over their log10
    is_log: bool = False
    is_empty: bool = False  # no number at all

    @classmethod
    def of(cls, reading: Reading, *, fitted: bool) -> Vertical:
        """The axis of a history with its present value; a share has all from 0 to 1 unless it is to be fitted."""
        values = np.append(reading.past, reading.value)
        finite = values[np.isfinite(values)]
        if reading.figure.is_share and not fitted:
            return cls(Axis(-0.05, 1.05))
        if len(finite) and not finite.any():
            return cls(Axis(-0.05, 1.05))  # none of the figures can be negative
        positive = finite[finite > 0.0]
        if reading.figure.kind is Kind.UPDATE:
            positive = np.concatenate([positive, [reading.usual.low, reading.usual.high]])
        if reading.figure.kind in (Kind.GRADIENT, Kind.UPDATE) and len(positive):
            logs = np.log10(positive)
            if logs.max() - logs.min() >= _LEAST_DECADES:
                return cls(Axis.over(logs), is_log=True)
        return cls(Axis.over(finite), is_empty=not len(finite))

    def shares(self, values: Floats) -> Floats:
        """How far up each value lies: 0 at the bottom, 1 at the top; nan for nan, 0 on a logarithmic axis below it."""
        if not self.is_log:
            return self.axis.shares(values)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.axis.shares(np.where(values > 0.0, np.log10(values), values - np.inf)))

    def share(self, value: float) -> float:
        """The same for one value; infinities are far outside."""
        if not isfinite(value):
            return value
        if self.is_log:
            if value <= 0.0:
                return -inf
            value = log10(value)
        return (value - self.axis.low) / (self.axis.high - self.axis.low)

    def ticks(self, most: float) -> list[Tick]:
        """About `most` numbers to write beside it; none where there is nothing to read off."""
        if self.is_empty:
            return []
        if not self.is_log:
            return self.axis.ticks(most)
        low, high = ceil(self.axis.low - 1e-9), floor(self.axis.high + 1e-9)
        step = max(1, ceil((high - low + 1) / max(most, 1.0)))
        return [Tick(10.0**power, f"{10.0**power:g}") for power in range(low, high + 1, step)]
