"""Head labels: what a head mostly looks at in the present document, said only where a measured figure is clear.

A label describes these weights of this moment; it does not claim to know what the head is for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from microgpt.program.kernels import compiled
from microgpt_studio.debugger.head_places import HeadPlaces
from microgpt_studio.debugger.inquiry import Inquiry, Sight

FIRST_ROW = 2  # earlier queries are not counted: there the previous position is missing, or is the first one
CLEAR_SHARE = 0.5  # of a row's weight, on average: above it a head looks there more than everywhere else together
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
class HeadPatterns(Inquiry[tuple[HeadPattern, ...]]):
    """Of all heads, layer after layer, measured over the rows of the present document."""

    def answer(self, sight: Sight) -> tuple[HeadPattern, ...]:
        weights = HeadPlaces.numbers(sight, HeadPlaces.of(sight).weight)
        heads = weights.reshape(-1, *weights.shape[2:])
        rows, means = np.zeros(len(heads), dtype=np.int64), np.empty((len(heads), 4))
        _measure(heads, FIRST_ROW, rows, means)
        return tuple(HeadPattern(count, *of) for count, of in zip(rows.tolist(), means.tolist(), strict=True))


@compiled
def _measure(weights, first_row, rows, means):  # type: ignore[no-untyped-def]
    """Write how many rows of `weights` (heads, B, B) are complete, and their means (heads, 4); nan where none is.

    The means are those of HeadPattern. Everything is added up from the first row, and the first key, on.
    """
    for head in range(len(weights)):
        count = 0
        previous, first, itself, spread = 0.0, 0.0, 0.0, 0.0
        for query in range(first_row, weights.shape[1]):
            row = weights[head, query, : query + 1]
            if math.isnan(row[query]):  # the row's last weight comes last
                continue
            entropy = 0.0
            for weight in row:
                if weight > 0.0:
                    entropy -= weight * math.log(weight)
            count += 1
            previous += row[query - 1]
            first += row[0]
            itself += row[query]
            spread += entropy / math.log(query + 1.0)
        rows[head] = count
        sums = (previous, first, itself, spread)
        for i in range(4):
            means[head, i] = sums[i] / count if count > 0 else math.nan
