"""The camera shows all of the map, or a part of it that the user chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt_studio.panels.graph.camera import Camera


def camera(
    width: float = 800, height: float = 500, map_width: float = 130, map_height: float = 40, left: float = 0
) -> Camera:
    result = Camera()
    result.set_window(width, height, 1.0)
    result.set_extent(left, map_width, map_height)
    return result


def test_everything_fits_at_first() -> None:
    t = camera().transform
    left, top = t.to_pixels(0, 0)
    right, bottom = t.to_pixels(130, 40)
    assert 0 <= left < right <= 800
    assert 0 <= top < bottom <= 500


@given(
    st.floats(50, 3000), st.floats(50, 2000), st.floats(1, 1000), st.floats(20, 300), st.floats(1.01, 2), st.integers(0)
)
def test_zooming_in_enlarges_both_ways(w: float, h: float, mw: float, mh: float, factor: float, _seed: int) -> None:
    view = camera(w, h, mw, mh)
    for _ in range(12):
        before = view.transform
        view.zoom(factor, w / 2, h / 2)
        assert view.transform.scale_x >= before.scale_x
        assert view.transform.scale_y >= before.scale_y * (1 - 1e-9)


def test_the_point_under_the_pointer_stays() -> None:
    view = camera()
    before = view.transform.to_map(400, 250)
    view.zoom(5, 400, 250)
    assert view.transform.to_map(400, 250) == pytest.approx(before)
    assert not view.fitted


def test_zooming_out_all_the_way_fits_again() -> None:
    view = camera()
    whole = view.transform
    view.zoom(5, 100, 100)
    view.zoom(0.01, 700, 300)
    assert view.fitted
    assert view.transform == whole


def test_close_cells_have_one_shape_whatever_the_window() -> None:
    views = camera(), camera(1600, 300)
    for view in views:
        view.zoom(1e6, 10, 10)
    assert views[0].transform.scale_y / views[0].transform.scale_x == pytest.approx(0.75)
    assert views[1].transform.scale_x == views[0].transform.scale_x


def test_a_fitted_camera_follows_sizes_and_a_zoomed_one_keeps_its_scale() -> None:
    view = camera()
    view.set_extent(0, 65, 40)
    assert view.transform.scale_x == pytest.approx(2 * camera().transform.scale_x)
    view.zoom(4, 400, 250)
    scale = view.transform.scale_x
    view.set_extent(0, 130, 40)
    view.set_window(900, 600, 1.0)
    assert view.transform.scale_x == pytest.approx(scale)


def test_panning_ends_at_the_edges() -> None:
    view = camera()
    view.pan(50, 50)
    assert view.fitted
    view.zoom(4, 400, 250)
    view.pan(-1e6, 1e6)
    right, _ = view.transform.to_pixels(130, 0)
    _, top = view.transform.to_pixels(0, 0)
    assert 700 < right <= 800
    assert 0 <= top < 50


def test_reveal_moves_only_what_is_needed() -> None:
    view = camera()
    view.zoom(8, 0, 0)
    before = view.transform
    view.reveal(1, 1, 1, 1)
    assert view.transform == before
    view.reveal(120, 30, 1, 1)
    left, top = view.transform.to_pixels(120, 30)
    right, bottom = view.transform.to_pixels(121, 31)
    assert 0 <= left < right <= 800
    assert 0 <= top < bottom <= 500
    assert view.transform.scale_x == before.scale_x


def test_a_column_fills_the_window() -> None:
    view = camera()
    view.show_column(37.0, 18.5, None)
    assert view.transform.to_pixels(37.0, 0)[0] == pytest.approx(10)
    assert view.transform.to_pixels(55.5, 0)[0] == pytest.approx(790)
    assert view.transform.to_pixels(37.0, 0)[1] == pytest.approx(10)
    view.show_column(37.0, 18.5, 20.0)
    assert view.transform.to_pixels(37.0, 20.0)[1] == pytest.approx(250)


def test_a_map_that_begins_left_of_its_origin_fits_as_well() -> None:
    view = camera(left=-20)
    left, _ = view.transform.to_pixels(-20, 0)
    right, _ = view.transform.to_pixels(130, 0)
    assert left == pytest.approx(10)
    assert right <= 790 + 1e-6
    view.zoom(4, 400, 250)
    view.pan(1e6, 0)
    assert view.transform.to_pixels(-20, 0)[0] == pytest.approx(10)
    view.pan(-1e6, 0)
    assert view.transform.to_pixels(130, 0)[0] == pytest.approx(790)


def test_the_closest_zoom_can_be_set_and_grows_with_text() -> None:
    view = camera()
    view.set_closest(2000.0)
    view.zoom(1e9, 400, 250)
    assert view.transform.scale_x == pytest.approx(2000)
    view.set_window(800, 500, 1.5)
    view.zoom(1e9, 400, 250)
    assert view.transform.scale_x == pytest.approx(3000)
    view.set_closest(100.0)  # it was closer: it comes back
    assert view.transform.scale_x == pytest.approx(150)


@pytest.mark.parametrize(("width", "height"), [(1.0, 1.0), (4.0, 0.2), (0.05, 3.0)])
def test_a_rectangle_fills_a_share_of_the_window_in_its_middle(width: float, height: float) -> None:
    view = camera()
    view.set_closest(1e5)
    view.show_rectangle(60, 20, width, height, share=0.9)
    t = view.transform
    shares = width * t.scale_x / 800, height * t.scale_y / 500
    assert max(shares) == pytest.approx(0.9)
    assert t.to_pixels(60 + width / 2, 20 + height / 2) == pytest.approx((400, 250))
    assert t.scale_x == pytest.approx(view.scale_of(width, height, 0.9))


def test_a_view_is_restored_as_it_was_and_a_fitted_one_fits_again() -> None:
    view = camera()
    view.zoom(7, 300, 200)
    kept = view.transform
    view.fit()
    view.restore(kept, False)
    assert view.transform == kept
    assert not view.fitted
    view.set_extent(0, 65, 40)
    view.restore(kept, True)
    assert view.fitted
    assert view.transform == camera(map_width=65).transform


@given(st.floats(1.0005, 1.05), st.floats(0, 800), st.floats(0, 500))
def test_zooming_is_continuous(factor: float, x: float, y: float) -> None:
    view = camera()
    view.set_closest(4000.0)
    for _ in range(400):
        before = view.transform
        view.zoom(factor, x, y)
        assert 1 <= view.transform.scale_x / before.scale_x <= factor * (1 + 1e-9)
        assert 1 - 1e-9 <= view.transform.scale_y / before.scale_y <= factor**2.5


def test_a_transform_times_a_ratio_leads_to_as_many_pixels() -> None:
    t = camera().transform
    assert t.times(1.5).to_pixels(31.0, 7.0) == pytest.approx(tuple(1.5 * at for at in t.to_pixels(31.0, 7.0)))
    assert t.to_map(*t.to_pixels(31.0, 7.0)) == pytest.approx((31.0, 7.0))


def test_the_scale_from_which_a_rectangle_has_room() -> None:
    looking = camera()
    scale = looking.scale_from(0.5, 0.25, 60.0, 36.0)
    assert scale * looking.ratio(scale) * 0.25 == pytest.approx(36.0)
    assert scale * 0.5 > 60.0
    assert looking.scale_from(0.5, 0.25, 200.0, 36.0) == pytest.approx(400.0)
    looking.set_closest(300.0)
    assert looking.scale_from(0.5, 0.25, 200.0, 36.0) == pytest.approx(300.0)  # there is none
    looking.show_at(200.0, 50.0, 20.0)
    assert looking.transform.scale_x == 200.0
    assert looking.transform.to_map(400.0, 250.0) == pytest.approx((50.0, 20.0))
