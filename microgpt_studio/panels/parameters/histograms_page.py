"""The histograms of every matrix: weights, gradients and updates beside each other, over their recent range."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt.adam import Adam
from microgpt.program.program import Ids
from microgpt_studio.debugger.histograms import Histograms, histograms, largest
from microgpt_studio.debugger.histograms_over_time import matrix_starts
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.parameters.arrangement import tiles_of
from microgpt_studio.panels.parameters.groups import GroupView
from microgpt_studio.panels.parameters.histogram_plot import HistogramPlot
from microgpt_studio.panels.parameters.legend import Caption
from microgpt_studio.panels.parameters.page import Page
from microgpt_studio.panels.parameters.quantity import Layer, Quantity, layer
from microgpt_studio.panels.parameters.recent_range import PICTURES, RecentRange
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

_BINS = 40
_GAP = 8.0
Marked = tuple[int, tuple[float | None, ...]]  # a matrix, and of one parameter the numbers that it has, as _KINDS
_KINDS = (("weights", Quantity.DATA), ("gradients", Quantity.GRAD), ("updates", Quantity.UPDATE))


class HistogramView(GroupView):
    """A group has a plot for each of the three."""

    pressed_bin = Signal(int, int, int)  # kind (index into _KINDS), matrix, bin

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Histograms")
        self.shown_histograms: tuple[Histograms, ...] = ()  # as _KINDS; empty: nothing is shown yet
        self._selected: Marked | None = None

    def show_histograms(self, found: tuple[Histograms, ...], selected: Marked | None) -> None:
        """New counts; and the matrix and the numbers of the selected parameter, None where it has none."""
        self.shown_histograms, self._selected = found, selected
        self.repaint_groups()

    def plots(self, matrix: int, box: QRectF) -> list[HistogramPlot]:
        """What is painted into a group's box."""
        width = (box.width() - _GAP * (len(_KINDS) - 1)) / len(_KINDS)
        marked: tuple[float | None, ...] = (None,) * len(_KINDS)
        if self._selected is not None and self._selected[0] == matrix and self._selected[1]:
            marked = self._selected[1]
        return [
            HistogramPlot(
                found,
                matrix,
                QRectF(box.x() + kind * (width + _GAP), box.y(), width, box.height()),
                marked[kind],
            )
            for kind, found in enumerate(self.shown_histograms)
        ]

    def pressed(self, matrix: int, point: QPointF, box: QRectF) -> None:
        for kind, plot in enumerate(self.plots(matrix, box)):
            at = plot.bin_at(point, current_theme())
            if at is not None:
                self.pressed_bin.emit(kind, matrix, at)

    def paint_group(self, painter: QPainter, matrix: int, box: QRectF, theme: Theme) -> None:
        for plot in self.plots(matrix, box):
            plot.paint(painter, theme)

    def paint_over(self, painter: QPainter, matrix: int, box: QRectF, theme: Theme) -> None:
        pointed = self.hovered
        if pointed is not None and pointed[0] == matrix:
            for plot in self.plots(matrix, box):
                plot.paint_pointed(painter, theme, pointed[1])

    def describe(self, matrix: int, point: QPointF, box: QRectF) -> str:
        for (name, _), plot in zip(_KINDS, self.plots(matrix, box), strict=False):
            if plot.box.contains(point):
                lines = [f"{self.tiles[matrix].full_name} {name}", *plot.describe(point, current_theme())]
                at = plot.bin_at(point, current_theme())
                if at is not None and plot.histograms.counts[matrix, at]:
                    lines.append("click to select the largest of the bin, again for the next")
                return "\n".join(lines)
        return ""

    def copied(self, matrix: int) -> str:
        name = self.tiles[matrix].full_name
        parts = zip(_KINDS, self.plots(matrix, QRectF()), strict=False)
        return "\n".join(f"{name} {kind}\n{plot.copied()}" for (kind, _), plot in parts)

    def head_height(self, theme: Theme) -> float:
        return round(metrics_of(theme.text_font(SMALL)).height())

    def paint_head(self, painter: QPainter, theme: Theme) -> None:
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        for column in self.columns():
            box = QRectF(column.x(), 0.0, column.width(), self.head_height(theme))
            for (name, _), plot in zip(_KINDS, self.plots(0, box), strict=False):
                painter.drawText(plot.box, flags, name)


