"""Colours of the map: which number every cell is coloured by, what is known of it, and on which scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import product

import numpy as np
import numpy.typing as npt

from microgpt_studio.debugger.cell_numbers import CellNumbers
from microgpt_studio.debugger.contributions import CellContributions, ContributionNumbers, InsideContributions
from microgpt_studio.debugger.execution_order import CellOrder, InsideOrder, Turns
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.inside_numbers import CellDerivatives, InsideNumbers
from microgpt_studio.debugger.snapshot import Reach, Reaches, Snapshot
from microgpt_studio.panels.graph import color_kernels
from microgpt_studio.panels.graph.lines import Indices
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.raster import Fills
from microgpt_studio.theme import Palette, Scale, ScaleKind
from microgpt_studio.theme.colormaps import Colors, argb, colors, lookup_table
from microgpt_studio.theme.palette import DARK

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

    @property
    def inquiry(self) -> Inquiry[object]:
        """What has to be asked for the numbers of all cells."""
        match self.quantity:
            case Quantity.DERIVATIVE:
                return CellDerivatives()
            case Quantity.CONTRIBUTION if self.chosen is not None:
                return CellContributions(self.chosen)
            case Quantity.FORWARD | Quantity.BACKWARD:
                return CellOrder(backward=self.quantity is Quantity.BACKWARD)
        return CellNumbers()

    def inside(self, cells: bytes) -> InsideContributions | InsideOrder | None:
        """What has to be asked, beside InsideCells, for the numbers inside some cells (int32); None for nothing."""
        if self.quantity is Quantity.CONTRIBUTION and self.chosen is not None:
            return InsideContributions(self.chosen, cells)
        if self.quantity.is_order:
            return InsideOrder(self.quantity is Quantity.BACKWARD, cells)
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The numbers of one snapshot: of all cells, or of all scalars."""

    values: Floats
    reach: Reaches

    @classmethod
    def unknown(cls, count: int) -> Numbers:
        """None of them is known."""
        return cls(np.zeros(count), np.full(count, Reach.NOT_COMPUTED, dtype=np.uint8))

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which are known."""
        return np.equal(self.reach, Reach.KNOWN)


def cell_numbers(snapshot: Snapshot, coloring: Coloring, layout: MapLayout) -> Numbers:
    """The coloured number of all C cells."""
    scalars, quantity = layout.expressions.scalar, coloring.quantity
    if quantity is Quantity.DERIVATIVE:
        derivatives = snapshot.answer(CellDerivatives())
        if derivatives is not None:
            return Numbers(derivatives.larger(), derivatives.first_reach)
    elif quantity is Quantity.CONTRIBUTION:
        contributions = None if coloring.chosen is None else snapshot.answer(CellContributions(coloring.chosen))
        if contributions is not None:
            return Numbers(contributions.contribution, contributions.reach)
    elif quantity.is_order:
        turns = snapshot.answer(CellOrder(backward=quantity is Quantity.BACKWARD))
        if turns is not None:
            return _ranks(turns)
    else:
        cells = snapshot.answer(CellNumbers())
        if cells is not None:
            return _chosen(quantity, Numbers(cells.data, cells.data_reach), Numbers(cells.grad, cells.grad_reach))
    return Numbers.unknown(len(scalars))


def inner_numbers(snapshot: Snapshot, coloring: Coloring, inside: InsideNumbers) -> Numbers:
    """The coloured number of all scalars whose numbers are asked for, in the order of their ids."""
    quantity = coloring.quantity
    if quantity is Quantity.DERIVATIVE:
        return Numbers(inside.derivatives.larger(), inside.derivatives.first_reach)
    if quantity is Quantity.CONTRIBUTION or quantity.is_order:
        question = coloring.inside(inside.cells.tobytes())
        answer = None if question is None else snapshot.answer(question)
        if isinstance(answer, ContributionNumbers):
            return Numbers(answer.contribution, answer.reach)
        return _ranks(answer) if isinstance(answer, Turns) else Numbers.unknown(len(inside.ids))
    return _chosen(quantity, Numbers(inside.data, inside.data_reach), Numbers(inside.grad, inside.grad_reach))


def _chosen(quantity: Quantity, data: Numbers, grad: Numbers) -> Numbers:
    if quantity is Quantity.DATA:
        return data
    return grad if quantity is Quantity.GRAD else Numbers(np.abs(grad.values), grad.reach)


def _ranks(turns: Turns) -> Numbers:
    """Ranks as numbers; those of turns that have not been yet are not known."""
    reach = np.where(turns.rank < turns.done, Reach.KNOWN, Reach.NOT_COMPUTED).astype(np.uint8)
    reach[turns.rank < 0] = Reach.OUTSIDE
    return Numbers(turns.rank.astype(np.float64), reach)


class Limits:
    """The ends of the colour map for each band, fitted to every picture, or locked at the first one asked for."""

    def __init__(self, layout: MapLayout) -> None:
        self._bands, self._num_bands = layout.row_of, len(layout.bands)
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
            limits = np.full(self._num_bands, -1.0)
            color_kernels.largest(numbers.values, numbers.reach, self._bands, limits)
            limits[self._losses] = limits[self._losses].max()  # the losses and their mean: one unit, one scale
            limits[limits < 0] = np.nan
            if self.locked and not np.isnan(limits).all():
                self._locked[quantity] = step, limits
        if coloring.norm is Norm.GRAPH and not np.isnan(limits).all():
            return np.full_like(limits, np.nanmax(limits))
        return limits


def number_colors(values: Floats, bands: Indices, limits: Floats, coloring: Coloring, palette: Palette) -> Colors:
    """ARGB32 of numbers (n,), each on the scale of its band (n,), which has one of the limits (bands,).

    Numbers beyond a limit get its end.
    """
    kind, shares = coloring.quantity.kind, np.empty(len(values))
    color_kernels.shares(values, bands, limits, shares)
    if coloring.is_logarithmic:
        return colors(shares, Scale(kind, 1.0, symlog=True), palette)
    found = np.empty(len(values), dtype=np.uint32)
    table = lookup_table(kind, palette)
    color_kernels.paint_shares(shares, kind is ScaleKind.SIGNED, table, argb(palette.nonfinite), found)
    return found


def fills(numbers: Numbers) -> Fills:
    """How the boxes of numbers are filled."""
    found = np.empty(len(numbers.values), dtype=np.uint8)
    color_kernels.fills(numbers.values, numbers.reach, found)
    return found


def warm_up_colors() -> None:
    """Compile what pictures of numbers need, where no cache holds it: of a snapshot's arrays, and of new ones."""
    band, limits = np.zeros(1, dtype=np.int32), np.ones(1)
    for values_are_new, reach_is_new in product((False, True), repeat=2):
        numbers = Numbers.unknown(1)
        numbers.values.flags.writeable, numbers.reach.flags.writeable = values_are_new, reach_is_new
        color_kernels.largest(numbers.values, numbers.reach, band, limits)
        number_colors(numbers.values, band, limits, Coloring(), DARK)
        fills(numbers)


MEANINGS: Mapping[Quantity, str] = {
    Quantity.DATA: "Colour the cells by data (D)",
    Quantity.GRAD: "Colour the cells by grad: d loss / d cell (G)",
    Quantity.MAGNITUDE: "The absolute value of grad, logarithmic",
    Quantity.DERIVATIVE: "d cell / d operand: of a cell's two local derivatives the larger one",
    Quantity.CONTRIBUTION: "d chosen / d cell × data of the cell: what the selected scalar gets from each cell (C)",
    Quantity.FORWARD: "Which operation of the forward phase computes the cell",
    Quantity.BACKWARD: "Which operation of the backward phase hands the cell's gradient on",
}
