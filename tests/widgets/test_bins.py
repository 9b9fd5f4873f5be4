"""Bins against what they were made from."""

from math import isnan, nan

import numpy as np
import pytest

from microgpt_studio.widgets.bins import binned


def test_bins_are_the_values_themselves_where_there_is_room():
    bins = binned(np.array([4.0, 3.0, 2.0, 1.0]), 1, 3, 10)
    assert bins.width == 1
    assert bins.middles.tolist() == bins.starts.tolist() == [1.0, 2.0]
    assert bins.low.tolist() == bins.high.tolist() == [3.0, 2.0]


@pytest.mark.parametrize("first, stop, most", [(0, 1000, 100), (37, 801, 50), (0, 5000, 7), (999, 1000, 1)])
def test_bins_keep_every_peak(first, stop, most):
    values = np.random.default_rng(1).normal(2.0, 1.0, 1000)
    values[:100] = nan
    bins = binned(values, first, stop, most)
    assert len(bins.low) <= most + 1
    for start, end, low, high in zip(bins.starts, bins.stops, bins.low, bins.high, strict=True):
        span = values[int(start) : int(end)]
        span = span[~np.isnan(span)]
        assert (isnan(low) and isnan(high)) if not len(span) else (low, high) == (span.min(), span.max())
        assert start % bins.width == 0
    assert bins.starts[0] <= first and bins.stops[-1] >= min(stop, 1000)


def test_no_bins_of_nothing():
    assert len(binned(np.empty(0), 0, 100, 10).low) == 0
    assert len(binned(np.ones(3), 5, 9, 10).low) == 0
