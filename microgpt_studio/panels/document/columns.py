"""Where the columns of the Document panel stand: the strip and the top tokens share what the figures leave.

Where there is not room for all, the least needed column gives way first.
"""

from __future__ import annotations

from dataclasses import dataclass

from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

MARGIN = 8.0
_GAP = 8.0
_LEAST_STRIP = 48.0  # pixels at text scale 1; columns are dropped before the strip gets narrower
_EASY_STRIP = 200.0  # the strip's before top tokens have columns of their own
_DROPPED = ("position", "loss", "rank", "prob", "sum")  # in this order
_MOST_TOP = 8
TOP = "top"  # and the number of the column: "top0"
_CHARACTERS = {"pair": 5, "prob": 7, "rank": 3, "bits": 6, "loss": 6, "sum": 6}
_TOP_CHARACTERS = 8  # "m 0.3101"
HEADINGS = {
    "position": ("pos",),
    "pair": ("",),
    "prob": ("p(target)", "p"),
    "rank": ("rank", "#"),
    "bits": ("surprise/bits", "bits"),
    "loss": ("loss/nats", "nats"),
    "sum": ("Σ loss/nats", "Σ nats"),
}
EXPLANATIONS = {
    "position": "position in the document",
    "pair": "what the position reads → the target that it should predict",
    "prob": "probability of the target",
    "rank": "how many tokens are more probable than the target, and 1",
    "bits": "surprise in bits: −log₂ p(target) = loss ÷ ln 2",
    "loss": "loss in nats: −ln p(target)",
    "sum": "the losses added up so far, as the model adds them: the last one × 1/n is the loss",
    "strip": "every token as wide as it is probable, the most probable first; the target in colour",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Left and right edge of each column that there is room for, in pixels."""

    edges: dict[str, tuple[float, float]]  # "position", "pair", "prob", …, "strip", "top0", "top1", …
    row: float  # height of a row
    line: float  # height of a line of the header and of the footer

    @classmethod
    def within(cls, width: float, theme: Theme, positions: int, vocabulary: int = _MOST_TOP) -> Columns:
        """The columns of a table `width` pixels wide."""
        words, numbers = metrics_of(theme.text_font(SMALL)), metrics_of(theme.number_font(SMALL))
        advance = numbers.horizontalAdvance("0")
        characters = {"position": len(str(max(positions - 1, 0))), **_CHARACTERS}
        widths = {
            name: max(count * advance, words.horizontalAdvance(HEADINGS[name][-1]))
            for name, count in characters.items()
        }
        least = _LEAST_STRIP * theme.text_scale
        for name in _DROPPED:
            if _needed(widths, least) <= width:
                break
            del widths[name]
        spare = width - _needed(widths, _EASY_STRIP * theme.text_scale)
        piece = _TOP_CHARACTERS * advance
        tops = max(min(int(spare // (piece + _GAP)), _MOST_TOP, vocabulary), 0)
        x, edges = MARGIN, {}
        for name, length in widths.items():
            edges[name] = (x, x + length)
            x += length + _GAP
        last = width - MARGIN - tops * (piece + _GAP)
        edges["strip"] = (x, max(last, x + 1.0))
        for number in range(tops):
            left = last + _GAP + number * (piece + _GAP)
            edges[f"{TOP}{number}"] = (left, left + piece)
        height = numbers.height()
        return cls(edges, float(round(height + 7.0)), float(round(height + 4.0)))

    @property
    def tops(self) -> int:
        """How many of the most probable tokens have columns of their own."""
        return sum(name.startswith(TOP) for name in self.edges)

    def at(self, x: float) -> str | None:
        """The column under x, the gap before it included."""
        for name, (_, right) in self.edges.items():
            if x <= right:
                return name
        return None


def _needed(widths: dict[str, float], strip: float) -> float:
    return 2 * MARGIN + sum(widths.values()) + _GAP * len(widths) + strip
