"""The end of a scale of probabilities."""

import pytest

from microgpt_studio.panels.samples.scale_end import scale_end


@pytest.mark.parametrize(
    ("largest", "end"),
    [(0.0, 0.01), (0.01, 0.01), (0.0101, 0.02), (0.3, 0.5), (0.5, 0.5), (0.51, 1.0), (1.0, 1.0), (float("nan"), 1.0)],
)
def test_it_is_round_and_not_below(largest, end):
    assert scale_end(largest) == end
