"""Where tiles lie: none overlaps another, all of a group under its name, as large as there is room for."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt_studio.panels.health.arrangement import HEADER, LOWEST, TALLEST, WIDEST, Box, arrange

DEFAULT = (10, 9, 2, 4, 4)
NARROWEST = 108.0


def overlap(a: Box, b: Box) -> bool:
    apart = a.x + a.width <= b.x + 1e-9 or b.x + b.width <= a.x + 1e-9
    return not (apart or a.y + a.height <= b.y + 1e-9 or b.y + b.height <= a.y + 1e-9)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.floats(50, 2000),
    st.floats(20, 1000),
    st.sampled_from([1.0, 1.5]),
)
def test_no_tile_overlaps_and_none_is_too_small(counts, width, height, scale):
    arranged = arrange(counts, width, height, scale, NARROWEST)
    assert len(arranged.tiles) == sum(counts)
    for a, b in combinations([*arranged.tiles, *arranged.headers], 2):
        assert not overlap(a, b)
    for box in arranged.tiles:
        assert NARROWEST - 1e-6 <= box.width <= WIDEST * scale
        assert LOWEST * scale - 1e-6 <= box.height <= TALLEST * scale
        assert box.x + box.width <= arranged.width + 1e-6
        assert box.y >= HEADER * scale
    bottom = max(box.y + box.height for box in arranged.tiles)
    assert bottom <= max(height, (HEADER + LOWEST) * scale) + 1e-6


def test_each_group_stands_under_its_name():
    arranged = arrange(DEFAULT, 1000, 300, 1.0, NARROWEST)
    first = 0
    for count, header in zip(DEFAULT, arranged.headers, strict=True):
        boxes = arranged.tiles[first : first + count]
        assert min(box.x for box in boxes) == header.x
        assert max(box.x + box.width for box in boxes) == pytest.approx(header.x + header.width)
        first += count


@pytest.mark.parametrize("size", [(1030, 125), (1430, 84), (1000, 270), (1900, 300)])
def test_all_are_in_sight_where_that_can_be(size):
    assert arrange(DEFAULT, *size, 1.0, NARROWEST).width <= size[0] + 1e-6


def test_where_it_cannot_be_there_are_as_many_rows_as_fit_comfortably():
    arranged = arrange(DEFAULT, 300, 135, 1.0, NARROWEST)
    assert arranged.width > 300
    assert arranged.rows == 4
    assert {box.width for box in arranged.tiles} == {NARROWEST}


def test_more_room_makes_larger_tiles():
    small, large = arrange(DEFAULT, 1030, 125, 1.0, NARROWEST), arrange(DEFAULT, 1900, 400, 1.0, NARROWEST)
    assert large.tiles[0].width > small.tiles[0].width
    assert large.tiles[0].height > small.tiles[0].height


def test_the_tile_at_a_point():
    arranged = arrange(DEFAULT, 1000, 300, 1.0, NARROWEST)
    for number, box in enumerate(arranged.tiles):
        assert arranged.at(box.x + box.width / 2, box.y + box.height / 2) == number
    assert arranged.at(5, 3) is None
    assert arranged.at(5000, 3) is None


def test_neighbours():
    arranged = arrange((4, 2), 1000, HEADER + 2 * 70, 1.0, NARROWEST)  # columns 0 1 · 2 3 and 4 5
    assert arranged.rows == 2
    assert [arranged.beside(0, 0, 1), arranged.beside(1, 0, 1), arranged.beside(1, 0, -1)] == [1, 1, 0]
    assert [arranged.beside(1, 1, 0), arranged.beside(3, 1, 0), arranged.beside(5, 1, 0)] == [3, 5, 5]
    assert [arranged.beside(5, -1, 0), arranged.beside(2, -1, 0), arranged.beside(0, -1, 0)] == [3, 0, 0]
