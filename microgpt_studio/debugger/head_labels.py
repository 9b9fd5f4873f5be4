"""Head labels: what a head mostly looks at, said only where a measured figure is clear.

A label describes the weights of this moment's parameters over some documents; it does not claim to know what the head
is for. Of a small model several documents are read, on a machine of their own: what trains is not touched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np

from microgpt.program.kernels import compiled
from microgpt.program.machine import Fault, Machine
from microgpt.program.program import Floats, Program
from microgpt_studio.debugger.execution import Execution
from microgpt_studio.debugger.head_places import HeadPlaces
from microgpt_studio.debugger.inquiry import Inquiry, Sight

FIRST_ROW = 2  # earlier queries are not counted: there the previous position is missing, or is the first one
CLEAR_SHARE = 0.5  # of a row's weight, on average: above it a head looks there more than everywhere else together
DOCUMENTS = 16  # that are read
MOST_SCALARS = 1_000_000  # of a program whose documents are read beside training
DIFFUSE_FROM = 0.9  # of the entropy that equal weights would have, on average


class Pattern(Enum):
    """What a head mostly looks at. The value is for people."""

    PREVIOUS = "previous character"
    FIRST = "first position"
    ITSELF = "itself"
    DIFFUSE = "diffuse"
    NONE = "no clear pattern"


@dataclass(frozen=True, slots=True)
class HeadPattern:
    """Means over the rows of one head; nan where there is no row."""

    rows: int  # that are counted: the complete ones from FIRST_ROW on
    previous: float  # weight on the position before the query
    first: float  # weight on position 0
    itself: float  # weight on the query's own position
    entropy: float  # of a row's weights, ÷ ln of their number: 0 where one has all, 1 where they are equal

    @property
    def pattern(self) -> Pattern:
        """The one that is clear; the shares are of the same rows, so at most one of them is."""
        for pattern in (Pattern.PREVIOUS, Pattern.FIRST, Pattern.ITSELF):
            if self.figure_of(pattern) > CLEAR_SHARE:
                return pattern
        return Pattern.DIFFUSE if self.entropy >= DIFFUSE_FROM else Pattern.NONE

    @property
    def figure(self) -> float:
        """What the label stands on; where nothing is clear the entropy."""
        return self.figure_of(self.pattern)

    def figure_of(self, pattern: Pattern) -> float:
        """What a pattern would stand on."""
        shares = {Pattern.PREVIOUS: self.previous, Pattern.FIRST: self.first, Pattern.ITSELF: self.itself}
        return shares.get(pattern, self.entropy)


@dataclass(frozen=True, slots=True)
class HeadMeasures:
    """Of all heads, layer after layer."""

    present: tuple[HeadPattern, ...]  # over the present document, as far as it is computed
    recent: tuple[HeadPattern, ...]  # over this document and the ones before it, all of them
    documents: int  # how many those are; 0: they are not read


@dataclass(frozen=True, slots=True)
class HeadPatterns(Inquiry[HeadMeasures]):
    """What the heads look at, with the parameters that the present update uses."""

    is_slow: ClassVar[bool] = True

    def answer(self, sight: Sight) -> HeadMeasures:
        places = HeadPlaces.of(sight)
        present = _Means(places)
        present.add(HeadPlaces.numbers(sight, places.weight))
        if sight.program.num_scalars > MOST_SCALARS:
            return HeadMeasures(present.patterns(), (), 0)
        reader = sight.keep(HeadPatterns, lambda: _Reader(sight.program, places))
        recent, documents = reader.measure(sight.execution)
        return HeadMeasures(present.patterns(), recent, documents)


class _Reader:
    """Reads documents with the parameters of a moment."""

    def __init__(self, program: Program, places: HeadPlaces) -> None:
        self._machine = Machine(program)
        self._places = places

    def measure(self, execution: Execution) -> tuple[tuple[HeadPattern, ...], int]:
        """Over the latest documents, and how many they are; none where plain Python would raise."""
        own, runner, program = self._machine, execution.runner, self._machine.program
        own.data[: program.num_parameters] = execution.machine.data[: program.num_parameters]
        latest = execution.place.updates
        documents = range(max(latest - DOCUMENTS + 1, 0), latest + 1)
        means = _Means(self._places)
        try:
            for update in documents:
                positions = own.choose(runner.tokenizer.encode(runner.document(update)))
                own.forward(program.num_parameters, int(program.position_start[positions]))
                rows = self._places.weight[:, :, :positions]
                means.add(np.where(rows >= 0, own.data[rows], np.nan))
        except Fault:
            return (), 0
        return means.patterns(), len(documents)


class _Means:
    """Adds up rows of weights, document after document."""

    def __init__(self, places: HeadPlaces) -> None:
        heads = places.weight.shape[0] * places.weight.shape[1]
        self._rows, self._sums = np.zeros(heads, dtype=np.int64), np.zeros((heads, 4))

    def add(self, weights: Floats) -> None:
        """Weights (L, H, n, B); rows with a nan do not count."""
        _add_rows(weights.reshape(-1, *weights.shape[2:]), FIRST_ROW, self._rows, self._sums)

    def patterns(self) -> tuple[HeadPattern, ...]:
        """The means so far."""
        return tuple(
            HeadPattern(count, *(total / count if count else math.nan for total in totals))
            for count, totals in zip(self._rows.tolist(), self._sums.tolist(), strict=True)
        )


@compiled
def _add_rows(weights, first_row, rows, sums):  # type: ignore[no-untyped-def]
    """Count the complete rows of `weights` (heads, n, B), and add them to the sums (heads, 4).

    The sums are those of the means of HeadPattern. Rows and keys are added from the first one on.
    """
    for head in range(len(weights)):
        for query in range(first_row, weights.shape[1]):
            row = weights[head, query, : query + 1]
            if math.isnan(row[query]):  # the row's last weight comes last
                continue
            entropy = 0.0
            for weight in row:
                if weight > 0.0:
                    entropy -= weight * math.log(weight)
            rows[head] += 1
            sums[head, 0] += row[query - 1]
            sums[head, 1] += row[0]
            sums[head, 2] += row[query]
            sums[head, 3] += entropy / math.log(query + 1.0)
