"""The line above the heads: the way back, what is shown, since when, and the legend; as many lines as they need."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QSpinBox, QToolButton, QVBoxLayout, QWidget

from microgpt_studio.panels.attention.quantity import Quantity
from microgpt_studio.panels.attention.since_field import WeightsSince
from microgpt_studio.theme import Icon, current_theme, icon
from microgpt_studio.widgets import ColorScale
from microgpt_studio.widgets.flow_layout import FlowLayout

_MARGIN = 8


class Header(QWidget):
    """The way back and the query are there only while one head is alone, the update only while a change is shown."""

    query_chosen = Signal(int)  # position

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = QToolButton()
        self.back.setToolTip("All heads (Esc)")
        self.back.setAccessibleName("All heads")
        self.back.hide()
        self.quantity_choice = QComboBox()
        for index, quantity in enumerate(Quantity):
            self.quantity_choice.addItem(quantity.value)
            self.quantity_choice.setItemData(index, quantity.hint, Qt.ItemDataRole.ToolTipRole)
        self.quantity_choice.setToolTip("What is shown of every query (row) and key (column)")
        self.quantity_choice.setAccessibleName("Quantity")
        self.since = WeightsSince()
        self.since.hide()
        self.query = QSpinBox()
        self.query.setPrefix("query ")
        self.query.setToolTip("The position whose attention is told term by term")
        self.query.setAccessibleName("Query")
        self.query.hide()
        self.legend = ColorScale()
        self._flow = FlowLayout(across=8, down=2)
        for widget in (self.back, self.query, self.quantity_choice, self.since, self.legend):
            self._flow.addWidget(widget)
        box = QVBoxLayout(self)
        box.setContentsMargins(_MARGIN, _MARGIN // 2, _MARGIN, 0)
        box.addLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.query.valueChanged.connect(self.query_chosen)
        self._dress()

    def show_tools(self, *, alone: bool, heatmap: bool, since: bool) -> None:
        """What means something now: one head is alone, a heatmap is in sight, it shows a change."""
        self.back.setVisible(alone)
        self.query.setVisible(alone)
        self.quantity_choice.setVisible(heatmap)
        self.legend.setVisible(heatmap)
        self.since.setVisible(heatmap and since)

    def show_query(self, query: int, positions: int) -> None:
        """The query that is told, of so many. Emits nothing."""
        with QSignalBlocker(self.query):
            self.query.setRange(0, max(positions - 1, 0))
            self.query.setValue(query)

    def _dress(self) -> None:
        self.back.setIcon(icon(Icon.BACK, current_theme().palette))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._dress()
