"""The columns of the predictions: in order, inside the table, the needed ones always there."""

from __future__ import annotations

from itertools import pairwise

import pytest

from microgpt_studio.panels.probe.columns import EXPLANATIONS, HEADINGS, TOP, Columns
from microgpt_studio.theme import DARK, Theme


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("scale", [0.7, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("compared", [False, True])
@pytest.mark.parametrize("vocabulary", [2, 27])
def test_columns_stand_side_by_side(scale: float, compared: bool, vocabulary: int) -> None:
    theme, tops = Theme(DARK, scale), []
    for width in range(100, 1600, 25):
        columns = Columns.within(float(width), theme, vocabulary, compared=compared)
        assert {"pair", "prob", "bits"} <= set(columns.edges)
        assert ("delta" in columns.edges) == compared
        for (_, right), (left, _) in pairwise(columns.edges.values()):
            assert left > right
        if columns.tops:
            assert columns.edges[f"{TOP}{columns.tops - 1}"][1] <= width - 8.0 + 1e-6
        for name, (left, right) in columns.edges.items():
            assert columns.at((left + right) / 2) == name
        assert columns.at(1e9) is None
        tops.append(columns.tops)
    assert tops[0] == 0 and tops[-1] == min(5, vocabulary)


def test_every_column_has_a_heading_that_is_explained() -> None:
    assert set(HEADINGS) | {TOP} == set(EXPLANATIONS)
