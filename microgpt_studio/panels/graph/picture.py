"""The picture: all that the map shows of one snapshot, joined with the layout. It is made once a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from microgpt.program.program import Ids
from microgpt_studio.debugger.cell_numbers import CellNumbers
from microgpt_studio.debugger.flows import HeadFlows, HeadWeights
from microgpt_studio.debugger.inside_numbers import InsideCells, InsideNumbers
from microgpt_studio.debugger.paths import Paths
from microgpt_studio.debugger.snapshot import Description, Moment, Reach, Snapshot
from microgpt_studio.panels.graph.lines import Indices
from microgpt_studio.panels.graph.map_colors import (
    Coloring,
    Floats,
    Limits,
    Numbers,
    Quantity,
    cell_numbers,
    fills,
    inner_numbers,
    number_colors,
)
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.raster import Fills, Ink
from microgpt_studio.theme import Palette, Scale
from microgpt_studio.theme.colormaps import Colors, argb

_INVISIBLE = {" ": "␣", "\t": "⇥", "\n": "⏎"}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """The numbers of one snapshot and their colours."""

    layout: MapLayout
    moment: Moment
    coloring: Coloring
    palette: Palette
    shown: Numbers  # of cells: what is coloured
    data: Numbers  # of cells
    grad: Numbers  # of cells
    limits: Floats  # (bands,) ends of the colour map; nan where nothing is known
    locked_at: int | None  # the update whose limits are kept
    ink: Ink
    inside: InsideNumbers | None  # of what is inside cells that may be open; None where it was not asked for
    inner: Numbers | None  # of these: what is coloured
    attention: Mapping[HeadWeights | HeadFlows, object]  # what was asked of a position, and the answer
    paths: Paths | None  # of the scalar whose strongest chain is drawn
    watched: tuple[int, ...]

    @classmethod
    def of(
        cls,
        layout: MapLayout,
        snapshot: Snapshot,
        coloring: Coloring,
        limits: Limits,
        palette: Palette,
        paths: Paths | None = None,
    ) -> Picture:
        shown = cell_numbers(snapshot, coloring, layout)
        cells = snapshot.answer(CellNumbers())
        unknown = Numbers.unknown(len(layout.row_of))
        asked = next((each for each in snapshot.answers if isinstance(each, InsideCells)), None)
        inside = None if asked is None else snapshot.answer(asked)  # the window may ask for others by now
        ends = limits.of(shown, coloring, snapshot.moment.step)
        if coloring.quantity.is_order:
            ends = np.full_like(ends, num_operations(snapshot.moment, layout, coloring.quantity) - 1)
        return cls(
            layout=layout,
            moment=snapshot.moment,
            coloring=coloring,
            palette=palette,
            shown=shown,
            data=unknown if cells is None else Numbers(cells.data, cells.data_reach),
            grad=unknown if cells is None else Numbers(cells.grad, cells.grad_reach),
            limits=ends,
            locked_at=limits.locked_at(coloring.quantity),
            ink=Ink(
                pixels=number_colors(shown.values, layout.row_of, ends, coloring, palette),
                fills=fills(shown),
                ground=argb(palette.surface),
                hatch=argb(palette.hatch),
            ),
            inside=inside,
            inner=None if inside is None else inner_numbers(snapshot, coloring, inside),
            attention={
                each: answer for each, answer in snapshot.answers.items() if isinstance(each, (HeadWeights, HeadFlows))
            },
            paths=paths,
            watched=snapshot.watched,
        )

    @property
    def positions(self) -> int:
        return self.moment.positions

    def scale(self, band: int) -> Scale:
        """The scale of a band's colours."""
        limit, coloring = self.limits[band], self.coloring
        return Scale(coloring.quantity.kind, 0.0 if np.isnan(limit) else float(limit), coloring.is_logarithmic)

    def inner_ink(self, scalars: Ids) -> tuple[Colors, Fills]:
        """The colours of some scalars on the scales of their bands, and how their boxes are filled."""
        assert self.inner is not None and self.inside is not None, "cells open with what is inside"
        places = self.inside.places(scalars)
        numbers = Numbers(self.inner.values[places], self.inner.reach[places])
        bands = self.layout.row_of[self.layout.expressions.cell[scalars]]
        return number_colors(numbers.values, bands, self.limits, self.coloring, self.palette), fills(numbers)

    def numbers_of(self, scalar: int) -> tuple[tuple[Numbers, Numbers], int] | None:
        """Data and grad among which a scalar's are, and its index there; None where they were not asked for."""
        expressions = self.layout.expressions
        cell = int(expressions.cell[scalar])
        if expressions.scalar[cell] == scalar:
            return (self.data, self.grad), cell
        place = None if self.inside is None else self.inside.place(scalar)
        if self.inside is None or place is None:
            return None
        numbers = self.inside
        return (Numbers(numbers.data, numbers.data_reach), Numbers(numbers.grad, numbers.grad_reach)), place

    def shown_text(self, scalar: int) -> str | None:
        """The full number of what is coloured, if it is known."""
        found = self._shown_of(scalar)
        return None if found is None or found[0].reach[found[1]] != Reach.KNOWN else self._written(*found)

    def shown_words(self, scalar: int) -> str:
        """The full number of what is coloured, or in words why there is none."""
        found = self._shown_of(scalar)
        if found is None:
            return "not asked for yet"
        if found[0].reach[found[1]] == Reach.OUTSIDE:
            return self._outside()
        return self._written(*found)

    def _written(self, numbers: Numbers, index: int) -> str:
        known = numbers.reach[index] == Reach.KNOWN
        whole = known and self.coloring.quantity.is_order
        return f"{numbers.values[index]:.0f}" if whole else number_text(numbers, index)

    def _shown_of(self, scalar: int) -> tuple[Numbers, int] | None:
        """The numbers that are coloured among which a scalar's is, and its index there."""
        expressions = self.layout.expressions
        cell = int(expressions.cell[scalar])
        if expressions.scalar[cell] == scalar:
            return self.shown, cell
        place = None if self.inside is None else self.inside.place(scalar)
        return None if self.inner is None or place is None else (self.inner, place)

    def _outside(self) -> str:
        """What it means that a number is OUTSIDE."""
        if self.coloring.quantity.is_order:
            return "no turn"
        return "no part" if self.coloring.quantity is Quantity.CONTRIBUTION else "outside the graph"

    def loss(self, position: int) -> float | None:
        """The loss of a position in nats; None where it is not known."""
        return self._data_of("loss", position)

    def mean_loss(self) -> float | None:
        """The loss of the document in nats."""
        return self._data_of("total", 0)

    def hatched_text(self) -> str:
        """What the hatching means that is to be seen; empty where there is none."""
        shown = self.layout.position_of < self.positions
        words = {Reach.NOT_COMPUTED: "not computed", Reach.OUTSIDE: self._outside(), Reach.PARTIAL: "partial"}
        return ", ".join(word for reach, word in words.items() if (self.shown.reach[shown] == reach).any())

    def _data_of(self, stage: str, position: int) -> float | None:
        cell = self.layout.keep(("last", stage), partial(_cells_of_last, self.layout, stage))[position]
        return float(self.data.values[cell]) if self.data.reach[cell] == Reach.KNOWN else None


