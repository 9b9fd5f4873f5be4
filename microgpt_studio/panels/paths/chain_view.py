"""The strongest chain as a list: every link with its operation, local derivative and the product so far."""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Program
from microgpt_studio.debugger.paths import PathLink
from microgpt_studio.panels.paths.chain_rows import ChainRow, as_text, chain_rows, operation_text, tip
from microgpt_studio.panels.paths.row_view import MARGIN, RowView
from microgpt_studio.theme import Palette, Theme, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import cells
from microgpt_studio.widgets.number_text import fitted

_NUMBERS = (("derivative", "× "), ("product", "= "), ("data", ""), ("grad", ""))  # and the sign before each
_TIPS = {
    "derivative": "d(this) / d(the one above): the local derivative of the link",
    "product": "The product of the derivatives so far: d(this) / d(the first) along the chain",
    "data": "The number, as the forward pass computed it",
    "grad": "d(loss) / d(this), over all paths",
}
_DATA = 2  # the column that is left out where there is no room: hovering tells it
_SWATCH = 6  # characters of the hatching where there is no number yet
_NARROWEST = 9  # characters of a column: "-1e-05" with a sign, and some air
_MARK = 12.0  # pixels at text scale 1 for the triangle of a run
_CHARACTERS = 12  # of a column: "× -1.234e-05"
_ADDRESS = 38  # characters of an address and its operation that numbers may stand beside


