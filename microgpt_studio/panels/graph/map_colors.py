"""Colours of the map: the number of every element, what is known of it, and on which scale it is coloured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from microgpt_studio.debugger.snapshot import Cells, Reach, Reaches
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.theme import Palette, Scale, ScaleKind
from microgpt_studio.theme.colormaps import Colors, colors

Floats = npt.NDArray[np.float64]


class Quantity(Enum):
    """What is coloured."""

    DATA = "data"
    GRAD = "grad"


class Norm(Enum):
    """What the ends of the colour map stand for: the largest absolute value of each row, or of the whole graph."""

    ROW = "row"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The numbers of one snapshot, of all E elements."""

    values: Floats  # (E,)
    reach: Reaches  # (E,)

    @classmethod
    def of(cls, cells: Cells | None, quantity: Quantity, count: int) -> Numbers:
        """The quantity's numbers; none is known where there are no cells."""
        if cells is None:
            return cls(np.zeros(count), np.full(count, Reach.NOT_COMPUTED, dtype=np.uint8))
        if quantity is Quantity.DATA:
            return cls(cells.data, cells.data_reach)
        return cls(cells.grad, cells.grad_reach)


class Limits:
    """The ends of the colour map for each row, fitted to every picture, or locked at the first one asked for."""

    def __init__(self, layout: MapLayout) -> None:
        self._layout = layout
        placed = np.flatnonzero(layout.row_of >= 0)
        self._by_row = placed[np.argsort(layout.row_of[placed], kind="stable")]
        self._row_starts = np.searchsorted(layout.row_of[self._by_row], np.arange(len(layout.rows)))
        self._locked: dict[Quantity, tuple[int, Floats]] = {}
        self.locked = False

    def set_locked(self, locked: bool) -> None:
        """Keep the limits of the next picture for all that follow, or fit them again."""
        self.locked = locked
        self._locked.clear()

    def locked_at(self, quantity: Quantity) -> int | None:
        """The update whose limits are kept."""
        return self._locked[quantity][0] if quantity in self._locked else None

    def of(self, numbers: Numbers, quantity: Quantity, norm: Norm, step: int) -> Floats:
        """(rows,) the largest finite absolute value of each row, or for all rows that of the graph; nan if none."""
        if self.locked and quantity in self._locked:
            limits = self._locked[quantity][1]
        else:
            known = (numbers.reach == Reach.KNOWN) & np.isfinite(numbers.values)
            sizes = np.where(known, np.abs(numbers.values), -1.0)[self._by_row]
            limits = np.maximum.reduceat(sizes, self._row_starts)
            limits[-2:] = limits[-2:].max()  # the losses and their mean: one unit, one scale
            limits[limits < 0] = np.nan
            if self.locked and not np.isnan(limits).all():
                self._locked[quantity] = step, limits
        if norm is Norm.GRAPH and not np.isnan(limits).all():
            return np.full_like(limits, np.nanmax(limits))
        return limits


def element_colors(layout: MapLayout, numbers: Numbers, limits: Floats, palette: Palette, *, symlog: bool) -> Colors:
    """ARGB32 (E,) of every element on the scale of its row; numbers beyond a locked limit get its end."""
    usable = np.where(np.nan_to_num(limits) > 0.0, limits, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        share = numbers.values / usable[layout.row_of]
    share = np.where(np.isfinite(numbers.values), np.clip(share, -1.0, 1.0), numbers.values)
    return colors(share, Scale(ScaleKind.SIGNED, 1.0, symlog), palette)
