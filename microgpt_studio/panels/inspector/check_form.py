"""The fields and buttons of the gradient check: h, and what is to be checked."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from microgpt_studio.debugger.gradient_check import refused_step
from microgpt_studio.panels.inspector.form import NumberEdit, SheetForm
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.sentence import Sentence

_TIP = (
    "How far to go to both sides: a number above 0, as 1e-5.\n"
    "Empty: several are tried, and the one with the least error of its own is taken."
)


_CHECK_TIP = (
    "Compare this gradient with the losses at x + h and x − h (Return in the field).\n"
    "What is no parameter is held at these numbers, while everything after it is computed anew."
)


class CheckForm(SheetForm):
    """Reads h; says in place why it is none."""

    asked = Signal()
    asked_for_all = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.h_edit = NumberEdit("h", _TIP)
        self.h_edit.setPlaceholderText("auto")
        self.h_edit.returnPressed.connect(self._ask)
        self.h_edit.textEdited.connect(self._forget_error)
        label = QLabel("h")
        label.setToolTip(_TIP)
        label.setBuddy(self.h_edit)
        self.button = QPushButton("Check")
        self.button.setToolTip(_CHECK_TIP)
        self.button.clicked.connect(self._ask)
        self.all_button = QPushButton("Check all")
        self.all_button.clicked.connect(self._ask_for_all)
        self.error = Sentence()
        self.error.hide()
        self._is_checking = False
        line = QWidget()
        flow = FlowLayout(line, across=8, down=4)
        for widget in (label, self.h_edit, self.button, self.all_button):
            flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(line)
        column.addWidget(self.error)

    @property
    def h(self) -> float | None:
        """What is typed; None where nothing is, and several are to be tried."""
        text = self.h_edit.text().strip()
        return float(text) if text else None

    def show_tensor(self, path: str, size: int) -> None:
        """What "all" means: the elements of a tensor."""
        self.all_button.setVisible(size > 1)
        self._path, self._size = path, size
        self.show_checking(checking=False)

    def show_checking(self, *, checking: bool) -> None:
        """Whether all are being checked, which can be cancelled."""
        self._is_checking = checking
        self.all_button.setText("Cancel" if checking else f"Check all {self._size:,}")
        tip = "Stop checking" if checking else f"Check every element of {self._path}"
        self.all_button.setToolTip(tip)

    _path, _size = "", 0

    def _ask(self) -> None:
        if self.reads():
            self.asked.emit()

    def _ask_for_all(self) -> None:
        if self._is_checking:
            self.cancelled.emit()
        elif self.reads():
            self.asked_for_all.emit()

    def reads(self) -> bool:
        """Whether there is an h, or none is wanted; else it is said why it is none."""
        text = self.h_edit.text()
        refusal = refused_step(text) if text.strip() else None
        if refusal is None:
            self._forget_error()
            return True
        self.error.say(f"{refusal}.", error=True)
        self.error.show()
        self.h_edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.h_edit.selectAll()
        self.resized.emit()
        return False

    def _forget_error(self) -> None:
        if not self.error.isHidden():
            self.error.hide()
            self.resized.emit()
