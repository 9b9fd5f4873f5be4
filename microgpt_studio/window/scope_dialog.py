"""The scope dialog: asks of what the scalars are wanted, and says while it is typed how many there are."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from microgpt_studio.debugger.scope_table import live_scalars
from microgpt_studio.debugger.scopes import ScopeError
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.widgets.faces import use_number_font

_EXPLANATION = (
    "One row a scalar: address, operation, data and grad, of a parameter Adam's numbers too, with every digit. "
    "What is not computed is empty."
)


class ScopeDialog(QDialog):
    """Asks for a scope of a session's program; `chosen` gives it when the person says Export."""

    chosen = Signal(str)

    def __init__(self, description: Description, positions: int, scope: str, parent: QWidget | None = None) -> None:
        """`positions` are those of the document shown; `scope` is what stands there at first."""
        super().__init__(parent)
        self.setWindowTitle("Export scalars of a scope")
        self._description, self._positions = description, positions
        self.line = QLineEdit(scope)
        self.line.setPlaceholderText("everything")
        self.line.setMinimumWidth(360)
        self.line.setAccessibleName("scope")
        use_number_font(self.line, 12)
        self._verdict = _words()
        explanation = _words()
        explanation.setText(_EXPLANATION)
        form = QFormLayout()
        form.addRow("Scope", self.line)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())  # some desktops add one
        self.export_button = self._buttons.addButton("Export…", QDialogButtonBox.ButtonRole.AcceptRole)
        self.export_button.setDefault(True)
        self._buttons.accepted.connect(self._choose)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._verdict)
        layout.addWidget(explanation)
        layout.addWidget(self._buttons)
        self.line.textChanged.connect(self._check)
        self.line.selectAll()
        self._check()

    @property
    def verdict(self) -> str:
        """What is said about the present contents."""
        return self._verdict.text()

    def _check(self) -> None:
        try:
            count = len(live_scalars(self.line.text(), self._description.addresses, self._positions))
        except ScopeError as error:
            self._verdict.setText(str(error))
            self.export_button.setEnabled(False)
            return
        self._verdict.setText(
            f"{count:,} scalar{'s' if count > 1 else ''}"
            if count
            else f"The document that is shown has nothing of it: it has {self._positions} positions"
        )
        self.export_button.setEnabled(count > 0)

    def _choose(self) -> None:
        self.chosen.emit(self.line.text().strip())
        self.accept()


def _words() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setMinimumHeight(40)
    return label
