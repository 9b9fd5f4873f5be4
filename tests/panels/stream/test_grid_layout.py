"""Blocks fill the room they get, keep their places, and every cell is found again where it lies."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from microgpt_studio.panels.stream.grid_layout import Cell, GridLayout, Measures, Shape

MEASURES = Measures(left=60.0, right=20.0, title=16.0, strip=18.0, lowest=12.0, highest=40.0, widest=50.0)
SHAPES = (Shape(4), Shape(3, strips=2), Shape(1))


@pytest.fixture
def layout() -> GridLayout:
    return GridLayout.within(480.0, 300.0, SHAPES, 9, 0, MEASURES)


def every_cell(layout: GridLayout) -> list[Cell]:
    return [
        Cell(block, row, col)
        for block, grid in enumerate(layout.grids)
        for row in range(layout.rows(block))
        for col in range(grid.cols)
    ]


def test_every_cell_is_found_where_it_lies(layout: GridLayout) -> None:
    found = every_cell(layout)
    assert len(found) == (4 + 5 + 1) * 9
    for cell in found:
        assert layout.at(layout.rect(cell).center()) == cell
    corners = {(rect.x(), rect.y()) for rect in map(layout.rect, found)}
    assert len(corners) == len(found)


def test_there_is_nothing_between_blocks_and_beside_them(layout: GridLayout) -> None:
    for block in range(len(SHAPES)):
        assert layout.at(layout.title(block, 480.0).center()) is None
    assert layout.at(QPointF(59.0, layout.grids[0].y + 2.0)) is None
    assert layout.at(QPointF(layout.grids[0].rect.right() + 1.0, layout.grids[0].y + 2.0)) is None
    assert layout.at(QPointF(100.0, layout.height + 1.0)) is None


def test_it_fills_the_height_within_its_limits() -> None:
    for height, row in ((1000.0, 40.0), (50.0, 12.0)):
        layout = GridLayout.within(480.0, height, SHAPES, 9, 0, MEASURES)
        assert {grid.cell_height for grid in layout.grids} == {row}
    layout = GridLayout.within(480.0, 300.0, SHAPES, 9, 0, MEASURES)
    assert 300.0 - 10 < layout.height <= 300.0
    assert layout.height == layout.grids[-1].rect.bottom()
    assert layout.rect(Cell(1, 3, 0)).height() == layout.strip_height >= MEASURES.strip


def test_columns_are_whole_pixels_and_not_too_wide() -> None:
    assert GridLayout.within(480.0, 300.0, SHAPES, 9, 0, MEASURES).grids[0].cell_width == 44.0
    assert GridLayout.within(4800.0, 300.0, SHAPES, 9, 0, MEASURES).grids[0].cell_width == 50.0
    assert GridLayout.within(480.0, 300.0, SHAPES, 300, 0, MEASURES).grids[0].cell_width == pytest.approx(400 / 300)


def test_room_is_kept_for_rows_and_columns_that_are_not_there() -> None:
    few = GridLayout.within(480.0, 300.0, (Shape(5, room=8),), 5, 8, MEASURES)
    many = GridLayout.within(480.0, 300.0, (Shape(8, room=8),), 8, 8, MEASURES)
    assert few.grids[0].cell_height == many.grids[0].cell_height
    assert few.grids[0].cell_width == many.grids[0].cell_width
    assert (few.grids[0].rows, few.grids[0].cols) == (5, 5)


def test_arrows_go_over_the_borders_of_blocks(layout: GridLayout) -> None:
    assert layout.moved(Cell(0, 3, 2), 1, 0) == Cell(1, 0, 2)
    assert layout.moved(Cell(1, 0, 2), -1, 0) == Cell(0, 3, 2)
    assert layout.moved(Cell(1, 4, 2), 1, 0) == Cell(2, 0, 2)
    assert layout.moved(Cell(2, 0, 2), -1, 0) == Cell(1, 4, 2)
    assert layout.moved(Cell(0, 0, 0), -1, -1) == Cell(0, 0, 0)
    assert layout.moved(Cell(2, 0, 8), 1, 1) == Cell(2, 0, 8)
    assert layout.moved(Cell(0, 1, 3), 0, 1) == Cell(0, 1, 4)
