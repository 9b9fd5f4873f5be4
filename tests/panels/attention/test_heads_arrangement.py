"""Where heads lie: inside the room, apart from each other, titles clear of the cells."""

from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRectF

from microgpt_studio.panels.attention.arrangement import alone, arrange
from microgpt_studio.widgets.mosaic_layout import Type

TYPE = Type(line=14.0, label=12.0, advance=6.6)


def cells(placed):
    """The cells that exist: below the diagonal and on it."""
    grid = placed.grid
    return [grid.cell(row, col) for row in range(grid.rows) for col in range(row + 1)]


@pytest.mark.parametrize("size", [(277, 110), (345, 170), (345, 300), (660, 320), (1600, 900)])
@pytest.mark.parametrize("shape", [(1, 4, 9, 12), (1, 4, 16, 16), (2, 2, 8, 8), (1, 1, 4, 4)])
def test_all_heads_are_in_sight_and_their_titles_clear_of_the_cells(size, shape):
    layout = arrange(*shape, 5, TYPE, *size)
    assert layout.width <= size[0] and layout.height <= size[1]
    assert [placed.tile for placed in layout.placed] == list(range(shape[0] * shape[1]))
    for one, other in combinations(layout.placed, 2):
        assert not one.grid.rect.intersects(other.grid.rect)
        assert not one.title.intersects(other.title)
    for placed in layout.placed:
        assert placed.title.width() >= 5 * TYPE.advance
        assert layout.title_at(placed.title.center()) is placed
        for other in layout.placed:
            assert not any(placed.title.intersects(cell) for cell in cells(other))


def test_the_characters_stand_once():
    layout = arrange(1, 4, 9, 12, 5, TYPE, 345, 170)
    tops = {placed.grid.y for placed in layout.placed}
    lefts = {placed.grid.x for placed in layout.placed}
    assert {placed.grid.y for placed in layout.placed if placed.col_labels} == {min(tops)}
    assert {placed.grid.x for placed in layout.placed if placed.row_labels} == {min(lefts)}


def test_what_does_not_fit_is_scrolled():
    layout = arrange(4, 4, 32, 32, 8, TYPE, 345, 170)
    assert layout.height > 170 and layout.width <= 345
    assert layout.side == 3
    assert arrange(1, 4, 16, 16, 5, TYPE, 50, 30).side == 3  # not even one fits


def test_places_stay_while_the_room_does():
    before, after = (arrange(1, 4, rows, 12, 5, TYPE, 345, 170) for rows in (9, 12))
    corners = [[QPointF(placed.grid.x, placed.grid.y) for placed in each.placed] for each in (before, after)]
    assert corners[0] == corners[1]
    assert [placed.title for placed in before.placed] == [placed.title for placed in after.placed]


@pytest.mark.parametrize("size", [(110, 150), (400, 400), (60, 40)])
def test_one_alone_fills_the_room(size):
    (placed,) = alone(2, 9, TYPE, *size).placed
    assert placed.tile == 2
    assert placed.row_labels and placed.col_labels
    assert placed.title.bottom() <= placed.grid.y - placed.col_labels
    if size[0] > 100:
        assert QRectF(0, 0, *size).contains(placed.grid.rect)
