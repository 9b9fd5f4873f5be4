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


def label_words(pattern: HeadPattern) -> tuple[str, str]:
    """The label in one word, and the figure behind it with two digits; without a row there is neither."""
    if not pattern.rows:
        return "", ""
    label = pattern.pattern
    return _SHORT[label], "" if label is Pattern.NONE else short(pattern.figure, 2)


def label_sentence(pattern: HeadPattern, documents: int) -> str:
    """The label with its figure, and over what it was measured: so many last documents; 0: the present one."""
    if not pattern.rows:
        return "not measured"
    over = f"over {_rows(pattern.rows)} of {_documents(documents)}"
    if pattern.pattern is Pattern.NONE:
        return f"{pattern.pattern.value} {over}"
    return f"{pattern.pattern.value} {short(pattern.figure)} {over}"


def label_tip(pattern: HeadPattern, documents: int) -> str:
    """The label, and all figures in full."""
    if not pattern.rows:
        return f"no label over {_documents(documents)}: no row is complete from query {FIRST_ROW} on"
    return "\n".join(
        [
            label_sentence(pattern, documents),
            f"  mean weight on the previous position {full(pattern.previous)}",
            f"  mean weight on the first position {full(pattern.first)}",
            f"  mean weight on itself {full(pattern.itself)}",
            f"  mean entropy ÷ ln(number of keys) {full(pattern.entropy)}",
        ]
    )


LABEL_RULE = (
    f"A label needs a weight above {CLEAR_SHARE:g}, or for diffuse an entropy of {DIFFUSE_FROM:g}.\n"
    "Queries 0 and 1 do not count: the previous position is missing, or is the first one."
)


def at_position(description: Description, tokens: tuple[int, ...], position: int) -> str:
    """A position with its character: 3 “a”."""
    return f"{position} “{character(description, tokens[position])}”"


def character(description: Description, token: int) -> str:
    """A token as it is written beside cells."""
    text = description.token_text(token)
    return "␣" if text.isspace() else text


def _documents(count: int) -> str:
    return "this document" if count == 0 else f"the last {count} documents" if count > 1 else "the last document"


def _rows(count: int) -> str:
    return f"{count} row{'s' if count > 1 else ''}"
