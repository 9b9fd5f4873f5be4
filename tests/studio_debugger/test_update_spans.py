"""What spans mean at a moment."""

import pytest

from microgpt_studio.debugger.update_spans import ALL, between, first, last


@pytest.mark.parametrize(
    ("span", "bounds"),
    [
        (last(5), (7, 12)),
        (last(100), (2, 12)),
        (first(5), (2, 7)),
        (first(100), (2, 15)),
        (ALL, (2, 15)),
        (between(4, 9), (3, 9)),
        (between(1, 3), (2, 3)),
        (between(9, 90), (8, 15)),
        (between(1, 1), (2, 2)),
        (between(40, 50), (15, 15)),
    ],
)
def test_a_span_is_cut_to_what_is_known(span, bounds):
    assert span.bounds(began=2, known=15, now=12) == bounds


@pytest.mark.parametrize(("start", "end"), [(0, 4), (5, 4), (-1, -1)])
def test_updates_count_from_1_and_forwards(start, end):
    with pytest.raises(ValueError, match=f"no updates {start} to {end}"):
        between(start, end)
