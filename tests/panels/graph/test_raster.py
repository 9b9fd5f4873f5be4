"""The raster puts the colour of a box where the layout has it, and nothing anywhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.program.program import Program
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.inside import Boxes
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.raster import Fill, Ink, Layer, holds_middles, paint

GROUND, HATCH = np.uint32(0xFF101010), np.uint32(0xFFF0F0F0)
COLOR = np.uint32(0xFFC08040)
SIZE = (700, 1000)


@pytest.fixture(scope="module")
def layout(program: Program) -> MapLayout:
    return MapLayout(program, Expressions.of_program(program))


def numbered(cells: np.ndarray) -> np.ndarray:
    return np.uint32(0xFF000000) | cells.astype(np.uint32)


def painted(layout: MapLayout, t: Transform, fill: Fill = Fill.PLAIN, positions: int = 8) -> np.ndarray:
    """All cells of a document, each in a colour that is its number."""
    out = np.full(SIZE, GROUND, dtype=np.uint32)
    cells = np.flatnonzero(layout.position_of < positions).astype(np.int32)
    boxes = Boxes(layout.left, layout.top, layout.width, layout.height)
    every = np.arange(len(layout.position_of))
    fills = np.full(len(every), fill, dtype=np.uint8)
    paint(out, Layer(boxes, cells, numbered(every), fills, GROUND, HATCH), t)
    return out


def one_box(left: float, top: float, width: float, height: float, fill: Fill = Fill.PLAIN) -> np.ndarray:
    """A picture of 60 × 40 with one box, in pixels."""
    out = np.full((40, 60), GROUND, dtype=np.uint32)
    boxes = Boxes(*(np.array([number]) for number in (left, top, width, height)))
    which, fills = np.zeros(1, dtype=np.int32), np.full(1, fill, dtype=np.uint8)
    paint(out, Layer(boxes, which, np.full(1, COLOR), fills, GROUND, HATCH), Transform(1.0, 1.0))
    return out


def channels(color: int) -> np.ndarray:
    return np.array([color >> shift & 0xFF for shift in (16, 8, 0)], dtype=float)


@pytest.mark.parametrize(
    "t",
    [
        Transform(8.0, 9.0, 105.0, 7.0),
        Transform(9.0, 11.0, 500.5, -40.5),
        Transform(9.0, 9.0, -90.3, 100.0),
        Transform(31.7, 23.3, -400.3, -99.9),
        Transform(60.0, 45.0, 560.5, -300.25),
    ],
)
def test_the_middle_of_every_large_cell_has_its_colour(layout: MapLayout, t: Transform) -> None:
    out = painted(layout, t)
    x = ((layout.left + layout.width / 2) * t.scale_x + t.x).astype(int)
    y = ((layout.top + layout.height / 2) * t.scale_y + t.y).astype(int)
    seen = (x >= 0) & (x < SIZE[1]) & (y >= 0) & (y < SIZE[0])
    seen &= (layout.width * t.scale_x > 4) & (layout.height * t.scale_y > 2)
    cells = np.flatnonzero(seen)
    assert len(cells) > 100
    assert (out[y[cells], x[cells]] == numbered(cells)).all()


def test_columns_of_other_documents_stay_empty(layout: MapLayout) -> None:
    t = Transform(8.0, 9.0, 105.0, 7.0)
    out = painted(layout, t, positions=3)
    edge = int(3 * layout.pitch * t.scale_x + t.x)
    assert (out[:, edge:] == GROUND).all()
    assert (out[:, :edge] != GROUND).any()


@given(st.floats(-20, 70), st.floats(-20, 50), st.floats(0.01, 90), st.floats(0.01, 60), st.sampled_from(list(Fill)))
def test_nothing_is_painted_outside_of_a_box(left: float, top: float, width: float, height: float, fill: Fill) -> None:
    out = one_box(left, top, width, height, fill)
    rows, columns = np.nonzero(out != GROUND)
    if len(rows):
        assert columns.min() >= left - 0.5
        assert columns.max() <= left + width
        assert rows.min() >= top - 0.5
        assert rows.max() <= max(top + height, top + 1.5)


@given(st.floats(0, 20), st.floats(1.0, 25.0), st.floats(4.0, 30.0), st.floats(4.0, 15.0))
def test_the_inner_pixels_are_the_colour_and_the_sides_let_the_ground_through(
    left: float, top: float, width: float, height: float
) -> None:
    out = one_box(left, top, width, height)
    end = left + width - min(0.16 * width, 1.0)  # a gap parts it from its neighbour
    first_row, last_row = int(np.floor(top + 0.5)), int(np.floor(top + height + 0.5)) - 1  # and from the one below
    row = out[(first_row + last_row) // 2]
    for x in range(60):
        covered = min(x + 1.0, end) - max(float(x), left)
        if not left <= x + 0.5 < left + width or x >= end:
            assert row[x] == GROUND  # the box does not hold its middle, or it is all gap
        elif covered >= 1:
            assert row[x] == COLOR
        else:
            expected = covered * channels(int(COLOR)) + (1 - covered) * channels(int(GROUND))
            assert np.abs(channels(int(row[x])) - expected).max() <= 1.5
    column = out[:, int(left + width / 2)]
    assert np.flatnonzero(column != GROUND).tolist() == list(range(first_row, last_row))


def test_equal_boxes_have_equal_weight_wherever_they_lie() -> None:
    weights = []
    for offset in np.linspace(0.0, 1.0, 11):
        row = one_box(10.0 + offset, 5.0, 8.0, 10.0)[8]
        shares = [(channels(int(c)) - channels(int(GROUND)))[0] for c in row]
        weights.append(sum(shares) / (channels(int(COLOR)) - channels(int(GROUND)))[0])
    assert max(weights) - min(weights) < 0.6  # a pixel whose middle is not held may be lost at each side
    assert 6.4 < min(weights) <= max(weights) < 7.1


def test_what_is_not_known_is_hatched_and_has_no_colour(layout: MapLayout) -> None:
    out = painted(layout, Transform(8.0, 9.0, 105.0, 7.0), Fill.HATCHED)
    assert set(np.unique(out).tolist()) == {int(GROUND), int(HATCH)}
    lines = one_box(2.0, 2.0, 50.0, 30.0, Fill.HATCHED) == HATCH
    rows, columns = np.nonzero(lines)
    assert len({(row + column) % 5 for row, column in zip(rows.tolist(), columns.tolist(), strict=True)}) == 1


def test_hatching_moves_with_the_map(layout: MapLayout) -> None:
    one = painted(layout, Transform(8.0, 9.0, 105.0, 7.0), Fill.HATCHED)
    moved = painted(layout, Transform(8.0, 9.0, 128.0, 18.0), Fill.HATCHED)
    assert np.array_equal(one[:-11, :-23], moved[11:, 23:])


def test_what_is_not_finite_is_striped() -> None:
    plain, striped = one_box(2.0, 2.0, 40.0, 30.0), one_box(2.0, 2.0, 40.0, 30.0, Fill.STRIPED)
    body = (slice(3, 30), slice(4, 38))
    assert (plain[body] == COLOR).all()
    assert set(np.unique(striped[body]).tolist()) == {int(COLOR), int(GROUND)}
    assert (striped[body] == GROUND).mean() == pytest.approx(1 / 3, abs=0.01)
    assert np.array_equal(striped != GROUND, (plain != GROUND) & (striped != GROUND))


def test_a_map_out_of_sight_paints_nothing(layout: MapLayout) -> None:
    for t in (Transform(8.0, 9.0, -1e5, 0.0), Transform(8.0, 9.0, 0.0, 1e5), Transform(8.0, 9.0, 1e5, -1e5)):
        assert (painted(layout, t) == GROUND).all()


def test_tiny_boxes_are_painted_all_the_same(layout: MapLayout) -> None:
    scale, x, y = 0.3, 40.0, 10.0
    out = painted(layout, Transform(scale, scale, x, y))
    first = np.ceil(layout.left * scale + x - 0.5).astype(int)
    holds = first < np.ceil((layout.left + layout.width) * scale + x - 0.5)  # the middle of a pixel
    rows = np.floor(layout.top * scale + y + 0.5).astype(int)
    assert holds.sum() > 500
    assert (out[rows[holds], first[holds]] != GROUND).all()
    assert (out[int(layout.total_height * scale + y) + 2 :] == GROUND).all()
    assert (out[:, int(8 * layout.pitch * scale + x) + 2 :] == GROUND).all()


def test_a_flat_box_keeps_a_row_of_pixels() -> None:
    out = one_box(5.0, 7.2, 20.0, 0.01)
    assert (out[7, 6:23] == COLOR).all()
    assert (np.delete(out, 7, axis=0) == GROUND).all()


def test_only_the_boxes_that_are_asked_for_are_painted_and_later_ones_lie_on_top() -> None:
    out = np.full((40, 60), GROUND, dtype=np.uint32)
    places = np.array([2.0, 22.0, 42.0, 2.0])
    boxes = Boxes(places, np.full(4, 2.0), np.full(4, 15.0), np.full(4, 20.0))
    which, fills = np.array([0, 2, 3], dtype=np.int32), np.full(4, Fill.PLAIN, dtype=np.uint8)
    pixels = np.array([0xFF0000AA, 0xFF123456, 0xFF00BB00, 0xFFCC0000], dtype=np.uint32)
    paint(out, Layer(boxes, which, pixels, fills, GROUND, HATCH), Transform(1.0, 1.0))
    assert (out[10, 8], out[10, 28], out[10, 48]) == (0xFFCC0000, GROUND, 0xFF00BB00)


def test_ink_is_known_where_it_is_not_hatched() -> None:
    fills = np.array([Fill.HATCHED, Fill.PLAIN, Fill.STRIPED], dtype=np.uint8)
    assert Ink(np.zeros(3, dtype=np.uint32), fills, GROUND, HATCH).known.tolist() == [False, True, True]


@pytest.mark.parametrize("t", [Transform(0.31, 0.9, 12.4, 3.0), Transform(1.7, 2.3, -40.2, -9.5), Transform(9.0, 9.0)])
def test_what_holds_no_middle_of_a_pixel_can_be_left_out(layout: MapLayout, t: Transform) -> None:
    boxes = Boxes(layout.left, layout.top, layout.width, layout.height)
    every = np.arange(len(layout.position_of), dtype=np.int32)
    some = every[holds_middles(boxes, every, t)]
    assert t.scale_x > 1 or len(some) < 0.7 * len(every)
    pictures = []
    for which in (every, some):
        pictures.append(np.full(SIZE, GROUND, dtype=np.uint32))
        fills = np.full(len(every), Fill.PLAIN, dtype=np.uint8)
        paint(pictures[-1], Layer(boxes, which, numbered(every), fills, GROUND, HATCH), t)
    assert (pictures[0] == pictures[1]).all()
    assert (pictures[0] != GROUND).any()
