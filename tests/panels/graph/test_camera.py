"""The camera shows all of the map, or a part of it that the user chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt_studio.panels.graph.camera import Camera


def camera(width: float = 800, height: float = 500, map_width: float = 130, map_height: float = 40) -> Camera:
    result = Camera()
    result.set_window(width, height, 1.0)
    result.set_extent(map_width, map_height)
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
    view.set_extent(65, 40)
    assert view.transform.scale_x == pytest.approx(2 * camera().transform.scale_x)
    view.zoom(4, 400, 250)
    scale = view.transform.scale_x
    view.set_extent(130, 40)
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
