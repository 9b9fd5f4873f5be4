"""How the cells of the movers are painted: in one line, or, where an address is too long, in two."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from microgpt_studio.panels.optimizer.movers_model import NUMBER_ROLE, SHARE_ROLE, Column, Index
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.number_text import fitted

PADDING = 4  # pixels at either side of a cell


class MoversDelegate(QStyledItemDelegate):
    """In rows of two lines the address stands above the numbers."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self.has_two_lines = False

    def row_height(self) -> int:
        """Pixels of a row."""
        line = round(metrics_of(current_theme().number_font(SMALL)).height())
        return 2 * line + 8 if self.has_two_lines else line + 7

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, column = current_theme(), Column(index.column())
        box = QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(box)  # the line of the address goes through all cells: each paints its part
        painter.fillRect(box, QColor(theme.palette.selected if selected else theme.palette.surface))
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.text))
        metrics = metrics_of(painter.font())
        address = index.sibling(index.row(), Column.ADDRESS).data()
        if self.has_two_lines:
            left = float(self._table.columnViewportPosition(Column.ADDRESS))
            room = self._table.viewport().width() - 2 * PADDING
            text = metrics.elidedText(address, Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(QPointF(left + PADDING, box.top() + 2.0 + metrics.ascent()), text)
            box.setTop(box.bottom() - metrics.height() - 3.0)
        baseline = box.top() + (box.height() - 3.0 + metrics.ascent() - metrics.descent()) / 2
        if column is not Column.ADDRESS:
            number = index.data(NUMBER_ROLE)
            width = int((box.width() - 2 * PADDING + 1.0) / metrics.horizontalAdvance("0"))
            text = fitted(number, width) if isinstance(number, float) else str(number)
            share = index.data(SHARE_ROLE) * (box.width() - 2 * PADDING)
            bar = QRectF(box.right() - PADDING - share, box.bottom() - 3.0, share, 2.0)
            painter.fillRect(bar, QColor(theme.palette.faint))
            painter.drawText(QPointF(box.right() - PADDING - metrics.horizontalAdvance(text), baseline), text)
        elif not self.has_two_lines:
            text = metrics.elidedText(address, Qt.TextElideMode.ElideMiddle, box.width() - 2 * PADDING + 1.0)
            painter.drawText(QPointF(box.left() + PADDING, baseline), text)
        painter.restore()
