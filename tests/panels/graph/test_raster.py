"""The raster puts the colour of a cell where the layout has the cell."""

import numpy as np
import pytest

from microgpt.program.program import Program
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.raster import Ink, paint_cells

GROUND, HATCH = np.uint32(0xFF101010), np.uint32(0xFFF0F0F0)


@pytest.fixture(scope="module")
def layout(program: Program) -> MapLayout:
    return MapLayout(program)


def ink(layout: MapLayout, known: bool = True, strange: bool = False) -> Ink:
    count = len(layout.row_of)
    pixels = (0xFF000000 | np.arange(count)).astype(np.uint32)
    return Ink(pixels, np.full(count, known), np.full(count, strange), GROUND, HATCH)


def painted(layout: MapLayout, what: Ink, t: Transform, positions: int = 8) -> np.ndarray:
    out = np.zeros((700, 1000), dtype=np.uint32)
    paint_cells(layout, what, t, out, positions)
    return out


@pytest.mark.parametrize("t", [Transform(8.0, 9.0, 5.0, 7.0), Transform(31.7, 23.3, -400.3, -99.9)])
def test_the_middle_of_every_large_cell_has_its_colour(layout: MapLayout, t: Transform) -> None:
    out = painted(layout, ink(layout), t)
    seen = 0
    for element in np.flatnonzero(layout.row_of >= 0).tolist():
        x = (layout.left[element] + layout.width[element] / 2) * t.scale_x + t.x
        y = (layout.top[element] + layout.height[element] / 2) * t.scale_y + t.y
        if 0 <= x < 1000 and 0 <= y < 700 and layout.width[element] * t.scale_x > 4:
            assert out[int(y), int(x)] == 0xFF000000 | element
            seen += 1
    assert seen > 100


def test_columns_of_other_documents_stay_empty(layout: MapLayout) -> None:
    t = Transform(8.0, 9.0, 5.0, 7.0)
    out = painted(layout, ink(layout), t, positions=3)
    edge = int(3 * layout.pitch * t.scale_x + t.x)
    assert (out[:, edge:] == GROUND).all()
    assert (out[:, :edge] != GROUND).any()


def test_what_is_not_known_is_hatched_and_has_no_colour(layout: MapLayout) -> None:
    out = painted(layout, ink(layout, known=False), Transform(8.0, 9.0, 5.0, 7.0))
    assert set(np.unique(out).tolist()) == {int(GROUND), int(HATCH)}


def test_what_is_not_finite_is_striped(layout: MapLayout) -> None:
    t = Transform(40.0, 30.0)
    plain, striped = painted(layout, ink(layout), t), painted(layout, ink(layout, strange=True), t)
    cell = (slice(2, 28), slice(2, 36))  # of the first element
    assert (plain[cell] != GROUND).all()
    assert (striped[cell] == GROUND).any()
    assert (striped[cell] != GROUND).any()


def test_a_map_out_of_sight_paints_nothing(layout: MapLayout) -> None:
    for t in (Transform(8.0, 9.0, -1e5, 0.0), Transform(8.0, 9.0, 0.0, 1e5)):
        assert (painted(layout, ink(layout), t) == GROUND).all()


def test_tiny_cells_are_painted_all_the_same(layout: MapLayout) -> None:
    out = painted(layout, ink(layout), Transform(0.3, 0.3))
    assert (out != GROUND).any()
