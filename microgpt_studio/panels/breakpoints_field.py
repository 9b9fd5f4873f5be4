"""A field of the breakpoint editor: its name, a line to type in, and below it what is wrong there."""

from __future__ import annotations

import re

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QWidget

from microgpt_studio.panels.breakpoints_sentence import Role, Sentence
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ThemedWidget, use_number_font

_WIDEST = ("condition", "character", "document")  # of the captions: fields do not move when one is renamed
_WORD = re.compile(r"""[\w.\[\],]+|"[^"]*"?|'[^']*'?|[=<>!*/+-]+|.""", re.DOTALL)


class CodeEdit(QLineEdit):
    """A line of code; a mistake in it is underlined until something is typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mistake: tuple[int, int] | None = None  # columns, from and to; beyond the text for what is missing
        use_number_font(self, 12)
        self.setMinimumWidth(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.textChanged.connect(self.forget_mistake)

    def point_to(self, position: int) -> None:
        """Underline the word at a column, and put the cursor before it."""
        text = self.text()
        position = min(max(position, 0), len(text))
        word = _WORD.match(text, position)
        self.mistake = position, max(word.end() if word is not None else 0, position + 1)
        self.setCursorPosition(position)
        self.update()

    def point_to_all(self) -> None:
        """Underline the whole text, and put the cursor at its end."""
        text = self.text()
        self.mistake = len(text) - len(text.lstrip()), max(len(text.rstrip()), 1)
        self.setCursorPosition(len(text))
        self.update()

    def forget_mistake(self) -> None:
        """Underline nothing."""
        if self.mistake is not None:
            self.mistake = None
            self.update()

    def _x(self, column: int) -> float:
        """Where a column is; the text may be scrolled, so it is measured from the cursor."""
        metrics = metrics_of(self.font())
        text = self.text()
        here = metrics.horizontalAdvance(text[: self.cursorPosition()])
        beyond = max(column - len(text), 0) * metrics.horizontalAdvance("0")
        return self.cursorRect().center().x() + metrics.horizontalAdvance(text[:column]) + beyond - here

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.mistake is None:
            return
        theme = current_theme()
        left, right = (self._x(column) for column in self.mistake)
        y = self.cursorRect().bottom() - 0.5
        wave = QPainterPath(QPointF(left, y))
        step, down = theme.scaled(2), theme.scaled(2)
        x, i = left, 0
        while x < right:
            x, i = x + step, i + 1
            wave.lineTo(QPointF(min(x, right), y + (down if i % 2 else 0)))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.rect().adjusted(4, 1, -4, 0))
        painter.setPen(QPen(QColor(theme.palette.error), 1.5))
        painter.drawPath(wave)


class Caption(ThemedWidget):
    """The name of a field, small, in one line."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def rename(self, text: str) -> None:
        """Say something else."""
        if text != self._text:
            self._text = text
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = metrics_of(current_theme().text_font(SMALL))
        widest = max(metrics.horizontalAdvance(text) for text in (self._text, *_WIDEST))
        return QSize(round(widest + 1), round(metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self._text)


class Field:
    """A caption, what is typed or chosen beside it, and below both what is wrong there."""

    def __init__(self, name: str, tip: str, edit: QWidget, grid: QGridLayout) -> None:
        """Takes the next two rows of a grid with two columns."""
        self.edit = edit
        self.caption = Caption(name)
        self.refusal = Sentence()
        row = grid.rowCount()
        grid.addWidget(self.caption, row, 0)
        grid.addWidget(edit, row, 1)
        grid.addWidget(self.refusal, row + 1, 0, 1, 2)
        self.caption.setToolTip(tip)
        edit.setToolTip(tip)
        edit.setAccessibleName(name)
        edit.setAccessibleDescription(tip)
        if isinstance(edit, CodeEdit):
            edit.textChanged.connect(self.refusal.clear)

    def rename(self, name: str) -> None:
        """Another name, for what is typed there now."""
        self.caption.rename(name)
        self.edit.setAccessibleName(name)

    def set_visible(self, visible: bool) -> None:
        """Whether it is there; a refusal does not outlast that."""
        self.caption.setVisible(visible)
        self.edit.setVisible(visible)
        if not visible:
            self.clear()

    def refuse(self, sentence: str, position: int | None) -> None:
        """Say what is wrong, and point to the column where; None: to all that was typed. Nothing typed is changed."""
        column = "" if position is None else f"Column {position + 1}: "
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(self.edit, CodeEdit):
            if position is None:
                self.edit.point_to_all()
            else:
                self.edit.point_to(position)
        self.refusal.say(column + sentence, Role.ERROR)

    def clear(self) -> None:
        """Nothing is wrong any more."""
        self.refusal.clear()
        if isinstance(self.edit, CodeEdit):
            self.edit.forget_mistake()
