"""The histograms of every matrix over the whole training as heat strips, collected from the past."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.histograms_over_time import HistogramsOverTime, Kind, OverTime, matrix_starts
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.parameters.arrangement import tiles_of
from microgpt_studio.panels.parameters.groups import GroupView
from microgpt_studio.panels.parameters.legend import Legend
from microgpt_studio.panels.parameters.page import Page
from microgpt_studio.panels.parameters.strip_plot import StripPlot, halves
from microgpt_studio.theme import Scale, ScaleKind, Theme, current_theme

_GAP = 4.0
_NO_SCALE = Scale(ScaleKind.UNSIGNED, 0.0, True)
_LEGEND = 0.3  # of the height that the legend takes at most


class StripView(GroupView):
    """A group has one strip; the enlarged one has one for each kind."""

    sought = Signal(int)  # go to the moment after so many updates

    smallest = (280, 76)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Histograms over training")
        self.over_time: OverTime | None = None
        self.kind = Kind.WEIGHTS
        self._span = (0, 1)
        self._now = 0
        self._halves: Ids | None = None  # (3, M)
        self._scales: tuple[Scale, ...] = (_NO_SCALE,) * len(Kind)
        self._images: dict[tuple[Kind, int, int, float, str], QImage] = {}

    @property
    def scale(self) -> Scale:
        """Of the shares of the kind that is chosen; of all three where one matrix is enlarged."""
        if self.enlarged is not None:
            return max(self._scales, key=_limit)
        return self._scales[self.kind]

    def set_kind(self, kind: Kind) -> None:
        """Show this of every matrix."""
        self.kind = kind
        self.repaint_groups()

    def show_over_time(self, over_time: OverTime | None, first: int, last: int, now: int) -> None:
        """What has come; training reaches from update `first` to `last` and stands after `now`."""
        changed = (
            over_time is None
            or self.over_time is None
            or (len(over_time.updates), over_time.is_complete)
            != (len(self.over_time.updates), self.over_time.is_complete)
            or (first, last) != self._span
        )
        self._now = now
        if changed:
            self.over_time, self._span = over_time, (first, max(last, first + 1))
            self._images.clear()
            self._scales = (_NO_SCALE,) * len(Kind)
            if over_time is not None and len(over_time.updates):
                sizes = np.maximum(over_time.sizes, 1)
                most = (over_time.counts.max(axis=(2, 3)) / sizes).max(axis=1)  # (3,)
                self._scales = tuple(Scale(ScaleKind.UNSIGNED, share, True) for share in most.tolist())
            self._halves = halves(over_time) if over_time is not None else None
            self.repaint_groups()
        self.viewport().update()

    def plots(self, matrix: int, box: QRectF) -> list[StripPlot]:
        """What is painted into a group's box."""
        if self.over_time is None or self._halves is None:
            return []
        kinds = [self.kind] if self.enlarged is None else list(Kind)
        height = (box.height() - _GAP * (len(kinds) - 1)) / len(kinds)
        return [
            StripPlot(
                self.over_time,
                kind,
                matrix,
                QRectF(box.x(), box.y() + i * (height + _GAP), box.width(), height),
                *self._span,
                int(self._halves[kind, matrix]),
                self.scale,
                kind.name.lower() if self.enlarged is not None else "",
            )
            for i, kind in enumerate(kinds)
        ]

    def paint_group(self, painter: QPainter, matrix: int, box: QRectF, theme: Theme) -> None:
        for plot in self.plots(matrix, box):
            width = max(round(plot.plot_rect(theme).width()), 1)
            key = (plot.kind, matrix, width, plot.scale.limit, theme.palette.name)
            if key not in self._images:
                self._images[key] = plot.image(width, theme)
            plot.paint(painter, self._images[key], theme)

    def paint_over(self, painter: QPainter, matrix: int, box: QRectF, theme: Theme) -> None:
        for plot in self.plots(matrix, box):
            plot.paint_now(painter, self._now, theme)

    def describe(self, matrix: int, point: QPointF, box: QRectF) -> str:
        for plot in self.plots(matrix, box):
            lines = plot.describe(point, current_theme())
            if lines:
                return "\n".join([self.tiles[matrix].full_name, *lines])
        return ""

    def copied(self, matrix: int) -> str:
        """The counts of every column, a line each, tab-separated."""
        found, kind = self.over_time, self.kind
        if found is None:
            return ""
        edges = found.edges(kind, matrix).tolist()
        lines = ["\t".join([f"{self.tiles[matrix].full_name} {kind.name.lower()} from", *map(repr, edges[:-1]), "0"])]
        for column, updates in enumerate(found.updates.tolist()):
            counts = [*found.counts[kind, matrix, column].tolist(), int(found.zeros[kind, matrix, column])]
            lines.append("\t".join(map(str, [updates, *counts])))
        return "\n".join(lines)

    def pressed(self, matrix: int, point: QPointF, box: QRectF) -> None:
        for plot in self.plots(matrix, box):
            updates = plot.update_at(point, current_theme())
            if updates is not None:
                self.sought.emit(updates)


