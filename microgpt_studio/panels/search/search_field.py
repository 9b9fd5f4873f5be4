"""The line of the search: earlier queries with the arrow keys, Esc in steps, and a mistake underlined."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QWidget

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import use_number_font

_LONGEST = 50  # queries that are remembered
_TIP = (
    "Words are names, exactly or nearly: q5, pos3 head2 weight, l0 wq 5 7.\n"
    "Filters narrow: scope:pos3.layer0.attn, op:mul, |grad|>0.01, nonfinite.\n"
    "top:20 by:grad finds the largest; also by:data, and by:m, by:v, by:update of parameters.\n"
    "Return selects the first result, and again the next one. Up in the empty line: earlier searches.\n"
    "Alt+Down: suggestions."
)


class SearchField(QLineEdit):
    """A line of code with a memory."""

    entered = Signal(int)  # Return, with the step to the next result: 1, or -1 with Shift
    left_downwards = Signal()
    given_up = Signal()  # Esc, and nothing is left to be cleared

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.earlier: list[str] = []  # the latest one last
        self.mistake: tuple[int, int] | None = None  # columns, from and to; beyond the text for what is missing
        self._place: int | None = None  # the earlier query that is shown
        use_number_font(self, 12)
        self.setPlaceholderText("q5, op:exp, top:20, …")
        self.setToolTip(_TIP)
        self.setAccessibleName("Search")
        self.setAccessibleDescription(_TIP)
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(1)
        self.textEdited.connect(self._leave_history)
        self.textChanged.connect(self.forget_mistake)

    def remember(self, text: str) -> None:
        """Keep a query for the arrow keys."""
        text = text.strip()
        if text:
            self.earlier = [*(each for each in self.earlier if each != text), text][-_LONGEST:]
        self._place = None

    def point_to(self, column: int, length: int) -> None:
        """Underline some of the text."""
        self.mistake = column, column + max(length, 1)
        self.update()

    def forget_mistake(self) -> None:
        """Underline nothing."""
        if self.mistake is not None:
            self.mistake = None
            self.update()

    def _leave_history(self) -> None:
        self._place = None

    def _recall(self, step: int) -> bool:
        """Show an earlier query, or a later one; whether there was something to do."""
        if self._place is None:
            if self.text().strip() or step > 0 or not self.earlier:
                return False
            self._place = len(self.earlier)
        place = max(self._place + step, 0)
        if place >= len(self.earlier):
            self._place = None
            self.clear()
        else:
            self._place = place
            self.setText(self.earlier[place])
        return True

    def _x(self, column: int) -> float:
        """Where a column is; the text may be scrolled, so it is measured from the cursor."""
        metrics, text = metrics_of(self.font()), self.text()
        here = metrics.horizontalAdvance(text[: self.cursorPosition()])
        beyond = max(column - len(text), 0) * metrics.horizontalAdvance("0")
        return self.cursorRect().center().x() + metrics.horizontalAdvance(text[:column]) + beyond - here

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Up:
                self._recall(-1)
            case Qt.Key.Key_Down:
                if not self._recall(1):
                    self.left_downwards.emit()
            case Qt.Key.Key_Escape if self.text():
                self._place = None
                self.clear()
            case Qt.Key.Key_Escape:
                self.given_up.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.entered.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            case _:
                super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and self.text() and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()  # else a key of the window would get it
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.mistake is None:
            return
        left, right = (self._x(column) for column in self.mistake)
        y = self.cursorRect().bottom() + 1.0
        painter = QPainter(self)
        painter.setClipRect(self.rect().adjusted(4, 1, -4, 0))
        pen = QPen(QColor(current_theme().palette.error), 2.0)
        pen.setDashPattern((1.5, 1.0))
        painter.setPen(pen)
        painter.drawLine(QLineF(QPointF(left, y), QPointF(right, y)))
