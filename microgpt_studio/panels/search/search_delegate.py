"""How the cells of the Search panel are painted: in one line, or, where an address is too long, in two."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from microgpt_studio.panels.search.search_model import NUMBER_ROLE, NUMBERS, SHORT_ROLE, Column
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import fitted

Index = QModelIndex | QPersistentModelIndex

SIZE = 12  # pixels at text scale 1
PADDING = 4  # pixels at either side of a cell, as the header has
_OVERLAP = 6  # pixels at text scale 1 that the two lines of a row have in common


def cell_font(theme: Theme) -> QFont:
    """The face of addresses and numbers."""
    return theme.number_font(SIZE)


class SearchDelegate(QStyledItemDelegate):
    """Paints one cell. In rows of two lines the address stands above all the rest, the operation below it."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self.has_two_lines = False

    def row_height(self) -> int:
        """Pixels of a row."""
        line = self._line_height()
        return 2 * line - current_theme().scaled(_OVERLAP) if self.has_two_lines else line

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, column = current_theme(), Column(index.column())
        box = QRectF(option.rect)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(box)  # the line of the address goes through all cells: each paints its part
        painter.fillRect(box, QColor(theme.palette.selected if is_selected else theme.palette.surface))
        painter.setFont(cell_font(theme))
        painter.setPen(QColor(theme.palette.text))
        if self.has_two_lines:
            left = self._table.columnViewportPosition(Column.ADDRESS)
            line = QRectF(left, box.top(), self._table.viewport().width() - left, self._line_height())
            address = index.sibling(index.row(), Column.ADDRESS).data(SHORT_ROLE)
            _paint(painter, line, address, Qt.TextElideMode.ElideMiddle)
            box.setTop(box.bottom() - self._line_height())
        if column in NUMBERS:
            number = index.data(NUMBER_ROLE)
            if number is not None:
                character = metrics_of(painter.font()).horizontalAdvance("0")
                text = fitted(number, int((box.width() - 2 * PADDING + 1.0) / character))
            else:
                painter.setPen(QColor(theme.palette.muted))
                painter.setFont(theme.text_font(SIZE))
                text = index.data(SHORT_ROLE)
            _paint(painter, box, text, Qt.TextElideMode.ElideRight, at_right=True)
        elif column is Column.OPERATION or self.has_two_lines:
            painter.setPen(QColor(theme.palette.muted))
            operation = index.sibling(index.row(), Column.OPERATION).data(SHORT_ROLE)
            _paint(painter, box, operation, Qt.TextElideMode.ElideRight)
        else:
            _paint(painter, box, index.data(SHORT_ROLE), Qt.TextElideMode.ElideMiddle)
        painter.restore()

    def _line_height(self) -> int:
        theme = current_theme()
        return max(theme.scaled(22), round(metrics_of(cell_font(theme)).height()) + 6)


def _paint(painter: QPainter, box: QRectF, text: str, elide: Qt.TextElideMode, *, at_right: bool = False) -> None:
    metrics = metrics_of(painter.font())
    room = box.width() - 2 * PADDING
    text = metrics.elidedText(text, elide, room + 1.0)
    x = box.right() - PADDING - metrics.horizontalAdvance(text) if at_right else box.left() + PADDING
    painter.drawText(QPointF(x, box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2), text)
