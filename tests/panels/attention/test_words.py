"""What is said of heads is cautious: a label only where it is clear, and always with its figure and its rows."""

from math import nan

import pytest

from microgpt_studio.debugger.head_labels import HeadPattern
from microgpt_studio.panels.attention.words import LABEL_RULE, label_sentence, label_tip, label_words


@pytest.mark.parametrize(
    ("pattern", "words", "sentence"),
    [
        (
            HeadPattern(8, 0.6178, 0.1, 0.1, 0.5),
            ("prev", "0.62"),
            "previous character 0.6178 over 8 rows",
        ),
        (HeadPattern(1, 0.1, 0.75, 0.1, 0.5), ("first", "0.75"), "first position 0.7500 over 1 row"),
        (HeadPattern(3, 0.1, 0.2, 0.7, 0.5), ("self", "0.70"), "itself 0.7000 over 3 rows"),
        (HeadPattern(3, 0.1, 0.2, 0.2, 0.96), ("diffuse", "0.96"), "diffuse 0.9600 over 3 rows"),
        (HeadPattern(3, 0.5, 0.2, 0.2, 0.6), ("unclear", ""), "no clear pattern over 3 rows"),
        (HeadPattern(0, nan, nan, nan, nan), ("", ""), "not measured"),
    ],
)
def test_labels(pattern, words, sentence):
    assert label_words(pattern) == words
    assert label_sentence(pattern, 0) == sentence + (" of this document" if pattern.rows else "")
    assert label_sentence(pattern, 16) == sentence + (" of the last 16 documents" if pattern.rows else "")


def test_the_tip_has_all_figures_in_full_and_says_what_does_not_count():
    tip = label_tip(HeadPattern(8, 0.6178123, 0.1, 0.15, 0.512345678), 0)
    for part in ("0.6178123", "0.15", "0.512345678"):
        assert part in tip
    assert "above 0.5" in LABEL_RULE and "of 0.9" in LABEL_RULE and "Queries 0 and 1 do not count" in LABEL_RULE
    nothing = label_tip(HeadPattern(0, nan, nan, nan, nan), 1)
    assert nothing == "no label over the last document: no row is complete from query 2 on"