class HistogramsPage(Page):
    """Counts anew with every text. The panel's numbers are all it needs."""

    title: ClassVar[str] = "Histograms"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = HistogramView()
        self.caption = Caption()
        self._range = RecentRange()
        self._ids: Ids = np.zeros(0, dtype=np.int32)
        self._starts: list[int] = [0]
        self._adam = Adam()
        self._selection: int | None = None
        self._layers: list[Layer] = []  # as _KINDS
        head = QVBoxLayout()
        head.setContentsMargins(8, 2, 8, 0)
        head.addWidget(self.caption)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(head)
        box.addWidget(self.view, 1)
        self.setFocusProxy(self.view)
        self.view.enlarged_changed.connect(self.enlarged_changed)
        self.view.pressed_bin.connect(self._select_of)

    @property
    def enlarged(self) -> int | None:
        return self.view.enlarged

    def enlarge(self, matrix: int | None) -> None:
        self.view.enlarge(matrix)

    def show_session(self, description: Description) -> None:
        self._ids, self._starts = matrix_starts(description.program)
        self._adam = description.settings.adam
        self._layers = []
        self._range.forget()
        self.view.set_tiles(tiles_of(description))
        self.view.show_histograms((), None)

    def show_text(self, snapshot: Snapshot) -> None:
        numbers, moment = snapshot.parameters, snapshot.moment
        assert numbers is not None, "the panel asks for them"
        self._layers = [layer(quantity, numbers, moment, self._adam) for _, quantity in _KINDS]
        parts = [(each.values[self._ids], each.known[self._ids]) for each in self._layers]
        limits = self._range.add(np.stack([largest(*part, self._starts) for part in parts]))
        found = tuple(histograms(*part, self._starts, limit, _BINS) for part, limit in zip(parts, limits, strict=True))
        self.view.show_histograms(found, self._marked())
        self.caption.say(
            f"{_BINS} bins over the range of the last {PICTURES} pictures, exact zeros apart · "
            f"weights {self._layers[0].moment}, gradients and updates {self._layers[1].moment}"
        )

    def show_selection(self, scalar: int | None) -> None:
        self._selection = scalar
        self.view.show_histograms(self.view.shown_histograms, self._marked())

    def _select_of(self, kind: int, matrix: int, at: int) -> None:
        """Select the parameter in a bin with the largest number, or the one that follows the selected one."""
        members = self.members(kind, matrix, at)
        if len(members):
            found = np.flatnonzero(members == self._selection) if self._selection is not None else members[:0]
            self.selected.emit(int(members[(found[0] + 1) % len(members) if len(found) else 0]))

    def members(self, kind: int, matrix: int, at: int) -> Ids:
        """The parameters in a bin, the one with the largest absolute number first."""
        found, each = self.view.shown_histograms[kind], self._layers[kind]
        ids = self._ids[self._starts[matrix] : self._starts[matrix + 1]]
        ids = ids[each.known[ids]]
        values, bounds = each.values[ids], found.edges(matrix)
        is_last = at == found.num_bins - 1
        inside = (values != 0.0) & (bounds[at] <= values)
        inside &= (values <= bounds[at + 1]) if is_last else (values < bounds[at + 1])
        order = np.argsort(-np.abs(values[inside]), kind="stable")
        found_ids: Ids = ids[inside][order]
        return found_ids

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._range.forget()  # what was shown before it was hidden is not recent

    def _marked(self) -> Marked | None:
        """The matrix of the selected parameter, and its numbers."""
        scalar = self._selection
        if scalar is None or scalar >= len(self._ids):
            return None
        place = int(np.flatnonzero(self._ids == scalar)[0])
        matrix = int(np.searchsorted(self._starts, place, side="right")) - 1
        self.view.set_current(matrix)
        return matrix, tuple(float(each.values[scalar]) if each.known[scalar] else None for each in self._layers)
