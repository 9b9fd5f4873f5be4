"""The usual ranges of the health figures, and what a figure outside its range is called.

They are rules of thumb, not laws: each constant says where it comes from. A range that rests on other measured numbers
is not there while those are not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from microgpt.program.program import Floats
from microgpt_studio.debugger.health_figures import Figure, HealthPlaces, Kind
from microgpt_studio.debugger.snapshot import Reach, Reaches

SPIKE = 10.0  # × the median of the measured updates: an order of magnitude, far beyond what documents differ by
LEAST_FOR_MEDIAN = 10  # measured updates: the median of fewer says little
LEAST_UPDATE, MOST_UPDATE = 1e-4, 1e-2  # ten times below and above 1e-3, the figure of Karpathy's "makemore" lectures
MOST_SILENT = 0.5  # above it most of a layer's units do nothing for the document
LEAST_ENTROPY, MOST_ENTROPY = 0.05, 0.98  # nearer to 0 or 1 a row is almost one key alone, or almost even
GROWTH = 10.0  # × the stream's norm after the first rmsnorm: what one layer adds is small beside it by then
RMSNORM_EPSILON = 1e-5  # of model.py: a mean square below it is what rmsnorm no longer scales to 1


class Mark(Enum):
    """How a figure stands to its usual range. The value is the word for it."""

    NONE = ""
    LOW = "low"
    HIGH = "high"
    ZERO = "zero"  # exactly 0, where something should move
    NONFINITE = "not finite"


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual range of one figure, both ends included; infinite where there is no end."""

    low: float = -math.inf
    high: float = math.inf

    @property
    def is_there(self) -> bool:
        """Whether there is any end."""
        return self != Usual()


def usual(places: HealthPlaces, figure: Figure, values: Floats, reach: Reaches, past: Floats) -> Usual:
    """The range of a figure beside the other figures of the same update, (F,), and its own past values, (U,)."""
    match figure.kind:
        case Kind.GRADIENT:
            finite = past[np.isfinite(past)]
            return Usual(high=SPIKE * float(np.median(finite))) if len(finite) >= LEAST_FOR_MEDIAN else Usual()
        case Kind.UPDATE:
            return Usual(LEAST_UPDATE, MOST_UPDATE)
        case Kind.SILENT | Kind.DEAD:
            return Usual(high=MOST_SILENT)
        case Kind.ENTROPY:
            return Usual(LEAST_ENTROPY, MOST_ENTROPY)
        case Kind.STREAM:
            return _stream(places, figure, values, reach)
        case Kind.NATS:
            return Usual()


def judge(figure: Figure, value: float, limits: Usual) -> Mark:
    """What a known value is called."""
    if not math.isfinite(value):
        return Mark.NONFINITE
    if value == 0.0 and figure.kind in (Kind.GRADIENT, Kind.UPDATE):
        return Mark.ZERO
    if value < limits.low:
        return Mark.LOW
    return Mark.HIGH if value > limits.high else Mark.NONE


def _stream(places: HealthPlaces, figure: Figure, values: Floats, reach: Reaches) -> Usual:
    start = places.columns(Kind.STREAM).start
    if figure.column == start:
        return Usual(low=math.sqrt(places.stream.shape[2] * RMSNORM_EPSILON))
    if figure.column == start + 1 or reach[start + 1] != Reach.KNOWN:
        return Usual()
    return Usual(high=GROWTH * float(values[start + 1]))
