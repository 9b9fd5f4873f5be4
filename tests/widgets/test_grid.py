"""The arithmetic of grids: cells found where they are drawn, labels that never overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from microgpt_studio.widgets.grid import Grid, thinned

AREA = QRectF(10, 20, 163, 327)


@given(st.integers(1, 80), st.integers(1, 80), st.booleans())
def test_cells_are_found_where_they_lie_and_stay_inside(rows: int, cols: int, square: bool) -> None:
    grid = Grid.within(AREA, rows, cols, square=square)
    assert AREA.adjusted(-1e-6, -1e-6, 1e-6, 1e-6).contains(grid.rect)
    for cell in ((0, 0), (rows - 1, cols - 1), (rows // 2, cols // 3)):
        assert grid.at(grid.cell(*cell).center()) == cell
    if square:
        assert grid.cell_width == grid.cell_height


def test_large_cells_are_whole_pixels_and_small_ones_fill_the_area() -> None:
    assert Grid.within(AREA, 10, 10, square=False).cell_width == 16
    assert Grid.within(AREA, 10, 100, square=False).cell_width == pytest.approx(1.63)
    assert Grid.within(AREA, 1, 1, square=False, largest=96).cell_height == 96


@pytest.mark.parametrize("point", [(9, 21), (11, 19), (500, 21), (11, 500)])
def test_nothing_outside(point: tuple[float, float]) -> None:
    assert Grid.within(AREA, 4, 4, square=False).at(QPointF(*point)) is None


@pytest.mark.parametrize(("rows", "cols"), [(0, 0), (0, 4), (4, 0)])
def test_empty_grid(rows: int, cols: int) -> None:
    grid = Grid.within(AREA, rows, cols, square=True)
    assert grid.rect.isEmpty()
    assert grid.at(QPointF(10, 20)) is None


def test_area_without_room() -> None:
    assert Grid.within(QRectF(0, 0, -5, 0), 4, 4, square=False).rect.isEmpty()


def test_lines_part_neighbours_only() -> None:
    lines = Grid(0, 0, 10, 5, 2, 3).lines()
    assert [(line.x1(), line.y1(), line.x2(), line.y2()) for line in lines] == [
        (0, 5, 30, 5),
        (10, 0, 10, 10),
        (20, 0, 20, 10),
    ]


@given(st.integers(1, 300), st.floats(0.1, 50), st.floats(1, 60))
def test_labels_are_even_and_never_overlap(count: int, pitch: float, needed: float) -> None:
    shown = thinned(count, pitch, needed)
    assert shown.step * pitch >= needed or len(shown) <= 1
    assert (len(shown) > 0) == (needed <= pitch * count)
    if len(shown) > 0:
        assert shown.start == 0


def test_as_many_labels_as_fit() -> None:
    assert thinned(10, 20, 15) == range(0, 10, 1)
    assert thinned(64, 6, 13) == range(0, 64, 5)
    assert thinned(7, 2, 12) == range(1)
    assert thinned(0, 20, 15) == thinned(3, 0.0, 15) == range(0)
