"""The buttons of the Search panel: each puts a filter into the line, where it is learned, or takes it out."""

from __future__ import annotations

import re

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search_query import NONFINITE, Query
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import use_text_font
from microgpt_studio.widgets.flow_layout import FlowLayout

_MANY = 20  # largest ones


class FilterButtons(QWidget):
    """What is pressed is in the line."""

    changed = Signal(object, str)  # names of filters that leave the line (tuple of str), and the text that comes in

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.top_grad = self._button("top |grad|", f"The {_MANY} largest absolute gradients: top:{_MANY} by:grad")
        self.top_data = self._button("top |data|", f"The {_MANY} largest absolute data: top:{_MANY} by:data")
        self.nonfinite = self._button("not finite", f"Data or grad is nan or infinite: {NONFINITE}")
        self.in_scope = self._button("in selection", "")
        row = FlowLayout(self, across=4)
        for button in (self.top_grad, self.top_data, self.nonfinite, self.in_scope):
            row.addWidget(button)
            button.clicked.connect(self._press)
        self._scope = ""
        self.show_scope("")

    def show_scope(self, scope: str) -> None:
        """The scope of the selected scalar; empty: nothing is selected."""
        self._scope = scope
        self.in_scope.setEnabled(bool(scope))
        where = scope or "the tensor of the selected scalar"
        self.in_scope.setToolTip(f"Only in {where}: scope:{scope or '…'}")

    def show_query(self, query: Query) -> None:
        """Press what the query says."""
        is_top = query.top is not None
        self.top_grad.setChecked(is_top and query.by is Quantity.GRAD)
        self.top_data.setChecked(is_top and query.by is Quantity.DATA)
        self.nonfinite.setChecked(query.nonfinite)
        self.in_scope.setChecked(bool(self._scope) and query.scope == self._scope)

    def _button(self, text: str, tip: str) -> QToolButton:
        button = _Button()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        use_text_font(button, SMALL)
        return button

    def _press(self, is_pressed: bool) -> None:
        out, text = {
            self.top_grad: (("top", "by"), f"top:{_MANY} by:grad"),
            self.top_data: (("top", "by"), f"top:{_MANY} by:data"),
            self.nonfinite: ((NONFINITE,), NONFINITE),
            self.in_scope: (("scope",), f"scope:{self._scope}"),
        }[self.sender()]  # type: ignore[index]  # one of the four
        self.changed.emit(out, text if is_pressed else "")


class _Button(QToolButton):
    """Has an outline also when it is not pressed: it stands among words."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isChecked() and not self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(current_theme().palette.border))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2.0, 2.0)


def without(line: str, names: tuple[str, ...]) -> str:
    """A line of the search without some of its filters."""
    for name in names:
        pattern = rf"(?<!\S){name}(?!\S)" if name == NONFINITE else rf"(?<!\S){name}:\S*"
        line = re.sub(pattern, " ", line, flags=re.IGNORECASE)
    return " ".join(line.split())
