"""How the predictions of a probe are painted: the header, and one row a position."""

from __future__ import annotations

from math import isfinite

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.probe.columns import HEADINGS, TOP, Columns
from microgpt_studio.panels.probe.words import bits, character, rank, signed
from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.number_text import fitted

_BAR = 3.0  # pixels
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTER = Qt.AlignmentFlag.AlignCenter


class TablePainter:
    """Paints with one painter, theme and set of columns."""

    def __init__(self, painter: QPainter, columns: Columns, theme: Theme, description: Description) -> None:
        self._painter, self._columns, self._theme, self._description = painter, columns, theme, description
        self._number, self._bold = theme.number_font(SMALL), theme.number_font(SMALL, bold=True)

    def header(self, width: float) -> None:
        """The names of the columns."""
        painter, columns, palette = self._painter, self._columns, self._theme.palette
        painter.fillRect(QRectF(0.0, 0.0, width, columns.line), QColor(palette.surface))
        painter.setFont(self._theme.text_font(SMALL))
        painter.setPen(QColor(palette.muted))
        for name, (left, right) in columns.edges.items():
            if not name.startswith(TOP):
                painter.drawText(
                    QRectF(left, 0.0, right - left, columns.line), _CENTER if name == "pair" else _RIGHT, HEADINGS[name]
                )
        if columns.tops:
            left, right = columns.edges[f"{TOP}0"][0], columns.edges[f"{TOP}{columns.tops - 1}"][1]
            text = f"the {columns.tops} likeliest · bars from 0 to 1" if columns.tops > 2 else "the likeliest"
            painter.drawText(QRectF(left, 0.0, right - left, columns.line), _LEFT, text)
        painter.fillRect(QRectF(0.0, columns.line - 1.0, width, 1.0), QColor(palette.border))

    def row(self, probed: Probed, position: int, order: list[int], delta: float | None, top: float) -> None:
        """A position; `order` has its tokens, the likeliest first; `delta` is the difference to the pinned loss."""
        numbers = probed.numbers
        assert numbers is not None, "there are rows"
        palette = self._theme.palette
        read, target = probed.tokens[position : position + 2]
        p, nats = float(numbers.probs[position, target]), float(numbers.losses[position])
        self._pair(position, read, target, top)
        self._text("prob", fitted(p, 7), top, palette.text)
        self._bar("prob", p, top, palette.unsigned)
        self._text("rank", str(rank(probed, position)) if isfinite(p) else "–", top, palette.text)
        self._text("bits", fitted(bits(nats), 6), top, palette.text)
        self._text("nats", fitted(nats, 6), top, palette.text)
        if delta is not None:
            self._text("delta", signed(delta, 7), top, palette.text)
        for number in range(self._columns.tops):
            self._likely(f"{TOP}{number}", order[number], target, float(numbers.probs[position, order[number]]), top)

    def _pair(self, position: int, read: int, target: int, top: float) -> None:
        palette = self._theme.palette
        self._text("position", str(position), top, palette.faint)
        box = self._box("pair", top)
        advance = box.width() / 2
        self._painter.setFont(self._number)
        self._painter.setPen(QColor(palette.faint))
        self._painter.drawText(box, _CENTER, "→")
        self._painter.setPen(QColor(palette.text))
        half = self._columns.row
        self._painter.drawText(
            QRectF(box.center().x() - half - advance / 8, top, half - 8.0, box.height()),
            _RIGHT,
            character(self._description, read),
        )
        self._painter.setFont(self._bold)
        self._painter.drawText(
            QRectF(box.center().x() + 8.0 + advance / 8, top, half, box.height()),
            _LEFT,
            character(self._description, target),
        )

    def _likely(self, column: str, token: int, target: int, p: float, top: float) -> None:
        palette, hit = self._theme.palette, token == target
        box = self._box(column, top)
        self._painter.setFont(self._bold if hit else self._number)
        self._painter.setPen(QColor(palette.text if hit else palette.muted))
        self._painter.drawText(box, _LEFT, character(self._description, token))
        self._painter.drawText(box.adjusted(14.0, 0.0, 0.0, 0.0), _LEFT, fitted(p, 6))
        self._bar(column, p, top, palette.unsigned if hit else palette.hatch)

    def _box(self, column: str, top: float) -> QRectF:
        left, right = self._columns.edges[column]
        return QRectF(left, top, right - left, self._columns.row - _BAR - 1.0)

    def _text(self, column: str, text: str, top: float, color: str) -> None:
        if column in self._columns.edges:
            self._painter.setFont(self._number)
            self._painter.setPen(QColor(color))
            self._painter.drawText(self._box(column, top), _RIGHT, text)

    def _bar(self, column: str, p: float, top: float, color: str) -> None:
        """From 0 to 1 over the width of the column, with a line at 1."""
        box = self._box(column, top)
        y, palette = top + self._columns.row - _BAR - 2.0, self._theme.palette
        self._painter.fillRect(QRectF(box.left(), y, box.width(), _BAR), QColor(palette.neutral))
        if isfinite(p):
            self._painter.fillRect(QRectF(box.left(), y, min(max(p, 0.0), 1.0) * box.width(), _BAR), QColor(color))
