"""A row of the breakpoint table: its lines of text, measured and painted."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QLineF, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF, QStaticText
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from microgpt_studio.debugger.snapshot import BreakpointRow
from microgpt_studio.debugger.targets import Event
from microgpt_studio.panels.breakpoints_sentence import wrapped
from microgpt_studio.panels.breakpoints_words import details, headline
from microgpt_studio.theme import Theme, current_theme
from microgpt_studio.theme.fonts import SMALL

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole  # BreakpointRow
STOPPED_ROLE = Qt.ItemDataRole.UserRole + 1  # whether the run stands because of it

_PADDING = 4
_BOX = 14  # pixels of a check box at text scale 1
_MARK = 16  # pixels that the mark beside it takes


def check_box(cell: QRect) -> QRect:
    """Where the check box of a row stands, in the cell of its text."""
    theme = current_theme()
    size = theme.scaled(_BOX)
    line = theme.scaled(18)
    return QRect(cell.left() + 2 * _PADDING, cell.top() + _PADDING + (line - size) // 2, size, size)


class RowDelegate(QStyledItemDelegate):
    """Paints what a breakpoint breaks at over as many lines as it takes, and its hits beside it."""

    def height(self, row: BreakpointRow, width: int) -> int:
        """Pixels that a row needs whose text cell is so wide."""
        lines = (text.size().height() for text, _, _ in _texts(row, current_theme(), width))
        return max(round(sum(lines)), current_theme().scaled(18)) + 2 * _PADDING

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        return QSize(0, self.height(row, option.rect.width())) if isinstance(row, BreakpointRow) else QSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, BreakpointRow):
            return
        theme = current_theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            view = option.widget
            focused = isinstance(view, QAbstractItemView) and view.hasFocus()
            painter.fillRect(option.rect, QColor(theme.palette.selected if focused else theme.palette.raised))
        if index.column() == 0:
            _paint_check_box(painter, check_box(option.rect), row, theme)
            _paint_mark(painter, option.rect, row, bool(index.data(STOPPED_ROLE)), theme)
            _paint_texts(painter, option.rect, row, theme)
        else:
            painter.setFont(theme.number_font())
            painter.setPen(QColor(theme.palette.text if row.enabled else theme.palette.faint))
            cell = option.rect.adjusted(0, _PADDING, -2 * _PADDING, 0)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            painter.drawText(cell, int(flags), str(index.data(Qt.ItemDataRole.DisplayRole)))
        painter.restore()


def _left(theme: Theme) -> int:
    return 3 * _PADDING + theme.scaled(_BOX) + theme.scaled(_MARK)


def _texts(row: BreakpointRow, theme: Theme, width: int) -> Iterator[tuple[QStaticText, QFont, str]]:
    """The paragraphs of a row with their fonts and colours."""
    palette, room = theme.palette, width - _left(theme) - _PADDING
    is_code = row.definition.event is Event.CONDITION
    font = QFont(theme.number_font(12) if is_code else theme.text_font())
    font.setStrikeOut(row.problem is not None)
    color = palette.text if row.enabled and row.problem is None else palette.faint
    yield wrapped(headline(row.definition), font, room), font, color
    small = theme.number_font(SMALL)
    for line in details(row.definition):
        yield wrapped(line, small, room), small, palette.muted if row.enabled else palette.faint
    if row.problem is not None:
        plain = theme.text_font(SMALL)
        yield wrapped(f"⚠ {row.problem}", plain, room), plain, palette.error


def _paint_texts(painter: QPainter, cell: QRect, row: BreakpointRow, theme: Theme) -> None:
    y = float(cell.top() + _PADDING)
    for text, font, color in _texts(row, theme, cell.width()):
        painter.setFont(font)
        painter.setPen(QColor(color))
        painter.drawStaticText(QPointF(cell.left() + _left(theme), y), text)
        y += text.size().height()


def _paint_check_box(painter: QPainter, box: QRect, row: BreakpointRow, theme: Theme) -> None:
    painter.setPen(QPen(QColor(theme.palette.faint), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 2.0, 2.0)
    if row.enabled:
        inset = theme.scaled(3)
        painter.fillRect(box.adjusted(inset, inset, -inset, -inset), QColor(theme.palette.text))


def _paint_mark(painter: QPainter, cell: QRect, row: BreakpointRow, stopped: bool, theme: Theme) -> None:
    """A dot; a diamond for one that writes; hollow while it is off; an arrow where the run stands because of it."""
    box = check_box(cell)
    middle = QPointF(box.right() + theme.scaled(_MARK) / 2 + 3, box.center().y() + 0.5)
    r = theme.scaled(8) / 2
    color = QColor(theme.palette.accent if stopped else theme.palette.muted if row.enabled else theme.palette.faint)
    painter.setPen(QPen(color, 1.0))
    filled = stopped or (row.enabled and row.problem is None)
    painter.setBrush(color if filled else Qt.BrushStyle.NoBrush)
    x, y = middle.x(), middle.y()
    if stopped:
        painter.drawPolygon(QPolygonF([QPointF(x - r, y - r), QPointF(x + r, y), QPointF(x - r, y + r)]))
        painter.setPen(QPen(color, 2.0))
        painter.drawLine(QLineF(cell.left() + 1, cell.top(), cell.left() + 1, cell.bottom() + 1))
    elif row.definition.message:
        painter.drawPolygon(QPolygonF([QPointF(x, y - r), QPointF(x + r, y), QPointF(x, y + r), QPointF(x - r, y)]))
    else:
        painter.drawEllipse(middle, r, r)
