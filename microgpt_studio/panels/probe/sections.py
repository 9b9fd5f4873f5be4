"""The sections of a probe's detail: one at a time, or all together where there is room for them."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QToolButton, QVBoxLayout, QWidget

from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.probe.activations import ActivationsPage
from microgpt_studio.panels.probe.heads import HeadsPage
from microgpt_studio.panels.probe.predictions import PredictionsPage
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.flow_layout import FlowLayout

_NO_LIMIT = 16_777_215  # Qt's word for no limit
_TOGETHER = 620, 560  # pixels at text scale 1 from which all sections stand together


class Section(Enum):
    """What there is to see of a probe; the value is the word on its button."""

    PREDICTIONS = "Predictions"
    ATTENTION = "Attention"
    ACTIVATIONS = "Activations"


_TIPS = {
    Section.PREDICTIONS: "each position: what comes next, how probable it was, and what was likeliest",
    Section.ATTENTION: "each head: which query looks at which key",
    Section.ACTIVATIONS: "what the MLP's units let through, and how long the residual stream is",
}


class Sections(QWidget):
    """Shows a Probed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.predictions, self.attention, self.activations = PredictionsPage(), HeadsPage(), ActivationsPage()
        self._pages: dict[Section, PredictionsPage | HeadsPage | ActivationsPage] = {
            Section.PREDICTIONS: self.predictions,
            Section.ATTENTION: self.attention,
            Section.ACTIVATIONS: self.activations,
        }
        self._buttons = QWidget()
        line = FlowLayout(self._buttons, across=2, down=2)
        self._group = QButtonGroup(self)
        for number, section in enumerate(Section):
            button = QToolButton()
            button.setText(section.value)
            button.setToolTip(_TIPS[section])
            button.setCheckable(True)
            self._group.addButton(button, number)
            line.addWidget(button)
        self._group.button(0).setChecked(True)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        top = QVBoxLayout()
        top.setContentsMargins(8, 0, 8, 0)
        top.addWidget(self._buttons)
        column.addLayout(top)
        column.addLayout(self._grid, 1)
        self.is_together = False  # all are shown
        self._probed: Probed | None = None
        self._pinned: Probed | None = None
        self._group.idClicked.connect(self._arrange)
        self._arrange()

    @property
    def section(self) -> Section:
        """The one that is shown where there is room for one."""
        return list(Section)[self._group.checkedId()]

    def turn_to(self, section: Section) -> None:
        """Show one."""
        self._group.button(list(Section).index(section)).setChecked(True)
        self._arrange()

    def show_session(self, description: Description) -> None:
        """Nothing is shown of the session before."""
        self._probed = self._pinned = None
        self.predictions.show_session(description)
        self.attention.heads.show_session(description)
        self.activations.show_session(description)

    def show_probed(self, probed: Probed | None, pinned: Probed | None = None) -> None:
        """Show a text that has numbers, perhaps compared with pinned ones; or nothing. What is not seen is not made."""
        self._probed, self._pinned = probed, pinned
        if self.is_together or self.section is Section.PREDICTIONS:
            self.predictions.show_probed(probed, pinned)
            self.predictions.setMaximumHeight(self.predictions.enough() if self.is_together else _NO_LIMIT)
        if self.is_together or self.section is Section.ATTENTION:
            self.attention.show_probed(probed)
        if self.is_together or self.section is Section.ACTIVATIONS:
            self.activations.show_probed(probed)

    def _arrange(self) -> None:
        together = self.is_together
        self._buttons.setVisible(not together)
        for section, page in self._pages.items():
            page.setVisible(together or section is self.section)
        self._grid.addWidget(self.predictions, 0, 0, 1, 2)
        self._grid.addWidget(self.attention, int(together), 0, 1, 1 if together else 2)
        self._grid.addWidget(self.activations, int(together), int(together), 1, 1 if together else 2)
        for column, share in enumerate((2, 3)):
            self._grid.setColumnStretch(column, share)
        for row, share in enumerate((6, 5)):
            self._grid.setRowStretch(row, share if together else int(row == 0))
        self.show_probed(self._probed, self._pinned)

    def _fit(self) -> None:
        wide, high = map(current_theme().scaled, _TOGETHER)
        together = self.width() >= wide and self.height() >= high
        if together != self.is_together:
            self.is_together = together
            self._arrange()

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(460), theme.scaled(320))

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()  # not what all sections together would need: then it could never be made smaller
        return QSize(theme.scaled(200), theme.scaled(160))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._fit()
