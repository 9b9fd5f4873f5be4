"""How the rows of the Document panel are painted: the pair, its numbers, and the strip of all probabilities."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from microgpt_studio.panels.document.columns import TOP, Columns
from microgpt_studio.panels.document.predictions import BITS, LOSS, SUM, Predictions, Spot
from microgpt_studio.theme import Theme
from microgpt_studio.theme.colormaps import Colors, argb, is_light
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.number_text import fitted

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTER = Qt.AlignmentFlag.AlignCenter
_POINTER = 3.0  # pixels: half the width, and the height, of the pointer at the target's piece
_DIGITS = 6


def strip_rect(columns: Columns, top: float) -> QRectF:
    """The strip of the row that begins at `top`."""
    left, right = columns.edges["strip"]
    return QRectF(left, top + 2.0, right - left, columns.row - 4.0 - _POINTER)


def strip_pixels(predictions: Predictions, width: int, theme: Theme) -> Colors:
    """(n, width) ARGB32: every token's piece as wide as it is probable, parted by lines, the target's in colour."""
    palette = theme.palette
    rows = predictions.positions
    pixels = np.full((rows, max(width, 1)), argb(palette.neutral), dtype=np.uint32)
    centers = (np.arange(pixels.shape[1]) + 0.5) / pixels.shape[1]
    for row in range(rows):
        place = np.searchsorted(predictions.edges[row, 1:], centers, side="right")
        place = np.minimum(place, predictions.order.shape[1] - 1)
        target = predictions.order[row, place] == predictions.target(row)
        pixels[row, target] = argb(palette.unsigned)
        ends = np.flatnonzero(np.diff(place) > 0)
        pixels[row, ends] = argb(palette.surface)
    return pixels


class RowPainter:
    """Paints rows with one painter; `text` gives the character of a token."""

    def __init__(self, painter: QPainter, columns: Columns, theme: Theme, text: Callable[[int], str]) -> None:
        self._painter, self._columns, self._theme, self._text = painter, columns, theme, text
        self._number, self._bold = theme.number_font(SMALL), theme.number_font(SMALL, bold=True)
        self._metrics = metrics_of(self._number)

    def draw(self, predictions: Predictions, row: int, top: float, pixels: Colors) -> None:
        """One position, its row beginning at `top`."""
        self._draw_pair(predictions, row, top)
        known = bool(predictions.probs_known[row])
        self._draw_number("prob", fitted(predictions.prob(row), _DIGITS + 1) if known else None, top)
        self._draw_number("rank", str(predictions.rank(row)) if known else None, top)
        for column, what in (("bits", BITS), ("loss", LOSS), ("sum", SUM)):
            value = predictions.value(Spot(row, what))
            self._draw_number(column, None if value is None else fitted(value, _DIGITS), top)
        for number in range(self._columns.tops):
            self._draw_top(predictions, row, number, top)
        box = strip_rect(self._columns, top)
        if not known:
            draw_hatching(self._painter, box, self._theme.palette)
        elif np.isfinite(predictions.probs[row]).all():
            self._draw_strip(predictions, row, box, pixels)
        else:
            self._painter.setFont(self._number)
            self._painter.setPen(QColor(self._theme.palette.error))
            self._painter.drawText(box, _LEFT, "not finite")

    def _box(self, column: str, top: float) -> QRectF | None:
        if column not in self._columns.edges:
            return None
        left, right = self._columns.edges[column]
        return QRectF(left, top, right - left, self._columns.row)

    def _draw_pair(self, predictions: Predictions, row: int, top: float) -> None:
        palette = self._theme.palette
        position, pair = self._box("position", top), self._box("pair", top)
        self._painter.setFont(self._number)
        self._painter.setPen(QColor(palette.faint))
        if position is not None:
            self._painter.drawText(position, _RIGHT, str(row))
        if pair is not None:
            self._painter.drawText(pair, _CENTER, "→")
            self._painter.setPen(QColor(palette.text))
            self._painter.drawText(pair, _LEFT, self._text(predictions.tokens[row]))
            self._painter.setFont(self._bold)
            self._painter.drawText(pair, _RIGHT, self._text(predictions.target(row)))

    def _draw_top(self, predictions: Predictions, row: int, number: int, top: float) -> None:
        """One of the most probable tokens with its probability."""
        column = f"{TOP}{number}"
        if not predictions.probs_known[row]:
            self._draw_number(column, None, top)
            return
        token = int(predictions.order[row, number])
        box, hit = self._box(column, top), token == predictions.target(row)
        assert box is not None
        self._painter.setFont(self._bold if hit else self._number)
        self._painter.setPen(QColor(self._theme.palette.text if hit else self._theme.palette.muted))
        self._painter.drawText(box, _LEFT, self._text(token))
        self._painter.drawText(box, _RIGHT, fitted(float(predictions.probs[row, token]), _DIGITS))

    def _draw_number(self, column: str, text: str | None, top: float) -> None:
        box = self._box(column, top)
        if box is None:
            return
        if text is None:
            draw_hatching(self._painter, box.adjusted(0.0, 2.0, 0.0, -2.0 - _POINTER), self._theme.palette)
            return
        self._painter.setFont(self._number)
        self._painter.setPen(QColor(self._theme.palette.text))
        self._painter.drawText(box, _RIGHT, text)

    def _draw_strip(self, predictions: Predictions, row: int, box: QRectF, pixels: Colors) -> None:
        palette = self._theme.palette
        width = pixels.shape[1]
        image = QImage(pixels[row : row + 1].data, width, 1, 4 * width, QImage.Format.Format_RGB32)
        self._painter.drawImage(box, image)
        target = predictions.target(row)
        ink = palette.ink_on_light if is_light(np.array([argb(palette.unsigned)]))[0] else palette.ink_on_dark
        baseline = box.center().y() + (self._metrics.ascent() - self._metrics.descent()) / 2
        least = self._metrics.horizontalAdvance("0") + 3.0
        edges = (box.left() + predictions.edges[row] * box.width()).tolist()
        for place, token in enumerate(predictions.order[row].tolist()):
            room = edges[place + 1] - edges[place]
            if room < least:
                break  # the most probable come first
            text = self._text(token)
            advance = self._metrics.horizontalAdvance(text)
            if advance > room:
                continue
            hit = token == target
            self._painter.setFont(self._bold if hit else self._number)
            self._painter.setPen(QColor(ink if hit else palette.text))
            self._painter.drawText(QPointF((edges[place] + edges[place + 1] - advance) / 2, baseline), text)
        self._draw_pointer(sum(predictions.piece(row, target)) / 2 * box.width() + box.left(), box.bottom() + 1.0)

    def _draw_pointer(self, x: float, y: float) -> None:
        self._painter.save()
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(self._theme.palette.text))
        corners = [QPointF(x, y), QPointF(x - _POINTER, y + _POINTER), QPointF(x + _POINTER, y + _POINTER)]
        self._painter.drawPolygon(QPolygonF(corners))
        self._painter.restore()
