"""The chooser of the History panel: which quantity of the selected scalar is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget

from microgpt_studio.debugger.quantity import Quantity

_OF_ALL = (Quantity.DATA, Quantity.GRAD)
_MEANINGS = {
    Quantity.DATA: "its value; of a parameter, what the update made of it",
    Quantity.GRAD: "d loss / d scalar",
    Quantity.M: "Adam's first moment",
    Quantity.V: "Adam's second moment",
    Quantity.M_HAT: "the first moment, bias-corrected",
    Quantity.V_HAT: "the second moment, bias-corrected",
    Quantity.UPDATE: "what the update subtracted from the parameter",
}


class QuantityChooser(QComboBox):
    """Remembers what was chosen; a scalar that does not have it is shown by its data meanwhile."""

    chosen = Signal()  # `quantity` is another one now, by hand

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferred = Quantity.DATA
        self._of_parameter = True
        self.addItems([str(quantity) for quantity in Quantity])
        self.setAccessibleName("Quantity")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(self._choose)
        self.show_kind(of_parameter=True)

    @property
    def quantity(self) -> Quantity:
        """What is shown."""
        return self._preferred if self._has(self._preferred) else Quantity.DATA

    def show_kind(self, *, of_parameter: bool) -> None:
        """Whether the selected scalar is a parameter: only those have moments and updates."""
        self._of_parameter = of_parameter
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        for row, quantity in enumerate(Quantity):
            item, has_it = model.item(row), self._has(quantity)
            reason = "" if has_it else "; only parameters have it, and the selected scalar is none"
            item.setEnabled(has_it)
            item.setData(f"{quantity}: {_MEANINGS[quantity]}{reason}.", Qt.ItemDataRole.ToolTipRole)
        self._show()

    def choose(self, quantity: Quantity) -> None:
        """As if it were chosen by hand."""
        before, self._preferred = self.quantity, quantity
        self._show()
        if self.quantity is not before:
            self.chosen.emit()

    def _choose(self, row: int) -> None:
        self.choose(list(Quantity)[row])

    def _has(self, quantity: Quantity) -> bool:
        return self._of_parameter or quantity in _OF_ALL

    def _show(self) -> None:
        self.setCurrentIndex(list(Quantity).index(self.quantity))
        self.setToolTip(f"The quantity whose history is shown. {self.quantity}: {_MEANINGS[self.quantity]}.")
