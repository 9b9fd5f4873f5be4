"""A mosaic colours by the distance from a centre, says where the pointer is, and keeps labels at its edges."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import colors
from microgpt_studio.widgets import mosaic_paint
from microgpt_studio.widgets.mosaic import Mosaic
from microgpt_studio.widgets.mosaic_layout import Leaf, Stack, Tile

SCALE = Scale(ScaleKind.SIGNED, 2.0)


def tile(name, rows, cols, **more):
    return Tile(name, rows, cols, tuple(map(str, range(rows))), tuple(map(str, range(cols))), f"{rows}×{cols}", **more)


@pytest.fixture
def mosaic(qtbot):
    mosaic = Mosaic()
    qtbot.addWidget(mosaic)
    mosaic.resize(300, 150)
    mosaic.set_tiles([tile("a", 4, 4), tile("b", 40, 6, axes="rows: x")], [Stack((Leaf(0), Leaf(1)))])
    mosaic.set_numbers(np.linspace(-5.0, -1.0, 256), np.ones(256, dtype=np.bool_), centre=-3.0)
    mosaic.set_scales([SCALE, SCALE])
    mosaic.show()
    return mosaic


def test_colours_are_by_the_distance_from_the_centre(mosaic):
    image = mosaic.viewport().grab().toImage()
    expected = colors(mosaic.values + 3.0, SCALE, current_theme().palette)
    for cell in (0, 5, 15):
        middle = mosaic.cell_rect(cell).center()
        assert image.pixel(int(middle.x()), int(middle.y())) == expected[cell]
    assert mosaic.describe(5).endswith(repr(float(mosaic.values[5])))


def test_it_says_over_which_tile_the_pointer_is(mosaic, qtbot):
    said = []
    mosaic.pointing_changed.connect(lambda: said.append(mosaic.pointed_tile))
    inside = mosaic.cell_rect(mosaic.cell(1, 2, 2)).center().toPoint()
    title = mosaic.title_rect(0).center().toPoint()
    for point in (inside, title, QPoint(299, 149)):
        qtbot.mouseMove(mosaic.viewport(), point)
    assert said == [1, 0, None]


def test_words_behind_a_title_take_room_each_on_its_line(mosaic):
    alone = mosaic.arrangement.placed[0].title.height()
    mosaic.set_notes([("min -1", "max 2"), ("", "")], (12, 12))
    placed = mosaic.arrangement.placed[0]
    assert placed.lines[-2:] == ((2,), (3,))
    assert placed.title.height() > alone
    assert not mosaic.grab().isNull()


def test_a_number_of_characters_is_one_word():
    theme = current_theme()
    assert mosaic_paint.measure(theme, 8) == mosaic_paint.measure(theme, (8,))
    assert mosaic_paint.measure(theme, 0) == mosaic_paint.measure(theme)


def test_row_labels_scroll_with_the_rows_and_column_labels_stay(mosaic, qtbot):
    mosaic.enlarge(1)
    placed = mosaic.arrangement.placed[0]
    bar = mosaic.verticalScrollBar()
    assert bar.maximum() > 0
    top, left = int(placed.grid.y), int(placed.grid.x)
    before = mosaic.viewport().grab().toImage()
    bar.setValue(int(placed.grid.cell_height))
    after = mosaic.viewport().grab().toImage()
    assert before.copy(0, 0, 250, top) == after.copy(0, 0, 250, top)
    assert before.copy(0, top, left - 1, 40) != after.copy(0, top, left - 1, 40)
    assert mosaic._cell_at(QPointF(left + 2, top + 1)) == mosaic.cell(1, 1, 0)
    qtbot.keyClick(mosaic, Qt.Key.Key_PageUp)
    assert mosaic.enlarged == 0
