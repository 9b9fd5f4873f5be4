"""Notices: what the Source panel says above the code, in rows that are only there when they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QLineF, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QVBoxLayout, QWidget

from microgpt.program.program import Frame
from microgpt_studio.panels.source.highlighting import code_lines
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

_PADDING = 8.0
_GAP = 6.0  # pixels between the parts of a row
_CALLED, _MADE = "called by", "made at"


class Notice(QLabel):
    """Why something could not be done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setContentsMargins(8, 2, 8, 4)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._dress()
        self.hide()

    def say(self, sentence: str) -> None:
        """Show it."""
        self.setText(f"⚠ {sentence}")
        self.setAccessibleName(sentence)
        self.show()

    def clear(self) -> None:
        """Nothing to say."""
        super().clear()
        self.hide()

    def _dress(self) -> None:
        sheet = f"color: {current_theme().palette.error};"
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._dress()


@dataclass(frozen=True, slots=True)
class Caller:
    """A line above the one that runs, and what it has to do with it."""

    word: str
    file: str
    line: int

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def code(self) -> str:
        """The line's text."""
        return code_lines(self.file)[self.line - 1].text.strip()


def callers(file: str, model: str, running: Sequence[Frame], made: Sequence[Frame]) -> tuple[Caller, ...]:
    """What is worth telling above the code of a file; `running` and `made` are lines, the innermost first.

    Forward, the line of the model that called the one that runs; backward, the line of the model that made the scalar
    whose gradient is handed on, and the one that called it.
    """
    if made:
        lines = _lines(model, made)[:2]
        return tuple(Caller(word, model, line) for word, line in zip((_MADE, _CALLED), lines, strict=False))
    # The last frame is the one in train.py: above a line that calls the model there is nothing to tell.
    if not any(frame.file == file for frame in running[:-1]):
        return ()
    lines = _lines(model, running)
    return tuple(Caller(_CALLED, model, line) for line in (lines[1:2] if file == model else lines[:2]))


def _lines(file: str, frames: Sequence[Frame]) -> list[int]:
    """The lines of a file, each once, the innermost first."""
    return list(dict.fromkeys(frame.line for frame in frames if frame.file == file))


class CallStack(QWidget):
    """One row for each line above the one that runs; a click goes there."""

    activated = Signal(object)  # Caller

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = (CallerRow(self), CallerRow(self))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(0)
        for row in self.rows:
            column.addWidget(row)
            row.activated.connect(self.activated)
        self.hide()

    @property
    def callers(self) -> tuple[Caller, ...]:
        """What is shown, the innermost first."""
        return tuple(row.caller for row in self.rows if row.caller is not None)

    def show_callers(self, shown: Sequence[Caller]) -> None:
        """Show these, at most two."""
        for i, row in enumerate(self.rows):
            row.show_caller(shown[i] if i < len(shown) else None)
        self.setVisible(bool(shown))


class CallerRow(QAbstractButton):
    """The word, the place, and as much of the line's text as fits."""

    activated = Signal(object)  # Caller

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caller: Caller | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._activate)

    def show_caller(self, caller: Caller | None) -> None:
        """Show a line; None: nothing."""
        if caller != self.caller:
            self.caller = caller
            text = "" if caller is None else f"{caller.word} {caller.where}\n{caller.code}"
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.update()
        self.setVisible(caller is not None)

    def _activate(self) -> None:
        self.activated.emit(self.caller)

    def sizeHint(self) -> QSize:
        return QSize(200, round(metrics_of(current_theme().number_font(SMALL)).height()) + 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.caller is None:
            return
        theme = current_theme()
        palette = theme.palette
        words, code = theme.text_font(SMALL), theme.number_font(SMALL)
        metrics = metrics_of(code)
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        active = self.underMouse() or self.hasFocus()
        painter = QPainter(self)
        painter.setFont(words)
        painter.setPen(QColor(palette.muted))
        painter.drawText(QPointF(_PADDING, baseline), self.caller.word)
        x = _PADDING + metrics_of(words).horizontalAdvance(self.caller.word) + _GAP
        painter.setFont(code)
        painter.setPen(QColor(palette.accent if active else palette.text))
        painter.drawText(QPointF(x, baseline), self.caller.where)
        width = metrics.horizontalAdvance(self.caller.where)
        painter.setPen(QPen(QColor(palette.accent if active else palette.faint), 1.0))
        painter.drawLine(QLineF(x, baseline + 2.5, x + width, baseline + 2.5))
        x += width + _GAP
        text = metrics.elidedText(self.caller.code, Qt.TextElideMode.ElideRight, self.width() - x - _PADDING)
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(x, baseline), text)
