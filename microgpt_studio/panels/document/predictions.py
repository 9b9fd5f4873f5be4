"""What the model predicts for each position of a document: probabilities, the target's rank, surprise, and their sum.

B positions at most, n of them in the document, V tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.loss_sums import LossSums
from microgpt_studio.debugger.snapshot import Description, Reach, Snapshot

LOSS = -1  # in place of a token: the loss of the position
BITS = -2  # the same in bits; it is no scalar of its own
SUM = -3  # the sum of the losses up to the position
TOTAL = -1  # in place of a row: the loss of the document

Flags = npt.NDArray[np.bool_]


class Spot(NamedTuple):
    """A number by its place: of a token, or LOSS, BITS or SUM, at a position; or the loss of all (TOTAL, LOSS)."""

    row: int
    token: int


WHOLE = Spot(TOTAL, LOSS)


def bits(nats: float) -> float:
    """A surprise in bits: −log₂ p = −ln p ÷ ln 2."""
    return nats / log(2)


class Places:
    """Where a program keeps what this panel shows."""

    def __init__(self, description: Description) -> None:
        program = description.program
        probs, losses = [], []
        self._total = 0
        for tensor in program.tensors:
            if tensor.position is None:
                if tensor.path == "loss":
                    self._total = tensor.first_element
            elif tensor.stage == "prob":
                probs.append(np.arange(tensor.first_element, tensor.first_element + tensor.size))
            elif tensor.stage == "loss":
                losses.append(tensor.first_element)
        self.probs = np.array(probs)  # (B, V) indices into the elements
        self.losses = np.array(losses)  # (B,)
        self._program = program
        self._spots = {WHOLE: int(program.element_ids[self._total])}
        for row, (ids, loss) in enumerate(
            zip(program.element_ids[self.probs].tolist(), program.element_ids[self.losses].tolist(), strict=True)
        ):
            self._spots[Spot(row, LOSS)] = loss
            self._spots[Spot(row, SUM)] = program.sums_start + row
            self._spots.update({Spot(row, token): scalar for token, scalar in enumerate(ids)})
        self._scalars = {scalar: spot for spot, scalar in self._spots.items()}

    @property
    def total(self) -> int:
        """Index of the loss into the elements."""
        return self._total

    def scalar(self, spot: Spot) -> int:
        """The id of what is there."""
        return self._spots[Spot(spot.row, LOSS) if spot.token == BITS else spot]

    def spot(self, scalar: int | None) -> Spot | None:
        """Where a scalar is shown, or None."""
        return None if scalar is None else self._scalars.get(scalar)

    def row(self, scalar: int | None) -> int | None:
        """The position that a scalar belongs to, shown or not; None for parameters and the loss."""
        if scalar is None:
            return None
        spot = self._scalars.get(scalar)
        if spot is not None and spot.token == SUM:
            return spot.row
        position: int | None = self._program.tensors[self._program.tensor[scalar]].position
        return position


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """One document at one moment. Where a flag says that something is not known its number means nothing."""

    update: int  # that is shown, counted from 1
    there: bool  # whether the snapshot carried numbers at all
    document: str
    uncut: int  # positions that the document would have without the block
    tokens: tuple[int, ...]  # position p reads tokens[p] and predicts tokens[p + 1]
    probs: Floats  # (n, V)
    probs_known: Flags  # (n,)
    losses: Floats  # (n,) nats
    losses_known: Flags  # (n,)
    sums: Floats  # (n,) nats: the losses added up to each position, as the model adds them
    sums_known: Flags  # (n,)
    share: float  # 1/n as the model has it; nan where the snapshot does not tell
    loss: float  # nats: share × the last sum
    loss_known: bool
    order: Ids  # (n, V) tokens, the most probable first
    edges: Floats  # (n, V + 1) where each token of that order begins and ends on a strip from 0 to 1

    @classmethod
    def read(cls, snapshot: Snapshot, places: Places) -> Predictions:
        """What a snapshot says; nothing is known where it carries no cells."""
        moment, cells, sums = snapshot.moment, snapshot.cells, snapshot.answer(LossSums())
        n = moment.positions
        at, loss_at = places.probs[:n], places.losses[:n]
        if cells is None:
            probs, losses, loss = np.zeros(at.shape), np.zeros(n), 0.0
            probs_known = losses_known = np.zeros(n, dtype=np.bool_)
            loss_known = False
        else:
            probs, losses, loss = cells.data[at], cells.data[loss_at], float(cells.data[places.total])
            probs_known = (cells.data_reach[at] == Reach.KNOWN).all(axis=1)
            losses_known = cells.data_reach[loss_at] == Reach.KNOWN
            loss_known = bool(cells.data_reach[places.total] == Reach.KNOWN)
        order = np.argsort(-probs, axis=1, kind="stable").astype(np.int32)
        edges = np.zeros((n, places.probs.shape[1] + 1))
        np.cumsum(np.take_along_axis(probs, order, axis=1), axis=1, out=edges[:, 1:])
        return cls(
            update=moment.update,
            there=cells is not None,
            document=moment.document,
            uncut=len(moment.document) + 1,
            tokens=moment.tokens,
            probs=probs,
            probs_known=probs_known,
            losses=losses,
            losses_known=losses_known,
            sums=np.full(n, np.nan) if sums is None else sums.data,
            sums_known=np.zeros(n, dtype=np.bool_) if sums is None else sums.known,
            share=float("nan") if sums is None else sums.share,
            loss=loss,
            loss_known=loss_known,
            order=order,
            edges=edges,
        )

    @property
    def positions(self) -> int:
        return len(self.losses)

    @property
    def total(self) -> float | None:
        """The last sum of the losses; None where it is not known."""
        return float(self.sums[-1]) if self.positions and self.sums_known[-1] else None

    def moment_text(self) -> str:
        """Of which update this is, in words."""
        if not self.there:
            return "…"
        if self.loss_known:
            return f"update {self.update}"
        if self.probs_known.any():
            return f"half-way through update {self.update}"
        return f"before update {self.update}" if self.update > 1 else "before the first update"

    def target(self, row: int) -> int:
        """The token that position `row` should predict."""
        return self.tokens[row + 1]

    def prob(self, row: int) -> float:
        """The target's probability."""
        return float(self.probs[row, self.target(row)])

    def rank(self, row: int) -> int:
        """1 for the most probable token; tokens of the same probability share the better rank."""
        return int(np.count_nonzero(self.probs[row] > self.prob(row))) + 1

    def value(self, spot: Spot) -> float | None:
        """The number at a spot, if it is known."""
        if spot == WHOLE:
            return self.loss if self.loss_known else None
        if spot.row >= self.positions:
            return None
        if spot.token == SUM:
            return float(self.sums[spot.row]) if self.sums_known[spot.row] else None
        if spot.token in (LOSS, BITS):
            nats = float(self.losses[spot.row]) if self.losses_known[spot.row] else None
            return bits(nats) if nats is not None and spot.token == BITS else nats
        return float(self.probs[spot.row, spot.token]) if self.probs_known[spot.row] else None

    def token_at(self, row: int, share: float) -> int:
        """The token whose piece of the strip lies at `share`, 0 … 1."""
        place = int(np.searchsorted(self.edges[row, 1:], share, side="right"))
        return int(self.order[row, min(place, self.order.shape[1] - 1)])

    def piece(self, row: int, token: int) -> tuple[float, float]:
        """Where a token's piece of the strip begins and ends, 0 … 1."""
        place = int(np.flatnonzero(self.order[row] == token)[0])
        return float(self.edges[row, place]), float(self.edges[row, place + 1])