def _limit(scale: Scale) -> float:
    return scale.limit


class StripsPage(Page):
    """Asks for the past while it is in front, and shows as much of it as has come."""

    title: ClassVar[str] = "Over time"

    sought = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = StripView()
        self.legend = Legend()
        self._first: int | None = None  # the earliest update that was seen
        self._ids: Ids = np.zeros(0, dtype=np.int32)
        self._starts: list[int] = [0]
        head = QVBoxLayout()
        head.setContentsMargins(8, 2, 8, 0)
        head.addWidget(self.legend)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(head)
        box.addWidget(self.view, 1)
        self.setFocusProxy(self.view)
        self.view.enlarged_changed.connect(self._show_legend)
        self.view.enlarged_changed.connect(self.enlarged_changed)
        self.view.sought.connect(self.sought)

    @property
    def enlarged(self) -> int | None:
        return self.view.enlarged

    def enlarge(self, matrix: int | None) -> None:
        self.view.enlarge(matrix)

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return (HistogramsOverTime(),)

    def set_kind(self, kind: Kind) -> None:
        """Weights, gradients or updates."""
        self.view.set_kind(kind)
        self._show_legend()

    def show_session(self, description: Description) -> None:
        self._ids, self._starts = matrix_starts(description.program)
        self.view.set_tiles(tiles_of(description))
        self.view.show_over_time(None, 0, 1, 0)
        self._show_legend()

    def show_text(self, snapshot: Snapshot) -> None:
        found = snapshot.answer(HistogramsOverTime())
        if found is not None:
            first = int(found.updates[0]) if len(found.updates) else snapshot.moment.step
            self.view.show_over_time(found, first, len(snapshot.losses), snapshot.moment.step)
            self._show_legend()

    def show_selection(self, scalar: int | None) -> None:
        if scalar is not None and scalar < len(self._ids):
            place = int(np.flatnonzero(self._ids == scalar)[0])
            self.view.set_current(int(np.searchsorted(self._starts, place, side="right")) - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.legend.set_room(round(_LEGEND * self.height()))

    def _show_legend(self) -> None:
        found = self.view.over_time
        if found is None or not (len(found.updates) or found.is_complete):
            self.legend.show_scale(self.view.scale, 0.0, "collecting …", "", "")
            return
        note = found.reason or ("" if found.is_complete else "collecting …")
        self.legend.show_scale(self.view.scale, 0.0, _words(found.updates), "", note)


def _words(updates: Ids) -> str:
    """What the colours are, and of which moments, once there is something to be known."""
    if not len(updates):
        return "no update has been done yet"
    moments = "one moment"
    if len(updates) > 1:
        moments = f"{len(updates)} moments, every {int(np.median(np.diff(updates)))} updates"
    return f"share of a matrix's numbers in a bin · {moments} · symlog"
