"""Title, row and column labels of a grid: how much room they take and which of them are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.grid import Grid, thinned

_GAP = 4.0  # pixels between a label and the cells, and between neighbouring labels
_WIDEST_SHARE = 0.4  # of the widget's width that row labels may take before they are elided


@dataclass(frozen=True, slots=True)
class Labels:
    """The texts around a grid; empty ones take no room."""

    title: str = ""
    rows: Sequence[str] = ()
    cols: Sequence[str] = ()

    def left(self, theme: Theme, width: float) -> float:
        """Pixels that the row labels take at the left of a widget `width` pixels wide."""
        widest = _widest(self.rows, metrics_of(theme.number_font(SMALL)))
        return min(widest + _GAP, width * _WIDEST_SHARE) if widest else 0.0

    def top(self, theme: Theme) -> float:
        """Pixels that title and column labels take at the top."""
        title = metrics_of(theme.text_font(SMALL)).height() + _GAP if self.title else 0.0
        cols = metrics_of(theme.number_font(SMALL)).height() + 1.0 if any(self.cols) else 0.0
        return title + cols

    def draw(self, painter: QPainter, grid: Grid, width: float, theme: Theme) -> None:
        """Draw all that fits beside and above `grid` in a widget `width` pixels wide."""
        self._draw_title(painter, width, theme)
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        metrics = metrics_of(painter.font())
        self._draw_rows(painter, grid, metrics)
        self._draw_cols(painter, grid, width, metrics)

    def _draw_title(self, painter: QPainter, width: float, theme: Theme) -> None:
        if not self.title:
            return
        painter.setFont(theme.text_font(SMALL))
        painter.setPen(QColor(theme.palette.text))
        metrics = metrics_of(painter.font())
        title = metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QPointF(0.0, metrics.ascent()), title)

    def _draw_rows(self, painter: QPainter, grid: Grid, metrics: QFontMetricsF) -> None:
        room = grid.x - _GAP
        count = min(len(self.rows), grid.rows)
        for row in thinned(count, grid.cell_height, metrics.height() - 2.0):
            text = metrics.elidedText(self.rows[row], Qt.TextElideMode.ElideMiddle, room)
            middle = grid.y + (row + 0.5) * grid.cell_height
            box = QRectF(0.0, middle - metrics.height() / 2, room, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _draw_cols(self, painter: QPainter, grid: Grid, width: float, metrics: QFontMetricsF) -> None:
        count = min(len(self.cols), grid.cols)
        needed = _widest(self.cols[:count], metrics) + _GAP
        baseline = grid.y - metrics.descent() - 1.0
        for col in thinned(count, grid.cell_width, needed):
            text = self.cols[col]
            length = metrics.horizontalAdvance(text)
            x = grid.x + (col + 0.5) * grid.cell_width - length / 2
            if x >= 0.0 and x + length <= width:  # else the widget's edge would cut it
                painter.drawText(QPointF(x, baseline), text)


def _widest(texts: Sequence[str], metrics: QFontMetricsF) -> float:
    # The face is monospaced, so the longest text is the widest, and one measurement does.
    return metrics.horizontalAdvance(max(texts, key=len, default=""))
