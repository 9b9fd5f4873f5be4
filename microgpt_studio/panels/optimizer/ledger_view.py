"""The painted columns of Adam's equations: symbol, formula, numbers, result."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from microgpt_studio.panels.optimizer.equations import Account, Equation, waiting_account
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget, full
from microgpt_studio.widgets.number_text import DIGITS

_MARGIN = 8.0
_RESULT_CHARACTERS = 11  # "-1.234e-05" and a space before it
_NUMBERS_CHARACTERS = 44  # the longest formula with four digits a number
_LONGEST_FORMULA = "β₂ · v + (1 − β₂) · g²"
_GAP = 12.0
_WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns begin, and how high the rows are, at one width."""

    formula: float
    numbers: float  # begins
    until: float  # where numbers must end
    result: float  # right edge
    line: float
    small_line: float
    lines: int  # of numbers under a formula: 0 where they stand beside it, 2 where one is too short
    tops: tuple[float, ...]  # of the equations, and the end of the last one


class LedgerView(ThemedWidget):
    """Shows an account; hover tells every digit, the copy key takes the result of the row with the cursor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._account = waiting_account()
        self._cursor = 0
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Adam's update")
        self._fit_height()

    def set_account(self, account: Account) -> None:
        """Show this account."""
        if account == self._account:
            return
        relaid = _outline(account) != _outline(self._account)
        self._account = account
        if relaid:
            self._fit_height()
        self.update()

    @property
    def account(self) -> Account:
        """What is shown."""
        return self._account

    @property
    def current(self) -> int:
        """The row that the keyboard is at."""
        return self._cursor

    def row_rect(self, row: int) -> QRectF:
        """Where an equation lies, in the widget's pixels."""
        tops = self._columns(self.width()).tops
        return QRectF(0.0, tops[row], self.width(), tops[row + 1] - tops[row])

    def numbers_text(self, row: int) -> str:
        """The numbers of an equation as they are drawn: with as many digits, at most four, as there is room for."""
        columns = self._columns(self.width())
        return self._fitted(self._account.equations[row], columns, current_theme())

    def _columns(self, width: float) -> _Columns:
        theme = current_theme()
        text, number = metrics_of(theme.text_font()), metrics_of(theme.number_font())
        small = metrics_of(theme.number_font(SMALL))
        formula = _MARGIN + text.horizontalAdvance("m̂") + _GAP
        beside = formula + text.horizontalAdvance(_LONGEST_FORMULA) + 2 * _GAP
        numbers_width = _NUMBERS_CHARACTERS * small.horizontalAdvance("0")
        result_width = _RESULT_CHARACTERS * number.horizontalAdvance("0")
        line = max(text.height(), number.height()) + 2.0
        below = width < beside + numbers_width + result_width + _MARGIN
        right = width - _MARGIN if below else min(width - _MARGIN, beside + numbers_width + result_width + 2 * _GAP)
        lines = (1 if right - formula >= numbers_width else 2) if below else 0
        sentence = 0.0
        if self._account.sentence:
            box = QRectF(0.0, 0.0, width - 2 * _MARGIN, 1e6)
            sentence = text.boundingRect(box, int(Qt.TextFlag.TextWordWrap), self._account.sentence).height() + _MARGIN
        small_line = small.height()
        heights = [
            line + min(lines, len(equation.numbers().splitlines())) * small_line + 2.0
            for equation in self._account.equations
        ]
        return _Columns(
            formula=formula,
            numbers=formula if below else beside,
            until=right if below else right - result_width,
            result=right,
            line=line,
            small_line=small_line,
            lines=lines,
            tops=tuple(accumulate(heights, initial=sentence)),
        )

    def _row_at(self, point: QPointF) -> int | None:
        columns = self._columns(self.width())
        row = bisect_right(columns.tops, point.y()) - 1
        return row if 0 <= row < len(self._account.equations) else None

    def _copied(self, row: int) -> str:
        equation = self._account.equations[row]
        return full(equation.result) if equation.result is not None else equation.words

    def _copy_from_menu(self, action: QAction) -> None:
        QGuiApplication.clipboard().setText(action.data())

    @staticmethod
    def _fitted(equation: Equation, columns: _Columns, theme: Theme) -> str:
        room = columns.until - columns.numbers
        character = metrics_of(theme.number_font(SMALL)).horizontalAdvance("0")
        for digits in range(DIGITS, 0, -1):
            text = equation.numbers(digits)
            if columns.lines < 2:
                text = text.replace("\n", " ")
            if max(map(len, text.split("\n"))) * character <= room:
                return text
        return "…"

    def _move_to(self, row: int) -> None:
        self._cursor = min(max(row, 0), len(self._account.equations) - 1)
        self.update()

    def _fit_height(self) -> None:
        self.setFixedHeight(round(self._columns(self.width()).tops[-1]))

    def theme_changed(self) -> None:
        if hasattr(self, "_account"):
            self._fit_height()

    def sizeHint(self) -> QSize:
        return QSize(current_theme().scaled(324), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(current_theme().scaled(200), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        palette = theme.palette
        columns = self._columns(self.width())
        faces = {"text": theme.text_font(), "number": theme.number_font(), "small": theme.number_font(SMALL)}
        metrics = {name: metrics_of(face) for name, face in faces.items()}
        painter = QPainter(self)

        def write(x: float, top: float, text: str, face: str, color: str, *, until: float = 0.0) -> None:
            """Write at x, or so that the text ends there; `until` is where words have to end."""
            painter.setFont(faces[face])
            painter.setPen(QColor(color))
            width = metrics[face].horizontalAdvance(text)
            if until and x + width > until:
                text = metrics[face].elidedText(text, Qt.TextElideMode.ElideRight, until - x)
            baseline = top + (columns.line + metrics[face].ascent() - metrics[face].descent()) / 2
            painter.drawText(QPointF(x, baseline), text)

        if self._account.sentence:
            painter.setFont(faces["text"])
            painter.setPen(QColor(palette.muted))
            box = QRectF(_MARGIN, 0.0, self.width() - 2 * _MARGIN, columns.tops[0])
            painter.drawText(box, int(_WORDS) | int(Qt.TextFlag.TextWordWrap), self._account.sentence)
        for row, equation in enumerate(self._account.equations):
            rect = QRectF(0.0, columns.tops[row], self.width(), columns.tops[row + 1] - columns.tops[row])
            if row in (self._hovered, self._cursor if self.hasFocus() else None):
                painter.fillRect(rect, QColor(palette.raised))
            top = rect.top() + 1.0
            result, face = equation.result_text(), "text" if equation.result is None else "number"
            start = columns.result - metrics[face].horizontalAdvance(result)
            write(_MARGIN, top, equation.symbol, "text", palette.text)
            write(columns.formula, top, equation.formula, "text", palette.muted, until=start - 4.0)
            write(start, top, result, face, palette.muted if equation.result is None else palette.text)
            lower = top + columns.line - 3.0 if columns.lines else top
            for i, text in enumerate(self._fitted(equation, columns, theme).split("\n")):
                write(columns.numbers, lower + i * columns.small_line, text, "small", palette.text)
        if self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 1.0))
            painter.drawRect(self.row_rect(self._cursor).adjusted(0.5, 0.5, -0.5, -0.5))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position())
        if row != self._hovered:
            self._hovered = row
            self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self._hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position())
        if row is not None:
            self._move_to(row)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        row = self._row_at(QPointF(event.pos()))
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Copy {self._copied(row)}").setData(self._copied(row))
        menu.addAction("Copy the equation").setData(self._account.equations[row].whole())
        menu.triggered.connect(self._copy_from_menu)
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._copied(self._cursor))
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move_to(self._cursor + (1 if event.key() == Qt.Key.Key_Down else -1))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().toPointF())
            QToolTip.showText(event.globalPos(), "" if row is None else self._account.equations[row].whole(), self)
            return True
        return super().event(event)


def _outline(account: Account) -> tuple[str, tuple[int, ...]]:
    """What the height of an account depends on."""
    return account.sentence, tuple(len(equation.pieces) for equation in account.equations)
