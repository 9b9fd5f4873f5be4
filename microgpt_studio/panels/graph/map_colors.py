"""Colours of the map: which number every cell is coloured by, what is known of it, and on which scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Ids
from microgpt_studio.debugger.cell_numbers import CellNumbers
from microgpt_studio.debugger.contributions import Contributions
from microgpt_studio.debugger.execution_order import ExecutionOrder
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.scalar_numbers import AllScalars, LocalDerivatives
from microgpt_studio.debugger.snapshot import Reach, Reaches, Snapshot
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.theme import Palette, Scale, ScaleKind
from microgpt_studio.theme.colormaps import Colors, colors

Floats = npt.NDArray[np.float64]


class Quantity(Enum):
    """What is coloured."""

    DATA = "data"
    GRAD = "grad"
    MAGNITUDE = "|grad|"
    DERIVATIVE = "local derivative"
    CONTRIBUTION = "contribution"
    FORWARD = "order, forward"
    BACKWARD = "order, backward"

    @property
    def kind(self) -> ScaleKind:
        """Whether it has a sign."""
        signed = self in (Quantity.DATA, Quantity.GRAD, Quantity.DERIVATIVE, Quantity.CONTRIBUTION)
        return ScaleKind.SIGNED if signed else ScaleKind.UNSIGNED

    @property
    def is_order(self) -> bool:
        """Whether it is a rank, which is the same for all rows."""
        return self in (Quantity.FORWARD, Quantity.BACKWARD)


class Norm(Enum):
    """What the ends of the colour map stand for: the largest absolute value of each row, or of the whole graph."""

    ROW = "row"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Coloring:
    """What the user chose to see, and how."""

    quantity: Quantity = Quantity.DATA
    norm: Norm = Norm.ROW
    symlog: bool = False
    chosen: int | None = None  # the scalar to which contributions are shown

    @property
    def shows_gradients(self) -> bool:
        """Whether what flows back is in view, and not what flows forward."""
        return self.quantity in (Quantity.GRAD, Quantity.MAGNITUDE, Quantity.BACKWARD)

    @property
    def is_logarithmic(self) -> bool:
        """Magnitudes are always; ranks never."""
        return self.quantity is Quantity.MAGNITUDE or (self.symlog and not self.quantity.is_order)

    def inquiry(self, *, inside: bool) -> Inquiry[object]:
        """What has to be asked for its numbers, of cells, or of what is inside them as well."""
        match self.quantity:
            case Quantity.DERIVATIVE:
                return LocalDerivatives()
            case Quantity.CONTRIBUTION if self.chosen is not None:
                return Contributions(self.chosen)
            case Quantity.FORWARD | Quantity.BACKWARD:
                return ExecutionOrder()
        return AllScalars() if inside else CellNumbers()


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The numbers of one snapshot: of all cells, or of all scalars."""

    values: Floats
    reach: Reaches

    @classmethod
    def unknown(cls, count: int) -> Numbers:
        """None of them is known."""
        return cls(np.zeros(count), np.full(count, Reach.NOT_COMPUTED, dtype=np.uint8))

    def of(self, scalars: Ids) -> Numbers:
        """Those of some of the scalars, in their order."""
        return Numbers(self.values[scalars], self.reach[scalars])

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which are known."""
        return np.equal(self.reach, Reach.KNOWN)


def scalar_numbers(snapshot: Snapshot, coloring: Coloring) -> Numbers | None:
    """The coloured number of all N scalars; None where the snapshot does not have them."""
    quantity = coloring.quantity
    if quantity is Quantity.DERIVATIVE:
        derivatives = snapshot.answer(LocalDerivatives())
        return None if derivatives is None else Numbers(derivatives.larger(), derivatives.first_reach)
    if quantity is Quantity.CONTRIBUTION:
        answer = None if coloring.chosen is None else snapshot.answer(Contributions(coloring.chosen))
        return None if answer is None else Numbers(answer.contribution, answer.reach)
    if quantity.is_order:
        turns = snapshot.answer(ExecutionOrder())
        if turns is None:
            return None
        forward = quantity is Quantity.FORWARD
        ranks, done = (turns.forward, turns.forward_done) if forward else (turns.backward, turns.backward_done)
        reach = np.where(ranks < done, Reach.KNOWN, Reach.NOT_COMPUTED).astype(np.uint8)
        reach[ranks < 0] = Reach.OUTSIDE
        return Numbers(ranks.astype(np.float64), reach)
    scalars = snapshot.answer(AllScalars())
    if scalars is None:
        return None
    if quantity is Quantity.DATA:
        return Numbers(scalars.data, scalars.data_reach)
    return Numbers(np.abs(scalars.grad) if quantity is Quantity.MAGNITUDE else scalars.grad, scalars.grad_reach)


def cell_numbers(snapshot: Snapshot, coloring: Coloring, layout: MapLayout) -> Numbers:
    """The coloured number of all C cells."""
    scalars, quantity = layout.expressions.scalar, coloring.quantity
    if quantity in (Quantity.DATA, Quantity.GRAD, Quantity.MAGNITUDE):
        cells = snapshot.answer(CellNumbers())
        if cells is not None:
            if quantity is Quantity.DATA:
                return Numbers(cells.data, cells.data_reach)
            return Numbers(np.abs(cells.grad) if quantity is Quantity.MAGNITUDE else cells.grad, cells.grad_reach)
    numbers = scalar_numbers(snapshot, coloring)
    return Numbers.unknown(len(scalars)) if numbers is None else numbers.of(scalars)


class Limits:
    """The ends of the colour map for each band, fitted to every picture, or locked at the first one asked for."""

    def __init__(self, layout: MapLayout) -> None:
        self._by_band = np.argsort(layout.row_of, kind="stable")
        self._starts = np.searchsorted(layout.row_of[self._by_band], np.arange(len(layout.bands)))
        self._losses = slice(len(layout.rows) - 2, len(layout.rows))
        self._locked: dict[Quantity, tuple[int, Floats]] = {}
        self.locked = False

    def set_locked(self, locked: bool) -> None:
        """Keep the limits of the next picture for all that follow, or fit them again."""
        self.locked = locked
        self._locked.clear()

    def locked_at(self, quantity: Quantity) -> int | None:
        """The update whose limits are kept."""
        return self._locked[quantity][0] if quantity in self._locked else None

    def of(self, numbers: Numbers, coloring: Coloring, step: int) -> Floats:
        """(bands,) the largest finite absolute value of each, or for all bands that of the graph; nan if none."""
        quantity = coloring.quantity
        if self.locked and quantity in self._locked:
            limits = self._locked[quantity][1]
        else:
            known = numbers.known & np.isfinite(numbers.values)
            sizes = np.where(known, np.abs(numbers.values), -1.0)[self._by_band]
            limits = np.maximum.reduceat(sizes, self._starts)
            limits[self._losses] = limits[self._losses].max()  # the losses and their mean: one unit, one scale
            limits[limits < 0] = np.nan
            if self.locked and not np.isnan(limits).all():
                self._locked[quantity] = step, limits
        if (coloring.norm is Norm.GRAPH or quantity.is_order) and not np.isnan(limits).all():
            return np.full_like(limits, np.nanmax(limits))
        return limits


def number_colors(values: Floats, limits: Floats, coloring: Coloring, palette: Palette) -> Colors:
    """ARGB32 of numbers, each on a scale with its own limit; numbers beyond a limit get its end."""
    usable = np.where(np.nan_to_num(limits) > 0.0, limits, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        share = values / usable
    share = np.where(np.isfinite(values), np.clip(share, -1.0, 1.0), values)
    return colors(share, Scale(coloring.quantity.kind, 1.0, coloring.is_logarithmic), palette)


MEANINGS: Mapping[Quantity, str] = {
    Quantity.DATA: "Colour the cells by data (D)",
    Quantity.GRAD: "Colour the cells by grad: d loss / d cell (G)",
    Quantity.MAGNITUDE: "The absolute value of grad, logarithmic",
    Quantity.DERIVATIVE: "d cell / d operand: of a cell's two local derivatives the larger one",
    Quantity.CONTRIBUTION: "d chosen / d cell × data of the cell: what the selected scalar gets from each cell (C)",
    Quantity.FORWARD: "Which operation of the forward phase computes the cell",
    Quantity.BACKWARD: "Which operation of the backward phase hands the cell's gradient on",
}
