"""The heatmaps of all matrices, with the legend above them and the statistics of one matrix, or of all, below."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.past_parameters import ParametersAfter
from microgpt_studio.debugger.snapshot import Description, Moment, Snapshot
from microgpt_studio.panels.parameters.legend import Legend
from microgpt_studio.panels.parameters.matrices import ParameterMatrices
from microgpt_studio.panels.parameters.page import Page
from microgpt_studio.panels.parameters.quantity import Quantity
from microgpt_studio.panels.parameters.scaling import Scaling
from microgpt_studio.panels.parameters.statistics_line import StatisticsLine
from microgpt_studio.theme import current_theme

_LEGEND = 0.3  # of the height that the legend takes at most
_STATISTICS_FROM = 190  # pixels at text scale 1: a lower page shows them of an enlarged matrix only


class HeatmapsPage(Page):
    """Every matrix by one quantity; what is selected and what is under the pointer is told in full."""

    title: ClassVar[str] = "Heatmaps"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrices = ParameterMatrices()
        self.legend = Legend()
        self.line = StatisticsLine()
        self._since = 0
        self._moment: Moment | None = None
        head = QVBoxLayout()
        head.setContentsMargins(8, 2, 8, 0)
        head.addWidget(self.legend)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(head)
        box.addWidget(self.matrices, 1)
        box.addWidget(self.line)
        self.setFocusProxy(self.matrices)
        self.matrices.chosen.connect(self._select)
        self.matrices.enlarged_changed.connect(self._show_enlarged)
        self.matrices.pointing_changed.connect(self._show_line)

    @property
    def quantity(self) -> Quantity:
        return self.matrices.quantity

    @property
    def enlarged(self) -> int | None:
        return self.matrices.enlarged

    def enlarge(self, matrix: int | None) -> None:
        self.matrices.enlarge(matrix)

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return (ParametersAfter(self._since),) if self.quantity is Quantity.CHANGE else ()

    def set_quantity(self, quantity: Quantity) -> None:
        """Show this of every parameter."""
        self.matrices.set_quantity(quantity)
        self._show_legend()

    def set_since(self, updates: int) -> None:
        """Measure changes from the parameters after so many updates, when they have come."""
        self._since = updates

    def set_scaling(self, scaling: Scaling) -> None:
        """How numbers become colours."""
        self.matrices.set_scaling(scaling)
        self._show_legend()

    def show_session(self, description: Description) -> None:
        self.matrices.show_session(description)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        assert snapshot.parameters is not None, "the panel asks for them"
        self._moment = snapshot.moment
        past = snapshot.answer(ParametersAfter(self._since))
        self.matrices.show_numbers(snapshot.parameters, snapshot.moment, past)

    def show_text(self, snapshot: Snapshot) -> None:  # noqa: ARG002 - it is the one that is shown
        self.matrices.fit()
        self._show_legend()

    def show_selection(self, scalar: int | None) -> None:
        self.matrices.select_scalar(scalar)
        self._show_legend()

    def _show_legend(self) -> None:
        """The scale of all; where each has its own, that of the selected matrix, by name."""
        matrices, layer = self.matrices, self.matrices.layer
        if layer is None:
            return
        own, tile = matrices.scaling.own, matrices.enlarged
        if tile is None:
            tile = matrices.place(matrices.selected)[0] if own and matrices.selected is not None else 0
        words = [f"{matrices.quantity.value} {layer.moment}"]
        if matrices.quantity in (Quantity.DATA, Quantity.BEFORE):
            words = [f"data {layer.moment}"]
        elif matrices.quantity is Quantity.CHANGE:
            words = [layer.moment]
        elif matrices.quantity is Quantity.UPDATE:
            words = [f"subtracted {layer.moment.replace('of', 'by')}"]
        elif matrices.quantity is Quantity.RATIO:
            words = [f"log₁₀ |update ÷ weight| {layer.moment}"]
        words += ["symlog"] if matrices.scaling.log else []
        words += [matrices.tiles[tile].name] if own and matrices.quantity.fixed_limit is None else []
        self.legend.show_scale(
            matrices.scales[tile],
            matrices.quantity.centre,
            layer.reason or " · ".join(words),
            "" if layer.reason else layer.missing,
            self._note(),
        )
        self._show_line()

    def _note(self) -> str:
        """Since when the scale is locked, and how many numbers lie beyond it."""
        locked, beyond = self.matrices.locked_at, self.matrices.num_beyond
        is_fixed = self.quantity.fixed_limit is not None
        words = f"locked at update {locked.update}" if locked is not None and not is_fixed else ""
        counted = f"{beyond:,} beyond" if beyond and (is_fixed or locked is not None) else ""
        return ", ".join(filter(None, (words, counted)))

    def _show_line(self) -> None:
        """Of the enlarged matrix, or the one under the pointer, or the selected one's, or of all."""
        matrices = self.matrices
        tile = matrices.enlarged
        if tile is None:
            tile = matrices.pointed_tile
        if tile is None and matrices.selected is not None:
            tile = matrices.place(matrices.selected)[0]
        name = "all" if tile is None else matrices.tiles[tile].name
        if matrices.enlarged is not None:
            name = ""  # it stands above
        self.line.show_figures(name, matrices.statistics(tile), sums=self.quantity.is_linear)
        self.line.setVisible(matrices.enlarged is not None or self.height() >= current_theme().scaled(_STATISTICS_FROM))

    def _show_enlarged(self) -> None:
        self.matrices.fit()
        self._show_legend()
        self.enlarged_changed.emit()

    def _select(self, cell: int) -> None:
        self._show_legend()
        self.selected.emit(int(self.matrices.ids[cell]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.legend.set_room(round(_LEGEND * self.height()))
        self._show_line()
