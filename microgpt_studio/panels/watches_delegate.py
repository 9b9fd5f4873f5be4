"""How the cells of the Watches panel are painted, and how an expression is edited in its place.

An expression that is too long for its column has a line of its own, above the numbers of its row.
"""

from __future__ import annotations

from PySide6.QtCore import QLineF, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from microgpt_studio.debugger.snapshot import WatchRow
from microgpt_studio.panels.watches_model import MEANING_ROLE, ROW_ROLE, Column
from microgpt_studio.panels.watches_sparkline import draw_sparkline
from microgpt_studio.panels.watches_words import Meaning, change_text, reason_text, value_text
from microgpt_studio.theme import Palette, Theme, current_theme
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import use_number_font

Index = QModelIndex | QPersistentModelIndex

SIZE = 12  # pixels at text scale 1
PADDING = 4  # pixels at either side of a cell, as the header has
_OVERLAP = 4  # pixels at text scale 1 that the two lines of a row have in common


def cell_font(theme: Theme) -> QFont:
    """The face of expressions and numbers."""
    return theme.number_font(SIZE)


class WatchDelegate(QStyledItemDelegate):
    """Paints a cell from its row. An expression that a click selects the scalar of is underlined."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table

    def line_height(self) -> int:
        """Pixels of a line of a row, in which a line for editing fits too."""
        theme = current_theme()
        return max(theme.scaled(24), round(metrics_of(cell_font(theme)).height()) + 8)

    def row_height(self, text: str) -> int:
        """Pixels of the row of an expression."""
        lines = 2 if self._has_two_lines(text) else 1
        return lines * self.line_height() - (lines - 1) * current_theme().scaled(_OVERLAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, meaning, column = index.data(ROW_ROLE), index.data(MEANING_ROLE), Column(index.column())
        theme = current_theme()
        rect = QRectF(option.rect)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(rect)  # a line that goes on through several cells is painted by each of them
        painter.fillRect(rect, QColor(theme.palette.selected if is_selected else theme.palette.surface))
        painter.setFont(cell_font(theme))
        has_two_lines = self._has_two_lines(row.text)
        if has_two_lines or column is Column.EXPRESSION:
            last = Column.HISTORY if has_two_lines else Column.EXPRESSION
            line = self._across(rect, last)
            if has_two_lines:
                line.setHeight(self.line_height())
            _paint_expression(painter, line, row.text, meaning, theme.palette)
        if has_two_lines:
            rect.setTop(rect.top() + self.line_height() - theme.scaled(_OVERLAP))
        if row.reason is not None and column <= Column.CHANGE and (has_two_lines or column is not Column.EXPRESSION):
            line = self._across(rect, Column.CHANGE if meaning.is_valid else Column.HISTORY)
            if not has_two_lines:
                line.setLeft(rect.left() + PADDING)
            _paint_reason(painter, line, reason_text(row, meaning), theme)
        elif column is Column.HISTORY:
            if not meaning.is_text:
                cell = rect.adjusted(PADDING, 4.0, -PADDING, -4.0)
                draw_sparkline(painter, cell, row.history, theme.palette)
        elif column is not Column.EXPRESSION:
            _paint_number(painter, rect.adjusted(PADDING, 0.0, -PADDING, 0.0), row, column, theme.palette)
        painter.restore()

    def _has_two_lines(self, text: str) -> bool:
        width = metrics_of(cell_font(current_theme())).horizontalAdvance(text)
        return width > self._table.columnWidth(Column.EXPRESSION) - 2 * PADDING + 1

    def _across(self, rect: QRectF, last: Column) -> QRectF:
        """The part of a row that columns take together, the first and the last one included."""
        table = self._table
        left = table.columnViewportPosition(Column.EXPRESSION)
        right = left + sum(table.columnWidth(column) for column in Column if column <= last)
        return QRectF(left + PADDING, rect.top(), right - left - 2 * PADDING, rect.height())

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:  # noqa: N802
        editor = QLineEdit(parent)
        use_number_font(editor, SIZE)
        editor.setAccessibleName("Expression of the watch")
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802 - Qt's name
        assert isinstance(editor, QLineEdit)
        editor.setText(index.data(Qt.ItemDataRole.EditRole))

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:  # noqa: N802
        """As wide as the table: an expression is longer than its column."""
        box: QRect = option.rect
        editor.setGeometry(0, box.top(), self._table.viewport().width(), self.line_height())


def _paint_expression(painter: QPainter, line: QRectF, text: str, meaning: Meaning, palette: Palette) -> None:
    metrics = metrics_of(painter.font())
    text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, line.width() + 1.0)
    painter.setPen(QColor(palette.text))
    baseline = _baseline(line, metrics)
    painter.drawText(QPointF(line.left(), baseline), text)
    if meaning.scalar is not None:
        painter.setPen(QPen(QColor(palette.faint), 1.0))
        end = line.left() + metrics.horizontalAdvance(text)
        painter.drawLine(QLineF(line.left(), baseline + 2.5, end, baseline + 2.5))


def _paint_reason(painter: QPainter, line: QRectF, reason: str, theme: Theme) -> None:
    painter.setFont(theme.text_font(SIZE))
    painter.setPen(QColor(theme.palette.muted))
    metrics = metrics_of(painter.font())
    text = metrics.elidedText(reason, Qt.TextElideMode.ElideRight, line.width() + 1.0)
    painter.drawText(QPointF(line.left(), _baseline(line, metrics)), text)


def _paint_number(painter: QPainter, cell: QRectF, row: WatchRow, column: Column, palette: Palette) -> None:
    metrics = metrics_of(painter.font())
    characters = int((cell.width() + 1.0) / metrics.horizontalAdvance("0"))
    if column is Column.CHANGE:
        text = change_text(row, characters)
    else:
        text = value_text(row.value if column is Column.VALUE else row.previous, characters)
    painter.setPen(QColor(palette.text if column is Column.VALUE else palette.muted))
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, cell.width() + 1.0)
    painter.drawText(QPointF(cell.right() - metrics.horizontalAdvance(text), _baseline(cell, metrics)), text)


def _baseline(line: QRectF, metrics: QFontMetricsF) -> float:
    return line.top() + (line.height() + metrics.ascent() - metrics.descent()) / 2