def _cells_of_last(layout: MapLayout, stage: str) -> Indices:
    """The cells of the lowest row of a stage."""
    return layout.cells_of(next(row for row in reversed(layout.rows) if row.stage == stage and not row.shared))


def num_operations(moment: Moment, layout: MapLayout, order: Quantity) -> int:
    """How many operations a phase has: each computes a scalar (FORWARD), or hands its gradient on (BACKWARD)."""
    if order is Quantity.FORWARD:
        return moment.num_scalars - layout.program.num_parameters
    return moment.cursor.length - moment.num_scalars  # the phases are forward, backward and a turn of each parameter


def shown_token(description: Description, token: int) -> str:
    """A token as a mark that is always seen: blanks and control characters get a sign of their own."""
    text = description.token_text(token)
    if text in _INVISIBLE:
        return _INVISIBLE[text]
    return text if text.isprintable() else f"{ord(text):X}"


def number_text(numbers: Numbers, index: int) -> str:
    """The full number, or in words why there is none."""
    reach = Reach(int(numbers.reach[index]))
    if reach is Reach.KNOWN:
        return repr(float(numbers.values[index]))
    if reach is Reach.PARTIAL:
        return f"{float(numbers.values[index])!r} so far, more contributions are to come"
    return "outside the graph: the loss does not depend on it" if reach is Reach.OUTSIDE else "not computed yet"
