"""The picture: all that the map shows of one snapshot, joined with the layout. It is made once a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt_studio.debugger.snapshot import Description, Moment, Reach, Snapshot
from microgpt_studio.panels.graph.map_colors import Floats, Limits, Norm, Numbers, Quantity, element_colors
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.raster import Ink
from microgpt_studio.theme import Palette, Scale, ScaleKind
from microgpt_studio.theme.colormaps import argb

_INVISIBLE = {" ": "␣", "\t": "⇥", "\n": "⏎"}


@dataclass(frozen=True, slots=True)
class Coloring:
    """What the user chose to see, and how."""

    quantity: Quantity = Quantity.DATA
    norm: Norm = Norm.ROW
    symlog: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """The numbers of one snapshot and their colours."""

    layout: MapLayout
    moment: Moment
    coloring: Coloring
    data: Numbers
    grad: Numbers
    limits: Floats  # (rows,) ends of the colour map; nan where nothing is known
    locked_at: int | None  # the update whose limits are kept
    ink: Ink

    @classmethod
    def of(cls, layout: MapLayout, snapshot: Snapshot, coloring: Coloring, limits: Limits, palette: Palette) -> Picture:
        count = len(layout.row_of)
        data, grad = (Numbers.of(snapshot.cells, quantity, count) for quantity in (Quantity.DATA, Quantity.GRAD))
        shown = data if coloring.quantity is Quantity.DATA else grad
        ends = limits.of(shown, coloring.quantity, coloring.norm, snapshot.moment.step)
        known = shown.reach == Reach.KNOWN
        ink = Ink(
            pixels=element_colors(layout, shown, ends, palette, symlog=coloring.symlog),
            known=known,
            strange=known & ~np.isfinite(shown.values),
            ground=argb(palette.surface),
            hatch=argb(palette.hatch),
        )
        locked = limits.locked_at(coloring.quantity)
        return cls(layout, snapshot.moment, coloring, data, grad, ends, locked, ink)

    @property
    def shown(self) -> Numbers:
        """The numbers that are coloured."""
        return self.data if self.coloring.quantity is Quantity.DATA else self.grad

    @property
    def positions(self) -> int:
        return self.moment.positions

    def scale(self, row: int) -> Scale:
        """The scale of a row's colours."""
        limit = self.limits[row]
        return Scale(ScaleKind.SIGNED, 0.0 if np.isnan(limit) else float(limit), self.coloring.symlog)

    def loss(self, position: int) -> float | None:
        """The loss of a position in nats; None where it is not known."""
        return self._data_of("loss", position)

    def mean_loss(self) -> float | None:
        """The loss of the document in nats."""
        return self._data_of("total", 0)

    def hatched_text(self) -> str:
        """What the hatching means that is to be seen; empty where there is none."""
        layout = self.layout
        shown = (layout.row_of >= 0) & (layout.position_of < self.positions)
        words = {
            Reach.NOT_COMPUTED: "not computed",
            Reach.OUTSIDE: "outside the graph",
            Reach.PARTIAL: "partial",
        }
        return ", ".join(word for reach, word in words.items() if (self.shown.reach[shown] == reach).any())

    def _data_of(self, stage: str, position: int) -> float | None:
        row = next(row for row in reversed(self.layout.rows) if row.stage == stage)
        element = self.layout.elements_of(row)[position]
        return float(self.data.values[element]) if self.data.reach[element] == Reach.KNOWN else None


def shown_token(description: Description, token: int) -> str:
    """A token as a mark that is always seen: blanks and control characters get a sign of their own."""
    text = description.token_text(token)
    if text in _INVISIBLE:
        return _INVISIBLE[text]
    return text if text.isprintable() else f"{ord(text):X}"


def number_text(numbers: Numbers, element: int) -> str:
    """The full number, or in words why there is none."""
    reach = Reach(int(numbers.reach[element]))
    if reach is Reach.KNOWN:
        return repr(float(numbers.values[element]))
    if reach is Reach.PARTIAL:
        return f"{float(numbers.values[element])!r} so far, more contributions are to come"
    return "outside the graph: the loss does not depend on it" if reach is Reach.OUTSIDE else "not computed yet"
