"""Where the columns of a probe's predictions stand; the likeliest tokens share what the figures leave."""

from __future__ import annotations

from dataclasses import dataclass

from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of

MARGIN = 8.0
TOP = "top"  # and the number of the column: "top0"
_GAP = 10.0
_CHARACTERS = {"position": 2, "pair": 5, "prob": 7, "rank": 4, "bits": 6, "nats": 6, "delta": 7}
_TOP_CHARACTERS = 8  # "m 0.3101"
_WIDEST_TOP = 130  # pixels at text scale 1
_MOST_TOP = 5
_DROPPED = ("position", "nats", "rank")  # where there is no room for two of the likeliest, in this order
HEADINGS = {
    "position": "pos",
    "pair": "reads → next",
    "prob": "p(next)",
    "rank": "rank",
    "bits": "bits",
    "nats": "nats",
    "delta": "Δ nats",
}
EXPLANATIONS = {
    "position": "position in the text",
    "pair": "the token that is read → the token that comes next, on which it is scored; · is BOS: before the first "
    "character and after the last",
    "prob": "probability of the token that comes next; the bar goes from 0 to 1",
    "rank": "how many tokens are likelier than the one that comes next, and 1",
    "bits": "surprise in bits: −log₂ p(next) = loss ÷ ln 2",
    "nats": "loss in nats: −ln p(next)",
    "delta": "loss in nats now − loss in nats when it was pinned",
    TOP: "the likeliest tokens with their probabilities; the bars go from 0 to 1",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Left and right edge of each column that there is room for, in pixels."""

    edges: dict[str, tuple[float, float]]
    row: float  # height of a row
    line: float  # height of the header

    @classmethod
    def within(cls, width: float, theme: Theme, vocabulary: int, *, compared: bool = False) -> Columns:
        """The columns of a table `width` pixels wide; `compared`: with one for the difference to pinned numbers."""
        words, figures = metrics_of(theme.text_font(SMALL)), metrics_of(theme.number_font(SMALL))
        advance = figures.horizontalAdvance("0")
        widths = {
            name: max(count * advance, words.horizontalAdvance(HEADINGS[name]) + 1.0)
            for name, count in _CHARACTERS.items()
            if compared or name != "delta"
        }
        piece = _TOP_CHARACTERS * advance
        for name in _DROPPED:
            if _needed(widths) + 2 * (piece + _GAP) <= width:
                break
            del widths[name]
        spare = max(width - _needed(widths), 0.0)
        count = max(min(int(spare // (piece + _GAP)), _MOST_TOP, vocabulary), 0)
        if count:
            piece = min(spare / count - _GAP, theme.scaled(_WIDEST_TOP))
        x, edges = MARGIN, {}
        for name, length in (*widths.items(), *((f"{TOP}{number}", piece) for number in range(count))):
            edges[name] = (x, x + length)
            x += length + _GAP
        return cls(edges, float(round(figures.height() + 7.0)), float(round(words.height() + 6.0)))

    @property
    def tops(self) -> int:
        """How many of the likeliest tokens have columns."""
        return sum(name.startswith(TOP) for name in self.edges)

    def at(self, x: float) -> str | None:
        """The column under x, the gap before it included."""
        return next((name for name, (_, right) in self.edges.items() if x <= right), None)


def _needed(widths: dict[str, float]) -> float:
    return 2 * MARGIN + sum(widths.values()) + _GAP * len(widths)
