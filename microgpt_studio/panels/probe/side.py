"""The left side of the Probe panel: the field, the list, what can be done with a probe, and its curve."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from microgpt_studio.panels.probe.field import ProbeField
from microgpt_studio.panels.probe.list_model import ProbesModel
from microgpt_studio.panels.probe.list_view import ListHeader, ProbesList
from microgpt_studio.panels.probe.loss_plot import LossPlot
from microgpt_studio.panels.probe.probes import KeptProbe
from microgpt_studio.widgets.flow_layout import FlowLayout


class Side(QWidget):
    """The curve is there where the list leaves room for it."""

    def __init__(self, model: ProbesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.field, self.list, self.plot = ProbeField(), ProbesList(model), LossPlot()
        self.pin = _button("Pin", "Keep these numbers, to see by how much the loss differs later")
        self.pin.setCheckable(True)
        self.change = _button("Change", "Type another text in place of this one (Enter or F2 in the list)")
        self.remove = _button("Remove", "Watch this text no longer (Delete in the list)")
        self._header, self._foot = ListHeader(), QWidget()
        buttons = QVBoxLayout(self._foot)
        buttons.setContentsMargins(8, 0, 8, 0)
        row = QWidget()
        flow = FlowLayout(row, across=4, down=4)
        for button in (self.pin, self.change, self.remove):
            flow.addWidget(button)
        buttons.addWidget(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.field)
        column.addWidget(self._header)
        column.addWidget(self.list, 1)
        column.addWidget(self._foot)
        column.addWidget(self.plot)
        self._fit()

    def show_probe(self, probe: KeptProbe | None) -> None:
        """What the buttons and the curve are about."""
        has_numbers = probe is not None and probe.latest is not None and probe.latest.numbers is not None
        self.pin.setEnabled(has_numbers)
        self.pin.setChecked(probe is not None and probe.pinned is not None)
        self.change.setEnabled(probe is not None)
        self.remove.setEnabled(probe is not None)
        self.plot.show_probe(probe)
        self._fit()

    def _fit(self) -> None:
        used = sum(_height(each, self.width()) for each in (self.field, self._header, self._foot, self.plot))
        rows = max(len(self._model.probes), 2) * max(self.list.sizeHintForRow(0), 1)
        self.plot.setVisible(self.height() >= used + rows + 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _height(widget: QWidget, width: int) -> int:
    return widget.heightForWidth(width) if widget.hasHeightForWidth() else widget.sizeHint().height()


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
