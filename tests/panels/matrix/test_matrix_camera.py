"""The axes of the matrix: places stay under the pointer, and the way out is the way in."""

import pytest

from microgpt_studio.panels.matrix.camera import Axis, Camera


@pytest.fixture
def camera() -> Camera:
    camera = Camera()
    camera.x.set_range(0, 100_000)
    camera.y.set_range(4_000, 100_000)
    camera.x.set_window(800.0, 112.0)
    camera.y.set_window(500.0, 26.0)
    return camera


def test_at_first_all_is_seen(camera: Camera) -> None:
    assert camera.is_whole
    assert (camera.x.span.first, camera.x.span.last) == pytest.approx((0, 100_000))
    assert (camera.y.span.first, camera.y.span.last) == pytest.approx((4_000, 100_000))


def test_zooming_keeps_the_place_under_the_pointer(camera: Camera) -> None:
    for _ in range(12):
        before = camera.x.span.to_place(300.0), camera.y.span.to_place(200.0)
        camera.zoom(1.7, 300.0, 200.0)
        after = camera.x.span.to_place(300.0), camera.y.span.to_place(200.0)
        assert after == pytest.approx(before)


def test_both_axes_come_as_near_as_can_be_together_and_back(camera: Camera) -> None:
    steps = 0
    while camera.x.span.scale < 111.9:
        camera.zoom(2.0, 300.0, 200.0)
        steps += 1
        assert steps < 40
    assert camera.y.span.scale == pytest.approx(26.0, rel=0.5)
    camera.zoom(1e9, 300.0, 200.0)
    assert (camera.x.span.scale, camera.y.span.scale) == pytest.approx((112.0, 26.0))
    for _ in range(60):
        camera.zoom(0.5, 300.0, 200.0)
    assert camera.is_whole
    assert (camera.x.span.first, camera.y.span.first) == (0.0, 4_000.0)


def test_one_axis_alone(camera: Camera) -> None:
    whole = camera.y.span
    camera.zoom(3.0, 100.0, 100.0, down=False)
    assert camera.y.span == whole
    assert not camera.x.is_whole
    assert not camera.is_whole


def test_panning_ends_at_the_ends(camera: Camera) -> None:
    camera.zoom(4.0, 0.0, 0.0)
    camera.pan(1e9, 1e9)
    assert (camera.x.span.first, camera.y.span.first) == (0.0, 4_000.0)
    camera.pan(-1e9, -1e9)
    assert (camera.x.span.last, camera.y.span.last) == pytest.approx((100_000, 100_000))
    first = camera.x.span.first
    camera.pan(10.0, 0.0)
    assert camera.x.span.first == pytest.approx(first - 10.0 / camera.x.span.scale)


def test_a_run_of_places_fills_the_window(camera: Camera) -> None:
    camera.x.show(20_000, 20_400)
    assert (camera.x.span.first, camera.x.span.last) == pytest.approx((20_000, 20_400))
    camera.x.show(7.0, 8.0)  # nearer than can be: in the middle
    assert camera.x.span.scale == pytest.approx(112.0)
    assert (camera.x.span.first + camera.x.span.last) / 2 == pytest.approx(7.5)


def test_revealing_pans_only_where_it_has_to(camera: Camera) -> None:
    axis = camera.x
    axis.show(20_000, 20_400)
    seen = axis.span
    axis.reveal(20_100)
    assert axis.span == seen
    for place in (90_000, 3, 99_999, 20_000):
        axis.reveal(place)
        assert axis.span.first <= place <= axis.span.last - 1 + 1e-6
        assert axis.span.scale == pytest.approx(seen.scale)


def test_places_keep_still_when_the_axis_grows() -> None:
    axis = Axis()
    axis.set_window(800.0, 112.0)
    axis.set_range(0, 50_000)
    axis.show(10_000, 11_000)
    before = axis.span
    axis.set_range(0, 100_000)
    assert (axis.span.first, axis.span.scale) == pytest.approx((before.first, before.scale))
    axis.set_range(0, 50)  # all of it has room
    assert axis.is_whole
    axis.fit()
    axis.set_range(0, 100)
    assert axis.is_whole
    assert axis.span.scale == pytest.approx(8.0)


def test_few_places_are_not_drawn_larger_than_in_the_nearest_view() -> None:
    axis = Axis()
    axis.set_window(800.0, 100.0)
    axis.set_range(0, 4)
    assert axis.span.scale == 100.0
    axis.deepen(1.0, 0.0)
    assert axis.span.scale == pytest.approx(100.0)
