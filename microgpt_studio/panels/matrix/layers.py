"""Layers on the whole picture: a tint for each, and the key that says which is which."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import Palette, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.themed import ThemedWidget

_FAINTEST, _STRONGEST = 0.16, 0.38  # share of the text's colour in a tint: text upon the strongest is still read
_SWATCH = 10.0
_GAP = 5.0  # pixels between a swatch and its name
_BETWEEN = 12.0  # pixels between a name and the next swatch

Mark = str | QColor  # a text, or a swatch of a tint
Placed = tuple[float, Mark]  # and the pixel that it begins at


@lru_cache(maxsize=64)
def layer_tints(count: int, palette: Palette) -> tuple[QColor, ...]:
    """A tint for each layer, of no hue: hues have a meaning already. The first is the faintest."""
    surface, text = (
        np.array([color.red(), color.green(), color.blue()])
        for color in (QColor(palette.surface), QColor(palette.text))
    )
    shares = np.linspace(_FAINTEST, _STRONGEST, count)
    return tuple(QColor(*np.rint(surface + share * (text - surface)).astype(int).tolist()) for share in shares)


def short_layer(name: str) -> str:
    """ "L0" for "layer0"."""
    return name.replace("layer", "L")


class LayerKey(ThemedWidget):
    """Which tint is which layer: each with its name, or the first and the last where there is less room, or nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    @property
    def count(self) -> int:
        """How many layers are explained."""
        return self._count

    def show_layers(self, count: int) -> None:
        """Explain the tints of so many layers; none where no tint is in sight."""
        if count != self._count:
            self._count = count
            said = "The tints beside the picture: the layers within each position, and among the parameters"
            self.setToolTip(said if count else "")
            self.setAccessibleName(said if count else "")
            self.tell_layout()
            self.update()

    def marks(self, width: float) -> list[Placed]:
        """What is drawn in so many pixels, and where it begins: texts, and the tints of swatches."""
        return next((marks for end, marks in self._wordings() if end <= width), [])

    def sizeHint(self) -> QSize:
        theme = current_theme()
        widest = max((end for end, _ in self._wordings()), default=0.0)
        return QSize(int(np.ceil(widest)), metrics_of(theme.text_font(SMALL)).line_height)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.muted))
        metrics = metrics_of(painter.font())
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        for x, mark in self.marks(self.width()):
            if isinstance(mark, str):
                painter.drawText(QPointF(x, baseline), mark)
            else:
                painter.fillRect(QRectF(round(x), round((self.height() - _SWATCH) / 2), _SWATCH, _SWATCH), mark)

    def _wordings(self) -> list[tuple[float, list[Placed]]]:
        """Where each wording ends, and what it consists of; the longest first."""
        tints = layer_tints(self._count, current_theme().palette)
        named: list[tuple[float, Mark]] = []
        for i, tint in enumerate(tints):
            named += [(_BETWEEN if i else 0.0, tint), (_GAP, f"layer{i}")]
        if self._count < 2:
            return [_placed(named)] if named else []
        swatches: list[tuple[float, Mark]] = [(0.0 if i else _GAP, tint) for i, tint in enumerate(tints)]
        last = f"layer{self._count - 1}"
        ends = ("layer0", last), (short_layer("layer0"), short_layer(last))
        return [_placed(named), *(_placed([(0.0, begin), *swatches, (_GAP, end)]) for begin, end in ends)]


def _placed(marks: list[tuple[float, Mark]]) -> tuple[float, list[Placed]]:
    """The pixel behind the last of the marks, which have some pixels before them each, and where each begins."""
    metrics = metrics_of(current_theme().number_font(SMALL))
    x, placed = 0.0, []
    for before, mark in marks:
        placed.append((x + before, mark))
        x += before + (metrics.horizontalAdvance(mark) if isinstance(mark, str) else _SWATCH)
    return x, placed
