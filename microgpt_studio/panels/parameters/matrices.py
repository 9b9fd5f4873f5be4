"""All parameter matrices as one mosaic: their numbers, scales and statistics."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.matrix_statistics import Statistics, statistics
from microgpt_studio.debugger.past_parameters import PastParameters
from microgpt_studio.debugger.snapshot import Description, Moment, ParameterNumbers
from microgpt_studio.panels.parameters.arrangement import candidates_of, tiles_of
from microgpt_studio.panels.parameters.describing import describe, meaning
from microgpt_studio.panels.parameters.quantity import Layer, Quantity, layer
from microgpt_studio.panels.parameters.scaling import Scaling
from microgpt_studio.panels.parameters.words import NOTE_ROOM, note_of, statistics_lines
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.widgets.mosaic import Mosaic
from microgpt_studio.widgets.number_text import fitted, full

_LIMIT_ROOM = 8  # characters: "±0.1234", "±1.2e-05"
_NOTES_FROM = (640, 320)  # pixels at text scale 1: smaller mosaics have no room for statistics beside the names


class ParameterMatrices(Mosaic):
    """Cell i is the parameter ids[i]."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Parameter matrices")
        self.ids: Ids = np.zeros(0, dtype=np.int32)  # (C,)
        self._description: Description | None = None
        self._numbers: ParameterNumbers | None = None
        self._moment: Moment | None = None
        self._past: PastParameters | None = None
        self._layer: Layer | None = None
        self._quantity = Quantity.DATA
        self._scaling = Scaling()
        self._held: tuple[object, ...] | None = None  # what the locked scales are of
        self._held_at: Moment | None = None
        self._statistics: tuple[Statistics, ...] = ()  # of each tile, then of all
        self._tight: tuple[int, int, bool] | None = None  # a size in which statistics beside the names left no room

    def show_session(self, description: Description) -> None:
        """The matrices of a new session, without numbers yet."""
        program = description.program
        self._description, self._numbers, self._moment, self._past = description, None, None, None
        self._layer, self._held, self._statistics, self._tight = None, None, (), None
        matrices = [tensor for tensor in program.tensors if tensor.start < program.num_parameters]
        self.ids = np.concatenate([program.elements(matrix) for matrix in matrices])
        self.set_tiles(tiles_of(description), candidates_of(program.config.n_layer))

    def show_numbers(self, numbers: ParameterNumbers, moment: Moment, past: PastParameters | None = None) -> None:
        """Colours by the present scales; `fit` makes them right for these numbers. A change is measured from `past`."""
        self._numbers, self._moment, self._past = numbers, moment, past
        self._show()

    @property
    def quantity(self) -> Quantity:
        return self._quantity

    @property
    def scaling(self) -> Scaling:
        return self._scaling

    @property
    def layer(self) -> Layer | None:
        """What is shown, in the order of ids."""
        return self._layer

    @property
    def hatched_text(self) -> str:
        """What hatching means that is to be seen; empty where there is none."""
        return "" if self._layer is None else self._layer.missing

    @property
    def locked_at(self) -> Moment | None:
        """The moment whose numbers the scales are of, while they are locked."""
        return self._held_at if self._scaling.locked and self._held is not None else None

    @property
    def num_beyond(self) -> int:
        """Numbers that lie beyond their matrix's scale, and have the colour of its end."""
        count = 0
        for tile, scale in enumerate(self.scales):
            span = self.span(tile)
            distances = np.abs(self.values[span] - self._quantity.centre)
            count += int((self.known[span] & (distances > scale.limit)).sum())
        return count

    def statistics(self, tile: int | None) -> Statistics | None:
        """Of what is shown of a tile, None: of all; None before there is something."""
        if not self._statistics:
            return None
        return self._statistics[-1 if tile is None else tile]

    def set_quantity(self, quantity: Quantity) -> None:
        """Show this of every parameter."""
        if quantity is not self._quantity:
            self._quantity = quantity
            self._show()
            self.fit()

    def set_scaling(self, scaling: Scaling) -> None:
        """One scale for all matrices or one for each; linear or symmetric-logarithmic; following or locked."""
        if scaling != self._scaling:
            self._scaling = scaling
            self.fit()

    def fit(self) -> None:
        """Statistics of what is shown, and, unless they are locked, scales up to the largest distance from 0."""
        if self._description is None:
            return
        known = bool(self.known.any())
        spans = [self.span(tile) for tile in range(len(self.tiles))]
        starts = [span.start for span in spans]
        self._statistics = (
            *statistics(self.values, self.known, [*starts, len(self.values)]),
            *statistics(self.values, self.known, [0, len(self.values)]),
        )
        kind, log = self._quantity.kind, self._scaling.log
        subject = (self._quantity, self._scaling.own, log, None if self._past is None else self._past.updates)
        if not self._scaling.locked or self._held != subject:
            distances, fixed = self.values - self._quantity.centre, self._quantity.fixed_limit
            if not known or fixed is not None:
                self.set_scales([Scale(kind, fixed if known and fixed is not None else 0.0, log)] * len(spans))
            elif self._scaling.own:
                self.set_scales([Scale.fit(distances[span][self.known[span]], kind, log) for span in spans])
            else:
                self.set_scales([Scale.fit(distances[self.known], kind, log)] * len(spans))
            self._held, self._held_at = (subject, self._moment) if known else (None, None)
        self._write_notes()

    def select_scalar(self, scalar: int | None) -> None:
        """Outline the cell of a parameter, and scroll to it; of any other scalar none."""
        found = np.flatnonzero(self.ids == scalar) if scalar is not None else self.ids[:0]
        cell = int(found[0]) if len(found) else None
        if cell is not None and cell != self.selected:
            self.reveal(cell)
        self.set_selected(cell)

    def describe(self, cell: int) -> str:
        """Everything known of a parameter, in full."""
        numbers, moment, description = self._numbers, self._moment, self._description
        if numbers is None or moment is None or description is None:
            return ""
        tile, row, _ = self.place(cell)
        name = meaning(self.tiles[tile], row)
        return describe(description, numbers, moment, self._past, int(self.ids[cell]), name)

    def describe_title(self, tile: int) -> str:
        """Name, shape, statistics, limit of the scale."""
        shown, figures = self.tiles[tile], self.statistics(tile)
        lines = [f"{shown.full_name} {shown.shape}"]
        if figures is not None and self._layer is not None:
            lines += [
                f"{self._quantity.value}, {self._layer.moment}",
                *statistics_lines(figures, sums=self._quantity.is_linear),
            ]
        if self.known.any():
            lines.append(f"scale limit {full(self.scales[tile].limit)}")
        if shown.row_group or shown.col_group:
            lines.append("bars: heads")
        return "\n".join(lines if self.enlarged is not None else [*lines, "click to enlarge"])

    def _show(self) -> None:
        if self._numbers is None or self._moment is None or self._description is None:
            return
        adam = self._description.settings.adam
        self._layer = layer(self._quantity, self._numbers, self._moment, adam, self._past)
        values, known = self._layer.values[self.ids], self._layer.known[self.ids]
        self.set_numbers(values, known, centre=self._quantity.centre)

    def _write_notes(self) -> None:
        """Behind the names what there is room for: statistics, or the limit of each matrix's own scale, or nothing."""
        theme, tiles = current_theme(), len(self.tiles)
        width, height = map(theme.scaled, _NOTES_FROM)
        may_differ = self._scaling.own and self._quantity.fixed_limit is None
        own = may_differ and bool(self.known.any())
        size = self.width(), self.height(), own
        roomy = self.width() >= width and self.height() >= height and size != self._tight
        limits = [(self._limit(scale),) if own else ("",) for scale in self.scales]
        if self.enlarged is not None:
            self.set_notes([()] * tiles, ())
        elif roomy and self._statistics:
            notes = [note_of(figures, sums=self._quantity.is_linear) for figures in self._statistics[:-1]]
            room = (_LIMIT_ROOM, *NOTE_ROOM) if own else NOTE_ROOM
            self.set_notes([(*limit, *note) if own else note for limit, note in zip(limits, notes, strict=True)], room)
            if self.arrangement.height > self.maximumViewportSize().height():
                self._tight = size
                self._write_notes()
        else:
            self.set_notes(limits, (_LIMIT_ROOM,) if may_differ else ())

    def _limit(self, scale: Scale) -> str:
        return ("≤" if scale.kind is ScaleKind.UNSIGNED else "±") + fitted(scale.limit, _LIMIT_ROOM - 1)

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(120), theme.scaled(48))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._description is not None:
            self._write_notes()
