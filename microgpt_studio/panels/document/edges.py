"""The header and the last line of the Document panel: what they say, and how they are painted."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from microgpt_studio.panels.document.columns import HEADINGS, MARGIN, TOP, Columns
from microgpt_studio.panels.document.predictions import Predictions, bits
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
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


def footing(shown: Predictions | None) -> tuple[str, str]:
    """How the losses make the loss: their sum, and what it becomes."""
    if shown is None:
        return "", "loss"
    total = "" if shown.total is None else f"Σ {short(shown.total)}"
    if not shown.loss_known:
        return total, "loss"
    share = f"× 1/{shown.positions} " if total else ""
    return total, f"{share}= loss {short(shown.loss)} nats = {short(bits(shown.loss))} bits"


def footer_parts(shown: Predictions | None, box: QRectF, theme: Theme) -> tuple[QRectF, QRectF]:
    """Where the sum and the loss stand within the footer; the sum's is empty where it is not known."""
    metrics = metrics_of(theme.number_font(SMALL))
    total, _ = footing(shown)
    width = metrics.horizontalAdvance(total)
    line = QRectF(box.left() + MARGIN, box.top() + 2.0, box.width() - 2 * MARGIN, box.height() - 5.0)
    left = line.left() + (width + metrics.horizontalAdvance(" ") if total else 0.0)
    return (
        QRectF(line.left(), line.top(), width, line.height()),
        QRectF(left, line.top(), max(line.right() - left, 0.0), line.height()),
    )


def draw_header(painter: QPainter, shown: Predictions, columns: Columns, box: QRectF, theme: Theme) -> None:
    """Two lines: the document with its notes, and the names of the columns."""
    palette = theme.palette
    painter.setFont(theme.text_font(SMALL))
    words = metrics_of(painter.font())
    first = QRectF(box.left() + MARGIN, box.top() + 2.0, box.width() - 2 * MARGIN, columns.line)
    document, notes = _fitted_heading(shown, words, first.width())
    painter.setPen(QColor(palette.text))
    painter.drawText(first, _LEFT, document)
    painter.setPen(QColor(palette.muted))
    painter.drawText(first, _RIGHT, notes)
    for name, (left, right) in columns.edges.items():
        column = QRectF(left, first.bottom(), right - left, columns.line)
        if name.startswith(TOP):
            continue
        if name != "strip":
            fits = [text for text in HEADINGS[name] if words.horizontalAdvance(text) <= right - left]
            painter.drawText(column, _RIGHT, fits[0] if fits else HEADINGS[name][-1])
            continue
        painter.drawText(column, _LEFT, "0")
        painter.drawText(column, _RIGHT, "1")
        for text in _STRIP_HEADINGS:
            if words.horizontalAdvance(f"0{text}1") + 2 * MARGIN < column.width():
                painter.drawText(column, Qt.AlignmentFlag.AlignCenter, text)
                break
    if columns.tops:
        left, right = columns.edges[f"{TOP}0"][0], columns.edges[f"{TOP}{columns.tops - 1}"][1]
        text = f"the {columns.tops} most probable" if columns.tops > 1 else "top"
        painter.drawText(QRectF(left, first.bottom(), right - left, columns.line), _LEFT, text)
    painter.fillRect(QRectF(box.left(), box.bottom() - 1.0, box.width(), 1.0), QColor(palette.border))


def draw_footer(painter: QPainter, shown: Predictions, box: QRectF, theme: Theme) -> None:
    """The sum of the losses and their average; hatched where it is not known."""
    palette = theme.palette
    painter.fillRect(QRectF(box.left(), box.top(), box.width(), 1.0), QColor(palette.border))
    painter.setFont(theme.number_font(SMALL))
    metrics = metrics_of(painter.font())
    painter.setPen(QColor(palette.text))
    texts, places = footing(shown), footer_parts(shown, box, theme)
    painter.drawText(places[0], _LEFT, texts[0])
    text = _fitted_loss(texts[1], metrics, places[1].width())
    painter.drawText(places[1], _LEFT, text)
    if not shown.loss_known:
        left = places[1].left() + metrics.horizontalAdvance(text) + MARGIN
        draw_hatching(
            painter, QRectF(left, box.top() + 5.0, places[1].right() - left, places[1].height() - 6.0), palette
        )


def _fitted_loss(text: str, metrics: QFontMetricsF, width: float) -> str:
    """What the sum becomes, shortened to `width` pixels: first the bits go, then the units."""
    for shorter in (text, text.rsplit(" = ", 1)[0] if " bits" in text else text):
        if metrics.horizontalAdvance(shorter) <= width:
            return shorter
    shorter = text.rsplit(" = ", 1)[0].removesuffix(" nats")
    return metrics.elidedText(shorter, Qt.TextElideMode.ElideRight, width)


def _fitted_heading(shown: Predictions, words: QFontMetricsF, width: float) -> tuple[str, str]:
    """The heading, shortened to `width` pixels: first the update goes, then the middle of the document."""
    document, notes = heading(shown)
    if words.horizontalAdvance(document + notes) + MARGIN > width and " · " in notes:
        notes = notes.split(" · ", 1)[1]
    notes = words.elidedText(notes, Qt.TextElideMode.ElideRight, width)
    room = width - MARGIN - words.horizontalAdvance(notes)
    return words.elidedText(document, Qt.TextElideMode.ElideMiddle, max(room, 0.0)), notes
