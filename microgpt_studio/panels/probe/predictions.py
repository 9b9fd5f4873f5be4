"""The predictions of a probe: the table of all positions, and below it everything that one of them predicts."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.probe.distribution import Distribution
from microgpt_studio.panels.probe.table import PredictionsTable
from microgpt_studio.theme import current_theme

_LEAST_ROWS = 4  # that the table shows before the distribution gets room
_TALLEST = 200  # pixels at text scale 1 of the distribution, where others want room too


class PredictionsPage(QWidget):
    """The distribution is that of the marked position, or else of the last one: what comes next."""

    position_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table, self.distribution = PredictionsTable(), Distribution()
        self._description: Description | None = None
        self._probed: Probed | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table)
        column.addWidget(self.distribution, 1)
        self.table.position_chosen.connect(self._turn)
        self.table.unmarked.connect(self._show_distribution)

    def show_session(self, description: Description) -> None:
        """Nothing is shown of the session before."""
        self._description = description
        self._probed = None
        self.table.show_session(description)
        self._show_distribution()

    def show_probed(self, probed: Probed | None, pinned: Probed | None = None) -> None:
        """Show a text that has numbers, perhaps compared with pinned ones; or nothing."""
        others = self._probed is None or probed is None or probed.positions != self._probed.positions
        self._probed = probed
        self.table.show_probed(probed, pinned)
        self._show_distribution()
        if others:
            self._share_out()

    @property
    def position(self) -> int:
        """Whose distribution is shown."""
        last = 0 if self._probed is None else self._probed.positions - 1
        return last if self.table.marked is None else self.table.marked

    def enough(self) -> int:
        """The height in pixels beyond which there is nothing to gain."""
        return self.table.sizeHint().height() + 4 + current_theme().scaled(_TALLEST)

    def _turn(self, position: int) -> None:
        self._show_distribution()
        self.position_chosen.emit(position)

    def _show_distribution(self) -> None:
        self.distribution.show_position(self._description, self._probed, self.position)

    def _share_out(self) -> None:
        """The table gets what it needs, as far as the distribution is left its least height."""
        columns, least = self.table.columns, self.distribution.minimumSizeHint().height() + 4
        rest = self.height() - least
        has_room = rest >= columns.line + _LEAST_ROWS * columns.row
        self.distribution.setVisible(has_room)
        self.table.setFixedHeight(min(self.table.sizeHint().height(), rest) if has_room else max(self.height(), 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out()
