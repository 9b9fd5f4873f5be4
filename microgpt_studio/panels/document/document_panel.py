"""The Document panel: for each position of the current document, what the model predicts and what it should."""

from __future__ import annotations

from collections.abc import Iterable
from math import log
from typing import ClassVar

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.loss_sums import LossSums
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.document.predictions import BITS, LOSS, SUM, WHOLE, Places, Predictions, Spot, bits
from microgpt_studio.panels.document.table import DocumentTable
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets import full


class DocumentPanel(Panel):
    """Everything in it is text to be read, so it changes all at once, at the pace of text."""

    name: ClassVar[str] = "document"
    title: ClassVar[str] = "Document"
    parts: ClassVar[Part] = Part.CELLS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: Places | None = None
        self.table = DocumentTable(self._character, self._describe)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self.setFocusProxy(self.table)
        self.table.chosen.connect(self._select)

    def inquiries(self) -> Iterable[Inquiry[object]]:
        return (LossSums(),)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self._places = Places(description)
        self.table.show_predictions(None)
        self.table.show_selection(None, None)

    def show_text(self, snapshot: Snapshot) -> None:
        super().show_text(snapshot)
        if self.isVisible() and self._places is not None:
            self.table.show_predictions(Predictions.read(snapshot, self._places))

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        if self._places is not None:
            self.table.show_selection(self._places.spot(scalar), self._places.row(scalar))

    def _select(self, spot: Spot) -> None:
        assert self._places is not None
        self.selected.emit(self._places.scalar(spot))

    def _character(self, token: int) -> str:
        assert self.description is not None
        text = self.description.token_text(token)
        return "␣" if text.isspace() else text

    def _describe(self, spot: Spot) -> str:
        """The tooltip of a spot: address, full number, what it is."""
        shown = self.table.predictions
        assert self.description is not None and self._places is not None and shown is not None
        address = self.description.addresses.format(self._places.scalar(spot))
        value = shown.value(spot)
        number = "not computed yet" if value is None else full(value)
        if spot == WHOLE:
            return "\n".join([address, *self._of_the_loss(shown, value)])
        target = self._character(shown.target(spot.row))
        after = self._character(shown.tokens[spot.row])
        if spot.token == SUM:
            unit = "" if value is None else " nats"
            what = f"the losses of positions 0 to {spot.row}, added up" if spot.row else "the first loss, added to 0"
            return f"{address}\n{number}{unit}\n{what}"
        if spot.token in (LOSS, BITS):
            nats, in_bits = shown.value(Spot(spot.row, LOSS)), shown.value(Spot(spot.row, BITS))
            lines = [address, f"−ln of the probability of {target} after {after}"]
            if nats is not None and in_bits is not None:
                lines[1:1] = [f"{full(nats)} nats", f"{full(in_bits)} bits = nats ÷ ln 2 = nats ÷ {full(log(2))}"]
            else:
                lines.insert(1, number)
            return "\n".join(lines)
        role = ", the target" if spot.token == shown.target(spot.row) else ""
        lines = [address, number, f"probability of {self._character(spot.token)} at position {spot.row}{role}"]
        if value is not None:
            rank = int((shown.probs[spot.row] > value).sum()) + 1
            lines.append(f"rank {rank} of {shown.probs.shape[1]}")
        return "\n".join(lines)

    @staticmethod
    def _of_the_loss(shown: Predictions, loss: float | None) -> list[str]:
        if loss is None:
            return ["not computed yet"]
        lines = [f"{full(loss)} nats", f"{full(bits(loss))} bits = nats ÷ ln 2"]
        if shown.total is not None:
            lines.append(f"the sum of the positions' losses, {full(shown.total)}, × 1/{shown.positions}")
            lines.append(f"1/{shown.positions} = {full(shown.share)}")
        return lines

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(330), theme.scaled(250))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.snapshot is not None:
            self.show_text(self.snapshot)
