"""Completion below a line of text: a list of suggestions that takes no key before one of them is chosen.

The list lies upon the window, in which the line keeps the focus. Down goes into the list, Tab takes the first
suggestion, Return the chosen one and none where none is chosen; Esc closes it, Alt+Down opens it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from microgpt_studio.debugger.search_completion import Completion
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.faces import use_number_font

_MOST_ROWS = 8  # in sight at once
_ROW = 22  # pixels at text scale 1
_PADDING = 8
_GAP = 16  # pixels between a suggestion and its note
_NOTE = Qt.ItemDataRole.UserRole
_SIZE = 12  # pixels of the text at text scale 1

Complete = Callable[[str, int], Completion]  # of a text, at a column


class AddressCompleter(QObject):
    """Completes what is typed in a line."""

    def __init__(self, line: QLineEdit, complete: Complete) -> None:
        super().__init__(line)
        self._line = line
        self._complete = complete
        self._completion = Completion(0, 0)
        self.suggestions = SuggestionList(line)
        self.suggestions.itemClicked.connect(self._take_clicked)
        line.installEventFilter(self)
        line.textEdited.connect(self._follow)
        line.destroyed.connect(self.suggestions.deleteLater)  # it may lie upon the window by then

    @property
    def is_open(self) -> bool:
        """Whether suggestions are shown."""
        return self.suggestions.isVisible()

    def suggest(self) -> None:
        """Show what fits at the cursor, if anything does."""
        self._completion = self._complete(self._line.text(), self._line.cursorPosition())
        if self._completion.suggestions and self._line.isVisible():
            self.suggestions.show_below(self._line, self._completion)
        else:
            self.suggestions.hide()

    def close(self) -> None:
        """Suggest nothing."""
        self.suggestions.hide()

    def _follow(self, text: str) -> None:
        if text.strip():
            self.suggest()
        else:
            self.close()

    def _take_clicked(self, item: QListWidgetItem) -> None:
        self._take(self.suggestions.row(item))

    def _take(self, row: int) -> None:
        """Put a suggestion into the line, and suggest what may follow it."""
        completion = self._completion
        text, chosen = self._line.text(), completion.suggestions[row].text
        self._line.setText(text[: completion.start] + chosen + text[completion.stop :])
        self._line.setCursorPosition(completion.start + len(chosen))
        self.suggest()

    def _press(self, event: QKeyEvent) -> bool:
        """What a key in the line does to the list; whether it is not to do anything else."""
        key, modifiers = event.key(), event.modifiers()
        if key == Qt.Key.Key_Down and modifiers & Qt.KeyboardModifier.AltModifier:
            self.suggest()
            return True
        if not self.is_open:
            return False
        row = self.suggestions.currentRow()
        match key:
            case Qt.Key.Key_Down | Qt.Key.Key_PageDown:
                step = 1 if key == Qt.Key.Key_Down else _MOST_ROWS
                self.suggestions.setCurrentRow(min(row + step, self.suggestions.count() - 1))
            case Qt.Key.Key_Up | Qt.Key.Key_PageUp:
                step = 1 if key == Qt.Key.Key_Up else _MOST_ROWS
                self.suggestions.setCurrentRow(max(row - step, -1))  # -1: back in the line
            case Qt.Key.Key_Tab if not modifiers:
                self._take(max(row, 0))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if row >= 0:
                self._take(row)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.close()
                return False
            case Qt.Key.Key_Escape:
                self.close()
            case Qt.Key.Key_Left | Qt.Key.Key_Right | Qt.Key.Key_Home | Qt.Key.Key_End:
                self.close()  # suggestions belong to where the cursor was
                return False
            case _:
                return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        match event.type():
            case QEvent.Type.KeyPress if isinstance(event, QKeyEvent):
                return self._press(event)
            case QEvent.Type.ShortcutOverride if isinstance(event, QKeyEvent) and self.is_open:
                if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab):
                    event.accept()  # else a key of the window would get it
            case QEvent.Type.FocusOut | QEvent.Type.Hide | QEvent.Type.Move | QEvent.Type.Resize:
                self.close()
        return super().eventFilter(watched, event)


class SuggestionList(QListWidget):
    """The list below a line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        use_number_font(self, _SIZE)
        self.setObjectName("suggestions")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Suggestions")
        self.setItemDelegate(_Delegate(self))
        self.hide()

    def show_below(self, line: QLineEdit, completion: Completion) -> None:
        """Show suggestions below a line, as wide as they need, within its window; none of them is chosen."""
        window, theme = line.window(), current_theme()
        if self.parentWidget() is not window:
            self.setParent(window)
        self.clear()
        for suggestion in completion.suggestions:
            item = QListWidgetItem(suggestion.text)
            item.setData(_NOTE, suggestion.note)
            item.setToolTip(f"{suggestion.text}  {suggestion.note}".strip())
            self.addItem(item)
        colors = theme.palette
        sheet = f"#suggestions {{ background: {colors.raised}; border: 1px solid {colors.faint}; }}"
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        height = min(len(completion.suggestions), _MOST_ROWS) * theme.scaled(_ROW) + 2
        corner = line.mapTo(window, QPoint(0, line.height()))
        width = min(max(self._widest(completion), line.width()), window.width() - corner.x() - 4)
        if corner.y() + height > window.height():
            height = max(window.height() - corner.y() - 2, theme.scaled(_ROW) + 2)
        self.setGeometry(corner.x(), corner.y(), width, height)
        self.show()
        self.raise_()
        self.scrollToTop()

    def _widest(self, completion: Completion) -> int:
        theme = current_theme()
        text, note = metrics_of(theme.number_font(_SIZE)), metrics_of(theme.text_font(SMALL))
        widths = [
            text.horizontalAdvance(each.text) + (_GAP + note.horizontalAdvance(each.note) if each.note else 0)
            for each in completion.suggestions
        ]
        return round(max(widths)) + 2 * _PADDING + 12  # the scroll bar's


class _Delegate(QStyledItemDelegate):
    """Paints a suggestion, and at the right what is said about it, if there is room."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = current_theme()
        box = QRectF(option.rect)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(box, QColor(theme.palette.selected if is_chosen else theme.palette.raised))
        box.adjust(_PADDING, 0.0, -_PADDING, 0.0)
        painter.setFont(theme.number_font(_SIZE))
        metrics = metrics_of(painter.font())
        text = metrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, box.width())
        baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
        painter.setPen(QColor(theme.palette.text))
        painter.drawText(QPointF(box.left(), baseline), text)
        note = index.data(_NOTE)
        painter.setFont(theme.text_font(SMALL))
        small = metrics_of(painter.font())
        room = box.width() - metrics.horizontalAdvance(text) - _GAP
        if note and small.horizontalAdvance(note) <= room + 1.0:
            painter.setPen(QColor(theme.palette.muted))
            painter.drawText(QPointF(box.right() - small.horizontalAdvance(note), baseline), note)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(1, current_theme().scaled(_ROW))
