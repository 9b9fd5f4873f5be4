"""The measures of a drawing: how large a node has to be for its words, in pixels at zoom 1."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont

from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

NUMBER = len("-1.234e-05")  # characters of the longest number in four digits
CELL = len("data ") + NUMBER
_OPERATION = len("sum + ") + NUMBER + len("  ‹99 99›")  # the longest words about a scalar that is no long sum
_STEP = 4  # characters that widths are rounded up to, so that like neighbourhoods have the same layout
_LABEL = len("∂·g ") + NUMBER


@dataclass(frozen=True, slots=True)
class Measures:
    """Lengths that belong to the theme's face and text size."""

    advance: float  # of a character
    ascent: float
    line: float  # height of a line of text
    padding: float

    @classmethod
    def of(cls, theme: Theme) -> Measures:
        metrics = metrics_of(node_font(theme))
        return cls(metrics.horizontalAdvance("0"), metrics.ascent(), metrics.height(), 6.0 * theme.text_scale)

    @property
    def cell_width(self) -> float:
        """Of the room for a word and a number."""
        return CELL * self.advance + self.padding

    @property
    def height(self) -> float:
        """Of a node: address, operation, numbers."""
        return 3 * self.line + 2.5 * self.padding

    @property
    def label_width(self) -> float:
        """Of the words at an edge."""
        return _LABEL * self.advance

    @property
    def between_columns(self) -> float:
        return self.label_width + 3.5 * self.padding

    @property
    def between_nodes(self) -> float:
        return 1.5 * self.padding

    def width(self, address: str) -> float:
        """Of a node with this address."""
        characters = max(len(address) + 2, _OPERATION)
        characters = -(-characters // _STEP) * _STEP
        return max(2 * self.cell_width, characters * self.advance) + 2 * self.padding

    def cells(self, node: QRectF) -> tuple[QRectF, QRectF]:
        """Where a node's data and grad stand."""
        top = node.bottom() - self.line - 0.75 * self.padding
        half = node.width() / 2
        left = QRectF(node.left(), top, half, node.bottom() - top)
        return left, left.translated(half, 0.0)

    def sum_button(self, node: QRectF, words: str) -> QRectF:
        """Where a Σ is opened and folded."""
        width = (len(words) + 2) * self.advance
        x = node.left() + 0.5 * self.padding
        return QRectF(x, node.top() + 0.75 * self.padding + self.line, width, self.line)


def node_font(theme: Theme, *, bold: bool = False) -> QFont:
    """The face of addresses and numbers."""
    return theme.number_font(SMALL, bold=bold)
