"""The tool bar of the Parameters panel: the way back, the page, and what and how the heatmaps show."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from microgpt_studio.debugger.histograms_over_time import Kind
from microgpt_studio.panels.parameters.quantity import Quantity
from microgpt_studio.panels.parameters.scaling import ScalingButton
from microgpt_studio.panels.parameters.since_field import ParametersSince
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.flow_layout import FlowLayout

_MARGIN = 8
_SNUG = 52  # pixels at text scale 1 that a combo box needs beside its text
_NARROW = 380  # pixels at text scale 1: below there is no room for the way back beside the page


class SnugCombo(QComboBox):
    """As wide as its present text, not as its longest; its list is as wide as it has to be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentIndexChanged.connect(self._fit)

    def _fit(self) -> None:
        self.updateGeometry()

    def showPopup(self) -> None:  # noqa: N802  # Qt's name
        theme = current_theme()
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + theme.scaled(_SNUG) // 2)
        super().showPopup()

    def sizeHint(self) -> QSize:
        theme = current_theme()
        width = metrics_of(self.font()).horizontalAdvance(self.currentText())
        return QSize(round(width) + theme.scaled(_SNUG), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Toolbar(QWidget):
    """On as many lines as the width needs. The button back is there only while one matrix is alone."""

    page_chosen = Signal(int)
    quantity_chosen = Signal(Quantity)
    kind_chosen = Signal(Kind)

    def __init__(self, pages: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._alone = False
        self.back = QToolButton()
        self.back.setToolTip("All matrices (Esc). Page Up and Page Down: another matrix")
        self.back.setAccessibleName("All matrices")
        self.back.hide()
        self.page_choice = SnugCombo()
        self.page_choice.addItems(list(pages))
        self.page_choice.setToolTip("What is shown of every matrix")
        self.page_choice.setAccessibleName("Page")
        self.quantity_choice = SnugCombo()
        for index, quantity in enumerate(Quantity):
            self.quantity_choice.addItem(quantity.value)
            self.quantity_choice.setItemData(index, quantity.hint, Qt.ItemDataRole.ToolTipRole)
        self.quantity_choice.setToolTip(Quantity.DATA.hint)
        self.quantity_choice.setAccessibleName("Quantity")
        self.kind_choice = SnugCombo()
        self.kind_choice.addItems([kind.name.lower() for kind in Kind])
        self.kind_choice.setToolTip("The numbers whose spread is shown")
        self.kind_choice.setAccessibleName("Numbers")
        self.since = ParametersSince()
        self.scaling = ScalingButton()
        self._flow = FlowLayout(across=6, down=2)
        for widget in (self.back, self.page_choice, self.quantity_choice, self.kind_choice, self.since, self.scaling):
            self._flow.addWidget(widget)
        box = QVBoxLayout(self)
        box.setContentsMargins(_MARGIN, _MARGIN // 2, _MARGIN, 0)
        box.addLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.page_choice.currentIndexChanged.connect(self.page_chosen)
        self.quantity_choice.currentIndexChanged.connect(self._tell_quantity)
        self.kind_choice.currentIndexChanged.connect(self._tell_kind)
        self._dress()

    def show_alone(self, alone: bool) -> None:
        """Whether one matrix is alone: then there is a way back, and the page waits where it is narrow."""
        self._alone = alone
        self.back.setVisible(alone)
        self.page_choice.setVisible(not (alone and self.width() < current_theme().scaled(_NARROW)))

    def show_tools(self, *, quantity: bool = False, kind: bool = False, since: bool = False) -> None:
        """Which choices mean something now."""
        self.kind_choice.setVisible(kind)
        self.quantity_choice.setVisible(quantity)
        self.scaling.setVisible(quantity)
        self.since.setVisible(since)

    def _tell_quantity(self, index: int) -> None:
        quantity = list(Quantity)[index]
        self.quantity_choice.setToolTip(quantity.hint)
        self.quantity_chosen.emit(quantity)

    def _tell_kind(self, index: int) -> None:
        self.kind_chosen.emit(Kind(index))

    def _dress(self) -> None:
        self.back.setIcon(icon(Icon.BACK, current_theme().palette))
        self.scaling.dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.show_alone(self._alone)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._dress()