class ChainView(RowView):
    """A click or Enter selects a link's scalar; the triangle, or right and left, opens and closes a run of sums."""

    chosen = Signal(object)  # id of a scalar (int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chain: tuple[PathLink, ...] = ()
        self._program: Program | None = None
        self._opened: set[int] = set()
        self.rows: tuple[ChainRow, ...] = ()
        self.setAccessibleName("Strongest chain")

    def show_chain(self, chain: tuple[PathLink, ...], program: Program) -> None:
        """Show this one; runs that were opened stay open."""
        before = [link.scalar for link in self._chain[:1]]
        if before != [link.scalar for link in chain[:1]]:
            self.current = 0 if self.hasFocus() and chain else None  # the keyboard has gone there
            self.verticalScrollBar().setValue(0)
        self._chain, self._program = chain, program
        self._rebuild()

    def toggle(self, row: int) -> None:
        """Open a run of sums, or close it; from one of its sums, too."""
        while row >= 0 and self.rows[row].is_inner:
            row -= 1
        if self.rows[row].sums > 1:
            self._opened ^= {self.rows[row].link.scalar}
            self.current = row
            self._rebuild()

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def has_one_line(self) -> bool:
        """Whether there is room for the numbers beside the address."""
        unit = self._unit()
        return self.viewport().width() >= 2 * MARGIN + _MARK + unit * (_ADDRESS + 4 * _CHARACTERS + 4)

    def row_height(self) -> int:
        theme = current_theme()
        line = metrics_of(theme.number_font()).height()
        if self.has_one_line:
            return round(line) + 6
        return round(line + metrics_of(theme.number_font(SMALL)).height()) + 6

    def tip(self, row: int, x: float) -> str:  # noqa: ARG002 - a row tells the same everywhere
        return tip(self.rows[row])

    def header_tip(self, x: float) -> str:
        box = QRectF(0.0, 0.0, self.viewport().width(), self.header_height())
        for (name, _), column in zip(self._numbers(box), self._columns(box), strict=True):
            if column.left() <= x < column.right():
                return _TIPS[name]
        return "From the selected scalar to the loss, the path with the largest product of local derivatives"

    def as_text(self) -> str:
        return as_text(self._chain)

    def press(self, row: int, x: float) -> None:
        self.set_current(row)
        if x < MARGIN + current_theme().scaled(_MARK) and (self.rows[row].sums > 1):
            self.toggle(row)
        else:
            self.enter(row)

    def enter(self, row: int) -> None:
        self.chosen.emit(self.rows[row].link.scalar)

    def paint_header(self, painter: QPainter, box: QRectF) -> None:
        theme = current_theme()
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        left = QRectF(MARGIN, box.top(), box.width() - 2 * MARGIN, box.height())
        columns = self._columns(box)
        if self.has_one_line:
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(left.adjusted(theme.scaled(_MARK), 0.0, 0.0, 0.0), flags, "from the scalar to the loss")
        for (name, _), column in zip(self._numbers(box), columns, strict=True):
            painter.drawText(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(QPen(QColor(theme.palette.border), 1.0))
        painter.drawLine(QLineF(0.0, box.bottom() - 0.5, box.width(), box.bottom() - 0.5))

    def paint_rows(self, painter: QPainter, rows: range) -> None:
        theme = current_theme()
        for row in rows:
            self._paint_row(painter, self.rows[row], self.row_box(row), theme, is_current=row == self.current)

    def _paint_row(self, painter: QPainter, row: ChainRow, box: QRectF, theme: Theme, *, is_current: bool) -> None:
        palette = theme.palette
        if is_current:
            painter.fillRect(box, QColor(palette.selected))
            if self.hasFocus():
                painter.setPen(QPen(QColor(palette.accent), 1.0))
                painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        mark = theme.scaled(_MARK)
        if row.sums > 1:
            line = metrics_of(theme.number_font()).height()
            _paint_triangle(painter, QPointF(MARGIN, box.top() + 3.0 + line / 2), palette, is_open=row.is_open)
        left = MARGIN + mark * (2 if row.is_inner else 1)
        right = (self._columns(box)[0].left() if self.has_one_line else box.right()) - MARGIN
        painter.setFont(theme.text_font(SMALL))
        word = operation_text(row)
        width = painter.fontMetrics().horizontalAdvance(word)
        font = theme.number_font()
        metrics = metrics_of(font)
        baseline = box.top() + 3.0 + metrics.ascent()
        painter.setPen(QColor(palette.muted))
        painter.drawText(QPointF(right - width, baseline), word)
        painter.setFont(font)
        painter.setPen(QColor(palette.text))
        room = right - left - (width + MARGIN if word else 0.0)
        if metrics.horizontalAdvance(row.link.address) > room:
            painter.setFont(theme.number_font(SMALL))
            metrics = metrics_of(painter.font())
        text = metrics.elidedText(row.link.address, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(QPointF(left, baseline), text)
        painter.setPen(QPen(QColor(palette.faint), 1.0))
        end = left + metrics.horizontalAdvance(text)
        painter.drawLine(QLineF(left, baseline + 2.5, end, baseline + 2.5))
        self._paint_numbers(painter, row.link, box, theme)

    def _paint_numbers(self, painter: QPainter, link: PathLink, box: QRectF, theme: Theme) -> None:
        painter.setFont(theme.number_font(SMALL))
        unit = self._unit()
        for (name, sign), column in zip(self._numbers(box), self._columns(box), strict=True):
            number: float | None = getattr(link, name)
            painter.setPen(QColor(theme.palette.text if sign else theme.palette.muted))
            text = "start"
            if number is not None:
                text = sign + fitted(number, int(column.width() / unit) - 1 - len(sign))
            elif name == "grad":  # it is not complete
                swatch = column.adjusted(column.width() - _SWATCH * unit, 3.0, 0.0, -3.0)
                cells.draw_hatching(painter, swatch, theme.palette)
                continue
            if name == "derivative" and number is not None and (number == 0.0 or not isfinite(number)):
                painter.setPen(QColor(theme.palette.warning))
            painter.drawText(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _columns(self, box: QRectF) -> list[QRectF]:
        """Where the four numbers of a row, or of the header, lie."""
        if self.has_one_line:
            width = self._unit() * (_CHARACTERS + 1)
            left = box.right() - MARGIN - 4 * width
            return [QRectF(left + i * width, box.top(), width, box.height()) for i in range(4)]
        count = len(self._numbers(box))
        height = min(metrics_of(current_theme().number_font(SMALL)).height() + 2.0, box.height())
        width = (box.width() - 2 * MARGIN) / count
        return [QRectF(MARGIN + i * width, box.bottom() - height - 2.0, width, height) for i in range(count)]

    def _numbers(self, box: QRectF) -> tuple[tuple[str, str], ...]:
        """The numbers that there is room for."""
        if (box.width() - 2 * MARGIN) / len(_NUMBERS) >= _NARROWEST * self._unit():
            return _NUMBERS
        return _NUMBERS[:_DATA] + _NUMBERS[_DATA + 1 :]

    @staticmethod
    def _unit() -> float:
        return metrics_of(current_theme().number_font(SMALL)).horizontalAdvance("0")

    def _rebuild(self) -> None:
        if self._program is not None:
            self.rows = chain_rows(self._chain, self._program, self._opened)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.rows[self.current] if self.current is not None else None
        key = event.key()
        opens = row is not None and key == Qt.Key.Key_Right and row.sums > 1 and not row.is_open
        closes = row is not None and key == Qt.Key.Key_Left and (row.is_open or row.is_inner)
        if self.current is not None and (opens or closes or key == Qt.Key.Key_Space):
            self.toggle(self.current)
        else:
            super().keyPressEvent(event)


def _paint_triangle(painter: QPainter, at: QPointF, palette: Palette, *, is_open: bool) -> None:
    side = 7.0
    right = (QPointF(0.0, -side / 2), QPointF(side * 0.75, 0.0), QPointF(0.0, side / 2))
    down = (QPointF(-1.0, -side / 2.5), QPointF(side - 1.0, -side / 2.5), QPointF(side / 2 - 1.0, side / 2.5))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.muted))
    painter.drawPolygon(QPolygonF([at + corner for corner in (down if is_open else right)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
