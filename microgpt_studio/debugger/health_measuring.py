"""Measuring: the health figures of the update that a machine has loaded, as far as it is computed.

Sums are added up from 0 in the order of the ids, as a plain loop would; logarithms go through C.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.health_figures import DEAD_FOR, HealthPlaces, Kind
from microgpt_studio.debugger.matrix_statistics import statistics
from microgpt_studio.debugger.snapshot import Reach, Reaches

_NOT_COMPUTED, _KNOWN, _OUTSIDE = int(Reach.NOT_COMPUTED), int(Reach.KNOWN), int(Reach.OUTSIDE)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """F figures; where the reach is not KNOWN the value is nan, and OUTSIDE means that there is no such number."""

    values: Floats  # (F,) those of Kind.DEAD nan: no single update has them
    reach: Reaches  # (F,)
    fired: npt.NDArray[np.bool_]  # (L, H) whether a unit fires at some position, as far as is known


@dataclass(frozen=True, slots=True, eq=False)
class Extent:
    """How much of an update is computed."""

    data: Reaches  # (N,)
    grad: Reaches  # (P,) or longer
    num_updated: int  # parameters that Adam is done with

    @classmethod
    def whole(cls, machine: Machine) -> Extent:
        """All of it."""
        program = machine.program
        known = np.full(program.num_scalars, Reach.KNOWN, dtype=np.uint8)
        return cls(known, known, program.num_parameters)


def measure(places: HealthPlaces, machine: Machine, extent: Extent) -> Measured:
    """All figures of an update."""
    values = np.full(len(places.figures), np.nan)
    reach = np.full(len(places.figures), Reach.NOT_COMPUTED, dtype=np.uint8)
    fired = _measure_units(places, machine, extent, values, reach)
    _measure_parameters(places, machine, extent, values, reach)
    n = machine.positions
    share, nats = places.columns(Kind.ENTROPY), places.columns(Kind.NATS)
    _entropies(machine.data, extent.data, places.weight, n, values[share], values[nats], reach[share])
    reach[nats] = reach[share]
    stream = places.columns(Kind.STREAM)
    _lengths(machine.data, extent.data, places.stream, n, values[stream], reach[stream])
    for array in (values, reach):
        array.flags.writeable = False
    return Measured(values, reach, fired)


def long_silent(silent: Ids) -> Floats:
    """(L,) the share of units that have been silent for DEAD_FOR updates or more; `silent` (L, H) counts them."""
    return np.asarray(np.count_nonzero(silent >= DEAD_FOR, axis=1) / silent.shape[1])


def _measure_parameters(places: HealthPlaces, machine: Machine, extent: Extent, values: Floats, reach: Reaches) -> None:
    p = machine.program.num_parameters
    known = extent.grad[:p] == Reach.KNOWN
    gradient, update = places.columns(Kind.GRADIENT).start, places.columns(Kind.UPDATE).start
    if known.all():
        values[gradient], reach[gradient] = machine.grad_norm(), Reach.KNOWN
    if known.any():
        for m, figures in enumerate(statistics(machine.grad[:p], known, places.starts)):
            if figures.known == figures.count:
                values[gradient + 1 + m], reach[gradient + 1 + m] = figures.norm, Reach.KNOWN
    if extent.num_updated <= 0:
        return
    everything = np.ones(p, dtype=np.bool_)
    changes = statistics(machine.change, everything, places.starts)
    weights = statistics(machine.data[:p], everything, places.starts)
    for m, (change, weight) in enumerate(zip(changes, weights, strict=True)):
        if places.starts[m + 1] > extent.num_updated:
            break
        if weight.norm == 0.0:
            reach[update + m] = Reach.OUTSIDE
        else:
            values[update + m], reach[update + m] = change.norm / weight.norm, Reach.KNOWN


def _measure_units(
    places: HealthPlaces, machine: Machine, extent: Extent, values: Floats, reach: Reaches
) -> npt.NDArray[np.bool_]:
    relu = places.relu[:, : machine.positions]
    known = extent.data[relu] == Reach.KNOWN
    fired: npt.NDArray[np.bool_] = ((machine.data[relu] > 0.0) & known).any(axis=1)
    columns = places.columns(Kind.SILENT)
    complete = known.all(axis=(1, 2))
    values[columns] = np.where(complete, np.count_nonzero(~fired, axis=1) / fired.shape[1], np.nan)
    reach[columns] = np.where(complete, np.uint8(Reach.KNOWN), np.uint8(Reach.NOT_COMPUTED))
    return fired


@compiled
def _entropies(data, data_reach, weight, positions, share, nats, reach):  # type: ignore[no-untyped-def]
    """Of each head, `weight` (heads, B, B): the means over the rows from 1 on, written to three arrays (heads,).

    Row 0 has one weight, which is 1. A weight that has become 0 adds nothing: w ln w goes to 0 with it.
    """
    for head in range(len(weight)):
        reach[head] = _KNOWN if positions > 1 else _OUTSIDE
        for key in range(positions):
            if data_reach[weight[head, positions - 1, key]] != _KNOWN:  # what the document computes last
                reach[head] = _NOT_COMPUTED
        if reach[head] != _KNOWN:
            continue
        sum_of_shares, sum_of_entropies = 0.0, 0.0
        for query in range(1, positions):
            entropy = 0.0
            for key in range(query + 1):
                w = data[weight[head, query, key]]
                if w != 0.0:
                    entropy -= w * math.log(w)
            sum_of_entropies += entropy
            sum_of_shares += entropy / math.log(query + 1.0)
        share[head] = sum_of_shares / (positions - 1)
        nats[head] = sum_of_entropies / (positions - 1)


@compiled
def _lengths(data, data_reach, stream, positions, lengths, reach):  # type: ignore[no-untyped-def]
    """Of each stage, `stream` (S, B, E): the mean of the vectors' Euclidean norms, written to two arrays (S,)."""
    for stage in range(len(stream)):
        known = True
        for i in stream[stage, positions - 1]:  # what the document computes last
            known = known and data_reach[i] == _KNOWN
        if not known:
            continue
        total = 0.0
        for position in range(positions):
            square = 0.0
            for i in stream[stage, position]:
                square += data[i] * data[i]
            total += math.sqrt(square)
        lengths[stage] = total / positions
        reach[stage] = _KNOWN
