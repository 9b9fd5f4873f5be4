"""The header and the last line of the Document panel: what they say, and how they are painted."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from microgpt_studio.panels.document_columns import HEADINGS, MARGIN, Columns
from microgpt_studio.panels.document_predictions import Predictions
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import short
from microgpt_studio.widgets.cells import draw_hatching

_LEFT = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_STRIP_HEADINGS = ("p of every token, the largest first", "all p, largest first", "all p")


def heading(shown: Predictions | None) -> tuple[str, str]:
    """The document, and what is to be known about it."""
    if shown is None:
        return "", ""
    notes = [shown.moment_text()]
    if shown.uncut > shown.positions:
        notes.append(f"cut after {shown.positions} of {shown.uncut} positions")
    if shown.there and not shown.probs_known.any():
        notes.append("not computed yet")
    return f"“{shown.document}”", " · ".join(notes)


def footing(shown: Predictions | None) -> str:
    """How the losses make the loss."""
    if shown is None or not shown.loss_known:
        return "loss"
    return f"sum {short(shown.total)} × 1/{shown.positions} = loss {short(shown.loss)} nats"


def draw_header(painter: QPainter, shown: Predictions, columns: Columns, box: QRectF, theme: Theme) -> None:
    """Two lines: the document with its notes, and the names of the columns."""
    palette = theme.palette
    painter.setFont(theme.text_font(SMALL))
    words = QFontMetricsF(painter.font())
    first = QRectF(box.left() + MARGIN, box.top() + 2.0, box.width() - 2 * MARGIN, columns.line)
    document, notes = _fitted_heading(shown, words, first.width())
    painter.setPen(QColor(palette.text))
    painter.drawText(first, _LEFT, document)
    painter.setPen(QColor(palette.muted))
    painter.drawText(first, _RIGHT, notes)
    for name, (left, right) in columns.edges.items():
        column = QRectF(left, first.bottom(), right - left, columns.line)
        if name != "strip":
            painter.drawText(column, _RIGHT, HEADINGS[name])
            continue
        painter.drawText(column, _LEFT, "0")
        painter.drawText(column, _RIGHT, "1")
        for text in _STRIP_HEADINGS:
            if words.horizontalAdvance(f"0{text}1") + 2 * MARGIN < column.width():
                painter.drawText(column, Qt.AlignmentFlag.AlignCenter, text)
                break
    painter.fillRect(QRectF(box.left(), box.bottom() - 1.0, box.width(), 1.0), QColor(palette.border))


def draw_footer(painter: QPainter, shown: Predictions, columns: Columns, box: QRectF, theme: Theme) -> None:
    """The sum of the losses and their average; hatched where it is not known."""
    palette = theme.palette
    painter.fillRect(QRectF(box.left(), box.top(), box.width(), 1.0), QColor(palette.border))
    line = QRectF(box.left() + MARGIN, box.top() + 2.0, box.width() - 2 * MARGIN, columns.line)
    painter.setFont(theme.number_font(SMALL))
    metrics = QFontMetricsF(painter.font())
    text = metrics.elidedText(footing(shown), Qt.TextElideMode.ElideLeft, line.width())
    painter.setPen(QColor(palette.text))
    painter.drawText(line, _LEFT, text)
    if not shown.loss_known:
        left = line.left() + metrics.horizontalAdvance(text) + MARGIN
        draw_hatching(painter, QRectF(left, line.top() + 3.0, line.right() - left, line.height() - 6.0), palette)


def _fitted_heading(shown: Predictions, words: QFontMetricsF, width: float) -> tuple[str, str]:
    """The heading, shortened to `width` pixels: first the update goes, then the middle of the document."""
    document, notes = heading(shown)
    if words.horizontalAdvance(document + notes) + MARGIN > width and " · " in notes:
        notes = notes.split(" · ", 1)[1]
    notes = words.elidedText(notes, Qt.TextElideMode.ElideRight, width)
    room = width - MARGIN - words.horizontalAdvance(notes)
    return words.elidedText(document, Qt.TextElideMode.ElideMiddle, max(room, 0.0)), notes
