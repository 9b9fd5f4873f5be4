"""Where the columns of the Document panel stand: the strip gets what is left, and the least needed column gives way."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QFontMetricsF

from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL

MARGIN = 8.0
_GAP = 10.0
_LEAST_STRIP = 100.0  # pixels at text scale 1; columns are dropped before the strip gets narrower
_NUMBER = 7  # characters: 0.04310
_DROPPED = ("position", "rank", "prob", "loss")  # in this order
HEADINGS = {"position": "pos", "pair": "", "prob": "p(target)", "rank": "rank", "loss": "loss/nats"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Left and right edge of each column that there is room for, in pixels."""

    edges: dict[str, tuple[float, float]]  # "position", "pair", "prob", "rank", "loss", "strip"
    row: float  # height of a row
    line: float  # height of a line of the header and of the footer

    @classmethod
    def within(cls, width: float, theme: Theme, positions: int) -> Columns:
        """The columns of a table `width` pixels wide."""
        words, numbers = QFontMetricsF(theme.text_font(SMALL)), QFontMetricsF(theme.number_font(SMALL))
        advance = numbers.horizontalAdvance("0")
        characters = {
            "position": len(str(max(positions - 1, 0))),
            "pair": 5,
            "prob": _NUMBER,
            "rank": 3,
            "loss": _NUMBER,
        }
        widths = {
            name: max(count * advance, words.horizontalAdvance(HEADINGS[name])) for name, count in characters.items()
        }
        least = _LEAST_STRIP * theme.text_scale
        for name in _DROPPED:
            if 2 * MARGIN + sum(widths.values()) + _GAP * len(widths) + least <= width:
                break
            del widths[name]
        x, edges = MARGIN, {}
        for name, length in widths.items():
            edges[name] = (x, x + length)
            x += length + _GAP
        edges["strip"] = (x, max(width - MARGIN, x + 1.0))
        height = numbers.height()
        return cls(edges, float(round(height + 7.0)), float(round(height + 4.0)))

    def at(self, x: float) -> str | None:
        """The column under x, the gap before it included."""
        for name, (_, right) in self.edges.items():
            if x <= right:
                return name
        return None
