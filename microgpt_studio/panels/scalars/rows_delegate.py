"""The delegate of the Scalars panel: paints a cell with two calls, where a style would need twenty."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from microgpt_studio.panels.scalars.rows_model import RowsModel
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.number_text import short

_PADDING = 4  # pixels
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RowsDelegate(QStyledItemDelegate):
    """Paints the rows of a RowsModel; an address that is too long shows its end, which says most."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model, column = index.model(), index.column()
        assert isinstance(model, RowsModel), "it is this model's delegate"
        theme = current_theme()
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.palette.selected))
        painter.setFont(theme.text_font(SMALL) if column == 1 else theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.muted if column == 1 else theme.palette.text))
        text = model.text(index.row(), column, short)
        room = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        if column == 0:
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideLeft, room.width())
        painter.drawText(room, _LEFT if column < 2 else _RIGHT, text)
