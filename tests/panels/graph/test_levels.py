"""Moves from the whole document to a column, a cell, a scalar and back, and the way they took."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication

from microgpt.program.addresses import Addresses
from microgpt.program.program import Program
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.panels.graph.camera import Camera
from microgpt_studio.panels.graph.frame import outline
from microgpt_studio.panels.graph.inside import Inside
from microgpt_studio.panels.graph.inside_figures import room_for
from microgpt_studio.panels.graph.levels import Levels
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.theme import current_theme

POSITIONS = 5
WIDTH, HEIGHT = 900.0, 600.0
WINDOW = QRectF(0.0, 0.0, WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def inside(program: Program) -> Inside:
    return Inside(MapLayout(program, Expressions.of_program(program)))


@pytest.fixture
def levels(qapp: QApplication, inside: Inside) -> Levels:
    camera = Camera()
    camera.set_window(WIDTH, HEIGHT, 1.0)
    camera.set_extent(*inside.layout.extent(POSITIONS))
    return Levels(camera, inside)


def scalar_of(levels: Levels, address: str) -> int:
    return Addresses(levels.inside.layout.program).parse(address)


def cell_rect(levels: Levels, address: str) -> QRectF:
    layout = levels.inside.layout
    return outline(levels.camera.transform, layout.rect_of(layout.cell_of(scalar_of(levels, address))))


def box_rect(levels: Levels, address: str) -> QRectF:
    return outline(levels.camera.transform, levels.inside.box(scalar_of(levels, address)))


def fills(rect: QRectF) -> float:
    """The share of the window that a rectangle takes in the direction in which it takes more."""
    return max(rect.width() / WIDTH, rect.height() / HEIGHT)


def shows_column(levels: Levels, position: int) -> bool:
    layout, t = levels.inside.layout, levels.camera.transform
    left, _ = t.to_pixels(position * layout.pitch, 0.0)
    right, _ = t.to_pixels((position + 1) * layout.pitch, 0.0)
    return (left, right) == pytest.approx((10.0, WIDTH - 10.0))


Q5, PRODUCT = "pos2.layer0.attn.q[5]", "pos2.layer0.attn.q[5].mul[3]"


def test_opening_a_scalar_fills_the_window_with_its_cell_and_then_with_its_box(levels: Levels) -> None:
    levels.open(scalar_of(levels, PRODUCT))
    cell = cell_rect(levels, Q5)
    assert fills(cell) == pytest.approx(0.92)
    assert (cell.center().x(), cell.center().y()) == pytest.approx((WIDTH / 2, HEIGHT / 2))
    assert openness(levels, Q5) == 1
    levels.open(scalar_of(levels, PRODUCT))
    box = box_rect(levels, PRODUCT)
    assert fills(box) == pytest.approx(0.35, abs=0.1)  # or as large as it can be
    assert WINDOW.contains(box)
    assert (box.center().x(), box.center().y()) == pytest.approx((WIDTH / 2, HEIGHT / 2))


def openness(levels: Levels, address: str) -> float:
    cell = levels.inside.expressions.cell[[scalar_of(levels, address)]]
    t = levels.camera.transform
    return float(levels.inside.openness(cell, t.scale_x, t.scale_y, 1.0)[0])


@pytest.mark.parametrize(
    "address", ["loss", "pos0.norm.pow[0]", "pos4.prob[3]", "pos1.layer0.attn.head1.weight[0]", "pos0.embed[7]"]
)
def test_whatever_is_opened_shows_its_inside(levels: Levels, address: str) -> None:
    levels.open(scalar_of(levels, address))  # one as wide as a column is larger than the window before it is open
    assert openness(levels, address) == 1
    assert WINDOW.contains(box_rect(levels, address).center())
    assert fills(cell_rect(levels, address)) >= 0.91


@pytest.mark.parametrize("address", ["wte[3,2]", "layer1.mlp_fc2[0,31]"])
def test_a_parameter_fills_the_window_as_well_as_it_can(levels: Levels, address: str) -> None:
    levels.open(scalar_of(levels, address))
    share = fills(cell_rect(levels, address))
    closest = levels.camera.transform.scale_x == pytest.approx(max_scale(levels))
    assert share == pytest.approx(0.92) or (share < 0.92 and closest)
    assert WINDOW.contains(cell_rect(levels, address).center())


def max_scale(levels: Levels) -> float:
    other = Camera()
    other.set_window(WIDTH, HEIGHT, 1.0)
    other.set_extent(*levels.inside.layout.extent(POSITIONS))
    closest = Levels(other, levels.inside)
    closest.zoom(1e9, 0.0, 0.0)
    return closest.camera.transform.scale_x


def test_the_closest_zoom_shows_the_narrowest_box_in_figures(levels: Levels) -> None:
    narrowest = levels.inside.slot_width[levels.inside.opens].min()
    assert max_scale(levels) * narrowest == pytest.approx(220.0)


@pytest.mark.parametrize("address", [Q5, "loss", "wte[3,2]"])
def test_opening_what_cannot_be_opened_further_is_no_move(levels: Levels, address: str) -> None:
    scalar, last = scalar_of(levels, address), None
    while levels.camera.transform != last:
        last = levels.camera.transform
        levels.open(scalar)
    levels.go_back()
    levels.go_forward()
    assert levels.camera.transform == last
    levels.open(scalar)
    levels.go_back()
    assert levels.camera.transform.scale_x < last.scale_x
    levels.go_forward()
    levels.pan(30.0, 20.0)
    levels.open(scalar)  # is back in the middle
    assert levels.camera.transform == last


def test_a_cell_that_nearly_has_room_for_figures_gets_the_whole_window(inside: Inside, levels: Levels) -> None:
    box, (wide, high) = inside.box(scalar_of(levels, PRODUCT)), room_for(2, current_theme())
    seen = []
    for height in range(120, 420, 3):
        levels.camera.set_window(WIDTH, float(height), 1.0)
        levels.fit()
        levels.open(scalar_of(levels, PRODUCT))
        t, cell = levels.camera.transform, cell_rect(levels, Q5)
        has_figures = box[2] * t.scale_x >= wide and box[3] * t.scale_y >= high
        seen.append((has_figures, round(cell.height() / height, 2)))
        assert cell.height() <= height + 0.01
        assert cell.width() <= WIDTH + 0.01
    assert seen[0] == (False, 0.92)
    assert seen[-1] == (True, 0.92)
    assert [figures for figures, _ in seen] == sorted(figures for figures, _ in seen)
    assert {share for figures, share in seen if not figures} == {0.92}
    shares = [share for figures, share in seen if figures]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.98


def test_up_from_a_box_to_the_cell_its_column_and_the_document(levels: Levels) -> None:
    scalar = scalar_of(levels, PRODUCT)
    levels.open(scalar)
    levels.open(scalar)
    levels.go_up(scalar)
    assert fills(cell_rect(levels, Q5)) == pytest.approx(0.92)
    levels.go_up(scalar)
    assert shows_column(levels, 2)
    assert WINDOW.contains(cell_rect(levels, Q5).center())
    levels.go_up(scalar)
    assert levels.camera.fitted
    levels.go_up(scalar)
    assert levels.camera.fitted


def test_up_from_a_parameter_is_its_column_and_the_document(levels: Levels) -> None:
    scalar = scalar_of(levels, "layer0.attn_wq[5,3]")
    levels.open(scalar)
    seen = 0
    while not levels.camera.fitted and seen < 5:
        levels.go_up(scalar)
        seen += shows_column(levels, -1)
    assert levels.camera.fitted
    assert seen == 1


def test_up_with_nothing_selected_is_the_document(levels: Levels) -> None:
    levels.open(scalar_of(levels, Q5))
    levels.go_up(None)
    assert levels.camera.fitted


def test_opening_where_one_points_goes_from_the_column_to_the_cell_to_the_scalar(levels: Levels) -> None:
    at = cell_rect(levels, Q5).center()
    assert levels.open_at(at.x(), at.y(), POSITIONS, None)
    assert shows_column(levels, 2)
    assert cell_rect(levels, Q5).center().y() == pytest.approx(HEIGHT / 2, abs=60)
    at = cell_rect(levels, Q5).center()
    assert levels.open_at(at.x(), at.y(), POSITIONS, None)
    assert fills(cell_rect(levels, Q5)) == pytest.approx(0.92)
    at = box_rect(levels, PRODUCT).center()
    assert levels.open_at(at.x(), at.y(), POSITIONS, None)
    assert fills(box_rect(levels, PRODUCT)) > 0.2
    assert WINDOW.contains(box_rect(levels, PRODUCT))


def test_opening_beside_and_above_the_map_shows_a_column(levels: Levels) -> None:
    at = cell_rect(levels, Q5).center()
    assert levels.open_at(-5.0, at.y(), POSITIONS, 3)  # the label of a row: of the selected position
    assert shows_column(levels, 3)
    levels.fit()
    assert levels.open_at(at.x(), -5.0, POSITIONS, 3)  # the head of a column: from its top
    assert shows_column(levels, 2)
    assert levels.camera.transform.to_pixels(0.0, 0.0)[1] == pytest.approx(10.0)
    levels.fit()
    assert levels.open_at(-5.0, at.y(), POSITIONS, None)  # nothing is selected: the first one in sight
    assert shows_column(levels, 0)


def test_opening_nothing_moves_nothing(levels: Levels) -> None:
    layout = levels.inside.layout
    before = levels.camera.transform
    between_rows = levels.camera.transform.to_pixels(layout.pitch, (layout.rows[3].bottom + layout.rows[4].top) / 2)
    assert layout.rows[3].bottom < layout.rows[4].top
    assert not levels.open_at(*between_rows, POSITIONS, None)
    beyond, y = levels.camera.transform.to_pixels((POSITIONS + 0.5) * layout.pitch, layout.rows[0].top + 0.5)
    assert not levels.open_at(beyond, y, POSITIONS, None)
    assert levels.camera.transform == before
    assert not levels.can_go_back


def test_the_way_back_and_forward(levels: Levels) -> None:
    views = [levels.camera.transform]
    for address in (Q5, "pos4.logit[2]", "wpe[1,1]"):
        levels.open(scalar_of(levels, address))
        views.append(levels.camera.transform)
    assert len(set(views)) == 4
    assert not levels.can_go_forward
    for view in views[2::-1]:
        assert levels.can_go_back
        levels.go_back()
        assert levels.camera.transform == view
    assert not levels.can_go_back
    assert levels.camera.fitted
    levels.go_back()  # nowhere
    for view in views[1:]:
        levels.go_forward()
        assert levels.camera.transform == view
    assert not levels.can_go_forward
    levels.go_forward()
    assert levels.camera.transform == views[-1]


def test_a_new_move_forgets_the_way_forward(levels: Levels) -> None:
    levels.open(scalar_of(levels, Q5))
    levels.open(scalar_of(levels, "loss"))
    levels.go_back()
    assert levels.can_go_forward
    levels.pan(5.0, 5.0)
    assert not levels.can_go_forward


def test_zooms_and_pans_in_a_row_are_one_move(levels: Levels) -> None:
    whole = levels.camera.transform
    for _ in range(10):
        levels.zoom(1.3, 300.0, 200.0)
        levels.pan(3.0, -2.0)
    drifted = levels.camera.transform
    levels.open(scalar_of(levels, Q5))
    levels.go_back()
    assert levels.camera.transform == drifted
    levels.go_back()
    assert levels.camera.transform == whole
    assert not levels.can_go_back


def test_after_a_way_back_a_drift_is_a_move_of_its_own(levels: Levels) -> None:
    levels.open(scalar_of(levels, Q5))
    levels.open(scalar_of(levels, "loss"))
    levels.go_back()
    here = levels.camera.transform
    levels.zoom(1.2, 300.0, 200.0)
    levels.go_back()
    assert levels.camera.transform == here


def test_revealing_what_is_out_of_sight_is_remembered_and_what_is_in_sight_is_not(levels: Levels) -> None:
    levels.zoom(15.0, 0.0, 0.0)
    before = levels.camera.transform
    levels.reveal(scalar_of(levels, "pos4.logit[2]"))
    assert WINDOW.contains(cell_rect(levels, "pos4.logit[2]"))
    assert levels.camera.transform.scale_x == before.scale_x
    there = levels.camera.transform
    levels.reveal(scalar_of(levels, "pos4.logit[2]"))
    assert levels.camera.transform == there
    levels.go_back()
    assert levels.camera.transform == before


def test_a_hundred_views_are_remembered(levels: Levels) -> None:
    addresses = [f"pos{p}.logit[{i}]" for p in range(POSITIONS) for i in range(15)] * 2
    for address in addresses:
        levels.open(scalar_of(levels, address))
    count = 0
    while levels.can_go_back:
        levels.go_back()
        count += 1
    assert count == 100
    assert not levels.camera.fitted  # the oldest are forgotten


def test_a_fitted_view_of_a_longer_document_fits_again_on_the_way_back(levels: Levels) -> None:
    levels.open(scalar_of(levels, Q5))
    levels.camera.set_extent(*levels.inside.layout.extent(8))
    levels.go_back()
    assert levels.camera.fitted
    right, _ = levels.camera.transform.to_pixels(8 * levels.inside.layout.pitch, 0.0)
    assert right <= WIDTH


def test_fitting_what_is_fitted_is_no_move(levels: Levels) -> None:
    levels.fit()
    assert not levels.can_go_back
