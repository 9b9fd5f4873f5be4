"""What the Attention panel says of heads: names, labels with the figures behind them, and of pairs of positions."""

from __future__ import annotations

from microgpt_studio.debugger.head_labels import CLEAR_SHARE, DIFFUSE_FROM, FIRST_ROW, HeadPattern, Pattern
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.widgets import full, short

_SHORT = {
    Pattern.PREVIOUS: "prev",
    Pattern.FIRST: "first",
    Pattern.ITSELF: "self",
    Pattern.DIFFUSE: "diffuse",
    Pattern.NONE: "unclear",
}


def head_name(layer: int, head: int, n_layer: int) -> str:
    """As the title says it, in little room."""
    return f"head{head}" if n_layer == 1 else f"L{layer} head{head}"


def label_words(pattern: HeadPattern) -> tuple[str, str]:
    """The label in one word, and the figure behind it with two digits; without a row there is neither."""
    if not pattern.rows:
        return "", ""
    label = pattern.pattern
    return _SHORT[label], "" if label is Pattern.NONE else short(pattern.figure, 2)


def label_sentence(pattern: HeadPattern) -> str:
    """The label with its figure, and over what it was measured."""
    if not pattern.rows:
        return "not measured"
    over = f"over {_rows(pattern.rows)} of this document"
    if pattern.pattern is Pattern.NONE:
        return f"{pattern.pattern.value} {over}"
    return f"{pattern.pattern.value} {short(pattern.figure)} {over}"


def label_tip(pattern: HeadPattern) -> str:
    """All figures, what they are, and what is not counted."""
    first = "queries 0 and 1 do not count: the previous position is missing, or is the first one"
    if not pattern.rows:
        return f"no label: no row is complete from query {FIRST_ROW} on\n{first}"
    return "\n".join(
        [
            label_sentence(pattern),
            f"mean weight on the previous position {full(pattern.previous)}",
            f"mean weight on the first position {full(pattern.first)}",
            f"mean weight on itself {full(pattern.itself)}",
            f"mean entropy ÷ ln(number of keys) {full(pattern.entropy)}",
            f"a label needs a weight above {CLEAR_SHARE:g}, or for diffuse an entropy of {DIFFUSE_FROM:g}",
            first,
        ]
    )


def at_position(description: Description, tokens: tuple[int, ...], position: int) -> str:
    """A position with its character: 3 “a”."""
    return f"{position} “{character(description, tokens[position])}”"


def character(description: Description, token: int) -> str:
    """A token as it is written beside cells."""
    text = description.token_text(token)
    return "␣" if text.isspace() else text


def _rows(count: int) -> str:
    return f"{count} row{'s' if count > 1 else ''}"
